import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeRecord } from '../../../src/keyring/record.ts';
import type { KeySpecName, KeyUsage } from '../../../src/model/enumeration.ts';
import { ACCOUNT, fixture, newKey, refusal, REGION, START, type Fixture, type TestKey } from '../../support/fixture.ts';
import { freshKey } from '../asymmetric/keys.ts';
import { give, iam, listed, OTHER, SOURCE, sts } from './callers.ts';

const ALICE = iam('user/alice');
const DECRYPT = { GranteePrincipal: ALICE, Operations: ['Decrypt'] };
const SERVICE = 'cloudtrail.amazonaws.com';

let home: Fixture;
let key: TestKey;
beforeEach(async () => {
  home = await fixture();
  key = await newKey(home);
});
const asked = (input: object) => home.call('CreateGrant', { KeyId: key.id, ...input });
const codeOf = async (input: object): Promise<string> => (await refusal(asked(input))).code;

const CIPHER = ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo'];
const EVERY_KEY = ['DescribeKey', 'CreateGrant', 'RetireGrant'];
const ALL = [
  ...CIPHER,
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'Sign',
  'Verify',
  'GenerateMac',
  'VerifyMac',
  'DeriveSharedSecret',
  'Encapsulate',
  'Decapsulate',
  'GetPublicKey',
  ...EVERY_KEY,
];

// API reference, CreateGrant, Operations; the last two kinds of key are newer: public model, GrantOperation
describe.each<[KeySpecName, KeyUsage, string[]]>([
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT', [...CIPHER, ...ALL.slice(4, 8)]],
  ['HMAC_256', 'GENERATE_VERIFY_MAC', ['GenerateMac', 'VerifyMac']],
  ['RSA_2048', 'ENCRYPT_DECRYPT', [...CIPHER, 'GetPublicKey']],
  ['SM2', 'ENCRYPT_DECRYPT', [...CIPHER, 'GetPublicKey']],
  ['RSA_2048', 'SIGN_VERIFY', ['Sign', 'Verify', 'GetPublicKey']],
  ['ECC_NIST_P256', 'SIGN_VERIFY', ['Sign', 'Verify', 'GetPublicKey']],
  ['ML_DSA_44', 'SIGN_VERIFY', ['Sign', 'Verify', 'GetPublicKey']],
  ['ECC_NIST_P256', 'KEY_AGREEMENT', ['DeriveSharedSecret', 'GetPublicKey']],
  ['ML_KEM_512', 'ENCAPSULATE_DECAPSULATE', ['Encapsulate', 'Decapsulate', 'GetPublicKey']],
])('a grant on a key of %s for %s', (spec, usage, own) => {
  let call: (operation: string) => Promise<unknown>;
  beforeAll(async () => {
    const made = await freshKey(await fixture(), spec, usage);
    call = (operation) => made.call('CreateGrant', { GranteePrincipal: ALICE, Operations: [operation] });
  });

  test.each(ALL)('%s', async (operation) => {
    if ([...own, ...EVERY_KEY].includes(operation)) expect(await call(operation)).toHaveProperty('GrantId');
    else expect((await refusal(call(operation))).code).toBe('ValidationException');
  });
});

