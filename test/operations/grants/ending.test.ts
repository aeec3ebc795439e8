import { beforeEach, describe, expect, test } from 'vitest';
import { attachPolicy } from '../../../src/policy/document.ts';
import { callerOf, type Caller } from '../../../src/policy/principal.ts';
import { fixture, newKey, refusal, type Fixture, type TestKey } from '../../support/fixture.ts';
import { DAY, policyOf, ROOT_MAY } from '../stage.ts';
import { caller, give, iam, listed, OTHER, sts, type Given, type CallerName } from './callers.ts';

let home: Fixture;
let key: TestKey;
beforeEach(async () => {
  home = await fixture();
  key = await newKey(home, {
    // whoever issues grants from another account
    Policy: policyOf(ROOT_MAY, {
      Effect: 'Allow',
      Principal: { AWS: iam('root', OTHER) },
      Action: 'kms:CreateGrant',
      Resource: '*',
    }),
  });
});

const outcome = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    async (error: unknown) => (await refusal(Promise.reject(error as Error))).code,
  );
const UNKNOWN = 'f'.repeat(64);

describe('RetireGrant: who may', () => {
  const may = (account?: string): Caller =>
    callerOf(iam('user/delegate', account), {
      identityPolicies: [
        attachPolicy('delegate', policyOf({ Effect: 'Allow', Action: 'kms:RetireGrant', Resource: '*' })),
      ],
    });
  const denied = (name: CallerName): Caller =>
    callerOf(caller(name).arn, {
      identityPolicies: [attachPolicy('no', policyOf({ Effect: 'Deny', Action: 'kms:RetireGrant', Resource: '*' }))],
    });
  const GRANT = { GranteePrincipal: iam('user/alice'), Operations: ['Decrypt', 'RetireGrant'] };
  const APP = { ...GRANT, RetiringPrincipal: iam('role/App') };
  const PLAIN = { ...GRANT, Operations: ['Decrypt'] };

  test.each<[string, object, () => Caller, boolean, CallerName?]>([
    ['the retiring principal', APP, () => caller('app'), true],
    ['the retiring principal, denied', { ...GRANT, RetiringPrincipal: iam('user/bob') }, () => denied('bob'), false],
    ['the grantee, if the grant says so', GRANT, () => caller('alice'), true],
    ['the grantee otherwise', PLAIN, () => caller('alice'), false],
    ['somebody else', APP, () => caller('bob'), false],
    [
      'another session, of a retiring session',
      { ...GRANT, RetiringPrincipal: sts('assumed-role/App/one') },
      () => caller('app again'),
      false,
    ],
    ['the root user of the key’s account', PLAIN, () => caller('root'), true],
    ['the root user of the account that issued it', PLAIN, () => caller('other root'), true, 'other root'],
    ['the root user of an account that did not', PLAIN, () => caller('other root'), false],
    ['somebody whom the key’s account lets', PLAIN, () => may(), true],
    ['somebody whom another account lets', PLAIN, () => may(OTHER), false],
    [
      'somebody whom a retiring account lets',
      { ...PLAIN, RetiringPrincipal: iam('root', OTHER) },
      () => may(OTHER),
      true,
    ],
    [
      'somebody of the account of a retiring user',
      { ...PLAIN, RetiringPrincipal: iam('user/eve', OTHER) },
      () => may(OTHER),
      false,
    ],
  ])('%s', async (_, input, who, allowed, issuer) => {
    const { GrantId, GrantToken } = await give(home, { KeyId: key.arn, ...input }, issuer);
    const as = { caller: who() };
    const byId = { KeyId: key.arn, GrantId };
    expect(await outcome(home.call('RetireGrant', { ...byId, DryRun: true }, as))).toBe(
      allowed ? 'DryRunOperationException' : 'AccessDeniedException',
    );
    expect(await outcome(home.call('RetireGrant', { GrantToken }, as))).toBe(
      allowed ? 'done' : 'AccessDeniedException',
    );
    expect(await listed(home, key)).toHaveLength(allowed ? 0 : 1);
  });

  test('a key policy does not count', async () => {
    const { arn, id } = await newKey(home, {
      Policy: policyOf(ROOT_MAY, {
        Effect: 'Allow',
        Principal: { AWS: iam('user/bob') },
        Action: 'kms:RetireGrant',
        Resource: '*',
      }),
    });
    const { GrantId } = await give(home, { KeyId: id, ...PLAIN });
    expect(await outcome(home.call('RetireGrant', { KeyId: arn, GrantId }, { caller: caller('bob') }))).toBe(
      'AccessDeniedException',
    );
  });
});

