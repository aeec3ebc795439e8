/** Every token that the service hands out, presented as the token of a session, with every kind of access key ID. */
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/crypto/bytes.ts';
import { encodeRecord } from '../../../src/keyring/record.ts';
import { ACCOUNT, fixture, newKey, REGION, ROOT } from '../../support/fixture.ts';
import { Sha256 } from './sha256.ts';
import { startService, USER, type Credentials, type Service } from './service.ts';

interface Answered {
  readonly status: number;
  /** The error's name; undefined: it was answered. */
  readonly code: string | undefined;
}

async function listKeys(made: Service, credentials: Credentials): Promise<Answered> {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const url = new URL(made.url);
  const body = '{}';
  const signed = await new SignatureV4({
    credentials,
    region: REGION,
    service: 'kms',
    sha256: Sha256 as never,
  }).sign({
    method: 'POST',
    protocol: 'http:',
    hostname: url.hostname,
    path: '/',
    headers: {
      host: url.host,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'TrentService.ListKeys',
    },
    body,
  });
  const { host: _, ...headers } = signed.headers;
  const response = await fetch(made.url, { method: 'POST', headers, body });
  const answer = (await response.json()) as { readonly __type?: string };
  return { status: response.status, code: answer.__type };
}

let made: Service;
let root: Credentials;
let session: Credentials;
const tokens: { [name: string]: string } = {};
/** As session tokens are written. */
const written = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

beforeAll(async () => {
  made = await startService();
  root = await made.accessKey(ROOT.arn);
  await made.accessKey(USER);
  const { home } = made;
  const { id } = await newKey(home);
  await newKey(home);
  const { KeyMetadata } = (await home.call('CreateKey', { Origin: 'EXTERNAL' })) as {
    KeyMetadata: { KeyId: string };
  };
  const parameters = await home.call('GetParametersForImport', {
    KeyId: KeyMetadata.KeyId,
    WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
    WrappingKeySpec: 'RSA_2048',
  });
  tokens['import'] = written(parameters['ImportToken'] as Uint8Array);
  const { GrantToken } = await home.call('CreateGrant', {
    KeyId: id,
    GranteePrincipal: USER,
    Operations: ['Encrypt'],
  });
  tokens['grant'] = GrantToken as string;
  const { NextMarker } = await home.call('ListKeys', { Limit: 1 });
  tokens['marker'] = NextMarker as string;
  const { CiphertextBlob } = await home.call('Encrypt', { KeyId: id, Plaintext: encodeRecord({ arn: ROOT.arn }) });
  tokens['blob'] = written(CiphertextBlob as Uint8Array);
  const { credentials } = await assumed(made);
  session = credentials;
  tokens['session'] = session.sessionToken!;
  tokens['nothing'] = written(new Uint8Array(80));
});
afterAll(() => made.running.stop());

async function assumed({ home }: Service): Promise<{ readonly credentials: Credentials }> {
  const { assumeRole } = await import('../../../src/pipeline/assume-role.ts');
  const { credentials } = await home.keyring.transact(async (tx) =>
    assumeRole(
      tx,
      { roleArn: `arn:aws:iam::${ACCOUNT}:role/App`, sessionName: 'test', duration: 900 },
      { clock: () => home.now, random: home.random },
    ),
  );
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = credentials;
  return { credentials: { accessKeyId, secretAccessKey, sessionToken } };
}

const UNRECOGNIZED: Answered = { status: 400, code: 'UnrecognizedClientException' };

const IDS: { readonly [name: string]: () => string } = {
  'the name of import tokens': () => 'import-token',
  'the kind of import tokens': () => 'import token',
  'the name of grant tokens': () => 'grant-token',
  'the name of page markers': () => 'page-marker',
  'the name of session tokens': () => 'session-token',
  'a path': () => 'key',
  'an ARN': () => ROOT.arn.replace('/', ''),
  'a known access key': () => root.accessKeyId,
  'an unknown access key': () => 'AKIAAAAAAAAAAAAAAAAA',
  "the session's": () => session.accessKeyId,
  'that of another session': () => 'ASIAAAAAAAAAAAAAAAAA',
  'a session in small letters': () => session.accessKeyId.toLowerCase(),
  'a long one': () => 'A'.repeat(129),
  'the prefix of long-lived ones': () => 'AKIA',
  'a long-lived one with more behind it': () => `${root.accessKeyId} `,
  'a session with more behind it': () => `${session.accessKeyId}A`,
  'the beginning of a session': () => 'ASIA',
};

