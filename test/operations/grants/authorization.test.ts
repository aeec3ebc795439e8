import { beforeEach, describe, expect, test } from 'vitest';
import { attachPolicy } from '../../../src/policy/document.ts';
import { callerOf } from '../../../src/policy/principal.ts';
import { ACCOUNT, fixture, newKey, refusal, REGION, type Fixture, type TestKey } from '../../support/fixture.ts';
import { policyOf, ROOT_MAY, type Statement } from '../stage.ts';
import { caller, callFor, give, iam, OTHER, SOURCE, sts, type CallerName } from './callers.ts';

const PLAINTEXT = Uint8Array.of(1, 2, 3);

let home: Fixture;
let key: TestKey;
beforeEach(async () => {
  home = await fixture();
  key = await newKey(home);
});

const encrypt = (name: CallerName, more: object = {}) =>
  home.call('Encrypt', { KeyId: key.arn, Plaintext: PLAINTEXT, ...more }, { caller: caller(name) });
const outcome = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'allowed',
    async (error: unknown) => (await refusal(Promise.reject(error as Error))).code,
  );

describe('the grantee', () => {
  test.each<[string, CallerName[]]>([
    [iam('user/alice'), ['alice']],
    [iam('role/App'), ['app', 'app again']],
    [iam('role/team/Deep'), ['deep']],
    [sts('assumed-role/App/one'), ['app']],
    [sts('federated-user/dan'), ['dan']],
    [iam('user/eve', OTHER), ['eve']],
    // of an account, its root user; others need an identity policy as well
    [iam('root', OTHER), ['other root']],
    [OTHER, ['other root']],
  ])('%s: %j', async (GranteePrincipal, allowed) => {
    await give(home, { KeyId: key.id, GranteePrincipal, Operations: ['Encrypt'] });
    for (const name of ['alice', 'bob', 'app', 'app again', 'deep', 'dan', 'eve', 'other root'] as const) {
      const expected = allowed.includes(name) ? 'allowed' : 'AccessDeniedException';
      expect(`${name}: ${await outcome(encrypt(name))}`).toBe(`${name}: ${expected}`);
    }
  });

  test('an account lets its identity policies decide', async () => {
    await give(home, { KeyId: key.id, GranteePrincipal: iam('root', OTHER), Operations: ['Encrypt'] });
    const may: Statement = { Effect: 'Allow', Action: 'kms:Encrypt', Resource: key.arn };
    const eve = callerOf(iam('user/eve', OTHER), { identityPolicies: [attachPolicy('eve', policyOf(may))] });
    expect(await outcome(home.call('Encrypt', { KeyId: key.arn, Plaintext: PLAINTEXT }, { caller: eve }))).toBe(
      'allowed',
    );
  });

  test('an explicit deny wins', async () => {
    await give(home, { KeyId: key.id, GranteePrincipal: iam('user/alice'), Operations: ['Encrypt'] });
    const no: Statement = { Effect: 'Deny', Action: 'kms:Encrypt', Resource: '*' };
    const alice = callerOf(iam('user/alice'), { identityPolicies: [attachPolicy('alice', policyOf(no))] });
    expect(
      (await refusal(home.call('Encrypt', { KeyId: key.arn, Plaintext: PLAINTEXT }, { caller: alice }))).message,
    ).toMatch(/ with an explicit deny in an identity-based policy$/);
  });

  test('a service, for one resource', async () => {
    await give(home, {
      KeyId: key.id,
      GranteeServicePrincipal: 'cloudtrail.amazonaws.com',
      RetiringServicePrincipal: 'cloudtrail.amazonaws.com',
      Operations: ['Encrypt', 'DescribeKey'],
      Constraints: { SourceArn: SOURCE },
    });
    const input = { KeyId: key.arn, Plaintext: PLAINTEXT };
    expect(await outcome(callFor(home, { sourceArn: SOURCE })('Encrypt', input, 'trail'))).toBe('allowed');
    expect(await outcome(callFor(home, { sourceArn: `${SOURCE}-2` })('Encrypt', input, 'trail'))).toBe(
      'AccessDeniedException',
    );
    expect(await outcome(callFor(home, {})('DescribeKey', { KeyId: key.arn }, 'trail'))).toBe('AccessDeniedException');
  });
});

