import { beforeAll, describe, expect, test } from 'vitest';
import type { KeySpecName, KeyUsage } from '../../../src/model/enumeration.ts';
import { callerOf } from '../../../src/policy/principal.ts';
import { ACCOUNT, fixture, newKey, refusal, ROOT, type Fixture } from '../../support/fixture.ts';
import { CALLS, type CallRow } from './calls.ts';
import { bytes, freshKey, keysOf, type KeyOf } from './keys.ts';

let home: Fixture;
let keyOf: KeyOf;
beforeAll(async () => {
  home = await fixture();
  keyOf = keysOf(home);
});

const DRY = {
  code: 'DryRunOperationException',
  message: 'The request would have succeeded, but the DryRun option is set.',
};

const titled = CALLS.map((row) => [row.operation, row] as const);

describe.each(titled)('%s', (operation, { spec, usage, input }: CallRow) => {
  test('a dry run says what would have happened', async () => {
    const key = await keyOf(spec, usage);
    expect(await refusal(key.call(operation, { ...(await input(key)), DryRun: true }))).toEqual(DRY);
  });

  test('takes an alias', async () => {
    const key = await freshKey(home, spec, usage);
    const AliasName = `alias/${operation}`;
    await home.call('CreateAlias', { AliasName, TargetKeyId: key.id });
    const given = { ...(await input(key)), KeyId: AliasName };
    expect(await home.call(operation, given)).toMatchObject({ KeyId: key.arn });
  });

  test('a key that is disabled, and one that is pending deletion', async () => {
    const key = await freshKey(home, spec, usage);
    const given = await input(key);
    await key.call('DisableKey');
    const disabled = { code: 'DisabledException', message: `${key.arn} is disabled.` };
    expect(await refusal(key.call(operation, given))).toEqual(disabled);
    expect(await refusal(key.call(operation, { ...given, DryRun: true }))).toEqual(disabled);
    await key.call('ScheduleKeyDeletion');
    expect(await refusal(key.call(operation, given))).toEqual({
      code: 'KMSInvalidStateException',
      message: `${key.arn} is pending deletion.`,
    });
  });
});

/** A usage that each operation does not take; GenerateDataKeyPair's own text is in data-key-pairs.test.ts. */
const OTHERS: readonly (readonly [KeySpecName, KeyUsage])[] = [
  ['RSA_2048', 'ENCRYPT_DECRYPT'],
  ['RSA_2048', 'SIGN_VERIFY'],
  ['HMAC_256', 'GENERATE_VERIFY_MAC'],
  ['ECC_NIST_P256', 'KEY_AGREEMENT'],
  ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE'],
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
];
const misuses = CALLS.filter(({ operation }) => !operation.startsWith('GenerateDataKeyPair')).flatMap((row) =>
  OTHERS.filter(([, usage]) => usage !== row.usage).map(([spec, usage]) => ({
    row,
    other: spec,
    otherUsage: usage,
    title: `${row.operation} with ${spec} for ${usage}`,
  })),
);

test.each(misuses)('$title', async ({ row: { operation, spec, usage, input }, other, otherUsage }) => {
  const [right, wrong] = [await keyOf(spec, usage), await keyOf(other, otherUsage)];
  expect(await refusal(wrong.call(operation, await input(right)))).toEqual({
    code: 'InvalidKeyUsageException',
    message: `${wrong.arn} key usage is ${otherUsage} which is not valid for ${operation}.`,
  });
});

