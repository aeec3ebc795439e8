/**
 * AssumeRoleWithWebIdentity: elements and errors of the AWS Security Token Service API Reference; the identity in events of
 * the AWS CloudTrail User Guide, "CloudTrail userIdentity element"; condition keys of the IAM User Guide, "Available keys
 * for AWS OIDC federation". Texts of errors as users of AWS report them, and ours where there are none.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ListKeysCommand } from '@aws-sdk/client-kms';
import { readWebKeys } from '../../../src/crypto/web-token.ts';
import { putIdentity } from '../../../src/keyring/identity.ts';
import { putOrganization } from '../../../src/keyring/organization.ts';
import { putIdentityProvider } from '../../../src/keyring/identity-provider.ts';
import { iamIdentifier } from '../../../src/policy/identity.ts';
import { ACCOUNT } from '../../support/fixture.ts';
import { service, type Service } from './service.ts';

const ISSUER = 'https://token.example/path';
const NAME = 'token.example/path';
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${NAME}`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/App`;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const part = (text: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenOf(claims: object): string {
  const input = `${encoded({ alg: 'EdDSA', kid: 'a' })}.${encoded(claims)}`;
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
}

const trust = (more: object = {}): object => ({
  Effect: 'Allow',
  Principal: { Federated: PROVIDER },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: { StringEquals: { [`${NAME}:sub`]: 'repo:me/app', [`${NAME}:aud`]: 'sts.amazonaws.com' } },
  ...more,
});

async function withTrust(...Statement: readonly object[]): Promise<Service> {
  const made = await service();
  const keys = readWebKeys(JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a' }] }));
  if (typeof keys === 'string') throw new Error(keys);
  await made.home.keyring.transact(async (tx) => {
    putIdentityProvider(tx, { issuer: ISSUER, clientIds: ['sts.amazonaws.com', 'other'], keys });
    if (Statement.length === 0) return;
    const allow = { Effect: 'Allow', Action: 'kms:ListKeys', Resource: '*' };
    putIdentity(tx, iamIdentifier(ROLE)!, {
      kind: 'role',
      arn: ROLE,
      account: ACCOUNT,
      created: 1,
      tags: {},
      policies: [{ name: 'p', text: JSON.stringify({ Version: '2012-10-17', Statement: [allow] }) }],
      trustPolicy: { text: JSON.stringify({ Version: '2012-10-17', Statement }) },
    });
  });
  return made;
}

async function ask(made: Service, claims: object, more: Record<string, string> = {}) {
  const now = Math.floor(made.home.now / 1000);
  const usual = { iss: ISSUER, sub: 'repo:me/app', aud: 'sts.amazonaws.com', iat: now, exp: now + 300 };
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: ROLE,
    RoleSessionName: 'run',
    WebIdentityToken: tokenOf({ ...usual, ...claims }),
    ...more,
  });
  const response = await fetch(made.url, { method: 'POST', body });
  const text = await response.text();
  return { status: response.status, text, code: part(text, 'Code'), token: body.get('WebIdentityToken')! };
}

describe('a token that the trust policy allows', () => {
  test('gives credentials of the role, with an event that names the user', async () => {
    const made = await withTrust(trust());
    const { status, text, token } = await ask(made, {});
    expect(status).toBe(200);
    expect(['SubjectFromWebIdentityToken', 'Audience', 'Arn', 'Provider'].map((name) => part(text, name))).toEqual([
      'repo:me/app',
      'sts.amazonaws.com',
      `arn:aws:sts::${ACCOUNT}:assumed-role/App/run`,
      PROVIDER, // answers recorded in the EKS Best Practices Guide, Identity and Access Management
    ]);
    const events = made.home.events();
    expect(events).toEqual([
      expect.objectContaining({
        eventName: 'AssumeRoleWithWebIdentity',
        eventSource: 'sts.amazonaws.com',
        userIdentity: {
          type: 'WebIdentityUser',
          principalId: `${PROVIDER}:sts.amazonaws.com:repo:me/app`,
          userName: 'repo:me/app',
          identityProvider: PROVIDER,
        },
        requestParameters: { roleArn: ROLE, roleSessionName: 'run', durationSeconds: 3600 },
        responseElements: expect.objectContaining({
          subjectFromWebIdentityToken: 'repo:me/app',
          audience: 'sts.amazonaws.com',
          provider: PROVIDER,
        }) as unknown,
      }),
    ]);
    const logged = JSON.stringify(events);
    expect(logged).not.toContain(token.split('.')[2]);
    expect(logged).not.toContain(part(text, 'SessionToken'));
    const credentials = {
      accessKeyId: part(text, 'AccessKeyId')!,
      secretAccessKey: part(text, 'SecretAccessKey')!,
      sessionToken: part(text, 'SessionToken')!,
    };
    expect((await made.client(credentials).send(new ListKeysCommand({}))).Keys).toEqual([]);
  });

  test.each<[string, object, object]>([
    ['azp is the audience', { aud: ['x', 'y'], azp: 'other' }, { [`${NAME}:aud`]: 'other' }],
    ['oaud are the audiences beside it', { aud: ['x', 'y'], azp: 'other' }, { [`${NAME}:oaud`]: 'y' }],
    ['amr', { amr: ['authenticated', 'x'] }, { [`${NAME}:amr`]: 'authenticated' }],
    ['sts:RoleSessionName', {}, { 'sts:RoleSessionName': 'run' }],
  ])('%s', async (_, claims, values) => {
    const made = await withTrust(trust({ Condition: { 'ForAnyValue:StringEquals': values } }));
    expect((await ask(made, claims)).status).toBe(200);
  });
});

test.each<[string, readonly object[]]>([
  ['without a trust policy', []],
  ['of another subject', [trust({ Condition: { StringEquals: { [`${NAME}:sub`]: 'repo:you/app' } } })]],
  ['of a key of another provider', [trust({ Condition: { StringEquals: { 'other.example:sub': 'repo:me/app' } } })]],
  ['for sts:AssumeRole', [trust({ Action: 'sts:AssumeRole' })]],
  ['of another provider', [trust({ Principal: { Federated: `${PROVIDER}/x` } })]],
  ['of its account', [trust({ Principal: { AWS: ACCOUNT } })]],
  ['of everyone', [trust({ Principal: '*' }), trust({ Principal: { AWS: '*' } })]],
  ['that a Deny of everyone takes back', [trust(), trust({ Effect: 'Deny', Principal: '*' })]],
  ['that a Deny of the provider takes back', [trust(), trust({ Effect: 'Deny' })]],
])('AccessDenied, with an event: trust %s', async (_, statements) => {
  const made = await withTrust(...statements);
  const { status, code, text } = await ask(made, {});
  expect([status, code]).toEqual([403, 'AccessDenied']);
  expect(part(text, 'Message')).toBe('Not authorized to perform sts:AssumeRoleWithWebIdentity');
  expect(made.home.events()).toEqual([
    expect.objectContaining({
      errorCode: 'AccessDenied',
      userIdentity: expect.objectContaining({ type: 'WebIdentityUser' }) as unknown,
    }),
  ]);
});

test('a service control policy is not for users of providers, a resource control policy is', async () => {
  for (const kind of ['serviceControlPolicies', 'resourceControlPolicies'] as const) {
    const made = await withTrust(trust());
    const deny = { Effect: 'Deny', Principal: '*', Action: 'sts:*', Resource: '*' };
    const full = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' };
    const named = (Statement: readonly object[]) => [
      { name: 'p', text: JSON.stringify({ Version: '2012-10-17', Statement }) },
    ];
    const none = { serviceControlPolicies: named([full]), resourceControlPolicies: named([full]) };
    const level = { ...none, [kind]: named([full, deny]) };
    await made.home.keyring.transact(async (tx) =>
      putOrganization(tx, { id: 'o-a1b2c3d4e5', accounts: [ACCOUNT], levels: [level] }),
    );
    expect([kind, (await ask(made, {})).code]).toEqual([
      kind,
      kind === 'serviceControlPolicies' ? undefined : 'AccessDenied',
    ]);
  }
});

const MINUTE = 60;
test.each<[string, (now: number) => object, string, number]>([
  ['another audience', () => ({ aud: 'evil' }), 'InvalidIdentityToken', 1],
  ['audiences of which none is meant', () => ({ aud: ['sts.amazonaws.com', 'x'] }), 'InvalidIdentityToken', 1],
  ['an azp that is no client', () => ({ azp: 'evil' }), 'InvalidIdentityToken', 1],
  ['expired', (now) => ({ exp: now - MINUTE }), 'ExpiredTokenException', 1],
  ['made in the future', (now) => ({ iat: now + 2 * MINUTE }), 'InvalidIdentityToken', 1],
  ['not yet in force', (now) => ({ nbf: now + 2 * MINUTE }), 'InvalidIdentityToken', 1],
  ['no expiry', () => ({ exp: undefined }), 'InvalidIdentityToken', 0],
  ['an expiry that is a text', () => ({ exp: '9999999999' }), 'InvalidIdentityToken', 0],
  ['no time of issue', () => ({ iat: undefined }), 'InvalidIdentityToken', 0],
  ['no subject', () => ({ sub: undefined }), 'InvalidIdentityToken', 0],
  ['a subject longer than 255 characters', () => ({ sub: 'x'.repeat(256) }), 'InvalidIdentityToken', 0],
  ['an audience longer than 255 characters', () => ({ aud: 'x'.repeat(256) }), 'InvalidIdentityToken', 0],
  ['no audience', () => ({ aud: undefined }), 'InvalidIdentityToken', 0],
  ['an empty list of audiences', () => ({ aud: [] }), 'InvalidIdentityToken', 0],
  ['an azp that is no text', () => ({ azp: 1 }), 'InvalidIdentityToken', 0],
  ['an amr that is no text', () => ({ amr: [1] }), 'InvalidIdentityToken', 0],
  ['an nbf that is no time', () => ({ nbf: 'x' }), 'InvalidIdentityToken', 0],
  ['another issuer', () => ({ iss: `${ISSUER}/` }), 'InvalidIdentityToken', 0],
  ['session tags', () => ({ 'https://aws.amazon.com/tags': {} }), 'InvalidIdentityToken', 0],
  ['a source identity', () => ({ 'https://aws.amazon.com/source_identity': 'x' }), 'InvalidIdentityToken', 0],
  ['longer than 20,000 characters', () => ({ more: 'x'.repeat(20_000) }), 'InvalidIdentityToken', 0],
])('a token is refused: %s', async (_, claims, code, events) => {
  const made = await withTrust(trust());
  const refused = await ask(made, claims(Math.floor(made.home.now / 1000)));
  expect([refused.status, refused.code]).toEqual([400, code]);
  expect(made.home.events().map(({ errorCode }) => errorCode)).toEqual(Array.from({ length: events }, () => code));
});

test.each<[string, (now: number) => object]>([
  ['expired for less than a minute', (now) => ({ exp: now - MINUTE + 10 })],
  ['made within the next minute', (now) => ({ iat: now + MINUTE - 10, nbf: now + MINUTE - 10 })],
])('clocks may differ by a minute: a token %s', async (_, claims) => {
  const made = await withTrust(trust());
  expect((await ask(made, claims(Math.floor(made.home.now / 1000)))).status).toBe(200);
});

test.each<[string, Record<string, string>, string]>([
  ['a role of another account', { RoleArn: 'arn:aws:iam::444455556666:role/App' }, 'InvalidIdentityToken'],
  ['ProviderId', { ProviderId: 'www.amazon.com' }, 'ValidationError'],
  ['PolicyArns', { 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/X' }, 'ValidationError'],
  ['a short duration', { DurationSeconds: '1' }, 'ValidationError'],
])('a request is refused without an event: %s', async (_, more, code) => {
  const made = await withTrust(trust());
  expect((await ask(made, {}, more)).code).toBe(code);
  expect(made.home.events()).toEqual([]);
});

test('a token whose signature is altered is refused without an event', async () => {
  const made = await withTrust(trust());
  const { token } = await ask(made, {});
  const count = made.home.events().length;
  const [head, , signature] = token.split('.');
  const claims = encoded({ iss: ISSUER, sub: 'repo:me/app', aud: 'sts.amazonaws.com', iat: 1, exp: 99_999_999_999 });
  const refused = await ask(made, {}, { WebIdentityToken: `${head}.${claims}.${signature}` });
  expect([refused.status, refused.code]).toEqual([400, 'InvalidIdentityToken']);
  expect(made.home.events()).toHaveLength(count);
});
