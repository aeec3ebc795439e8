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
    [{ DurationSeconds: '-5' }, 'ValidationError', "Value '-5' at 'durationSeconds' failed to satisfy constraint"],
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

const policyOf = (length: number): string => {
  const text = allow('kms:ListKeys');
  return text + ' '.repeat(length - text.length);
};
const tagsFrom = (count: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      [`Tags.member.${at + 1}.Key`, `key-${at}`],
      [`Tags.member.${at + 1}.Value`, 'x'],
    ]).flat(),
  );
const tagged = (key: string, value: string, at = 2): Record<string, string> => ({
  [`Tags.member.${at}.Key`]: key,
  [`Tags.member.${at}.Value`]: value,
});

// AWS STS API reference, and "Pass session tags in AWS STS" in the IAM User Guide
describe.each<[string, Record<string, string>]>([
  ['AssumeRole', { RoleArn: `arn:aws:iam::${ACCOUNT}:role/App`, RoleSessionName: 'run' }],
  ['GetFederationToken', { Name: 'Bob' }],
])('%s', (Action, members) => {
  const form = { Action, Version: '2011-06-15', ...members };

  test.each<[string, Record<string, string>, string]>([
    ['a policy of 2,049 characters', { Policy: policyOf(2049) }, "at 'policy' failed to satisfy constraint"],
    ['51 tags', tagsFrom(51), "at 'tags' failed to satisfy constraint"],
    ['a key of 129 characters', tagged('k'.repeat(129), ''), 'have length less than or equal to 128'],
    ['a value of 257 characters', tagged('k', 'v'.repeat(257)), 'have length less than or equal to 256'],
    ['a key twice', { ...tagged('k', 'a', 1), ...tagged('k', 'b') }, 'Duplicate tag keys found.'],
    ['keys that differ by case alone', { ...tagged('k', 'a', 1), ...tagged('K', 'b') }, 'Duplicate tag keys found.'],
    ['a duration that is no number', { DurationSeconds: '1e3' }, "must be a number of seconds, not '1e3'"],
    ['policies by ARN', { 'PolicyArns.member.2.arn': 'arn:aws:iam::aws:policy/X' }, 'PolicyArns is not supported'],
    ['a source identity', { SourceIdentity: 'me' }, 'SourceIdentity is not supported'],
    ['transitive tags', { 'TransitiveTagKeys.member.1': 'k' }, 'TransitiveTagKeys is not supported'],
    ['contexts', { 'ProvidedContexts.member.1.ProviderArn': 'x' }, 'ProvidedContexts is not supported'],
  ])('%s: refused', async (_, more, message) => {
    const made = await service();
    const { text } = await sts(made, await userWith(made, allow('*')), { ...form, ...more });
    expect([part(text, 'Code'), part(text, 'Message')]).toEqual(['ValidationError', expect.stringContaining(message)]);
  });

  test.each<[string, Record<string, string>]>([
    ['a policy of 2,048 characters', { Policy: policyOf(2048) }],
    ['50 tags', tagsFrom(50)],
  ])('%s', async (_, more) => {
    const made = await service();
    expect((await sts(made, await userWith(made, allow('*')), { ...form, ...more })).status).toBe(200);
  });
});

test('tags are read wherever their list begins', async () => {
  const made = await service();
  const Condition = { StringEquals: { 'aws:PrincipalTag/team': 'a' } };
  const Statement = [{ Effect: 'Allow', Action: 'kms:ListKeys', Resource: '*', Condition }];
  const more = { Policy: JSON.stringify({ Version: '2012-10-17', Statement }), ...tagged('team', 'a', 7) };
  const { credentials } = await sts(made, await userWith(made, allow('*')), { ...federation, ...more });
  expect(await list(made, credentials)).toBe('answered');
});

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
