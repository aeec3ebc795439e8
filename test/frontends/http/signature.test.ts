/** Who a request is made as: access keys, sessions, and everything that is wrong with a signature. */
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  ListKeysCommand,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import {
  accessKeys,
  addAccessKey,
  asksForSignatures,
  chosenKeyPair,
  newKeyPair,
  removeAccessKey,
  secretText,
  verifySignatures,
} from '../../../src/keyring/access-key.ts';
import { assumeRole } from '../../../src/pipeline/assume-role.ts';
import { encodeRecord } from '../../../src/keyring/record.ts';
import { putIdentity, type Identity } from '../../../src/keyring/identity.ts';
import { iamIdentifier } from '../../../src/policy/identity.ts';
import { ACCOUNT, newKey, seeded } from '../../support/fixture.ts';
import { sts } from './sts.ts';
import { requestText, rawConnection, service, USER, type Credentials, type Service } from './service.ts';

const ACCOUNT_ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/App`;

interface Refused {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
}

async function refused(call: Promise<unknown>): Promise<Refused> {
  const thrown = (await call.then(
    () => new Error('answered'),
    (error: unknown) => error,
  )) as Error & { $metadata?: { httpStatusCode?: number } };
  return { name: thrown.name, message: thrown.message, status: thrown.$metadata?.httpStatusCode };
}

const list = (made: Service, credentials: Credentials) => made.client(credentials).send(new ListKeysCommand({}));

describe('with access keys', () => {
  test('calls are made as their principal, whose event says so', async () => {
    const made = await service();
    const alice = await made.accessKey(USER);
    const { id } = await newKey(made.home);
    expect(await refused(made.client(alice).send(new DescribeKeyCommand({ KeyId: id })))).toMatchObject({
      name: 'AccessDeniedException',
      status: 400,
    });
    expect(made.home.events().at(-1)).toMatchObject({
      errorCode: 'AccessDenied',
      userIdentity: { type: 'IAMUser', arn: USER },
    });
  });

  test('anything but a good signature of a known key is refused, without an event', async () => {
    const made = await service();
    const root = await made.accessKey(ACCOUNT_ROOT);
    await list(made, root);
    const events = made.home.events().length;
    const unknown = 'The security token included in the request is invalid.';
    expect(await refused(list(made, { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x' }))).toEqual({
      name: 'UnrecognizedClientException',
      message: unknown,
      status: 400,
    });
    expect(await refused(list(made, { ...root, secretAccessKey: 'x' }))).toMatchObject({
      name: 'InvalidSignatureException',
      message: expect.stringContaining('does not match the signature you provided'),
    });
    expect(await refused(list(made, { ...root, sessionToken: 'AAAA' }))).toMatchObject({ message: unknown });
    await made.home.keyring.transact((tx) => removeAccessKey(tx, root.accessKeyId));
    await made.accessKey(USER);
    expect(await refused(list(made, root))).toMatchObject({ message: unknown });
    expect(made.home.events()).toHaveLength(events);
  });

  test('an access key that was made again with another secret: the old one is refused at once', async () => {
    const made = await service();
    const root = await made.accessKey(ACCOUNT_ROOT);
    await list(made, root);
    const secretAccessKey = 'made-again-with-another-secret';
    await made.home.keyring.transact(async (tx) => {
      await removeAccessKey(tx, root.accessKeyId);
      const pair = chosenKeyPair({ id: root.accessKeyId, secret: secretAccessKey });
      await addAccessKey(tx, { ...pair, principal: ACCOUNT_ROOT, created: made.home.now });
    });
    expect(await refused(list(made, root))).toMatchObject({ name: 'InvalidSignatureException' });
    await list(made, { ...root, secretAccessKey });
  });

  test.each([
    ['early', 6 * 60_000, 'Signature expired: '],
    ['late', -6 * 60_000, 'Signature not yet current: '],
  ])('a request that is signed too %s', async (_, ahead, text) => {
    const made = await service();
    const root = await made.accessKey(ACCOUNT_ROOT);
    made.home.now = Date.now() + ahead;
    expect(await refused(list(made, root))).toMatchObject({
      name: 'InvalidSignatureException',
      message: expect.stringContaining(text),
    });
  });

  test('a request that was changed on its way', async () => {
    const made = await service();
    const root = await made.accessKey(ACCOUNT_ROOT);
    const changes: ((request: {
      headers: Record<string, string>;
      body: string;
      path: string;
      query: object;
    }) => void)[] = [
      (request) => (request.body = '{"Limit":2}'),
      (request) => (request.headers['x-amz-target'] = 'TrentService.ListAliases'),
      (request) => (request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'),
      (request) => (request.query = { a: 'b' }),
      (request) => (request.headers['authorization'] = request.headers['authorization']!.replace('/kms/', '/sts/')),
      (request) => (request.headers['authorization'] = request.headers['authorization']!.replace(/;x-amz-date/, '')),
    ];
    for (const change of changes) {
      const client = made.client(root);
      client.middlewareStack.add(
        (next) => (args) => {
          const request = args.request as Parameters<typeof change>[0];
          change(request);
          request.headers['content-length'] = String(Buffer.byteLength(request.body));
          return next(args);
        },
        { step: 'finalizeRequest', priority: 'low' },
      );
      expect(await refused(client.send(new ListKeysCommand({ Limit: 1 }))), String(change)).toMatchObject({
        name: 'InvalidSignatureException',
      });
    }
    await made.client(root).send(new ListKeysCommand({ Limit: 1 }));
  });

  test.each([
    ['none', [], 'MissingAuthenticationTokenException'],
    ['another scheme', ['Authorization: Bearer x'], 'IncompleteSignatureException'],
    [
      'no signature',
      ['Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/b/kms/aws4_request'],
      'IncompleteSignatureException',
    ],
    [
      'a short scope',
      ['Authorization: AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=00'],
      'IncompleteSignatureException',
    ],
  ])('an Authorization header: %s', async (_, headers, code) => {
    const made = await service();
    const text = requestText('ListKeys', {}, [...headers, 'Connection: close']);
    const { socket, ended } = rawConnection(made.port);
    socket.write(text.replace(/Authorization: AWS4-HMAC-SHA256 Credential=any[^\r]*\r\n/, ''));
    expect(await ended).toContain(`"__type":"${code}"`);
  });
});

const assume = { Action: 'AssumeRole', Version: '2011-06-15', RoleArn: ROLE, RoleSessionName: 'test' };

/** An access key of a user whose identity policy allows to assume roles, with tags too. */
async function assumerOf(made: Service): Promise<Credentials> {
  const arn = `arn:aws:iam::${ACCOUNT}:user/Deployer`;
  const text = JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }] });
  await made.home.keyring.transact(async (tx) =>
    putIdentity(tx, iamIdentifier(arn)!, {
      kind: 'user',
      arn,
      account: ACCOUNT,
      created: 1,
      tags: {},
      policies: [{ name: 'p', text }],
    }),
  );
  return made.accessKey(arn);
}

describe('sessions', () => {
  test('a role is assumed, bounded by its session policy, until it expires', async () => {
    const made = await service();
    const root = await made.accessKey(ACCOUNT_ROOT);
    const deployer = await assumerOf(made);
    const { id } = await newKey(made.home);
    const owner = made.client(root);
    const { Policy } = await owner.send(new GetKeyPolicyCommand({ KeyId: id }));
    const policy = JSON.parse(Policy!) as { Statement: object[] };
    policy.Statement.push({
      Effect: 'Allow',
      Principal: { AWS: ROLE },
      Action: ['kms:Encrypt', 'kms:Decrypt'],
      Resource: '*',
    });
    await owner.send(new PutKeyPolicyCommand({ KeyId: id, Policy: JSON.stringify(policy) }));

    const Policy2 = JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' }] });
    const bounded = await sts(made, deployer, { ...assume, Policy: Policy2, DurationSeconds: '900' });
    expect(bounded.status).toBe(200);
    expect(bounded.text).toContain(`<Arn>arn:aws:sts::${ACCOUNT}:assumed-role/App/test</Arn>`);
    const app = made.client(bounded.credentials);
    const { CiphertextBlob } = await app.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x') }));
    expect(made.home.events().at(-1)).toMatchObject({ userIdentity: { type: 'AssumedRole' } });
    expect(await refused(app.send(new DecryptCommand({ CiphertextBlob })))).toMatchObject({
      name: 'AccessDeniedException',
    });

    const whole = await sts(made, deployer, assume);
    await made.client(whole.credentials).send(new DecryptCommand({ CiphertextBlob }));
    const { sessionToken } = whole.credentials;
    const mixed = { ...bounded.credentials, sessionToken: sessionToken! };
    expect(await refused(made.client(mixed).send(new ListKeysCommand({})))).toMatchObject({
      name: 'UnrecognizedClientException',
    });

    made.home.now += 901_000;
    expect(await refused(app.send(new ListKeysCommand({})))).toMatchObject({ name: 'ExpiredTokenException' });
  });

  test('a Deny on older sessions reaches those, and no new one', async () => {
    const made = await service();
    const deployer = await assumerOf(made);
    const before = await sts(made, deployer, assume);
    made.home.now += 60_000;
    const revoked = `${new Date(made.home.now).toISOString().slice(0, 19)}Z`;
    const statements = [
      { Effect: 'Allow', Action: 'kms:ListKeys', Resource: '*' },
      { Effect: 'Deny', Action: '*', Resource: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': revoked } } },
    ];
    const text = JSON.stringify({ Version: '2012-10-17', Statement: statements });
    await made.home.keyring.transact(async (tx) =>
      putIdentity(
        tx,
        { account: ACCOUNT, name: 'role/App' },
        {
          kind: 'role',
          arn: ROLE,
          account: ACCOUNT,
          created: 1,
          tags: {},
          policies: [{ name: 'AWSRevokeOlderSessions', text }],
        },
      ),
    );
    const after = await sts(made, deployer, assume);
    expect(await refused(made.client(before.credentials).send(new ListKeysCommand({})))).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('with an explicit deny in an identity-based policy'),
    });
    await made.client(after.credentials).send(new ListKeysCommand({}));
  });

  test.each([
    'x',
    '{}',
    '{"Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"},{"Effect":"deny","Action":"kms:Decrypt","Resource":"*"}]}',
    '{"Statement":[{"Effect":"Deny","Action":"kms:Decrypt","Resource":"*","Condition":{"Strange":{"aws:userid":"x"}}}]}',
  ])('a session policy that is not understood as a whole is refused: %s', async (Policy) => {
    const made = await service();
    const root = await made.accessKey(ACCOUNT_ROOT);
    const { status, text } = await sts(made, root, { ...assume, Policy });
    expect([status, text]).toEqual([400, expect.stringContaining('<Code>MalformedPolicyDocument</Code>')]);
  });

  describe('a role with a trust policy', () => {
    const EVE = 'arn:aws:iam::444455556666:user/Eve';
    const MAY = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: ROLE };
    const trust = (AWS: string, more: object = {}) => ({
      Effect: 'Allow',
      Principal: { AWS },
      Action: 'sts:AssumeRole',
      ...more,
    });
    const EXTERNAL = { Condition: { StringEquals: { 'sts:ExternalId': 'x1' } } };
    const TAGS = { 'Tags.member.1.Key': 'Team', 'Tags.member.1.Value': 'Blue' };

    test.each<[string, string, readonly object[], readonly object[], object, string | undefined]>([
      ['that names the user', USER, [trust(USER)], [], {}, undefined],
      ['that names somebody else', USER, [trust(EVE)], [MAY], {}, 'sts:AssumeRole'],
      ['that names the account, which allows it', USER, [trust(ACCOUNT)], [MAY], {}, undefined],
      ['that names the account, which does not', USER, [trust(ACCOUNT)], [], {}, 'sts:AssumeRole'],
      ['that names a user of another account, which allows it', EVE, [trust(EVE)], [MAY], {}, undefined],
      ['that names a user of another account, which does not', EVE, [trust(EVE)], [], {}, 'sts:AssumeRole'],
      ['and another account that it does not name', EVE, [trust(ACCOUNT)], [MAY], {}, 'sts:AssumeRole'],
      ['with tags that it does not allow', USER, [trust(USER)], [], TAGS, 'sts:TagSession'],
      ['with tags', USER, [trust(USER, { Action: 'sts:*' })], [], TAGS, undefined],
      ['that wants an external ID', EVE, [trust(EVE, EXTERNAL)], [MAY], { ExternalId: 'x1' }, undefined],
      ['that wants another external ID', EVE, [trust(EVE, EXTERNAL)], [MAY], { ExternalId: 'x2' }, 'sts:AssumeRole'],
      ['that wants an external ID, and there is none', EVE, [trust(EVE, EXTERNAL)], [MAY], {}, 'sts:AssumeRole'],
      [
        'that wants a tag of the role',
        USER,
        [trust(USER, { Condition: { StringEquals: { 'aws:ResourceTag/Stage': 'test' } } })],
        [],
        {},
        undefined,
      ],
      [
        'under a path that is not its own',
        USER,
        [trust(USER)],
        [],
        { RoleArn: ROLE.replace('/App', '/x/App') },
        'sts:AssumeRole',
      ],
    ])('%s', async (_, caller, statements, own, more, denied) => {
      const made = await service();
      const credentials = await made.accessKey(caller);
      const document = (list: readonly object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: list });
      await made.home.keyring.transact(async (tx) => {
        const known = (arn: string, more: Partial<Identity>): void => {
          const { kind, account } = iamIdentifier(arn)!;
          putIdentity(tx, iamIdentifier(arn)!, { kind, arn, account, created: 1, tags: {}, policies: [], ...more });
        };
        known(caller, { policies: own.length > 0 ? [{ name: 'p', text: document(own) }] : [] });
        known(ROLE, { tags: { Stage: 'test' }, trustPolicy: { text: document(statements) } });
      });
      const { status, text } = await sts(made, credentials, { ...assume, ...more });
      if (denied === undefined) expect([status, text]).toEqual([200, expect.stringContaining('<SessionToken>')]);
      else expect([status, text]).toEqual([403, expect.stringContaining(`is not authorized to perform: ${denied} on`)]);
    });

    test('means the user who was there when it was written', async () => {
      const made = await service();
      const alice = await made.accessKey(USER);
      const text = JSON.stringify({ Version: '2012-10-17', Statement: [trust(USER)] });
      const asked: number[] = [];
      for (const uniqueId of ['AIDAOLD000000EXAMPLE', 'AIDANEW000000EXAMPLE']) {
        await made.home.keyring.transact(async (tx) => {
          const base = { account: ACCOUNT, created: 1, tags: {}, policies: [] };
          putIdentity(tx, iamIdentifier(USER)!, { ...base, kind: 'user', arn: USER, uniqueId });
          const boundIds = { [USER]: 'AIDAOLD000000EXAMPLE' };
          putIdentity(tx, iamIdentifier(ROLE)!, { ...base, kind: 'role', arn: ROLE, trustPolicy: { text, boundIds } });
        });
        asked.push((await sts(made, alice, assume)).status);
      }
      expect(asked).toEqual([200, 403]);
    });

    test('an external ID that is none is refused', async () => {
      const made = await service();
      const root = await made.accessKey(ACCOUNT_ROOT);
      const { status, text } = await sts(made, root, { ...assume, ExternalId: 'a b' });
      expect([status, text]).toEqual([400, expect.stringContaining('a b is not a valid external ID')]);
    });
  });

  describe('a user', () => {
    const MAY = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: ROLE };
    const MAY_TAG = { Effect: 'Allow', Action: 'sts:TagSession', Resource: ROLE };
    const when = (Condition: object, Effect = 'Deny') => ({ Effect, Action: 'sts:*', Resource: '*', Condition });
    const TAGS = { 'Tags.member.1.Key': 'Team', 'Tags.member.1.Value': 'Blue' };

    test.each<[string, readonly object[], object, string | undefined]>([
      ['without a policy', [], {}, 'sts:AssumeRole'],
      ['with one', [MAY], {}, undefined],
      ['with one for another role', [{ ...MAY, Resource: `${ROLE}2` }], {}, 'sts:AssumeRole'],
      [
        'of a role of another account',
        [{ ...MAY, Resource: '*' }],
        { RoleArn: ROLE.replace(ACCOUNT, '444455556666') },
        'sts:AssumeRole',
      ],
      ['with tags, and no policy for them', [MAY], TAGS, 'sts:TagSession'],
      ['with tags, and a policy for them', [MAY, MAY_TAG], TAGS, undefined],
      [
        'with a tag that is denied',
        [MAY, MAY_TAG, when({ StringEquals: { 'aws:RequestTag/Team': 'Blue' } })],
        TAGS,
        'sts:AssumeRole',
      ],
      [
        'with a key of a tag that is denied',
        [MAY, MAY_TAG, when({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'Team' } })],
        TAGS,
        'sts:AssumeRole',
      ],
      [
        'over a connection in clear that is denied',
        [MAY, when({ Bool: { 'aws:SecureTransport': 'false' } })],
        {},
        'sts:AssumeRole',
      ],
      [
        'from an address that is denied',
        [MAY, when({ IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } })],
        {},
        'sts:AssumeRole',
      ],
      ['by a program that is denied', [MAY, when({ StringLike: { 'aws:UserAgent': '*' } })], {}, 'sts:AssumeRole'],
      [
        'under a name that is denied',
        [MAY, when({ StringEquals: { 'sts:RoleSessionName': 'test' } })],
        {},
        'sts:AssumeRole',
      ],
    ])('%s', async (_, statements, more, denied) => {
      const made = await service();
      const alice = await made.accessKey(USER);
      const text = JSON.stringify({ Version: '2012-10-17', Statement: statements });
      await made.home.keyring.transact(async (tx) =>
        putIdentity(
          tx,
          { account: ACCOUNT, name: 'user/Alice' },
          {
            kind: 'user',
            arn: USER,
            account: ACCOUNT,
            created: 1,
            tags: {},
            policies: [{ name: 'p', text }],
          },
        ),
      );
      const answer = await sts(made, alice, { ...assume, ...more });
      const event = made.home.events().at(-1);
      expect(event).toMatchObject({
        eventSource: 'sts.amazonaws.com',
        eventName: 'AssumeRole',
        userIdentity: { type: 'IAMUser', arn: USER },
        requestParameters: { roleSessionName: 'test', durationSeconds: 3600 },
      });
      if (denied === undefined) {
        expect(answer.status, answer.text).toBe(200);
        expect(event).toMatchObject({ responseElements: { assumedRoleUser: { arn: expect.stringContaining('App') } } });
      } else {
        expect(event).toMatchObject({
          errorCode: 'AccessDenied',
          errorMessage: expect.stringContaining(denied),
          responseElements: null,
        });
        expect([answer.status, answer.text]).toEqual([
          403,
          expect.stringContaining(`is not authorized to perform: ${denied} on resource: `),
        ]);
      }
    });
  });

  test.each<[string, object, string]>([
    ['without a role', { RoleArn: undefined }, "Value null at 'roleArn'"],
    ['without a session name', { RoleSessionName: undefined }, "Value null at 'roleSessionName'"],
    ['a role with a long name', { RoleArn: `${ROLE}${'x'.repeat(2_048)}` }, 'is invalid'],
  ])('%s: refused, with its event', async (_, change, says) => {
    const made = await service();
    const root = await made.accessKey(ACCOUNT_ROOT);
    const form = Object.entries({ ...assume, ...change }).filter(([, value]) => value !== undefined);
    const { status, text } = await sts(made, root, Object.fromEntries(form));
    expect([status, text]).toEqual([400, expect.stringContaining(says)]);
    expect(made.home.events().at(-1)).toMatchObject({ eventName: 'AssumeRole', errorCode: 'ValidationException' });
  });

  test.each(['1e3', '900.5', '', ' 900', 'x'])(
    'a duration that is no integer (%j) is no call: refused',
    async (text) => {
      const made = await service();
      const root = await made.accessKey(ACCOUNT_ROOT);
      const events = made.home.events().length;
      const answer = await sts(made, root, { ...assume, DurationSeconds: text });
      expect([answer.status, answer.text]).toEqual([
        400,
        expect.stringContaining(`DurationSeconds must be a number of seconds, not '${text}'`),
      ]);
      expect(made.home.events()).toHaveLength(events);
    },
  );

  test('session tags are seen by conditions', async () => {
    const made = await service();
    const root = await made.accessKey(ACCOUNT_ROOT);
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: ACCOUNT_ROOT }, Action: 'kms:*', Resource: '*' },
        {
          Effect: 'Allow',
          Principal: { AWS: ROLE },
          Action: 'kms:DescribeKey',
          Resource: '*',
          Condition: { StringEquals: { 'aws:PrincipalTag/Team': 'Blue' } },
        },
      ],
    });
    const { KeyMetadata } = await made.client(root).send(new CreateKeyCommand({ Policy }));
    const describe = new DescribeKeyCommand({ KeyId: KeyMetadata!.KeyId });
    const tags = (value: string) => ({ ...assume, 'Tags.member.1.Key': 'Team', 'Tags.member.1.Value': value });
    const deployer = await assumerOf(made);
    await made.client((await sts(made, deployer, tags('Blue'))).credentials).send(describe);
    const other = await sts(made, deployer, tags('Red'));
    expect(await refused(made.client(other.credentials).send(describe))).toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('who may not assume it, and what is wrong with a request', async () => {
    const made = await service();
    const root = await made.accessKey(ACCOUNT_ROOT);
    const alice = await made.accessKey(USER);
    const rows: readonly (readonly [Credentials, Record<string, string>, number, string])[] = [
      [alice, assume, 403, 'AccessDenied'],
      [root, assume, 403, 'AccessDenied'],
      [{ ...root, secretAccessKey: 'x' }, assume, 403, 'SignatureDoesNotMatch'],
      [{ ...root, accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' }, assume, 403, 'InvalidClientTokenId'],
      [root, { ...assume, RoleArn: 'x' }, 400, 'ValidationError'],
      [root, { ...assume, DurationSeconds: '1' }, 400, 'ValidationError'],
      [root, { ...assume, Policy: '{' }, 400, 'MalformedPolicyDocument'],
      [root, { Action: 'DecodeAuthorizationMessage' }, 400, 'InvalidAction'],
    ];
    for (const [signer, form, status, code] of rows) {
      const answer = await sts(made, signer, form);
      expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(`<Code>${code}</Code>`)]);
    }
    expect((await sts(made, root, assume)).text).toContain('Roles may not be assumed by root accounts.');
    const identity = await sts(made, alice, { Action: 'GetCallerIdentity' });
    expect(identity.text).toContain(`<Arn>${USER}</Arn>`);
  });
});

const UNKNOWN = { accessKeyId: 'any', secretAccessKey: 'thing' };
const isRefused = { name: 'UnrecognizedClientException', status: 400 };

describe('where the keyring says whether signatures are asked for', () => {
  test('without access keys anybody is the default caller', async () => {
    const made = await service();
    await made.client().send(new ListKeysCommand({}));
    expect(made.home.events().at(-1)).toMatchObject({ userIdentity: { type: 'Root' } });
  });

  test('the last access key is deleted: no caller is accepted, neither its owner nor others', async () => {
    const made = await service();
    const root = await made.accessKey(ACCOUNT_ROOT);
    await list(made, root);
    await made.home.keyring.transact((tx) => removeAccessKey(tx, root.accessKeyId));
    const events = made.home.events().length;
    for (const credentials of [root, UNKNOWN]) expect(await refused(list(made, credentials))).toMatchObject(isRefused);
    expect((await sts(made, root, assume)).status).toBe(403);
    const { socket, ended } = rawConnection(made.port);
    socket.write(requestText('ListKeys', {}, ['Connection: close']));
    expect(await ended).toMatch(/^HTTP\/1\.1 400[^]*UnrecognizedClientException/);
    expect(made.home.events()).toHaveLength(events);
    const next = await made.accessKey(USER);
    await list(made, next).catch(({ name }: Error) => expect(name).toBe('AccessDeniedException'));
    expect(made.home.events().at(-1)).toMatchObject({ userIdentity: { arn: USER } });
  });

  test('it is switched off by name alone, and on again by the next first access key', async () => {
    const made = await service();
    const { keyring } = made.home;
    const root = await made.accessKey(ACCOUNT_ROOT);
    await keyring.transact(async (tx) => verifySignatures(tx, false));
    await list(made, UNKNOWN);
    expect(await refused(list(made, { ...root, secretAccessKey: 'x' }))).toMatchObject({
      name: 'InvalidSignatureException',
    });
    await made.accessKey(USER);
    await list(made, UNKNOWN);
    await keyring.transact(async (tx) => verifySignatures(tx, true));
    expect(await refused(list(made, UNKNOWN))).toMatchObject(isRefused);
    await keyring.transact(async (tx) => {
      verifySignatures(tx, false);
      for (const { id } of await accessKeys(tx)) await removeAccessKey(tx, id);
    });
    await list(made, UNKNOWN);
    await made.accessKey(USER);
    expect(await refused(list(made, UNKNOWN))).toMatchObject(isRefused);
  });

  test.each([0, 1])('a keyring that is older than the setting, and has %d access keys left', async (count) => {
    const made = await service();
    await made.home.keyring.transact(async (tx) => tx.put('count/access-key', encodeRecord(count)));
    expect(await refused(list(made, UNKNOWN))).toMatchObject(isRefused);
  });

  test('what a work has switched on or off holds for those that share its commit', async () => {
    const made = await service();
    const { keyring } = made.home;
    const asked = await Promise.all([
      keyring.transact(asksForSignatures),
      made.accessKey(USER),
      keyring.transact(asksForSignatures),
      keyring.transact(async (tx) => verifySignatures(tx, false)),
      keyring.transact(asksForSignatures),
    ]);
    expect(asked.map((answer) => typeof answer === 'boolean' && answer)).toEqual([false, false, true, false, false]);
  });

  test('a session of this keyring is one all the same', async () => {
    const made = await service();
    const credentials = await made.home.keyring.transact(async (tx) => {
      const request = { roleArn: ROLE, sessionName: 'test', duration: 3600 };
      const { credentials: issued } = assumeRole(tx, request, { clock: () => made.home.now, random: made.home.random });
      return {
        accessKeyId: issued.AccessKeyId,
        secretAccessKey: issued.SecretAccessKey,
        sessionToken: issued.SessionToken,
      };
    });
    expect(await refused(list(made, { ...credentials, secretAccessKey: 'x' }))).toMatchObject({
      name: 'InvalidSignatureException',
    });
    expect(await refused(list(made, credentials))).toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('where signatures are always asked for', () => {
  test('a keyring without access keys accepts no caller', async () => {
    const made = await service({ required: 'always' });
    expect(await refused(list(made, UNKNOWN))).toMatchObject(isRefused);
    await made.home.keyring.transact(async (tx) => verifySignatures(tx, false));
    expect(await refused(list(made, UNKNOWN))).toMatchObject(isRefused);
  });

  test('the access key of the process is the default caller, verified, and kept nowhere', async () => {
    const processKey = newKeyPair(seeded('process'));
    const credentials = { accessKeyId: processKey.id, secretAccessKey: secretText(processKey.secret) };
    const made = await service({ required: 'always', processKey });
    await list(made, credentials);
    expect(made.home.events().at(-1)).toMatchObject({ userIdentity: { type: 'Root' } });
    expect(await refused(list(made, { ...credentials, secretAccessKey: 'x' }))).toMatchObject({
      name: 'InvalidSignatureException',
    });
    expect(await refused(list(made, { ...credentials, sessionToken: 'AAAA' }))).toMatchObject(isRefused);
    expect(await refused(list(made, UNKNOWN))).toMatchObject(isRefused);
    expect((await sts(made, credentials, assume)).text).toContain('Roles may not be assumed by root accounts.');
    expect(JSON.stringify(made.home.events())).not.toContain(credentials.secretAccessKey);
    expect(await made.home.keyring.transact(accessKeys)).toEqual([]);
  });
});

describe('where signatures are not asked for', () => {
  test('known access keys are verified, and a caller without one is the default caller', async () => {
    const made = await service({ required: 'never' });
    const alice = await made.accessKey(USER);
    await list(made, UNKNOWN);
    expect(made.home.events().at(-1)).toMatchObject({ userIdentity: { type: 'Root' } });
    expect(await refused(list(made, alice))).toMatchObject({ name: 'AccessDeniedException' });
    expect(made.home.events().at(-1)).toMatchObject({ userIdentity: { arn: USER } });
    expect(await refused(list(made, { ...alice, secretAccessKey: 'x' }))).toMatchObject({
      name: 'InvalidSignatureException',
    });
  });
});
