import {
  DataKeyPairSpec,
  EncapsulationAlgorithmSpec,
  EncryptionAlgorithmSpec,
  KeyAgreementAlgorithmSpec,
  KeySpec as KeySpecs,
  KeyUsageType,
  MacAlgorithmSpec,
  MessageType,
  SigningAlgorithmSpec,
} from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import type { CryptoFailure } from '../../src/crypto/crypto-error.ts';
import { algorithmOf, checkMessage, checkPlaintext, KEY_SPECS, usagesOf } from '../../src/crypto/key-spec.ts';
import type { KeySpecName, KeyUsage, MessageType as Type } from '../../src/model/enumeration.ts';

const specs = Object.values(KEY_SPECS);
const namesOf = (usage: KeyUsage): string[] =>
  [...new Set(specs.flatMap((spec) => (spec.algorithms[usage] ?? []).map(({ name }) => name)))].sort();
const sorted = (model: object): string[] => Object.keys(model).sort();

describe('the table has every value of the public model, and no other', () => {
  test.each<[string, object, string[]]>([
    ['KeySpec', KeySpecs, Object.keys(KEY_SPECS).sort()],
    [
      'DataKeyPairSpec',
      DataKeyPairSpec,
      specs
        .filter((spec) => spec.dataKeyPair)
        .map((spec) => spec.name)
        .sort(),
    ],
    ['KeyUsageType', KeyUsageType, [...new Set(specs.flatMap(usagesOf))].sort()],
    ['EncryptionAlgorithmSpec', EncryptionAlgorithmSpec, namesOf('ENCRYPT_DECRYPT')],
    ['SigningAlgorithmSpec', SigningAlgorithmSpec, namesOf('SIGN_VERIFY')],
    ['MacAlgorithmSpec', MacAlgorithmSpec, namesOf('GENERATE_VERIFY_MAC')],
    ['KeyAgreementAlgorithmSpec', KeyAgreementAlgorithmSpec, namesOf('KEY_AGREEMENT')],
    ['EncapsulationAlgorithmSpec', EncapsulationAlgorithmSpec, namesOf('ENCAPSULATE_DECAPSULATE')],
    ['MessageType', MessageType, [...new Set(specs.flatMap((spec) => spec.messageTypes))].sort()],
  ])('%s', (_, model, ours) => {
    expect(ours).toEqual(sorted(model));
  });
});

test('each row knows its own name', () => {
  for (const [name, spec] of Object.entries(KEY_SPECS)) expect(spec.name).toBe(name);
});

test.each<[KeySpecName, string]>([
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
  ['HMAC_384', 'GENERATE_VERIFY_MAC'],
  ['RSA_3072', 'ENCRYPT_DECRYPT SIGN_VERIFY'],
  ['ECC_NIST_P521', 'SIGN_VERIFY KEY_AGREEMENT'],
  ['ECC_SECG_P256K1', 'SIGN_VERIFY'],
  ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY'],
  ['SM2', 'ENCRYPT_DECRYPT SIGN_VERIFY KEY_AGREEMENT'],
  ['ML_DSA_65', 'SIGN_VERIFY'],
  ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE'],
])('usages of %s: %s', (name, usages) => {
  expect(usagesOf(KEY_SPECS[name]).join(' ')).toBe(usages);
});

test('RSA lists its signing algorithms as AWS does', () => {
  expect(KEY_SPECS.RSA_2048.algorithms.SIGN_VERIFY?.map(({ name }) => name)).toEqual([
    'RSASSA_PKCS1_V1_5_SHA_256',
    'RSASSA_PKCS1_V1_5_SHA_384',
    'RSASSA_PKCS1_V1_5_SHA_512',
    'RSASSA_PSS_SHA_256',
    'RSASSA_PSS_SHA_384',
    'RSASSA_PSS_SHA_512',
  ]);
});

