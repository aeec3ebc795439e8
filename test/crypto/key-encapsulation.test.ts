import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromHex, hex } from '../../src/crypto/bytes.ts';
import { decapsulate, encapsulate } from '../../src/crypto/key-encapsulation.ts';
import { generateKeyMaterial, publicKeyOf } from '../../src/crypto/key-material.ts';
import { algorithmOf, KEY_SPECS, type KeySpec } from '../../src/crypto/key-spec.ts';
import type { KeySpecName } from '../../src/model/enumeration.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { vectors } from './openssl.ts';

const rows = Object.values(KEY_SPECS)
  .filter((spec) => spec.algorithms.ENCAPSULATE_DECAPSULATE)
  .map((spec): [string, KeySpec] => [spec.name, spec]);

describe.each(rows)('%s', (_, spec) => {
  const algorithm = algorithmOf(spec, 'ENCAPSULATE_DECAPSULATE', 'ML_KEM');

  test('what is encapsulated comes back', async () => {
    const { secret } = await generateKeyMaterial(spec, randomBytes);
    const { sharedSecret, ciphertext } = encapsulate(publicKeyOf(secret));
    expect([sharedSecret.length, ciphertext.length]).toEqual([32, algorithm.ciphertextLength]);
    expect(decapsulate(secret, algorithm, ciphertext)?.equals(sharedSecret)).toBe(true);
  });

  test('an altered ciphertext, or one for another key, gives another secret, always the same', async () => {
    const { secret } = await generateKeyMaterial(spec, randomBytes);
    const other = await generateKeyMaterial(spec, randomBytes);
    const { sharedSecret, ciphertext } = encapsulate(publicKeyOf(secret));
    const altered = Uint8Array.from(ciphertext, (byte, at) => (at === 100 ? byte ^ 1 : byte));
    const rejected = decapsulate(secret, algorithm, altered)!;
    expect(rejected.equals(sharedSecret)).toBe(false);
    expect(rejected.equals(decapsulate(secret, algorithm, altered)!)).toBe(true);
    expect(decapsulate(other.secret, algorithm, ciphertext)!.equals(sharedSecret)).toBe(false);
  });

  test('a ciphertext of another length gives nothing', async () => {
    const { secret } = await generateKeyMaterial(spec, randomBytes);
    for (const length of [0, algorithm.ciphertextLength - 1, algorithm.ciphertextLength + 1]) {
      expect(decapsulate(secret, algorithm, new Uint8Array(length))).toBeUndefined();
    }
  });
});

const { cases } = vectors('key-encapsulation/python-cryptography.json') as {
  cases: { keySpec: KeySpecName; pkcs8: string; publicKey: string; ciphertext: string; sharedSecret: string }[];
};
test.each(cases)(
  '$keySpec: what another library encapsulated',
  ({ keySpec, pkcs8, publicKey, ciphertext, sharedSecret }) => {
    const secret = new Secret(fromHex(pkcs8));
    const algorithm = algorithmOf(KEY_SPECS[keySpec], 'ENCAPSULATE_DECAPSULATE', 'ML_KEM');
    expect(hex(publicKeyOf(secret))).toBe(publicKey);
    expect(hex(decapsulate(secret, algorithm, fromHex(ciphertext))!.expose())).toBe(sharedSecret);
  },
);
