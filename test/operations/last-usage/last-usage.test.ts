import { beforeEach, describe, expect, test } from 'vitest';
import { fixture, newKey, refusal, START, type Fixture, type TestKey } from '../../support/fixture.ts';
import { caller } from '../grants/callers.ts';

let home: Fixture;
let key: TestKey;
beforeEach(async () => {
  home = await fixture();
  key = await newKey(home);
});

const PLAINTEXT = { Plaintext: Uint8Array.of(1, 2, 3) };
const last = async (KeyId = key.id): Promise<Record<string, unknown>> =>
  (await home.call('GetKeyLastUsage', { KeyId }))['KeyLastUsage'] as Record<string, unknown>;
const second = (time: number): Date => new Date(Math.floor(time / 1000) * 1000);

test('a key that was never used', async () => {
  home.now += 5000;
  expect(await home.call('GetKeyLastUsage', { KeyId: key.arn })).toEqual({
    KeyId: key.id,
    KeyLastUsage: {},
    TrackingStartDate: new Date(START),
    KeyCreationDate: new Date(START),
  });
  expect(home.events().at(-1)).toMatchObject({
    eventName: 'GetKeyLastUsage',
    readOnly: true,
    requestParameters: { keyId: key.arn },
    responseElements: null,
    resources: [{ ARN: key.arn }],
  });
});

test('the last use, with the IDs of its event', async () => {
  await home.call('Encrypt', { KeyId: key.id, ...PLAINTEXT });
  home.now += 90_000;
  await home.call('GenerateDataKey', { KeyId: key.id, NumberOfBytes: 16 });
  const event = home.events().at(-1)!;
  home.now += 90_000;
  expect(await last()).toEqual({
    Operation: 'GenerateDataKey',
    Timestamp: second(START + 90_000),
    CloudTrailEventId: event['eventID'],
    KmsRequestId: event['requestID'],
  });
});

describe('what counts as a use', () => {
  const SIGNING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
  const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
  const ML_KEM = { KeySpec: 'ML_KEM_512', KeyUsage: 'ENCAPSULATE_DECAPSULATE' };
  const mac = { Message: Uint8Array.of(1), MacAlgorithm: 'HMAC_SHA_256' };
  const signature = { Message: Uint8Array.of(1), SigningAlgorithm: 'ECDSA_SHA_256' };

  test.each<[string, object, object]>([
    ['Encrypt', {}, PLAINTEXT],
    ['GenerateDataKey', {}, { KeySpec: 'AES_256' }],
    ['GenerateDataKeyWithoutPlaintext', {}, { KeySpec: 'AES_256' }],
    ['GenerateDataKeyPair', {}, { KeyPairSpec: 'ECC_NIST_P256' }],
    ['GenerateDataKeyPairWithoutPlaintext', {}, { KeyPairSpec: 'ECC_NIST_P256' }],
    ['GenerateMac', HMAC, mac],
    ['Sign', SIGNING, signature],
    ['Encapsulate', ML_KEM, { EncapsulationAlgorithm: 'ML_KEM' }],
  ])('%s', async (operation, created, input) => {
    const { id } = await newKey(home, created);
    await home.call(operation, { KeyId: id, ...input });
    expect(await last(id)).toMatchObject({ Operation: operation });
    expect(await last()).toEqual({});
  });

  test('Decrypt and ReEncrypt, the latter of both keys', async () => {
    const other = await newKey(home);
    const { CiphertextBlob } = await home.call('Encrypt', { KeyId: key.id, ...PLAINTEXT });
    await home.call('Decrypt', { CiphertextBlob });
    expect(await last()).toMatchObject({ Operation: 'Decrypt' });
    await home.call('ReEncrypt', { CiphertextBlob, DestinationKeyId: other.id });
    const event = { Operation: 'ReEncrypt', CloudTrailEventId: home.events().at(-1)!['eventID'] };
    expect(await last()).toMatchObject(event);
    expect(await last(other.id)).toMatchObject(event);
  });

  test.each<[string, object, string?]>([
    ['DescribeKey', {}],
    ['GetKeyPolicy', {}],
    ['CreateGrant', { GranteePrincipal: caller('alice').arn, Operations: ['Encrypt'] }],
    ['Encrypt', { ...PLAINTEXT, DryRun: true }, 'DryRunOperationException'],
    ['Encrypt', { ...PLAINTEXT, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }, 'InvalidKeyUsageException'],
    ['Decrypt', { CiphertextBlob: Uint8Array.of(1) }, 'InvalidCiphertextException'],
  ])('not %s %j', async (operation, input, code) => {
    const call = home.call(operation, { KeyId: key.id, ...input });
    if (code === undefined) await call;
    else expect((await refusal(call)).code).toBe(code);
    expect(await last()).toEqual({});
  });

  test('nor a use that is denied', async () => {
    await refusal(home.call('Encrypt', { KeyId: key.arn, ...PLAINTEXT }, { caller: caller('alice') }));
    expect(await last()).toEqual({});
  });
});

test('in a loop it is told of each use, and none of them writes to the store', async () => {
  await home.call('Encrypt', { KeyId: key.id, ...PLAINTEXT });
  const version = (): Promise<string> => home.store.transact((tx) => tx.version());
  const before = await version();
  for (let count = 0; count < 20; count += 1) {
    home.now = START + count * 100;
    await home.call('Encrypt', { KeyId: key.id, ...PLAINTEXT });
    expect(await last()).toMatchObject({ Timestamp: second(home.now) });
  }
  expect(await version()).toBe(before);
});

test('one after the other, however soon, each is recorded', async () => {
  const { CiphertextBlob } = await home.call('Encrypt', { KeyId: key.id, ...PLAINTEXT });
  expect(await last()).toMatchObject({ Operation: 'Encrypt' });
  await home.call('Decrypt', { CiphertextBlob });
  expect(await last()).toMatchObject({ Operation: 'Decrypt' });
});

test.each<[string, string]>([
  ['alias/example', 'InvalidArnException'],
  ['00000000-0000-4000-8000-000000000000', 'NotFoundException'],
])('GetKeyLastUsage of %s', async (KeyId, code) => {
  expect((await refusal(home.call('GetKeyLastUsage', { KeyId }))).code).toBe(code);
});

test('it is for the key’s own account', async () => {
  expect((await refusal(home.call('GetKeyLastUsage', { KeyId: key.arn }, { caller: caller('other root') }))).code).toBe(
    'AccessDeniedException',
  );
});