describe('an algorithm of another key spec', () => {
  test.each<[KeySpecName, KeyUsage, string]>([
    ['HMAC_224', 'GENERATE_VERIFY_MAC', 'HMAC_SHA_256'],
    ['HMAC_256', 'GENERATE_VERIFY_MAC', 'HMAC_SHA_512'],
    ['RSA_2048', 'ENCRYPT_DECRYPT', 'SYMMETRIC_DEFAULT'],
    ['ECC_NIST_P256', 'SIGN_VERIFY', 'ECDSA_SHA_384'],
    ['ML_KEM_512', 'SIGN_VERIFY', 'ML_DSA_SHAKE_256'],
  ])('%s, %s, %s', (spec, usage, algorithm) => {
    expect(() => algorithmOf(KEY_SPECS[spec], usage, algorithm)).toThrow(
      expect.objectContaining({ failure: { code: 'algorithm-of-other-spec', spec, algorithm } }),
    );
  });
});

describe('the longest plaintext', () => {
  test.each<[KeySpecName, string, number]>([
    ['SYMMETRIC_DEFAULT', 'SYMMETRIC_DEFAULT', 4096],
    ['RSA_2048', 'RSAES_OAEP_SHA_1', 214],
    ['RSA_2048', 'RSAES_OAEP_SHA_256', 190],
    ['RSA_3072', 'RSAES_OAEP_SHA_1', 342],
    ['RSA_3072', 'RSAES_OAEP_SHA_256', 318],
    ['RSA_4096', 'RSAES_OAEP_SHA_1', 470],
    ['RSA_4096', 'RSAES_OAEP_SHA_256', 446],
    ['SM2', 'SM2PKE', 1024],
  ])('%s, %s: %i bytes', (name, algorithm, bytes) => {
    const spec = KEY_SPECS[name];
    const row = algorithmOf(spec, 'ENCRYPT_DECRYPT', algorithm);
    expect(() => checkPlaintext(spec, row, new Uint8Array(bytes))).not.toThrow();
    expect(() => checkPlaintext(spec, row, new Uint8Array(bytes + 1))).toThrow(
      expect.objectContaining({ failure: { code: 'plaintext-too-long', spec: name, algorithm, max: bytes } }),
    );
  });
});

describe('message types', () => {
  test.each<[KeySpecName, string, Type, number, CryptoFailure['code'] | undefined]>([
    ['RSA_2048', 'RSASSA_PSS_SHA_384', 'RAW', 0, undefined],
    ['RSA_2048', 'RSASSA_PSS_SHA_384', 'DIGEST', 48, undefined],
    ['RSA_2048', 'RSASSA_PSS_SHA_384', 'DIGEST', 47, 'digest-length'],
    ['RSA_2048', 'RSASSA_PSS_SHA_384', 'EXTERNAL_MU', 64, 'message-type-of-other-spec'],
    ['SM2', 'SM2DSA', 'DIGEST', 33, 'digest-length'],
    ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', 'RAW', 10, undefined],
    ['ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', 'DIGEST', 64, 'message-type-of-other-algorithm'],
    ['ECC_NIST_EDWARDS25519', 'ED25519_PH_SHA_512', 'RAW', 64, 'message-type-of-other-algorithm'],
    ['ECC_NIST_EDWARDS25519', 'ED25519_PH_SHA_512', 'DIGEST', 32, 'digest-length'],
    ['ML_DSA_44', 'ML_DSA_SHAKE_256', 'DIGEST', 64, 'message-type-of-other-spec'],
    ['ML_DSA_44', 'ML_DSA_SHAKE_256', 'EXTERNAL_MU', 64, undefined],
    ['ML_DSA_44', 'ML_DSA_SHAKE_256', 'EXTERNAL_MU', 32, 'digest-length'],
  ])('%s, %s, %s of %i bytes', (name, algorithm, messageType, length, code) => {
    const spec = KEY_SPECS[name];
    const row = algorithmOf(spec, 'SIGN_VERIFY', algorithm);
    const check = () => checkMessage(spec, row, { message: new Uint8Array(length), messageType });
    if (code === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ failure: expect.objectContaining({ code }) }));
  });
});
