import { encapsulate as encapsulateOutside, createPublicKey } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../../src/crypto/bytes.ts';
import type { KeySpecName } from '../../../src/model/enumeration.ts';
import { opensslOut } from '../../crypto/openssl.ts';
import { fixture, refusal, type Fixture } from '../../support/fixture.ts';
import { bytes, bytesOf, freshKey, keysOf, privateKeyOf, publicKeyOf, type Key, type KeyOf } from './keys.ts';

let home: Fixture;
let keyOf: KeyOf;
beforeAll(async () => {
  home = await fixture();
  keyOf = keysOf(home);
});

const derived = async (key: Key, PublicKey: Uint8Array): Promise<Uint8Array> =>
  bytesOf(await key.call('DeriveSharedSecret', { KeyAgreementAlgorithm: 'ECDH', PublicKey }), 'SharedSecret');

const CURVES: readonly (readonly [KeySpecName, number])[] = [
  ['ECC_NIST_P256', 32],
  ['ECC_NIST_P384', 48],
  ['ECC_NIST_P521', 66],
  ['SM2', 32],
];

describe.each(CURVES)('DeriveSharedSecret on %s', (spec, length) => {
  test('both sides reach one secret', async () => {
    const [mine, theirs] = [await keyOf(spec, 'KEY_AGREEMENT'), await freshKey(home, spec, 'KEY_AGREEMENT')];
    const PublicKey = await publicKeyOf(theirs);
    const answer = await mine.call('DeriveSharedSecret', { KeyAgreementAlgorithm: 'ECDH', PublicKey });
    expect(Object.keys(answer)).toEqual(['KeyId', 'SharedSecret', 'KeyAgreementAlgorithm', 'KeyOrigin']);
    expect(answer).toMatchObject({ KeyId: mine.arn, KeyAgreementAlgorithm: 'ECDH', KeyOrigin: 'AWS_KMS' });
    const secret = bytesOf(answer, 'SharedSecret');
    expect(secret.length).toBe(length);
    expect(await derived(theirs, await publicKeyOf(mine))).toEqual(secret);
  });

  test('a peer of another curve, and what is no public key', async () => {
    const mine = await keyOf(spec, 'KEY_AGREEMENT');
    const other = await keyOf(spec === 'ECC_NIST_P256' ? 'ECC_NIST_P384' : 'ECC_NIST_P256', 'KEY_AGREEMENT');
    for (const PublicKey of [await publicKeyOf(other), bytes(91), Uint8Array.of(0)]) {
      const call = mine.call('DeriveSharedSecret', { KeyAgreementAlgorithm: 'ECDH', PublicKey });
      expect(await refusal(call)).toEqual({ code: 'ValidationException', message: '' });
    }
  });
});

test.each(CURVES.filter(([spec]) => spec !== 'SM2'))('openssl derives the same secret on %s', async (spec) => {
  const [mine, theirs] = [await keyOf(spec, 'KEY_AGREEMENT'), await freshKey(home, spec, 'KEY_AGREEMENT')];
  const peer = opensslOut('pkey -pubin -in pub.der -inform DER', { 'pub.der': await publicKeyOf(mine) });
  const files = { 'key.der': await privateKeyOf(home, theirs), 'peer.pem': peer };
  const secret = opensslOut('pkeyutl -derive -inkey key.der -keyform DER -peerkey peer.pem', files);
  expect(hex(await derived(mine, await publicKeyOf(theirs)))).toBe(hex(secret));
});

test('what is no key agreement algorithm', async () => {
  const { call } = await keyOf('ECC_NIST_P256', 'KEY_AGREEMENT');
  const input = { KeyAgreementAlgorithm: 'INVALID', PublicKey: bytes(91) };
  expect(await refusal(call('DeriveSharedSecret', input))).toEqual({
    code: 'ValidationException',
    message:
      "1 validation error detected: Value 'INVALID' at 'keyAgreementAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [ECDH]",
  });
});

/** Of the encapsulated shared secret (public model, Encapsulate). */
const SETS: readonly (readonly [KeySpecName, number])[] = [
  ['ML_KEM_512', 768],
  ['ML_KEM_768', 1088],
  ['ML_KEM_1024', 1568],
];

describe.each(SETS)('%s', (spec, length) => {
  const kem = { EncapsulationAlgorithm: 'ML_KEM' };
  const opened = async (key: Key, SharedSecretCiphertextBlob: Uint8Array): Promise<Uint8Array> =>
    bytesOf(await key.call('Decapsulate', { ...kem, SharedSecretCiphertextBlob }), 'SharedSecret');

  test('what is encapsulated is decapsulated', async () => {
    const key = await keyOf(spec, 'ENCAPSULATE_DECAPSULATE');
    const made = await key.call('Encapsulate', kem);
    expect(Object.keys(made)).toEqual([
      'KeyId',
      'SharedSecret',
      'SharedSecretCiphertextBlob',
      'EncapsulationAlgorithm',
    ]);
    expect(made).toMatchObject({ KeyId: key.arn, ...kem });
    const SharedSecretCiphertextBlob = bytesOf(made, 'SharedSecretCiphertextBlob');
    expect(SharedSecretCiphertextBlob.length).toBe(length);
    const answer = await key.call('Decapsulate', { ...kem, SharedSecretCiphertextBlob });
    expect(Object.keys(answer)).toEqual(['KeyId', 'SharedSecret', 'EncapsulationAlgorithm']);
    expect(answer).toMatchObject({ KeyId: key.arn, ...kem });
    expect(bytesOf(answer, 'SharedSecret')).toEqual(bytesOf(made, 'SharedSecret'));
    expect(bytesOf(answer, 'SharedSecret').length).toBe(32);
  });

  test('a peer encapsulates with the public key alone', async () => {
    const key = await keyOf(spec, 'ENCAPSULATE_DECAPSULATE');
    const spki = Buffer.from(await publicKeyOf(key));
    const { sharedKey, ciphertext } = encapsulateOutside(createPublicKey({ key: spki, format: 'der', type: 'spki' }));
    expect(hex(await opened(key, ciphertext))).toBe(hex(sharedKey));
  });

  test('an altered ciphertext, or one for another key, gives another secret', async () => {
    const key = await keyOf(spec, 'ENCAPSULATE_DECAPSULATE');
    const other = await freshKey(home, spec, 'ENCAPSULATE_DECAPSULATE');
    const made = await key.call('Encapsulate', kem);
    const secret = bytesOf(made, 'SharedSecret');
    const ciphertext = bytesOf(made, 'SharedSecretCiphertextBlob');
    expect(await opened(other, ciphertext)).not.toEqual(secret);
    expect(await opened(key, ciphertext.fill(0, 0, 4))).not.toEqual(secret);
  });

  test('a ciphertext of another length is not valid, in a dry run too', async () => {
    const key = await keyOf(spec, 'ENCAPSULATE_DECAPSULATE');
    for (const wrong of [length - 1, length + 1, 1]) {
      for (const DryRun of [false, true]) {
        const call = key.call('Decapsulate', { ...kem, SharedSecretCiphertextBlob: bytes(wrong), DryRun });
        expect(await refusal(call)).toEqual({ code: 'InvalidCiphertextException', message: '' });
      }
    }
  });
});
