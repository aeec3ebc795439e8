/**
 * Whatever a keyring hands out sealed (import tokens, grant tokens, page markers, ciphertexts, session tokens) is what
 * it is: as the session token of a signed request it makes nobody a caller.
 */
import {
  CreateGrantCommand,
  CreateKeyCommand,
  EncryptCommand,
  GetParametersForImportCommand,
  ListKeysCommand,
} from '@aws-sdk/client-kms';
import { expect, test } from 'vitest';
import { issueSession, secretText } from '../../src/keyring/access-key.ts';
import { encodeRecord } from '../../src/keyring/record.ts';
import { ACCOUNT } from '../support/fixture.ts';
import { service, type Credentials, type Service } from './service.ts';

const ROOT_ARN = `arn:aws:iam::${ACCOUNT}:root`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/App`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/App/one`;
const HOUR = 3_600_000;

const base64 = (text: string | Uint8Array): string =>
  Buffer.from(text as string, typeof text === 'string' ? 'base64url' : undefined).toString('base64');

/** Every kind of token that callers get, as base64. */
async function tokensOf(made: Service, root: Credentials): Promise<{ readonly [kind: string]: string }> {
  const client = made.client(root);
  const external = await client.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }));
  const plain = await client.send(new CreateKeyCommand({}));
  const wrapping = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' } as const;
  const parameters = await client.send(
    new GetParametersForImportCommand({ KeyId: external.KeyMetadata!.KeyId, ...wrapping }),
  );
  const KeyId = plain.KeyMetadata!.KeyId!;
  const grant = await client.send(new CreateGrantCommand({ KeyId, GranteePrincipal: ROLE, Operations: ['Decrypt'] }));
  const page = await client.send(new ListKeysCommand({ Limit: 1 }));
  const encrypted = await client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }));
  return {
    import: base64(parameters.ImportToken!),
    grant: base64(grant.GrantToken!),
    page: base64(page.NextMarker!),
    ciphertext: base64(encrypted.CiphertextBlob!),
  };
}

async function outcome(made: Service, credentials: Credentials): Promise<string> {
  return made
    .client(credentials)
    .send(new ListKeysCommand({}))
    .then(
      () => 'answered',
      (error: Error) => error.name,
    );
}

test('no sealed token but a session token is a session, under no access key ID and with no secret', async () => {
  const made = await service();
  const root = await made.accessKey(ROOT_ARN);
  const issued = await made.home.keyring.transact(async (tx) =>
    issueSession(tx, { arn: SESSION, roleArn: ROLE, expires: made.home.now + HOUR }, made.home.random),
  );
  const session = { accessKeyId: issued.id, secretAccessKey: secretText(issued.secret), sessionToken: issued.token };
  expect(await outcome(made, session)).toBe('AccessDeniedException'); // a session: its role may nothing
  const tokens = { ...(await tokensOf(made, root)), 'of another session': issued.token };
  const ids = ['import-token', 'grant-token', '', 'ASIAAAAAAAAAAAAAAAAA', 'AKIAAAAAAAAAAAAAAAAA', root.accessKeyId];
  for (const [kind, sessionToken] of Object.entries(tokens)) {
    for (const accessKeyId of ids) {
      for (const secretAccessKey of ['', 'undefined', root.secretAccessKey]) {
        const found = await outcome(made, { accessKeyId: accessKeyId || ' ', secretAccessKey, sessionToken });
        expect(found, `${kind} token as ${accessKeyId}`).toMatch(
          /^(?:UnrecognizedClient|IncompleteSignature)Exception$/,
        );
      }
    }
  }
});

test('an access key ID is of its form, and comes with a session token just if it is a session', async () => {
  const made = await service();
  const root = await made.accessKey(ROOT_ARN);
  const issued = await made.home.keyring.transact(async (tx) =>
    issueSession(tx, { arn: SESSION, roleArn: ROLE, expires: made.home.now + HOUR }, made.home.random),
  );
  const session = { accessKeyId: issued.id, secretAccessKey: secretText(issued.secret) };
  expect(await outcome(made, session)).toBe('UnrecognizedClientException');
  expect(await outcome(made, { ...root, sessionToken: issued.token })).toBe('UnrecognizedClientException');
  for (const accessKeyId of ['../count/access-key', 'AKIA', `${root.accessKeyId}/`, 'a'.repeat(129)]) {
    expect(await outcome(made, { ...root, accessKeyId })).toMatch(/UnrecognizedClient|IncompleteSignature/);
  }
});

test('a session whose end is not told is over; one without a secret, or of an unknown ARN, is nobody', async () => {
  const made = await service();
  await made.accessKey(ROOT_ARN);
  const ID = 'ASIAAAAAAAAAAAAAAAAA';
  const sealed = (body: object, parts: readonly Uint8Array[]): Promise<string> =>
    made.home.keyring.transact(async (tx) =>
      base64(tx.sealToken({ kind: 'sessionToken', name: ID }, encodeRecord(body, parts))),
    );
  const secret = Buffer.from('thing');
  const whole = { arn: SESSION, roleArn: ROLE, expires: made.home.now + HOUR };
  const as = async (body: object, parts: readonly Uint8Array[]): Promise<string> =>
    outcome(made, { accessKeyId: ID, secretAccessKey: 'thing', sessionToken: await sealed(body, parts) });
  expect(await as(whole, [secret])).toBe('AccessDeniedException');
  const { expires: _, ...endless } = whole;
  expect(await as(endless, [secret])).toBe('ExpiredTokenException');
  for (const expires of [null, 'never', '', {}]) {
    expect(await as({ ...whole, expires }, [secret])).toBe('ExpiredTokenException');
  }
  for (const body of [{ ...whole, arn: 'arn:aws:iam::111122223333:other/x' }, { expires: whole.expires }, {}]) {
    expect(await as(body, [secret])).not.toMatch(/^(?:answered|AccessDeniedException)$/);
  }
  for (const parts of [[], [new Uint8Array()]]) {
    const token = await sealed(whole, parts);
    const nothing = { accessKeyId: ID, secretAccessKey: '', sessionToken: token };
    expect(await outcome(made, nothing)).not.toMatch(/^(?:answered|AccessDeniedException)$/);
  }
});
