import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromHex, uint, utf8 } from '../../src/crypto/bytes.ts';
import { der, derInteger, readSequence, TAG } from '../../src/crypto/der.ts';
import { deriveSharedSecret } from '../../src/crypto/key-agreement.ts';
import { privateKeyObject } from '../../src/crypto/key-object.ts';
import { generateKeyMaterial, publicKeyOf } from '../../src/crypto/key-material.ts';
import { algorithmOf, KEY_SPECS } from '../../src/crypto/key-spec.ts';
import type { MessageType } from '../../src/model/enumeration.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { sign, verify, type Signing } from '../../src/crypto/signature.ts';
import { sm2Decrypt, sm2Encrypt } from '../../src/crypto/sm2-encryption.ts';
import { sm3 } from '../../src/crypto/sm2.ts';
import { openssl, opensslOut, vectors } from './openssl.ts';

const spec = KEY_SPECS.SM2;
const algorithm = algorithmOf(spec, 'SIGN_VERIFY', 'SM2DSA');
const signingOf = (message: Uint8Array, messageType: MessageType): Signing => ({ algorithm, message, messageType });

let secret: Secret;
let publicKey: Uint8Array;
beforeAll(async () => {
  ({ secret } = await generateKeyMaterial(spec, randomBytes));
  publicKey = publicKeyOf(secret);
});

describe('the examples of GB/T 32918.5', () => {
  const example = vectors('sm2/gbt32918-5.json') as { readonly [name: string]: string };
  const bytes = (name: string): Uint8Array => fromHex(example[name]!);
  const key = new Secret(bytes('privateKey'));

  test('public key', () => expect(publicKeyOf(key)).toEqual(bytes('publicKey')));
  test('signature', async () => {
    expect(await verify(bytes('publicKey'), signingOf(bytes('message'), 'RAW'), bytes('signature'))).toBe(true);
  });
  test('decryption', async () =>
    expect(await sm2Decrypt(privateKeyObject(key), bytes('ciphertext'))).toEqual(bytes('plaintext')));
});

test('SM3 is SM3', () => {
  // GB/T 32905 A.1
  expect(Buffer.from(sm3(utf8('abc'))).toString('hex')).toBe(
    '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
  );
});

describe('SM2PKE', () => {
  test.each([1, 31, 32, 33, 1024])('%i bytes come back', async (length) => {
    const plaintext = randomBytes(length);
    expect(await sm2Decrypt(privateKeyObject(secret), await sm2Encrypt(publicKey, plaintext))).toEqual(
      Uint8Array.from(plaintext),
    );
  });

  test('a flipped bit never opens', async () => {
    const ciphertext = await sm2Encrypt(publicKey, utf8('secret'));
    await fc.assert(
      fc.asyncProperty(fc.nat(8 * ciphertext.length - 1), async (bit) => {
        const altered = Uint8Array.from(ciphertext);
        altered[bit >> 3]! ^= 1 << (bit & 7);
        expect(await sm2Decrypt(privateKeyObject(secret), altered)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  const octets = (length: number): Uint8Array => der(TAG.octetString, new Uint8Array(length));
  test.each([
    ['nothing', new Uint8Array()],
    ['a point off the curve', der(TAG.sequence, derInteger(1n), derInteger(1n), octets(32), octets(5))],
    ['the origin', der(TAG.sequence, derInteger(0n), derInteger(0n), octets(32), octets(5))],
    ['a coordinate beyond the field', der(TAG.sequence, derInteger(1n << 256n), derInteger(1n), octets(32), octets(5))],
    ['a short hash', der(TAG.sequence, derInteger(1n), derInteger(1n), octets(31), octets(5))],
    ['a missing part', der(TAG.sequence, derInteger(1n), derInteger(1n), octets(32))],
  ])('%s does not open', async (_, ciphertext) => {
    expect(await sm2Decrypt(privateKeyObject(secret), ciphertext)).toBeUndefined();
  });
});

test('a digest over Z with the default user ID is the same message', async () => {
  const [, key] = readSequence(publicKey)!;
  const point = key!.content.subarray(2); // unused bits, form
  const id = utf8('1234567812345678');
  const curve = fromHex(
    'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc' +
      '28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' +
      '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7' +
      'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0',
  );
  const message = utf8('message');
  const digest = sm3(sm3(concat(uint(128, 2), id, curve, point)), message);
  const [raw, hashed] = [signingOf(message, 'RAW'), signingOf(digest, 'DIGEST')];
  expect(await verify(publicKey, hashed, await sign(privateKeyObject(secret), raw))).toBe(true);
  expect(await verify(publicKey, raw, await sign(privateKeyObject(secret), hashed))).toBe(true);
});

describe('openssl', () => {
  const message = utf8('from one to the other');
  const userId = '-sigopt distid:1234567812345678';

  test('verifies our signature', async () => {
    const files = {
      'key.der': publicKey,
      'm.bin': message,
      'sig.bin': await sign(privateKeyObject(secret), signingOf(message, 'RAW')),
    };
    const command = `dgst -sm3 ${userId} -keyform DER -verify key.der -signature sig.bin m.bin`;
    expect(openssl(command, files).ok).toBe(true);
  });

  test('signs what we verify', async () => {
    const files = { 'key.der': secret.expose(), 'm.bin': message };
    const signature = opensslOut(`dgst -sm3 ${userId} -keyform DER -sign key.der m.bin`, files);
    expect(await verify(publicKey, signingOf(message, 'RAW'), signature)).toBe(true);
  });

  test('signs a digest that we verify, and the other way round', async () => {
    const digest = randomBytes(32);
    const files = { 'key.der': secret.expose(), 'pub.der': publicKey, 'd.bin': digest };
    const signature = opensslOut('pkeyutl -sign -inkey key.der -keyform DER -in d.bin', files);
    expect(await verify(publicKey, signingOf(digest, 'DIGEST'), signature)).toBe(true);
    const ours = { ...files, 'sig.bin': await sign(privateKeyObject(secret), signingOf(digest, 'DIGEST')) };
    const command = 'pkeyutl -verify -pubin -inkey pub.der -keyform DER -in d.bin -sigfile sig.bin';
    expect(openssl(command, ours).ok).toBe(true);
  });

  test('decrypts ours', async () => {
    const files = { 'key.der': secret.expose(), 'c.bin': await sm2Encrypt(publicKey, message) };
    expect(opensslOut('pkeyutl -decrypt -inkey key.der -keyform DER -in c.bin', files)).toEqual(Buffer.from(message));
  });

  test('encrypts what we decrypt', async () => {
    const files = { 'pub.der': publicKey, 'm.bin': message };
    const ciphertext = opensslOut('pkeyutl -encrypt -pubin -inkey pub.der -keyform DER -in m.bin', files);
    expect(await sm2Decrypt(privateKeyObject(secret), ciphertext)).toEqual(Buffer.from(message));
  });
});

test('key agreement: both sides reach one secret', async () => {
  const other = await generateKeyMaterial(spec, randomBytes);
  const mine = await deriveSharedSecret({
    curve: 'SM2',
    key: privateKeyObject(secret),
    peerPublicKey: publicKeyOf(other.secret),
  });
  const theirs = await deriveSharedSecret({
    curve: 'SM2',
    key: privateKeyObject(other.secret),
    peerPublicKey: publicKey,
  });
  expect(mine).toHaveLength(32);
  expect(mine).toEqual(theirs);
});