/** The order of checks: usage, then state, then algorithm, then digest length. Each row mends one thing more. */
test('the order of checks', async () => {
  const encrypting = await freshKey(home, 'RSA_2048', 'ENCRYPT_DECRYPT');
  const signing = await freshKey(home, 'RSA_2048', 'SIGN_VERIFY');
  await encrypting.call('DisableKey');
  await signing.call('DisableKey');
  const wrong = { Message: bytes(5), MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' };
  const usage = `${encrypting.arn} key usage is ENCRYPT_DECRYPT which is not valid for Sign.`;
  expect((await refusal(encrypting.call('Sign', wrong))).message).toBe(usage);
  expect((await refusal(signing.call('Sign', wrong))).message).toBe(`${signing.arn} is disabled.`);
  await signing.call('EnableKey');
  expect((await refusal(signing.call('Sign', wrong))).message).toBe(
    'Algorithm ECDSA_SHA_256 is incompatible with key spec RSA_2048.',
  );
  const fitting = { ...wrong, SigningAlgorithm: 'RSASSA_PSS_SHA_256' };
  expect((await refusal(signing.call('Sign', fitting))).message).toBe(
    'Digest is invalid length for algorithm RSASSA_PSS_SHA_256.',
  );
});

test('a key pair for data keys is asked for its kind before its state', async () => {
  const key = await freshKey(home, 'RSA_2048', 'ENCRYPT_DECRYPT');
  await key.call('DisableKey');
  expect(await refusal(key.call('GenerateDataKeyPair', { KeyPairSpec: 'RSA_2048' }))).toEqual({
    code: 'InvalidKeyUsageException',
    message: 'You cannot generate a data key with an asymmetric CMK',
  });
});

const ANN = callerOf(`arn:aws:iam::${ACCOUNT}:user/ann`);
const policyFor = (condition: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: ROOT.arn }, Action: 'kms:*', Resource: '*' },
      { Effect: 'Allow', Principal: { AWS: ANN.arn }, Action: 'kms:*', Resource: '*', Condition: condition },
    ],
  });

