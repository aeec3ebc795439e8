/**
 * GetSessionToken, GetFederationToken and AssumeRoleWithWebIdentity: elements, limits and errors of the AWS Security Token
 * Service API Reference; texts of errors as users of AWS report them.
 */
import { DescribeKeyCommand, GetKeyPolicyCommand, ListKeysCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import { putIdentity } from '../../../src/keyring/identity.ts';
import { iamIdentifier } from '../../../src/policy/identity.ts';
import { ACCOUNT, newKey } from '../../support/fixture.ts';
import { service, USER, type Credentials, type Service } from './service.ts';
import { sts } from './sts.ts';

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const BOB = `arn:aws:sts::${ACCOUNT}:federated-user/Bob`;
const part = (text: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
const session = { Action: 'GetSessionToken', Version: '2011-06-15' };
const federation = { Action: 'GetFederationToken', Version: '2011-06-15', Name: 'Bob' };
const allow = (Action: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });

/** An access key of a user with this identity policy. */
async function userWith(made: Service, text: string): Promise<Credentials> {
  const identity = { kind: 'user', arn: USER, account: ACCOUNT, created: 1, tags: {} } as const;
  await made.home.keyring.transact(async (tx) =>
    putIdentity(tx, iamIdentifier(USER)!, { ...identity, policies: [{ name: 'p', text }] }),
  );
  return made.accessKey(USER);
}

const list = (made: Service, credentials: Credentials) =>
  made
    .client(credentials)
    .send(new ListKeysCommand({}))
    .then(
      () => 'answered',
      (error: Error) => error.name,
    );

const hoursOf = (made: Service, text: string): number =>
  Math.round((Date.parse(part(text, 'Expiration')!) - made.home.now) / 360_000) / 10;

describe('GetSessionToken', () => {
  test('gives credentials of the user, without a permission of its own, until they expire', async () => {
    const made = await service();
    const { status, text, credentials } = await sts(made, await userWith(made, allow('kms:ListKeys')), session);
    expect([status, credentials.accessKeyId.slice(0, 4), hoursOf(made, text)]).toEqual([200, 'ASIA', 12]);
    expect(made.home.events().at(-1)).toMatchObject({
      eventName: 'GetSessionToken',
      userIdentity: { type: 'IAMUser', arn: USER },
      responseElements: { credentials: { accessKeyId: credentials.accessKeyId } },
    });
    expect(JSON.stringify(made.home.events())).not.toContain(credentials.sessionToken);
    expect(await list(made, credentials)).toBe('answered');
    expect(made.home.events().at(-1)).toMatchObject({ userIdentity: { type: 'IAMUser', arn: USER } });
    made.home.now += 12 * 3_600_000 + 1_000;
    expect(await list(made, credentials)).toBe('ExpiredTokenException');
  });

  test('they are temporary, and without MFA', async () => {
    const made = await service();
    const Condition = { Bool: { 'aws:MultiFactorAuthPresent': 'false' } };
    const Statement = [{ Effect: 'Allow', Action: 'kms:ListKeys', Resource: '*', Condition }];
    const user = await userWith(made, JSON.stringify({ Version: '2012-10-17', Statement }));
    expect(await list(made, user)).toBe('AccessDeniedException');
    expect(await list(made, (await sts(made, user, session)).credentials)).toBe('answered');
  });

  test('of the root user for an hour at most', async () => {
    const made = await service();
    const { text, credentials } = await sts(made, await made.accessKey(ROOT), {
      ...session,
      DurationSeconds: '129600',
    });
    expect(hoursOf(made, text)).toBe(1);
    const again = await sts(made, credentials, { Action: 'GetCallerIdentity', Version: '2011-06-15' });
    expect(part(again.text, 'Arn')).toBe(ROOT);
  });

  const REFUSED: readonly [form: Record<string, string>, code: string, message: string][] = [
    [{ DurationSeconds: '899' }, 'ValidationError', "Value '899' at 'durationSeconds' failed to satisfy constraint"],
    [{ DurationSeconds: '129601' }, 'ValidationError', 'Member must have value less than or equal to 129600'],
    [{ DurationSeconds: 'x' }, 'ValidationError', 'Member must have value greater than or equal to 900'],
    [
      { SerialNumber: 'arn:aws:iam::111122223333:mfa/x', TokenCode: '123456' },
      'AccessDenied',
      'MFA devices are not known here',
    ],
  ];
  test.each(REFUSED)('with %j it is refused, with an event', async (form, code, message) => {
    const made = await service();
    const { text } = await sts(made, await made.accessKey(USER), { ...session, ...form });
    expect([part(text, 'Code'), part(text, 'Message')]).toEqual([code, expect.stringContaining(message)]);
    expect(made.home.events().at(-1)).toMatchObject({ eventName: 'GetSessionToken', errorMessage: expect.any(String) });
  });

  test.each([session, federation])('not with session credentials: %j', async (form) => {
    const made = await service();
    const { credentials } = await sts(made, await userWith(made, allow('*')), session);
    const { status, text } = await sts(made, credentials, form);
    expect([status, part(text, 'Message')]).toEqual([403, `Cannot call ${form.Action} with session credentials`]);
  });
});

describe('GetFederationToken', () => {
  test('gives a federated user what both the user and the session policy allow', async () => {
    const made = await service();
    const user = await userWith(made, allow('*'));
    const { status, text, credentials } = await sts(made, user, { ...federation, Policy: allow('kms:ListKeys') });
    expect([status, part(text, 'Arn'), part(text, 'FederatedUserId')]).toEqual([200, BOB, `${ACCOUNT}:Bob`]);
    expect(made.home.events().at(-1)).toMatchObject({
      eventName: 'GetFederationToken',
      requestParameters: { name: 'Bob' },
      responseElements: { federatedUser: { arn: BOB, federatedUserId: `${ACCOUNT}:Bob` } },
    });
    expect(await list(made, credentials)).toBe('answered');
    expect(made.home.events().at(-1)).toMatchObject({ userIdentity: { type: 'FederatedUser', arn: BOB } });
    const other = await sts(made, user, { ...federation, Policy: allow('kms:ListAliases') });
    expect(await list(made, other.credentials)).toBe('AccessDeniedException');
    await userWith(made, allow('kms:ListAliases')); // the user's policies are those of the moment
    expect(await list(made, credentials)).toBe('AccessDeniedException');
  });

  test('without a session policy: only what a key policy gives it by name', async () => {
    const made = await service();
    const { credentials } = await sts(made, await userWith(made, allow('*')), federation);
    expect(await list(made, credentials)).toBe('AccessDeniedException');
    const owner = made.client(await made.accessKey(ROOT));
    const { id } = await newKey(made.home);
    const { Policy } = await owner.send(new GetKeyPolicyCommand({ KeyId: id }));
    const policy = JSON.parse(Policy!) as { Statement: object[] };
    policy.Statement.push({ Effect: 'Allow', Principal: { AWS: BOB }, Action: 'kms:DescribeKey', Resource: '*' });
    const describeKey = () => made.client(credentials).send(new DescribeKeyCommand({ KeyId: id }));
    await expect(describeKey()).rejects.toThrow('not authorized');
    await owner.send(new PutKeyPolicyCommand({ KeyId: id, Policy: JSON.stringify(policy) }));
    expect((await describeKey()).KeyMetadata?.KeyId).toBe(id);
  });

  test('needs sts:GetFederationToken', async () => {
    const made = await service();
    const { status, text } = await sts(made, await userWith(made, allow('kms:*')), federation);
    expect([status, part(text, 'Message')]).toEqual([403, expect.stringContaining('sts:GetFederationToken')]);
    expect(made.home.events().at(-1)).toMatchObject({ eventName: 'GetFederationToken', errorCode: 'AccessDenied' });
  });

  test.each(['', 'B', 'Bob/x', 'B'.repeat(33)])('a name of %j', async (Name) => {
    const made = await service();
    const { text } = await sts(made, await userWith(made, allow('*')), { ...federation, Name });
    expect([part(text, 'Code'), part(text, 'Message')]).toEqual([
      'ValidationError',
      expect.stringContaining(`Value '${Name}' at 'name' failed to satisfy constraint`),
    ]);
  });

  test('a session policy with an error', async () => {
    const made = await service();
    const { text } = await sts(made, await userWith(made, allow('*')), { ...federation, Policy: '{}' });
    expect(part(text, 'Code')).toBe('MalformedPolicyDocument');
  });
});

test.each(['AssumeRole', 'GetFederationToken'])(
  '%s with policies by ARN is refused: they would not bound it',
  async (Action) => {
    const made = await service();
    const form = { Action, Version: '2011-06-15', Name: 'Bob', 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/X' };
    const { text } = await sts(made, await userWith(made, allow('*')), form);
    expect([part(text, 'Code'), part(text, 'Message')]).toEqual([
      'ValidationError',
      expect.stringContaining('PolicyArns'),
    ]);
  },
);

// in a keyring without identity providers, whose keys alone verify a token
describe('AssumeRoleWithWebIdentity', () => {
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = (claims: object): string => `${encoded({ alg: 'RS256' })}.${encoded(claims)}.AAAA`;
  test.each([
    [
      token({ iss: 'https://token.example' }),
      'No OpenIDConnect provider found in your account for https://token.example',
    ],
    [token({}), 'The ID Token provided is not a valid JWT.'],
    ['x.y.z', 'The ID Token provided is not a valid JWT.'],
    ['', 'The ID Token provided is not a valid JWT.'],
  ])('%s is refused, without a signature and without an event', async (WebIdentityToken, message) => {
    const made = await service();
    const body = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/App`,
      RoleSessionName: 'run',
      WebIdentityToken,
    });
    const response = await fetch(made.url, { method: 'POST', body });
    const text = await response.text();
    expect([response.status, part(text, 'Code')]).toEqual([400, 'InvalidIdentityToken']);
    expect(part(text, 'Message')).toContain(message);
    expect(made.home.events()).toEqual([]);
  });
});
