import { createDecipheriv, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromHex, hex, utf8 } from '../../src/crypto/bytes.ts';
import {
  decryptExternal,
  encryptExternal,
  integrityOf,
  namedBackingKey,
  type ExternalCiphertext,
} from '../../src/crypto/external-ciphertext.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { everyFlip } from '../support/bits.ts';
import { seeded } from '../support/fixture.ts';

const key = new Secret(Uint8Array.from({ length: 32 }, (_, at) => at));
const backingKeyId = '00112233445566778899aabbccddeeff';
const aad = utf8('context');
const plaintext = utf8('a secret');
const made = encryptExternal(plaintext, { key, aad, backingKeyId }, seeded('1'));

test('opened by hand: KBKDF with the IV as its context, then AES-256-GCM with the AAD of the specification', () => {
  const { metadata, iv, ciphertext, tag } = made;
  expect(hex(metadata)).toBe(`01${backingKeyId}`);
  const derived = createHmac('sha256', key.expose())
    .update(Uint8Array.of(0, 0, 0, 1))
    .update('pocket-kms/1/external-key\0')
    .update(iv)
    .update(Uint8Array.of(0, 0, 1, 0))
    .digest();
  const decipher = createDecipheriv('aes-256-gcm', derived, iv, { authTagLength: 16 });
  const lengths = [Uint8Array.of(0, aad.length), aad, Uint8Array.of(metadata.length), metadata];
  decipher.setAAD(Buffer.concat(lengths)).setAuthTag(tag);
  expect(Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString()).toBe('a secret');
});

test('what comes back is what was encrypted, as long as it was', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 4300 }),
      fc.uint8Array({ maxLength: 8192 }),
      (data, context) => {
        const sealed = encryptExternal(data, { key, aad: context, backingKeyId }, seeded(String(data.length)));
        expect(sealed.ciphertext).toHaveLength(data.length);
        expect([sealed.iv.length, sealed.tag.length, sealed.metadata.length]).toEqual([16, 16, 17]);
        expect(decryptExternal(sealed, { key, aad: context })).toEqual(data);
      },
    ),
    { numRuns: 50 },
  );
});

describe('a flipped bit opens nothing', () => {
  test.each(Object.keys(made) as (keyof ExternalCiphertext)[])('of %s', (part) => {
    for (const flipped of everyFlip(made[part])) {
      const changed = { ...made, [part]: flipped };
      const isReadable = namedBackingKey(changed.metadata) !== undefined;
      expect(isReadable && decryptExternal(changed, { key, aad })).toBe(isReadable ? undefined : false);
    }
  });
  test('of the additional authenticated data', () => {
    for (const flipped of everyFlip(aad)) expect(decryptExternal(made, { key, aad: flipped })).toBeUndefined();
  });
});

test.each([
  ['no metadata', { metadata: new Uint8Array() }],
  ['an IV of 12 bytes', { iv: made.iv.subarray(0, 12) }],
  ['an IV without bytes', { iv: new Uint8Array() }],
  ['a short tag', { tag: made.tag.subarray(0, 12) }],
  ['no tag', { tag: new Uint8Array() }],
  ['a long tag', { tag: new Uint8Array(17) }],
  ['a byte more', { ciphertext: Uint8Array.of(...made.ciphertext, 0) }],
  ['no ciphertext', { ciphertext: new Uint8Array() }],
])('%s opens nothing', (_, change) => {
  expect(decryptExternal({ ...made, ...change }, { key, aad })).toBeUndefined();
});

test('a byte that moves from the AAD to the metadata is noticed', () => {
  const moved = { ...made, metadata: made.metadata.subarray(1) };
  expect(decryptExternal(moved, { key, aad: Uint8Array.of(...aad, made.metadata[0]!) })).toBeUndefined();
});

test.each([
  ['another version', Uint8Array.of(2, ...made.metadata.subarray(1))],
  ['a byte less', made.metadata.subarray(0, 16)],
  ['a byte more', Uint8Array.of(...made.metadata, 0)],
  ['nothing', new Uint8Array()],
])('metadata that is not ours names no backing key: %s', (_, metadata) => {
  expect(namedBackingKey(made.metadata)).toBe(backingKeyId);
  expect(namedBackingKey(metadata)).toBeUndefined();
});

test('the integrity value of the specification', () => {
  const file = join(import.meta.dirname, '../vectors/xks-proxy/integrity.json');
  const vector = JSON.parse(readFileSync(file, 'utf8')) as { readonly [part: string]: string };
  const parts = {
    metadata: utf8(vector['metadata']!),
    iv: fromHex(vector['iv']!),
    ciphertext: fromHex(vector['ciphertext']!),
    tag: fromHex(vector['tag']!),
  };
  expect(hex(integrityOf(utf8(vector['aad']!), parts))).toBe(vector['integrity']);
});
