import { createPublicKey } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { KeySpecName, KeyUsage } from '../../../src/model/enumeration.ts';
import { opensslOut } from '../../crypto/openssl.ts';
import { fixture, refusal, type Fixture } from '../../support/fixture.ts';
import { freshKey, keysOf, PAIRS, publicKeyOf, type KeyOf } from './keys.ts';

let home: Fixture;
let keyOf: KeyOf;
beforeAll(async () => {
  home = await fixture();
  keyOf = keysOf(home);
});

const asymmetric = PAIRS.filter(({ spec }) => !/^(SYMMETRIC|HMAC)/.test(spec));

describe.each(asymmetric)('$spec for $usage', ({ spec, usage }) => {
  test('returns what DescribeKey returns, and the public key, in the order of the model', async () => {
    const key = await keyOf(spec, usage);
    const answer = await key.call('GetPublicKey');
    const { KeyMetadata: metadata } = (await key.call('DescribeKey')) as { KeyMetadata: Record<string, unknown> };
    const list = Object.keys(metadata).find((name) => name.endsWith('Algorithms'))!;
    expect(Object.keys(answer)).toEqual(['KeyId', 'PublicKey', 'CustomerMasterKeySpec', 'KeySpec', 'KeyUsage', list]);
    expect(answer).toMatchObject({
      KeyId: key.arn,
      CustomerMasterKeySpec: spec,
      KeySpec: spec,
      KeyUsage: usage,
      [list]: metadata[list],
    });
  });

  test('is a SubjectPublicKeyInfo, always the same', async () => {
    const key = await keyOf(spec, usage);
    const PublicKey = await publicKeyOf(key);
    const read = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
    expect(read.export({ format: 'der', type: 'spki' }).equals(PublicKey)).toBe(true);
    expect(await publicKeyOf(key)).toEqual(PublicKey);
  });
});

/** Lengths: those of AWS's answers (Ed25519, ML-DSA), and the encodings of RFC 3279, RFC 5480 and RFC 9935. */
const KNOWN_TO_OPENSSL: readonly (readonly [KeySpecName, KeyUsage, number, RegExp])[] = [
  ['RSA_2048', 'SIGN_VERIFY', 294, /Public-Key: \(2048 bit\)/],
  ['RSA_3072', 'ENCRYPT_DECRYPT', 422, /Public-Key: \(3072 bit\)/],
  ['RSA_4096', 'SIGN_VERIFY', 550, /Public-Key: \(4096 bit\)/],
  ['ECC_NIST_P256', 'KEY_AGREEMENT', 91, /ASN1 OID: prime256v1/],
  ['ECC_NIST_P384', 'SIGN_VERIFY', 120, /ASN1 OID: secp384r1/],
  ['ECC_NIST_P521', 'SIGN_VERIFY', 158, /ASN1 OID: secp521r1/],
  ['ECC_SECG_P256K1', 'SIGN_VERIFY', 88, /ASN1 OID: secp256k1/],
  ['SM2', 'SIGN_VERIFY', 91, /ASN1 OID: SM2/],
  ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY', 44, /ED25519 Public-Key/],
];
test.each(KNOWN_TO_OPENSSL)('%s for %s: %i bytes, as openssl reads them', async (spec, usage, length, text) => {
  const PublicKey = await publicKeyOf(await keyOf(spec, usage));
  expect(PublicKey.length).toBe(length);
  const read = opensslOut('pkey -pubin -inform DER -in pub.der -noout -text', { 'pub.der': PublicKey });
  expect(Buffer.from(read).toString()).toMatch(text);
});

const POST_QUANTUM: readonly (readonly [KeySpecName, KeyUsage, number, string])[] = [
  ['ML_DSA_44', 'SIGN_VERIFY', 1334, 'ml-dsa-44'],
  ['ML_DSA_65', 'SIGN_VERIFY', 1974, 'ml-dsa-65'],
  ['ML_DSA_87', 'SIGN_VERIFY', 2614, 'ml-dsa-87'],
  ['ML_KEM_512', 'ENCAPSULATE_DECAPSULATE', 822, 'ml-kem-512'],
  ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE', 1206, 'ml-kem-768'],
  ['ML_KEM_1024', 'ENCAPSULATE_DECAPSULATE', 1590, 'ml-kem-1024'],
];
test.each(POST_QUANTUM)('%s for %s: %i bytes, %s', async (spec, usage, length, type) => {
  const PublicKey = await publicKeyOf(await keyOf(spec, usage));
  expect(PublicKey.length).toBe(length);
  const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
  expect(key.asymmetricKeyType).toBe(type);
});

test.each([
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
  ['HMAC_256', 'GENERATE_VERIFY_MAC'],
] as const)('%s has no public key', async (spec, usage) => {
  const { call } = await keyOf(spec, usage);
  expect(await refusal(call('GetPublicKey'))).toEqual({ code: 'UnsupportedOperationException', message: '' });
});

test('an alias will do, and a disabled key', async () => {
  const { id, arn, call } = await freshKey(home, 'ECC_NIST_P256', 'SIGN_VERIFY');
  await home.call('CreateAlias', { AliasName: 'alias/signer', TargetKeyId: id });
  await call('DisableKey');
  expect(await home.call('GetPublicKey', { KeyId: 'alias/signer' })).toMatchObject({ KeyId: arn });
});

test('a key that is pending deletion, and one without material, give none', async () => {
  const { arn, call } = await freshKey(home, 'ECC_NIST_P256', 'SIGN_VERIFY');
  await call('ScheduleKeyDeletion');
  expect(await refusal(call('GetPublicKey'))).toEqual({
    code: 'KMSInvalidStateException',
    message: `${arn} is pending deletion.`,
  });
  const input = { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY', Origin: 'EXTERNAL' };
  const { KeyMetadata: empty } = (await home.call('CreateKey', input)) as { KeyMetadata: { Arn: string } };
  expect(await refusal(home.call('GetPublicKey', { KeyId: empty.Arn }))).toEqual({
    code: 'KMSInvalidStateException',
    message: `${empty.Arn} is pending import.`,
  });
});
