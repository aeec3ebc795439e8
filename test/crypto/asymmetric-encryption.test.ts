import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { decryptAsymmetric, encryptAsymmetric } from '../../src/crypto/asymmetric-encryption.ts';
import { privateKeyObject } from '../../src/crypto/key-object.ts';
import { generateKeyMaterial, publicKeyOf } from '../../src/crypto/key-material.ts';
import { KEY_SPECS, type EncryptionAlgorithm, type KeySpec } from '../../src/crypto/key-spec.ts';
import type { Secret } from '../../src/crypto/secret.ts';
import { opensslOut } from './openssl.ts';

const rows = Object.values(KEY_SPECS)
  .filter((spec) => spec.keyPair)
  .flatMap((spec) =>
    (spec.algorithms.ENCRYPT_DECRYPT ?? []).map((algorithm): [string, KeySpec, EncryptionAlgorithm] => [
      `${spec.name} ${algorithm.name}`,
      spec,
      algorithm,
    ]),
  );

const keys = new Map<KeySpec, { readonly secret: Secret; readonly publicKey: Uint8Array }>();
beforeAll(async () => {
  for (const [, spec] of rows) {
    if (keys.has(spec)) continue;
    const { secret } = await generateKeyMaterial(spec, randomBytes);
    keys.set(spec, { secret, publicKey: publicKeyOf(secret) });
  }
});

describe.each(rows)('%s', (_, spec, algorithm) => {
  test('the shortest and the longest plaintext come back', async () => {
    const { secret, publicKey } = keys.get(spec)!;
    for (const length of [1, algorithm.maxPlaintext]) {
      const plaintext = randomBytes(length);
      const ciphertext = await encryptAsymmetric(publicKey, algorithm, plaintext);
      const opened = await decryptAsymmetric(privateKeyObject(secret), algorithm, ciphertext);
      expect(Buffer.compare(opened ?? new Uint8Array(), plaintext)).toBe(0);
    }
  });

  test('what is altered, cut, lengthened or nothing does not open', async () => {
    const { secret, publicKey } = keys.get(spec)!;
    const ciphertext = await encryptAsymmetric(publicKey, algorithm, randomBytes(20));
    await fc.assert(
      fc.asyncProperty(fc.nat(8 * ciphertext.length - 1), async (bit) => {
        const altered = Uint8Array.from(ciphertext);
        altered[bit >> 3]! ^= 1 << (bit & 7);
        expect(await decryptAsymmetric(privateKeyObject(secret), algorithm, altered)).toBeUndefined();
      }),
      { numRuns: 10 },
    );
    for (const wrong of [new Uint8Array(), ciphertext.subarray(0, -1), Buffer.concat([ciphertext, Buffer.alloc(1)])]) {
      expect(await decryptAsymmetric(privateKeyObject(secret), algorithm, wrong)).toBeUndefined();
    }
  });
});

describe.each(rows.filter(([, spec]) => spec.keyPair?.type === 'rsa'))('%s', (_, spec, algorithm) => {
  test('has a ciphertext as long as the modulus, for its own hash only', async () => {
    const { secret, publicKey } = keys.get(spec)!;
    const ciphertext = await encryptAsymmetric(publicKey, algorithm, randomBytes(20));
    expect(ciphertext.length).toBe(spec.keyPair!.modulusLength! / 8);
    for (const other of spec.algorithms.ENCRYPT_DECRYPT!) {
      const opened = await decryptAsymmetric(privateKeyObject(secret), other, ciphertext);
      expect(opened !== undefined).toBe(other === algorithm);
    }
  });

  test('openssl, both ways', async () => {
    const { secret, publicKey } = keys.get(spec)!;
    const { hash } = algorithm;
    const oaep = `-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:${hash} -pkeyopt rsa_mgf1_md:${hash}`;
    const plaintext = randomBytes(32);
    const files = { 'key.der': secret.expose(), 'pub.der': publicKey, 'm.bin': plaintext };
    const theirs = opensslOut(`pkeyutl -encrypt -pubin -inkey pub.der -keyform DER -in m.bin ${oaep}`, files);
    expect(await decryptAsymmetric(privateKeyObject(secret), algorithm, theirs)).toEqual(plaintext);
    const ours = await encryptAsymmetric(publicKey, algorithm, plaintext);
    const command = `pkeyutl -decrypt -inkey key.der -keyform DER -in c.bin ${oaep}`;
    expect(opensslOut(command, { ...files, 'c.bin': ours })).toEqual(plaintext);
  });
});