interface ConditionRow {
  readonly operation: string;
  readonly name: string;
  readonly value: string;
  /** Members that take the request out of the condition. */
  readonly outside: object;
}
const CONDITIONS: readonly ConditionRow[] = [
  {
    operation: 'Encrypt',
    name: 'kms:EncryptionAlgorithm',
    value: 'RSAES_OAEP_SHA_256',
    outside: { EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' },
  },
  {
    operation: 'Decrypt',
    name: 'kms:EncryptionAlgorithm',
    value: 'RSAES_OAEP_SHA_256',
    outside: { EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' },
  },
  {
    operation: 'Sign',
    name: 'kms:SigningAlgorithm',
    value: 'ECDSA_SHA_256',
    outside: { SigningAlgorithm: 'ECDSA_SHA_384' },
  },
  { operation: 'Sign', name: 'kms:MessageType', value: 'RAW', outside: { MessageType: 'DIGEST' } },
  { operation: 'Verify', name: 'kms:MessageType', value: 'RAW', outside: { MessageType: 'DIGEST' } },
  {
    operation: 'Verify',
    name: 'kms:SigningAlgorithm',
    value: 'ECDSA_SHA_256',
    outside: { SigningAlgorithm: 'ECDSA_SHA_384' },
  },
  {
    operation: 'GenerateMac',
    name: 'kms:MacAlgorithm',
    value: 'HMAC_SHA_256',
    outside: { MacAlgorithm: 'HMAC_SHA_384' },
  },
  {
    operation: 'VerifyMac',
    name: 'kms:MacAlgorithm',
    value: 'HMAC_SHA_256',
    outside: { MacAlgorithm: 'HMAC_SHA_384' },
  },
  {
    operation: 'GenerateDataKeyPair',
    name: 'kms:DataKeyPairSpec',
    value: 'ECC_NIST_P256',
    outside: { KeyPairSpec: 'RSA_2048' },
  },
  {
    operation: 'GenerateDataKeyPairWithoutPlaintext',
    name: 'kms:EncryptionContext:stage',
    value: 'test',
    outside: { EncryptionContext: { stage: 'production' } },
  },
];

test.each(CONDITIONS)('$operation under $name', async ({ operation, name, value, outside }) => {
  const { spec, usage, input } = CALLS.find((row) => row.operation === operation)!;
  const key = await freshKey(home, spec, usage);
  const given = { KeyId: key.id, ...(await input(key)), DryRun: true };
  const denied = `User: ${ANN.arn} is not authorized to perform: kms:${operation} on resource: ${key.arn} because no identity-based policy allows the kms:${operation} action`;
  expect(await refusal(home.call(operation, given, { caller: ANN }))).toEqual({
    code: 'AccessDeniedException',
    message: denied,
  });
  await key.call('PutKeyPolicy', { Policy: policyFor({ StringEquals: { [name]: value } }) });
  expect(await refusal(home.call(operation, given, { caller: ANN }))).toEqual(DRY);
  expect(await refusal(home.call(operation, { ...given, ...outside }, { caller: ANN }))).toEqual({
    code: 'AccessDeniedException',
    message: denied,
  });
});

test('DeriveSharedSecret under kms:KeyAgreementAlgorithm', async () => {
  const { spec, usage, input } = CALLS.find(({ operation }) => operation === 'DeriveSharedSecret')!;
  const key = await freshKey(home, spec, usage);
  const given = { KeyId: key.id, ...(await input(key)), DryRun: true };
  for (const [value, code] of [
    ['ECDH', 'DryRunOperationException'],
    ['OTHER', 'AccessDeniedException'],
  ] as const) {
    await key.call('PutKeyPolicy', { Policy: policyFor({ StringEquals: { 'kms:KeyAgreementAlgorithm': value } }) });
    expect(await refusal(home.call('DeriveSharedSecret', given, { caller: ANN }))).toMatchObject({ code });
  }
});

test('ReEncrypt is authorized on each side with its own algorithm', async () => {
  const [source, destination] = [
    await freshKey(home, 'RSA_2048', 'ENCRYPT_DECRYPT'),
    await keyOf('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'),
  ];
  const only = (algorithm: string) => ({
    Policy: policyFor({ StringEquals: { 'kms:EncryptionAlgorithm': algorithm } }),
  });
  await source.call('PutKeyPolicy', only('RSAES_OAEP_SHA_256'));
  await destination.call('PutKeyPolicy', only('SYMMETRIC_DEFAULT'));
  const given = {
    CiphertextBlob: bytes(256),
    SourceKeyId: source.id,
    SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
    DestinationKeyId: destination.id,
    DryRun: true,
  };
  expect(await refusal(home.call('ReEncrypt', given, { caller: ANN }))).toEqual(DRY);
  const other = { ...given, SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_1' };
  expect(await refusal(home.call('ReEncrypt', other, { caller: ANN }))).toMatchObject({
    code: 'AccessDeniedException',
    message: expect.stringContaining(`kms:ReEncryptFrom on resource: ${source.arn}`) as string,
  });
});

/**
 * What kind of key it is comes after its state. Recorded for RotateKeyOnDemand of a disabled RSA key, which can never
 * be rotated: DisabledException (LocalStack, test_kms.snapshot.json,
 * test_rotate_key_on_demand_raises_error_given_key_is_disabled). The other operations are taken to do the same.
 */
test.each<[string, object, string | undefined, string, object?]>([
  [
    'GetPublicKey',
    { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
    'ScheduleKeyDeletion',
    'is pending deletion.',
  ],
  ['GetPublicKey', { Origin: 'EXTERNAL' }, undefined, 'is pending import.'],
  ['EnableKeyRotation', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }, 'DisableKey', 'is disabled.'],
  [
    'EnableKeyRotation',
    { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
    'ScheduleKeyDeletion',
    'is pending deletion.',
  ],
  ['EnableKeyRotation', { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }, 'DisableKey', 'is disabled.'],
  ['RotateKeyOnDemand', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }, 'DisableKey', 'is disabled.'],
  ['ReplicateKey', {}, 'DisableKey', 'is disabled.', { ReplicaRegion: 'eu-west-1' }],
])('%s of %o after %s: the state', async (operation, kind, before, text, input = {}) => {
  const key = await newKey(home, kind);
  if (before) await home.call(before, { KeyId: key.id });
  expect(await refusal(home.call(operation, { KeyId: key.id, ...input }))).toEqual({
    code: text === 'is disabled.' ? 'DisabledException' : 'KMSInvalidStateException',
    message: `${key.arn} ${text}`,
  });
});