describe('constraints', () => {
  const [equals, subset] = [
    { EncryptionContextEquals: { Department: 'IT' } },
    { EncryptionContextSubset: { Department: 'IT' } },
  ];
  test.each<[object, { readonly [key: string]: string } | undefined, boolean]>([
    [equals, { Department: 'IT' }, true],
    [equals, { Department: 'IT', Purpose: 'Test' }, false],
    [equals, { Department: 'HR' }, false],
    [equals, undefined, false],
    [subset, { Department: 'IT' }, true],
    [subset, { Department: 'IT', Purpose: 'Test' }, true],
    [subset, { Purpose: 'Test' }, false],
    [subset, { Department: 'it' }, false],
    [subset, undefined, false],
    [subset, { department: 'IT' }, true],
  ])('%j and %j', async (Constraints, EncryptionContext, allowed) => {
    await give(home, {
      KeyId: key.id,
      GranteePrincipal: iam('user/alice'),
      Operations: ['Encrypt', 'DescribeKey'],
      Constraints,
    });
    expect(await outcome(encrypt('alice', { EncryptionContext }))).toBe(allowed ? 'allowed' : 'AccessDeniedException');
    expect(await outcome(home.call('DescribeKey', { KeyId: key.arn }, { caller: caller('alice') }))).toBe('allowed');
  });

  test('ReEncrypt: each side has its own context', async () => {
    const as = { caller: caller('alice') };
    const { CiphertextBlob } = await encrypt('root', { EncryptionContext: { side: 'from' } });
    const both = { GranteePrincipal: iam('user/alice'), KeyId: key.id };
    await give(home, {
      ...both,
      Operations: ['ReEncryptFrom'],
      Constraints: { EncryptionContextEquals: { side: 'from' } },
    });
    await give(home, {
      ...both,
      Operations: ['ReEncryptTo'],
      Constraints: { EncryptionContextEquals: { side: 'to' } },
    });
    const input = { CiphertextBlob, DestinationKeyId: key.arn, SourceEncryptionContext: { side: 'from' } };
    expect(await outcome(home.call('ReEncrypt', { ...input, DestinationEncryptionContext: { side: 'to' } }, as))).toBe(
      'allowed',
    );
    expect(
      await outcome(home.call('ReEncrypt', { ...input, DestinationEncryptionContext: { side: 'from' } }, as)),
    ).toBe('AccessDeniedException');
  });
});

describe('child grants', () => {
  const parent = { GranteePrincipal: iam('user/alice'), Operations: ['Encrypt', 'Decrypt', 'CreateGrant'] };
  const child = { GranteePrincipal: iam('user/bob') };
  const subset = (pairs: object) => ({ Constraints: { EncryptionContextSubset: pairs } });
  const equals = (pairs: object) => ({ Constraints: { EncryptionContextEquals: pairs } });

  test.each<[string, object, object, boolean]>([
    ['some of the operations', parent, { Operations: ['Encrypt'] }, true],
    ['all of the operations', parent, { Operations: ['CreateGrant', 'Decrypt', 'Encrypt'] }, true],
    ['one more operation', parent, { Operations: ['Encrypt', 'DescribeKey'] }, false],
    ['no constraint under one', { ...parent, ...subset({ a: '1' }) }, { Operations: ['Encrypt'] }, false],
    [
      'a pair more',
      { ...parent, ...subset({ a: '1' }) },
      { Operations: ['Encrypt'], ...subset({ a: '1', b: '2' }) },
      true,
    ],
    [
      'a pair fewer',
      { ...parent, ...subset({ a: '1', b: '2' }) },
      { Operations: ['Encrypt'], ...subset({ a: '1' }) },
      false,
    ],
    [
      'Equals for Subset',
      { ...parent, ...subset({ a: '1' }) },
      { Operations: ['Encrypt'], ...equals({ a: '1' }) },
      true,
    ],
    [
      'Subset for Equals',
      { ...parent, ...equals({ a: '1' }) },
      { Operations: ['Encrypt'], ...subset({ a: '1' }) },
      false,
    ],
    ['without CreateGrant', { ...parent, Operations: ['Encrypt'] }, { Operations: ['Encrypt'] }, false],
  ])('%s', async (_, given, passedOn, allowed) => {
    await give(home, { KeyId: key.id, ...given });
    const call = home.call('CreateGrant', { KeyId: key.arn, ...child, ...passedOn }, { caller: caller('alice') });
    expect(await outcome(call)).toBe(allowed ? 'allowed' : 'AccessDeniedException');
  });

  test('the chain goes on, and each link is as narrow as the one before', async () => {
    await give(home, { KeyId: key.id, ...parent });
    await give(home, { KeyId: key.arn, ...child, Operations: ['Decrypt', 'CreateGrant'] }, 'alice');
    const last = { KeyId: key.arn, GranteePrincipal: iam('role/App') };
    expect(await outcome(give(home, { ...last, Operations: ['Encrypt'] }, 'bob'))).toBe('AccessDeniedException');
    expect(await outcome(give(home, { ...last, Operations: ['Decrypt'] }, 'bob'))).toBe('allowed');
    expect(await outcome(encrypt('app'))).toBe('AccessDeniedException');
  });

  test('a policy knows no such limits', async () => {
    await give(home, { KeyId: key.id, ...parent });
    const may: Statement = { Effect: 'Allow', Action: 'kms:CreateGrant', Resource: '*' };
    const alice = callerOf(iam('user/alice'), { identityPolicies: [attachPolicy('alice', policyOf(may))] });
    const input = { KeyId: key.id, ...child, Operations: ['GenerateDataKey'] };
    expect(await outcome(home.call('CreateGrant', input, { caller: alice }))).toBe('allowed');
  });
});