describe('with access keys in force', () => {
  test('an import token with its own name and no secret is no session', async () => {
    const forged = { accessKeyId: 'import-token', secretAccessKey: '', sessionToken: tokens['import']! };
    expect(await listKeys(made, forged)).toEqual(UNRECOGNIZED);
  });

  test.each(Object.keys(IDS))('no token makes %s a caller, whatever signs', async (name) => {
    const accessKeyId = IDS[name]!();
    const secrets = ['', 'undefined', session.secretAccessKey, root.secretAccessKey];
    for (const [kind, sessionToken] of Object.entries(tokens)) {
      for (const secretAccessKey of secrets) {
        const credentials = { accessKeyId, secretAccessKey, sessionToken };
        const isOwn = accessKeyId === session.accessKeyId && kind === 'session';
        const expected = !isOwn
          ? UNRECOGNIZED
          : secretAccessKey === session.secretAccessKey
            ? { status: 400, code: 'AccessDeniedException' } // a caller, without an identity policy
            : { status: 400, code: 'InvalidSignatureException' };
        expect(await listKeys(made, credentials), `${kind}, ${secretAccessKey}`).toEqual(expected);
      }
    }
  });

  test.each(Object.keys(IDS))(
    'without a token, %s is a caller only with the secret of its access key',
    async (name) => {
      const accessKeyId = IDS[name]!();
      for (const secretAccessKey of ['', 'undefined', session.secretAccessKey]) {
        const expected =
          accessKeyId === root.accessKeyId ? { status: 400, code: 'InvalidSignatureException' } : UNRECOGNIZED;
        expect(await listKeys(made, { accessKeyId, secretAccessKey }), secretAccessKey).toEqual(expected);
      }
    },
  );

  test('the access key and the session themselves are answered', async () => {
    expect(await listKeys(made, root)).toEqual({ status: 200, code: undefined });
    expect((await listKeys(made, session)).code).toBe('AccessDeniedException');
  });
});