describe('RetireGrant', () => {
  let given: Given;
  beforeEach(async () => {
    given = await give(home, { KeyId: key.id, GranteePrincipal: iam('user/alice'), Operations: ['Decrypt'] });
  });

  test.each<[string, (one: Given) => object, string]>([
    ['nothing', () => ({}), 'ValidationException'],
    ['a key alone', () => ({ KeyId: key.arn }), 'ValidationException'],
    ['a grant ID alone', ({ GrantId }) => ({ GrantId }), 'ValidationException'],
    ['two ways at once', ({ GrantId, GrantToken }) => ({ KeyId: key.arn, GrantId, GrantToken }), 'ValidationException'],
    ['a token that is none', () => ({ GrantToken: 'abcd' }), 'InvalidGrantTokenException'],
    ['a grant ID that is none', () => ({ KeyId: key.arn, GrantId: 'abcd' }), 'InvalidGrantIdException'],
    ['a grant that is not there', () => ({ KeyId: key.arn, GrantId: UNKNOWN }), 'NotFoundException'],
    ['an alias', ({ GrantId }) => ({ KeyId: 'alias/example', GrantId }), 'InvalidArnException'],
  ])('refuses %s', async (_, input, code) => {
    expect(await outcome(home.call('RetireGrant', input(given)))).toBe(code);
    expect(await listed(home, key)).toHaveLength(1);
  });

  test('every token of a grant ends it, once', async () => {
    const named = { KeyId: key.id, GranteePrincipal: iam('user/bob'), Operations: ['Decrypt'], Name: 'mine' };
    const [one, two] = [await give(home, named), await give(home, named)];
    expect(await outcome(home.call('RetireGrant', { GrantToken: two.GrantToken }))).toBe('done');
    expect(await outcome(home.call('RetireGrant', { GrantToken: one.GrantToken }))).toBe('NotFoundException');
  });

  test.each(['DisableKey', 'ScheduleKeyDeletion'])('works after %s', async (operation) => {
    await home.call(operation, { KeyId: key.id });
    expect(await outcome(home.call('RetireGrant', { GrantToken: given.GrantToken }))).toBe('done');
  });

  test('its event names the grant beside the request', async () => {
    await home.call('RetireGrant', { GrantToken: given.GrantToken });
    expect(home.events().at(-1)).toMatchObject({
      eventName: 'RetireGrant',
      readOnly: false,
      requestParameters: null,
      responseElements: null,
      additionalEventData: { grantId: given.GrantId },
      resources: [{ ARN: key.arn }],
    });
  });
});

describe('RevokeGrant', () => {
  test('takes the permission away at once', async () => {
    const { GrantId } = await give(home, {
      KeyId: key.id,
      GranteePrincipal: iam('user/alice'),
      Operations: ['DescribeKey'],
    });
    const use = () => outcome(home.call('DescribeKey', { KeyId: key.arn }, { caller: caller('alice') }));
    expect(await use()).toBe('done');
    expect(await outcome(home.call('RevokeGrant', { KeyId: key.id, GrantId, DryRun: true }))).toBe(
      'DryRunOperationException',
    );
    expect(await use()).toBe('done');
    expect(await home.call('RevokeGrant', { KeyId: key.id, GrantId })).toEqual({});
    expect(await use()).toBe('AccessDeniedException');
    expect(home.events().at(-2)).toMatchObject({
      eventName: 'RevokeGrant',
      requestParameters: { keyId: key.id, grantId: GrantId },
      responseElements: null,
      resources: [{ ARN: key.arn }],
    });
  });

  test('a duplicate keeps it', async () => {
    const input = { KeyId: key.id, GranteePrincipal: iam('user/alice'), Operations: ['DescribeKey'] };
    const { GrantId } = await give(home, input);
    await give(home, input);
    await home.call('RevokeGrant', { KeyId: key.id, GrantId });
    expect(await outcome(home.call('DescribeKey', { KeyId: key.arn }, { caller: caller('alice') }))).toBe('done');
  });

  test.each<[string, string, string]>([
    ['a grant that is not there', UNKNOWN, 'NotFoundException'],
    ['a grant ID that is none', 'abcd', 'InvalidGrantIdException'],
  ])('refuses %s', async (_, GrantId, code) => {
    expect(await outcome(home.call('RevokeGrant', { KeyId: key.id, GrantId }))).toBe(code);
  });

  test('a grant of another key is not there', async () => {
    const { GrantId } = await give(home, {
      KeyId: key.id,
      GranteePrincipal: iam('user/alice'),
      Operations: ['DescribeKey'],
    });
    const { id } = await newKey(home);
    expect(await outcome(home.call('RevokeGrant', { KeyId: id, GrantId }))).toBe('NotFoundException');
  });
});

test('with its key a grant is gone, and every trace of it', async () => {
  const trace = async () => {
    const rows = await home.store.transact((tx) => Array.fromAsync(tx.rows('')));
    return rows.map(({ path }) => path).filter((path) => path.includes(key.id));
  };
  const named = { KeyId: key.id, RetiringPrincipal: iam('role/App'), Operations: ['Decrypt'] };
  for (const [index, user] of ['alice', 'bob', 'carol'].entries()) {
    await give(home, { ...named, GranteePrincipal: iam(`user/${user}`), Name: `n${index}` });
  }
  await home.call('Encrypt', { KeyId: key.id, Plaintext: Uint8Array.of(1) });
  await home.call('ScheduleKeyDeletion', { KeyId: key.id, PendingWindowInDays: 7 });
  expect(await trace()).toHaveLength(3 * 4 + 4); // four places each; the key, its deletion, its last use, the count
  home.now += 7 * DAY;
  expect(await home.call('ListRetirableGrants', { RetiringPrincipal: iam('role/App') })).toMatchObject({ Grants: [] });
  expect(await trace()).toEqual([`deleted-key/${key.arn.split(':')[4]}/${key.id}`]);
});