describe('what it refuses', () => {
  const service = { GranteeServicePrincipal: SERVICE, Operations: ['Encrypt'] };
  const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'v']));
  test.each<[string, object, string]>([
    ['no operations', { ...DECRYPT, Operations: [] }, 'ValidationException'],
    ['an operation that no grant gives', { ...DECRYPT, Operations: ['PutKeyPolicy'] }, 'ValidationException'],
    ['a pattern for operations', { ...DECRYPT, Operations: ['ReEncrypt*'] }, 'ValidationException'],
    ['no grantee', { Operations: ['Decrypt'] }, 'ValidationException'],
    ['two grantees', { ...DECRYPT, ...service }, 'ValidationException'],
    [
      'two retiring principals',
      { ...DECRYPT, RetiringPrincipal: ALICE, RetiringServicePrincipal: SERVICE },
      'ValidationException',
    ],
    ['a service without SourceArn', { ...service, RetiringServicePrincipal: SERVICE }, 'ValidationException'],
    ['a service that nobody can stop', { ...service, Constraints: { SourceArn: SOURCE } }, 'ValidationException'],
    ['an IAM group', { ...DECRYPT, GranteePrincipal: iam('group/all') }, 'InvalidArnException'],
    ['a user by unique ID', { ...DECRYPT, GranteePrincipal: 'AIDAALICE0000EXAMPLE' }, 'InvalidArnException'],
    ['no ARN', { ...DECRYPT, GranteePrincipal: 'alice' }, 'InvalidArnException'],
    ['a retiring group', { ...DECRYPT, RetiringPrincipal: iam('group/all') }, 'InvalidArnException'],
    [
      'both constraints on the encryption context',
      { ...DECRYPT, Constraints: { EncryptionContextEquals: pairs(1), EncryptionContextSubset: pairs(1) } },
      'ValidationException',
    ],
    ['nine pairs', { ...DECRYPT, Constraints: { EncryptionContextEquals: pairs(9) } }, 'ValidationException'],
    [
      'a value of 385 characters',
      { ...DECRYPT, Constraints: { EncryptionContextSubset: { k: 'v'.repeat(385) } } },
      'ValidationException',
    ],
    ['a source that is no ARN', { ...DECRYPT, Constraints: { SourceArn: 'a'.repeat(20) } }, 'ValidationException'],
    ['a name with a space', { ...DECRYPT, Name: 'a b' }, 'ValidationException'],
    ['an alias for the key', { ...DECRYPT, KeyId: 'alias/example' }, 'InvalidArnException'],
    ['a token that is none', { ...DECRYPT, GrantTokens: ['AQpAM2Rh'] }, 'InvalidGrantTokenException'],
  ])('%s', async (_, input, code) => {
    expect(await codeOf(input)).toBe(code);
    expect(await listed(home, key)).toEqual([]);
  });

  test.each([
    ['eight pairs', { ...DECRYPT, Constraints: { EncryptionContextEquals: pairs(8) } }],
    ['a value of 384 characters', { ...DECRYPT, Constraints: { EncryptionContextSubset: { k: 'v'.repeat(384) } } }],
    ['a service', { ...service, RetiringServicePrincipal: SERVICE, Constraints: { SourceArn: SOURCE } }],
    [
      'a service that a role can stop',
      { ...service, RetiringPrincipal: iam('role/App'), Constraints: { SourceArn: SOURCE } },
    ],
    ['a source for a principal', { ...DECRYPT, Constraints: { SourceArn: SOURCE } }],
    ['a session', { ...DECRYPT, GranteePrincipal: sts('assumed-role/App/one') }],
    ['a federated user of another account', { ...DECRYPT, GranteePrincipal: sts('federated-user/dan', OTHER) }],
  ])('but not %s', async (_, input) => {
    expect(await asked(input)).toHaveProperty('GrantId');
  });

  test('constraints on keys without encryption context, though SourceArn fits every key', async () => {
    const hmac = await newKey(home, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    const input = { KeyId: hmac.id, GranteePrincipal: ALICE, Operations: ['GenerateMac'] };
    expect(await codeOf({ ...input, Constraints: { EncryptionContextEquals: { a: 'b' } } })).toBe(
      'ValidationException',
    );
    expect(await asked({ ...input, Constraints: { SourceArn: SOURCE } })).toHaveProperty('GrantId');
  });
});

