import { beforeAll, describe, expect, test } from 'vitest';
import { partitionOf } from '../../../src/model/arn.ts';
import { callerOf } from '../../../src/policy/principal.ts';
import { vectors } from '../../crypto/openssl.ts';
import { ACCOUNT, fixture, refusal, START, type Fixture } from '../../support/fixture.ts';
import { keysOf, type KeyOf } from './keys.ts';

let home: Fixture;
let keyOf: KeyOf;
beforeAll(async () => {
  home = await fixture();
  keyOf = keysOf(home);
});

const inRegion = (region: string) => ({
  region,
  caller: callerOf(`arn:${partitionOf(region)}:iam::${ACCOUNT}:root`),
});

interface Case {
  readonly keySpec: string;
  readonly keyUsage?: string;
  readonly region: string;
  readonly answer: string;
}
const { cases } = vectors('operations/key-spec-and-usage.json') as { cases: readonly Case[] };

describe('every pair of KeySpec and KeyUsage', () => {
  test('is in the vectors', () => {
    expect(new Set(cases.map(({ keySpec, keyUsage }) => `${keySpec} ${keyUsage}`)).size).toBe(20 * (5 + 1));
  });

  test.each(cases)('$keySpec, $keyUsage, $region', async ({ keySpec, keyUsage, region, answer }) => {
    const input = { KeySpec: keySpec, ...(keyUsage === undefined ? {} : { KeyUsage: keyUsage }) };
    const call = home.call('CreateKey', input, inRegion(region));
    if (answer !== 'ok') {
      const { code, message } = await refusal(call);
      expect(`${code}: ${message}`).toBe(answer);
      return;
    }
    const { KeyMetadata: made } = (await call) as { KeyMetadata: Record<string, unknown> };
    expect(made).toMatchObject({
      KeySpec: keySpec,
      CustomerMasterKeySpec: keySpec,
      KeyUsage: keyUsage ?? 'ENCRYPT_DECRYPT',
      KeyState: 'Enabled',
      Enabled: true,
      Origin: 'AWS_KMS',
    });
    expect('CurrentKeyMaterialId' in made).toBe(keySpec === 'SYMMETRIC_DEFAULT');
  });
});

const RSA_SIGNING = ['PKCS1_V1_5', 'PSS'].flatMap((padding) =>
  [256, 384, 512].map((bits) => `RSASSA_${padding}_SHA_${bits}`),
);
const ALGORITHMS = [
  ['RSA_2048', 'ENCRYPT_DECRYPT', 'EncryptionAlgorithms', ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']],
  ['RSA_4096', 'SIGN_VERIFY', 'SigningAlgorithms', RSA_SIGNING],
  ['ECC_NIST_P384', 'SIGN_VERIFY', 'SigningAlgorithms', ['ECDSA_SHA_384']],
  ['ECC_NIST_P521', 'KEY_AGREEMENT', 'KeyAgreementAlgorithms', ['ECDH']],
  ['ECC_SECG_P256K1', 'SIGN_VERIFY', 'SigningAlgorithms', ['ECDSA_SHA_256']],
  ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY', 'SigningAlgorithms', ['ED25519_SHA_512', 'ED25519_PH_SHA_512']],
  ['SM2', 'ENCRYPT_DECRYPT', 'EncryptionAlgorithms', ['SM2PKE']],
  ['SM2', 'SIGN_VERIFY', 'SigningAlgorithms', ['SM2DSA']],
  ['SM2', 'KEY_AGREEMENT', 'KeyAgreementAlgorithms', ['ECDH']],
  ['ML_DSA_65', 'SIGN_VERIFY', 'SigningAlgorithms', ['ML_DSA_SHAKE_256']],
  ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE', 'EncapsulationAlgorithms', ['ML_KEM']],
  ['HMAC_224', 'GENERATE_VERIFY_MAC', 'MacAlgorithms', ['HMAC_SHA_224']],
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT', 'EncryptionAlgorithms', ['SYMMETRIC_DEFAULT']],
] as const;

test.each(ALGORITHMS)('%s for %s lists %s', async (spec, usage, member, algorithms) => {
  const { KeyMetadata: metadata } = (await (await keyOf(spec, usage)).call('DescribeKey')) as {
    KeyMetadata: Record<string, unknown>;
  };
  const listed = Object.entries(metadata).filter(([name]) => name.endsWith('Algorithms'));
  expect(listed).toEqual([[member, algorithms]]);
});

test('CustomerMasterKeySpec does as well', async () => {
  const input = { CustomerMasterKeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' };
  expect(await home.call('CreateKey', input)).toMatchObject({ KeyMetadata: { KeySpec: 'RSA_2048' } });
});

test.each([
  ['ML_DSA_44', { KeyUsage: 'SIGN_VERIFY', Origin: 'EXTERNAL' }, 'Origin EXTERNAL', 'us-east-1'],
  ['ML_KEM_512', { KeyUsage: 'ENCAPSULATE_DECAPSULATE', Origin: 'EXTERNAL' }, 'Origin EXTERNAL', 'us-east-1'],
  ['SM2', { KeyUsage: 'SIGN_VERIFY', Origin: 'EXTERNAL' }, 'Origin EXTERNAL', 'cn-north-1'],
  ['SM2', { KeyUsage: 'SIGN_VERIFY', MultiRegion: true }, 'multi-Region keys', 'cn-north-1'],
])('%s with %o is refused', async (KeySpec, input, what, region) => {
  expect(await refusal(home.call('CreateKey', { KeySpec, ...input }, inRegion(region)))).toEqual({
    code: 'UnsupportedOperationException',
    message: `KeySpec ${KeySpec} does not support ${what}`,
  });
});

test('an asymmetric key with imported material begins without any', async () => {
  const input = { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY', Origin: 'EXTERNAL' };
  const { KeyMetadata: made } = (await home.call('CreateKey', input)) as { KeyMetadata: { KeyId: string } };
  expect(made).toMatchObject({ KeyState: 'PendingImport', Enabled: false });
});

test('the event has spec, usage and algorithms', async () => {
  const input = { KeySpec: 'ML_KEM_512', KeyUsage: 'ENCAPSULATE_DECAPSULATE' };
  const { KeyMetadata: made } = (await home.call('CreateKey', input)) as { KeyMetadata: { Arn: string } };
  expect(home.events().at(-1)).toMatchObject({
    eventName: 'CreateKey',
    eventTime: `${new Date(START).toISOString().slice(0, 19)}Z`,
    requestParameters: {
      keySpec: 'ML_KEM_512',
      customerMasterKeySpec: 'ML_KEM_512',
      keyUsage: 'ENCAPSULATE_DECAPSULATE',
      origin: 'AWS_KMS',
    },
    responseElements: { keyMetadata: { arn: made.Arn, encapsulationAlgorithms: ['ML_KEM'] } },
    resources: [{ ARN: made.Arn }],
    readOnly: false,
  });
});