test('neither ListGrants nor RevokeGrant comes from a grant', async () => {
  const { GrantId } = await give(home, {
    KeyId: key.id,
    GranteePrincipal: iam('user/alice'),
    Operations: ['CreateGrant', 'DescribeKey', 'RetireGrant'],
  });
  const as = { caller: caller('alice') };
  expect(await outcome(home.call('ListGrants', { KeyId: key.id }, as))).toBe('AccessDeniedException');
  expect(await outcome(home.call('RevokeGrant', { KeyId: key.id, GrantId }, as))).toBe('AccessDeniedException');
});

describe('condition keys of CreateGrant', () => {
  const GRANT = {
    GranteePrincipal: iam('user/bob'),
    RetiringPrincipal: iam('role/App'),
    Operations: ['Encrypt', 'Decrypt'],
    Constraints: { EncryptionContextSubset: { Department: 'IT' } },
  };
  const FOR_SERVICE = {
    GranteeServicePrincipal: 'cloudtrail.amazonaws.com',
    RetiringServicePrincipal: 'cloudtrail.amazonaws.com',
    Operations: ['Encrypt'],
    Constraints: { SourceArn: SOURCE },
  };
  test.each<[object, object, boolean]>([
    [{ StringEquals: { 'kms:GrantConstraintType': 'EncryptionContextSubset' } }, GRANT, true],
    [{ StringEquals: { 'kms:GrantConstraintType': 'EncryptionContextEquals' } }, GRANT, false],
    [{ Null: { 'kms:GrantConstraintType': 'true' } }, { ...GRANT, Constraints: undefined }, true],
    [{ 'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Encrypt', 'Decrypt', 'DescribeKey'] } }, GRANT, true],
    [{ 'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Encrypt'] } }, GRANT, false],
    [{ 'ForAnyValue:StringEquals': { 'kms:GrantOperations': 'Encrypt' } }, GRANT, true],
    [{ StringEquals: { 'kms:GranteePrincipal': iam('user/bob') } }, GRANT, true],
    [{ StringEquals: { 'kms:GranteePrincipal': iam('user/alice') } }, GRANT, false],
    [{ StringEquals: { 'kms:RetiringPrincipal': iam('role/App') } }, GRANT, true],
    [{ Null: { 'kms:RetiringPrincipal': 'false' } }, { ...GRANT, RetiringPrincipal: undefined }, false],
    [{ StringEquals: { 'kms:EncryptionContext:Department': 'IT' } }, GRANT, true],
    [{ StringEquals: { 'kms:EncryptionContext:Department': 'HR' } }, GRANT, false],
    [{ 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': 'Department' } }, GRANT, true],
    [{ StringEquals: { 'kms:GranteeServicePrincipal': 'cloudtrail.amazonaws.com' } }, FOR_SERVICE, true],
    [{ StringEquals: { 'kms:RetiringServicePrincipal': 's3.amazonaws.com' } }, FOR_SERVICE, false],
    [{ ArnLike: { 'kms:GrantConstraintSourceArn': `arn:aws:cloudtrail:*:${ACCOUNT}:trail/*` } }, FOR_SERVICE, true],
    [{ Bool: { 'kms:GrantIsForAWSResource': 'true' } }, GRANT, false],
    [{ Bool: { 'kms:GrantIsForAWSResource': 'false' } }, GRANT, true],
  ])('%j', async (Condition, input, allowed) => {
    const may: Statement = { Effect: 'Allow', Action: 'kms:CreateGrant', Resource: '*', Condition };
    const alice = callerOf(iam('user/alice'), { identityPolicies: [attachPolicy('alice', policyOf(may))] });
    const call = home.call('CreateGrant', { KeyId: key.id, ...input }, { caller: alice });
    expect(await outcome(call)).toBe(allowed ? 'allowed' : 'AccessDeniedException');
  });

  test('kms:GrantIsForAWSResource: a service calls for the user', async () => {
    const allowed = { Bool: { 'kms:GrantIsForAWSResource': true } };
    const statement = { Effect: 'Allow', Principal: { AWS: iam('user/alice') }, Resource: '*', Condition: allowed };
    const { id } = await newKey(home, {
      Policy: policyOf(ROOT_MAY, { ...statement, Action: ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'] }),
    });
    const through = callFor(home, { viaService: `ec2.${REGION}.amazonaws.com` });
    const asked = { KeyId: id, ...GRANT };
    expect(await outcome(give(home, asked, 'alice'))).toBe('AccessDeniedException');
    const { GrantId } = await through('CreateGrant', asked, 'alice');
    expect(await through('ListGrants', { KeyId: id }, 'alice')).toMatchObject({ Grants: [{ GrantId }] });
    expect(await through('RevokeGrant', { KeyId: id, GrantId }, 'alice')).toEqual({});
    // AWS KMS Developer Guide, How AWS Secrets Manager uses AWS KMS, and a recorded CreateGrant of AWS Lambda: the host name
    // without the Region
    expect(home.events().at(-1)).toMatchObject({
      userIdentity: { invokedBy: 'ec2.amazonaws.com' },
      sourceIPAddress: 'ec2.amazonaws.com',
      userAgent: 'ec2.amazonaws.com',
    });
  });

  test('it is not about other operations', async () => {
    const deny = {
      Effect: 'Deny',
      Action: 'kms:*',
      Resource: '*',
      Condition: { Bool: { 'kms:GrantIsForAWSResource': 'false' } },
    };
    const may = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };
    const alice = callerOf(iam('user/alice'), { identityPolicies: [attachPolicy('alice', policyOf(may, deny))] });
    expect(await outcome(home.call('DescribeKey', { KeyId: key.id }, { caller: alice }))).toBe('allowed');
    expect(await outcome(home.call('ListGrants', { KeyId: key.id }, { caller: alice }))).toBe('AccessDeniedException');
  });
});