test('the grant as it is listed', async () => {
  const { GrantId } = await give(home, {
    KeyId: key.id,
    GranteePrincipal: ACCOUNT,
    RetiringPrincipal: iam('role/App'),
    Operations: ['Decrypt', 'Encrypt', 'Decrypt'],
    Constraints: { EncryptionContextSubset: { Department: 'IT' } },
    Name: 'mine',
  });
  expect(GrantId).toMatch(/^[0-9a-f]{64}$/);
  expect(await listed(home, key)).toEqual([
    {
      KeyId: key.arn,
      GrantId,
      Name: 'mine',
      CreationDate: new Date(START),
      GranteePrincipal: iam('root'),
      RetiringPrincipal: iam('role/App'),
      IssuingAccount: iam('root'),
      Operations: ['Decrypt', 'Encrypt'],
      Constraints: { EncryptionContextSubset: { Department: 'IT' } },
    },
  ]);
});

// quoted in the source of the Terraform provider for AWS (grantConstraintsIsValid), which always sends both maps
test("two maps with pairs, in the service's own words; an empty map is none, in the list and for conditions too", async () => {
  const pair = { a: 'b' };
  const both = { EncryptionContextEquals: pair, EncryptionContextSubset: pair };
  expect(await refusal(asked({ ...DECRYPT, Constraints: both }))).toEqual({
    code: 'ValidationException',
    message: 'More than one constraint supplied',
  });
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 'kms:*',
        Resource: '*',
        Condition: { StringEqualsIfExists: { 'kms:GrantConstraintType': 'EncryptionContextSubset' } },
      },
    ],
  });
  await home.call('PutKeyPolicy', { KeyId: key.id, Policy, BypassPolicyLockoutSafetyCheck: true });
  await asked({ ...DECRYPT, Constraints: { ...both, EncryptionContextEquals: {} } });
  expect((await listed(home, key)).map(({ Constraints }) => Constraints)).toEqual([{ EncryptionContextSubset: pair }]);
  expect(await codeOf({ ...DECRYPT, Constraints: { ...both, EncryptionContextSubset: {} } })).toBe(
    'AccessDeniedException',
  );
  await asked({ ...DECRYPT, Constraints: { EncryptionContextEquals: {}, EncryptionContextSubset: {} } });
  expect((await listed(home, key)).map(({ Constraints }) => Constraints)).toContain(undefined);
});

// AWS KMS Developer Guide, How Amazon DynamoDB uses AWS KMS: the grants that it makes
test.each(['dynamodb.us-west-1.amazonaws.com', 'autoscaling.amazonaws.com'])('%s as a principal', async (name) => {
  await asked({ ...DECRYPT, GranteePrincipal: name, RetiringPrincipal: name });
  expect(await listed(home, key)).toMatchObject([{ GranteePrincipal: name, RetiringPrincipal: name }]);
  const list = await home.call('ListGrants', { KeyId: key.id, GranteePrincipal: name });
  expect(list['Grants']).toHaveLength(1);
});

// AWS KMS Developer Guide, How Amazon EBS uses AWS KMS: the grantee of the grant for an attached volume
test('the assumed role of a service as grantee', async () => {
  const infrastructure = sts('assumed-role/aws:ec2-infrastructure/i-1234567890abcdef0');
  await asked({ ...DECRYPT, GranteePrincipal: infrastructure });
  expect(await listed(home, key)).toMatchObject([{ GranteePrincipal: infrastructure }]);
});

