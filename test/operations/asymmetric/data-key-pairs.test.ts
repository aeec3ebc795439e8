import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { partitionOf } from '../../../src/model/arn.ts';
import { KEY_SPECS } from '../../../src/crypto/key-spec.ts';
import type { KeySpecName } from '../../../src/model/enumeration.ts';
import { callerOf } from '../../../src/policy/principal.ts';
import { openssl, opensslOut } from '../../crypto/openssl.ts';
import { ACCOUNT, fixture, newKey, refusal, type Fixture, type TestKey } from '../../support/fixture.ts';
import { bytes, bytesOf, keysOf, type KeyOf } from './keys.ts';

let home: Fixture;
let keyOf: KeyOf;
beforeAll(async () => {
  home = await fixture();
  keyOf = keysOf(home);
});

/** A symmetric encryption key in a Region, and calls there. */
async function wrappingIn(region: string): Promise<TestKey & { call: Fixture['call'] }> {
  const caller = callerOf(`arn:${partitionOf(region)}:iam::${ACCOUNT}:root`);
  const call: Fixture['call'] = (operation, input) => home.call(operation, input, { region, caller });
  return { ...(await newKey({ call })), call };
}

/** DataKeyPairSpec of the public model. */
const SPECS: readonly KeySpecName[] = [
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'ECC_NIST_P256',
  'ECC_NIST_P384',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'ECC_NIST_EDWARDS25519',
  'SM2',
  'ML_KEM_512',
  'ML_KEM_768',
  'ML_KEM_1024',
];

describe.each(SPECS)('%s', (KeyPairSpec) => {
  const region = KeyPairSpec === 'SM2' ? 'cn-north-1' : 'us-east-1';
  const EncryptionContext = { stage: 'test' };

  test('the private key comes back from Decrypt, and belongs to the public key', async () => {
    const wrapping = await wrappingIn(region);
    const input = { KeyId: wrapping.id, KeyPairSpec, EncryptionContext };
    const pair = await wrapping.call('GenerateDataKeyPair', input);
    expect(Object.keys(pair).toSorted()).toEqual([
      'KeyId',
      'KeyMaterialId',
      'KeyPairSpec',
      'PrivateKeyCiphertextBlob',
      'PrivateKeyPlaintext',
      'PublicKey',
    ]);
    const { KeyMetadata: metadata } = (await wrapping.call('DescribeKey', { KeyId: wrapping.id })) as {
      KeyMetadata: Record<string, unknown>;
    };
    expect(pair).toMatchObject({
      KeyId: wrapping.arn,
      KeyPairSpec,
      KeyMaterialId: metadata['CurrentKeyMaterialId'],
    });
    const key = Buffer.from(bytesOf(pair, 'PrivateKeyPlaintext'));
    const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
    // node reads SM2 keys, but has no name for them
    const type = KeyPairSpec === 'SM2' ? undefined : KEY_SPECS[KeyPairSpec].keyPair!.type;
    expect(privateKey.asymmetricKeyType).toBe(type);
    const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
    expect(Uint8Array.from(spki)).toEqual(bytesOf(pair, 'PublicKey'));
    const CiphertextBlob = bytesOf(pair, 'PrivateKeyCiphertextBlob');
    expect(CiphertextBlob.length).toBeLessThanOrEqual(6144); // what Decrypt takes
    const opened = await wrapping.call('Decrypt', { CiphertextBlob, EncryptionContext });
    expect(bytesOf(opened, 'Plaintext')).toEqual(Uint8Array.from(key));
    expect(await refusal(wrapping.call('Decrypt', { CiphertextBlob }))).toMatchObject({
      code: 'InvalidCiphertextException',
    });
  });

  test('or leaves without plaintext', async () => {
    const wrapping = await wrappingIn(region);
    const pair = await wrapping.call('GenerateDataKeyPairWithoutPlaintext', { KeyId: wrapping.id, KeyPairSpec });
    expect(Object.keys(pair)).toEqual([
      'PrivateKeyCiphertextBlob',
      'PublicKey',
      'KeyId',
      'KeyPairSpec',
      'KeyMaterialId',
    ]);
    const input = { CiphertextBlob: bytesOf(pair, 'PrivateKeyCiphertextBlob') };
    const key = Buffer.from(bytesOf(await wrapping.call('Decrypt', input), 'Plaintext'));
    const spki = createPublicKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' })).export({
      format: 'der',
      type: 'spki',
    });
    expect(Uint8Array.from(spki)).toEqual(bytesOf(pair, 'PublicKey'));
  });
});

test.each([
  ['SM2', 'us-east-1'],
  ['ML_KEM_512', 'cn-north-1'],
])('%s does not exist in %s', async (KeyPairSpec, region) => {
  const wrapping = await wrappingIn(region);
  expect(await refusal(wrapping.call('GenerateDataKeyPair', { KeyId: wrapping.id, KeyPairSpec }))).toEqual({
    code: 'UnsupportedOperationException',
    message: `KeyPairSpec ${KeyPairSpec} is not supported in this Region`,
  });
});

test.each(['ML_DSA_44', 'HMAC_256', 'SYMMETRIC_DEFAULT'])('%s is not a data key pair spec', async (KeyPairSpec) => {
  const { call } = await keyOf('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT');
  const { code, message } = await refusal(call('GenerateDataKeyPair', { KeyPairSpec }));
  expect(code).toBe('ValidationException');
  expect(message).toContain(`Value '${KeyPairSpec}' at 'keyPairSpec' failed to satisfy constraint`);
});

test.each([
  ['RSA_2048', 'ENCRYPT_DECRYPT', 'You cannot generate a data key with an asymmetric CMK'],
  ['ECC_NIST_P256', 'SIGN_VERIFY', 'You cannot generate a data key with an asymmetric CMK'],
  ['HMAC_256', 'GENERATE_VERIFY_MAC', undefined],
] as const)('%s for %s protects no data key pairs', async (spec, usage, text) => {
  const { arn, call } = await keyOf(spec, usage);
  for (const operation of ['GenerateDataKeyPair', 'GenerateDataKeyPairWithoutPlaintext']) {
    expect(await refusal(call(operation, { KeyPairSpec: 'ECC_NIST_P256' }))).toEqual({
      code: 'InvalidKeyUsageException',
      message: text ?? `${arn} key usage is ${usage} which is not valid for ${operation}.`,
    });
  }
});

test('openssl signs with the private key, and verifies with the public one', async () => {
  const { call } = await keyOf('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT');
  const pair = await call('GenerateDataKeyPair', { KeyPairSpec: 'ECC_NIST_P256' });
  const files = {
    'key.der': bytesOf(pair, 'PrivateKeyPlaintext'),
    'pub.der': bytesOf(pair, 'PublicKey'),
    'm.bin': bytes(100),
  };
  const signature = opensslOut('dgst -sha256 -keyform DER -sign key.der m.bin', files);
  const verify = 'dgst -sha256 -keyform DER -verify pub.der -signature sig.bin m.bin';
  expect(openssl(verify, { ...files, 'sig.bin': signature }).ok).toBe(true);
});

test('no two pairs are alike', async () => {
  const { call } = await keyOf('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT');
  const seen = new Set<string>();
  for (let made = 0; made < 20; made += 1) {
    const pair = await call('GenerateDataKeyPairWithoutPlaintext', { KeyPairSpec: 'ECC_NIST_EDWARDS25519' });
    seen.add(createHash('sha256').update(bytesOf(pair, 'PublicKey')).digest('hex'));
  }
  expect(seen.size).toBe(20);
});