describe('grant tokens', () => {
  test('one of ours goes with any grant operation, whatever it is for', async () => {
    const other = await newKey(home);
    const { GrantToken, GrantId } = await give(home, {
      KeyId: other.id,
      GranteePrincipal: iam('user/bob'),
      Operations: ['Decrypt'],
    });
    expect(await outcome(encrypt('root', { GrantTokens: [GrantToken] }))).toBe('allowed');
    // it allows nothing by itself
    expect(await outcome(encrypt('alice', { GrantTokens: [GrantToken] }))).toBe('AccessDeniedException');
    await home.call('RevokeGrant', { KeyId: other.id, GrantId });
    expect(await outcome(encrypt('root', { GrantTokens: [GrantToken] }))).toBe('allowed');
  });

  test('one that is altered, cut, or of another keyring does not', async () => {
    const { GrantToken } = await give(home, {
      KeyId: key.id,
      GranteePrincipal: iam('user/bob'),
      Operations: ['Decrypt'],
    });
    const strange = await fixture('another');
    const { GrantToken: theirs } = await give(strange, {
      KeyId: (await newKey(strange)).id,
      GranteePrincipal: iam('user/bob'),
      Operations: ['Decrypt'],
    });
    const wrong = [
      theirs,
      'x',
      `${GrantToken}=`,
      GrantToken.slice(0, -4),
      `B${GrantToken.slice(1)}`,
      `${GrantToken.slice(0, -1)}.`,
    ];
    for (const token of wrong) {
      expect(`${token}: ${await outcome(encrypt('root', { GrantTokens: [GrantToken, token] }))}`).toBe(
        `${token}: InvalidGrantTokenException`,
      );
    }
  });
});