describe('a call again', () => {
  const named = {
    ...DECRYPT,
    Operations: ['Decrypt', 'Encrypt'],
    Constraints: { EncryptionContextSubset: { a: '1', b: '2' } },
    RetiringPrincipal: iam('role/App'),
    Name: 'mine',
  };

  test.each<[string, object]>([
    ['the same', named],
    ['operations in another order', { ...named, Operations: ['Encrypt', 'Decrypt', 'Encrypt'] }],
    ['pairs in another order', { ...named, Constraints: { EncryptionContextSubset: { b: '2', a: '1' } } }],
  ])('%s: one grant, another token', async (_, input) => {
    const first = await give(home, { KeyId: key.id, ...named });
    const second = await give(home, { KeyId: key.arn, ...input });
    expect(second.GrantId).toBe(first.GrantId);
    expect(second.GrantToken).not.toBe(first.GrantToken);
    expect(await listed(home, key)).toHaveLength(1);
  });

  test.each<[string, object]>([
    ['without a name', { ...named, Name: undefined }],
    ['another name', { ...named, Name: 'yours' }],
    ['another grantee', { ...named, GranteePrincipal: iam('user/bob') }],
    ['fewer operations', { ...named, Operations: ['Decrypt'] }],
    ['another constraint', { ...named, Constraints: { EncryptionContextEquals: { a: '1', b: '2' } } }],
    ['no retiring principal', { ...named, RetiringPrincipal: undefined }],
  ])('%s: another grant', async (_, input) => {
    await give(home, { KeyId: key.id, ...named });
    await give(home, { KeyId: key.id, ...input });
    expect(await listed(home, key)).toHaveLength(2);
  });

  test('is a new grant once the first is revoked', async () => {
    const { GrantId } = await give(home, { KeyId: key.id, ...named });
    await home.call('RevokeGrant', { KeyId: key.id, GrantId });
    expect((await give(home, { KeyId: key.id, ...named })).GrantId).not.toBe(GrantId);
    expect(await listed(home, key)).toHaveLength(1);
  });
});

test('a key has 50,000 grants at the most, and place again once one is gone', async () => {
  const { GrantId } = await give(home, { KeyId: key.id, ...DECRYPT });
  await home.keyring.transact(async (tx) => {
    tx.put(`count/grant/${ACCOUNT}/${REGION}/${key.id}`, encodeRecord(50_000));
  });
  expect(await codeOf(DECRYPT)).toBe('LimitExceededException');
  await home.call('RevokeGrant', { KeyId: key.id, GrantId });
  expect(await asked(DECRYPT)).toHaveProperty('GrantId');
});

describe('key states', () => {
  test('a disabled key', async () => {
    await home.call('DisableKey', { KeyId: key.id });
    expect(await codeOf(DECRYPT)).toBe('DisabledException');
  });

  test('a key that is pending deletion', async () => {
    await home.call('ScheduleKeyDeletion', { KeyId: key.id });
    expect(await codeOf(DECRYPT)).toBe('KMSInvalidStateException');
  });

  test('a key without its material', async () => {
    const { id } = await newKey(home, { Origin: 'EXTERNAL' });
    expect(await codeOf({ ...DECRYPT, KeyId: id })).toBe('KMSInvalidStateException');
  });

  test('grants outlast them', async () => {
    await give(home, { KeyId: key.id, ...DECRYPT });
    await home.call('DisableKey', { KeyId: key.id });
    expect(await listed(home, key)).toHaveLength(1);
  });
});

test.each([
  [DECRYPT, 'DryRunOperationException'],
  [{ ...DECRYPT, GranteePrincipal: iam('group/all') }, 'InvalidArnException'],
  [{ ...DECRYPT, Operations: ['Sign'] }, 'ValidationException'],
])('a dry run of %j: %s', async (input, code) => {
  expect(await codeOf({ ...input, DryRun: true })).toBe(code);
  expect(await listed(home, key)).toEqual([]);
});

test('its event: no token, the constraints as they are', async () => {
  const { GrantId, GrantToken } = await give(home, {
    KeyId: key.id,
    GranteePrincipal: ALICE,
    Operations: ['Encrypt'],
    Constraints: { EncryptionContextSubset: { Department: 'IT' } },
  });
  await give(home, { KeyId: key.id, ...DECRYPT, GrantTokens: [GrantToken] });
  const [, first, second] = home.events();
  expect(first).toMatchObject({
    eventName: 'CreateGrant',
    readOnly: false,
    requestParameters: {
      keyId: key.id,
      granteePrincipal: ALICE,
      operations: ['Encrypt'],
      constraints: { encryptionContextSubset: { Department: 'IT' } },
    },
    responseElements: { grantId: GrantId, keyId: key.arn },
    resources: [{ accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN: key.arn }],
  });
  expect(Object.keys(second!['requestParameters'] as object)).not.toContain('grantTokens');
  expect(JSON.stringify(home.events())).not.toContain(GrantToken);
});
