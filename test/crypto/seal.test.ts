import { createDecipheriv, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex, utf8 } from '../../src/crypto/bytes.ts';
import { open, seal, SEAL_LABELS, SEAL_OVERHEAD, type Sealing, type SealKind } from '../../src/crypto/seal.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { everyCut, everyFlip, extensions } from '../support/bits.ts';
import { seeded } from '../support/fixture.ts';

const KINDS = Object.keys(SEAL_LABELS) as readonly SealKind[];
const KEY = Uint8Array.from({ length: 32 }, (_, at) => at);
const sealing = (more: Partial<Sealing> = {}): Sealing => ({
  key: new Secret(KEY),
  kind: 'record',
  aad: utf8('authenticated'),
  ...more,
});
const message = utf8('a message');
const sealed = seal(message, sealing(), seeded('seal'));

test('what was sealed opens, and takes the overhead more', () => {
  expect(open(sealed, sealing())).toEqual(message);
  expect(sealed.length).toBe(message.length + SEAL_OVERHEAD);
  expect(open(seal(new Uint8Array(), sealing(), seeded('nothing')), sealing())).toEqual(new Uint8Array());
});

test('nonce 16, IV 12, ciphertext, tag 16: AES-256-GCM under the derived key', () => {
  const random = seeded('layout');
  const nonce = random(16);
  const iv = random(12);
  const bytes = Buffer.from(seal(message, sealing(), seeded('layout')));
  expect([hex(bytes.subarray(0, 16)), hex(bytes.subarray(16, 28))]).toEqual([hex(nonce), hex(iv)]);
  const derived = createHmac('sha256', KEY)
    .update('00000001', 'hex')
    .update('pocket-kms/1/record\0')
    .update(nonce)
    .update('00000100', 'hex')
    .digest();
  const decipher = createDecipheriv('aes-256-gcm', derived, iv, { authTagLength: 16 });
  decipher.setAAD(utf8('authenticated')).setAuthTag(bytes.subarray(-16));
  expect(Buffer.concat([decipher.update(bytes.subarray(28, -16)), decipher.final()]).toString()).toBe('a message');
});

test('no flipped bit, no cut and no extension opens', () => {
  for (const wrong of [...everyFlip(sealed), ...everyCut(sealed), ...extensions(sealed)]) {
    expect(open(wrong, sealing())).toBeUndefined();
  }
});

test('no other key or AAD opens', () => {
  for (const key of everyFlip(KEY)) expect(open(sealed, sealing({ key: new Secret(key) }))).toBeUndefined();
  for (const aad of [...everyFlip(utf8('authenticated')), ...everyCut(utf8('authenticated'))]) {
    expect(open(sealed, sealing({ aad }))).toBeUndefined();
  }
});

test('a part of one message does not open in another', () => {
  const other = seal(message, sealing(), seeded('other'));
  for (let at = 1; at < sealed.length; at += 1) {
    const mixed = Uint8Array.from([...sealed.subarray(0, at), ...other.subarray(at)]);
    expect(open(mixed, sealing())).toBeUndefined();
  }
});

test('neither the key nor the message is changed, and the answer is a copy of its own', () => {
  const key = new Secret(KEY.slice());
  const plaintext = message.slice();
  const bytes = seal(plaintext, sealing({ key }), seeded('kept'));
  const before = bytes.slice();
  open(bytes, sealing({ key }))!.fill(0);
  expect([key.expose(), plaintext, bytes]).toEqual([KEY, message, before]);
});

test('open(seal(x)) = x; with any other AAD it is nothing', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(bytes, key, bytes, bytes, fc.string(), (plaintext, key, aad, other, seed) => {
      const result = seal(plaintext, sealing({ key: new Secret(key), aad }), seeded(seed));
      expect(open(result, sealing({ key: new Secret(key), aad }))).toEqual(plaintext);
      fc.pre(Buffer.compare(aad, other) !== 0);
      expect(open(result, sealing({ key: new Secret(key), aad: other }))).toBeUndefined();
    }),
  );
});

test('what is sealed as one kind never opens as another, under the same key and AAD', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), (plaintext, aad) => {
      for (const kind of KINDS) {
        const bytes = seal(plaintext, sealing({ kind, aad }), seeded(kind));
        expect(KINDS.filter((as) => open(bytes, sealing({ kind: as, aad })))).toEqual([kind]);
      }
    }),
  );
});

test('random bytes open to nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(open(bytes, sealing())).toBeUndefined();
    }),
  );
});