describe('a session token of this keyring that is of another shape', () => {
  const id = 'ASIAAAAAAAAAAAAAAAAA';
  const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/App/test`;
  const whole = { arn, roleArn: `arn:aws:iam::${ACCOUNT}:role/App`, issued: Date.now(), expires: Date.now() + 900_000 };
  const secret = 's'.repeat(40);
  const sealed = (body: unknown, parts: readonly Uint8Array[] = [utf8(secret)], name = id): Promise<Answered> =>
    made.home.keyring
      .transact(async (tx) => tx.sealToken({ kind: 'sessionToken', name }, encodeRecord(body, parts)))
      .then((bytes) =>
        listKeys(made, {
          accessKeyId: name,
          secretAccessKey: secret,
          sessionToken: Buffer.from(bytes).toString('base64url'),
        }),
      );

  test('whole, it is a session', async () => {
    expect((await sealed(whole)).code).toBe('AccessDeniedException');
  });

  test.each([
    'import-token',
    'AKIAAAAAAAAAAAAAAAAA',
    'asiaAAAAAAAAAAAAAAAA',
    'ASIAAAAAAAAAAAAAAAA',
    'ASIAAAAAAAAAAAAAAAA1',
  ])('under the ID %s, which is that of no session', async (name) => {
    expect(await sealed(whole, [utf8(secret)], name)).toEqual(UNRECOGNIZED);
  });

  test.each<[string, object | string | null]>([
    ['no members', {}],
    ['nothing', null],
    ['a text', 'arn'],
    ['no ARN', { ...whole, arn: undefined }],
    ['no role', { ...whole, roleArn: undefined }],
    ['no time of issue', { ...whole, issued: undefined }],
    ['a time of issue in text', { ...whole, issued: '0' }],
    ['no end', { ...whole, expires: undefined }],
    ['an end that is no number', { ...whole, expires: Number.NaN }],
    ['an end in text', { ...whole, expires: '9999999999999' }],
    ['a policy that is no text', { ...whole, policy: { Statement: [] } }],
    ['an ARN that is no session', { ...whole, arn: ROOT.arn }],
    ['an ARN of no known form', { ...whole, arn: `arn:aws:iam::${ACCOUNT}:other/x` }],
    ['a role that is none', { ...whole, roleArn: ROOT.arn }],
    ['the role of another session', { ...whole, roleArn: `${whole.roleArn}-2` }],
    ['the role of another account', { ...whole, roleArn: whole.roleArn.replace(ACCOUNT, '444455556666') }],
    ['tags that are none', { ...whole, tags: 'Team=Blue' }],
    ['tags that are no texts', { ...whole, tags: { Team: 1 } }],
  ])('%s', async (_, body) => {
    expect(await sealed(body)).toEqual(UNRECOGNIZED);
  });

  test('no secret, or an empty one', async () => {
    expect(await sealed(whole, [])).toEqual(UNRECOGNIZED);
    expect(await sealed(whole, [new Uint8Array()])).toEqual(UNRECOGNIZED);
  });
});

describe('a record of an access key', () => {
  const secret = 's'.repeat(40);
  const whole = { id: 'CHOSEN_ID_OF_A_TEST', principal: ROOT.arn, active: true, created: 1 };
  async function stored(
    body: object,
    parts: readonly Uint8Array[] = [utf8(secret)],
  ): Promise<(key: string) => unknown> {
    await made.home.keyring.transact(async (tx) => tx.put(`access-key/${whole.id}`, encodeRecord(body, parts)));
    return async (secretAccessKey) => (await listKeys(made, { accessKeyId: whole.id, secretAccessKey })).code;
  }

  test('whole, it makes its principal a caller', async () => {
    const call = await stored(whole);
    expect([await call(secret), await call('')]).toEqual([undefined, 'InvalidSignatureException']);
  });

  test.each(['ASIAAAAAAAAAAAAAAAAA', 'short', 'a'.repeat(129), 'with-a-dash-in-it-and-more'])(
    'under the ID %s, which is that of no access key, makes nobody a caller',
    async (id) => {
      await made.home.keyring.transact(async (tx) =>
        tx.put(`access-key/${id}`, encodeRecord({ ...whole, id }, [utf8(secret)])),
      );
      expect(await listKeys(made, { accessKeyId: id, secretAccessKey: secret })).toEqual(UNRECOGNIZED);
    },
  );

  test.each<[string, object]>([
    ['that is switched off', { ...whole, active: false }],
    ['that does not say whether it is active', { ...whole, active: undefined }],
    ['whose being active is no boolean', { ...whole, active: 'false' }],
    ['of a role', { ...whole, principal: `arn:aws:iam::${ACCOUNT}:role/App` }],
    ['of an ARN of no known form', { ...whole, principal: `arn:aws:iam::${ACCOUNT}:other/x` }],
  ])('one %s authenticates no caller', async (_, body) => {
    expect(await (await stored(body))(secret)).toBe('UnrecognizedClientException');
  });

  test('without a secret it is damaged', async () => {
    for (const parts of [[], [new Uint8Array()]]) {
      const call = await stored(whole, parts);
      for (const key of ['', 'undefined', secret]) expect(await call(key)).toBe('KMSInternalException');
    }
  });
});

test('a token of another keyring is none here', async () => {
  const other = await startService({ home: await fixture('another') });
  try {
    await other.accessKey(ROOT.arn);
    const { credentials } = await assumed(other);
    expect(await listKeys(made, credentials)).toEqual(UNRECOGNIZED);
    expect((await listKeys(other, credentials)).code).toBe('AccessDeniedException');
  } finally {
    await other.running.stop();
  }
});
