import { createDecipheriv, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, hex, plain, utf8 } from '../../src/crypto/bytes.ts';
import { backingKeyId, decryptBlob, encryptBlob, parseBlob } from '../../src/crypto/ciphertext-blob.ts';
import { encryptionContextBytes, type EncryptionContext } from '../../src/crypto/encryption-context.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { everyCut, everyFlip, extensions } from '../support/bits.ts';
import { seeded } from '../support/fixture.ts';
import { vectors } from './openssl.ts';

interface Case {
  readonly name: string;
  readonly account: string;
  readonly keyId: string;
  readonly backingKeyId: string;
  readonly key: string;
  readonly context?: EncryptionContext;
  readonly plaintext: string;
  readonly blob: string;
}
const { cases } = vectors('ciphertext-blob/v1.json') as { cases: Case[] };

describe('format version 1, for ever', () => {
  test.each(cases)('$name', ({ blob, plaintext, key, context, ...header }) => {
    const bytes = plain(fromHex(blob));
    const { account, keyId, backingKeyId } = header;
    expect(parseBlob(bytes)).toEqual({ account, keyId, backingKeyId, suite: 'kms' });
    expect(hex(decryptBlob(bytes, { key: new Secret(fromHex(key)), context })!)).toBe(plaintext);
  });

  test.each(cases)('$name, opened by hand', ({ blob, plaintext, key, context, account, keyId, backingKeyId }) => {
    const bytes = Buffer.from(blob, 'hex');
    const [head, nonce, iv] = [bytes.subarray(0, 44), bytes.subarray(44, 60), bytes.subarray(60, 72)];
    const kind = keyId.startsWith('mrk-') ? '01' : '00';
    const id = keyId.replace('mrk-', '').replaceAll('-', '');
    const accountHex = BigInt(account).toString(16).padStart(12, '0');
    expect(head.toString('hex')).toBe(`4b4d530101${accountHex}${kind}${id}${backingKeyId}`);
    const derived = createHmac('sha256', fromHex(key))
      .update(Uint8Array.of(0, 0, 0, 1))
      .update('pocket-kms/1/encrypt\0')
      .update(nonce)
      .update(Uint8Array.of(0, 0, 1, 0))
      .digest();
    const decipher = createDecipheriv('aes-256-gcm', derived, iv, { authTagLength: 16 });
    decipher.setAAD(Buffer.concat([head, encryptionContextBytes(context)])).setAuthTag(bytes.subarray(-16));
    const opened = Buffer.concat([decipher.update(bytes.subarray(72, -16)), decipher.final()]);
    expect(opened.toString('hex')).toBe(plaintext);
  });
});

const header = {
  account: '111122223333',
  keyId: '1234abcd-12ab-34cd-56ef-1234567890ab',
  backingKeyId: backingKeyId('ab'.repeat(32)),
};
const encryption = { key: new Secret(utf8('k'.repeat(32))), context: { Purpose: 'Test' } };
const blob = encryptBlob(utf8('hello'), header, encryption, seeded('blob'));
const opened = (bytes: Uint8Array): Uint8Array | undefined => parseBlob(bytes) && decryptBlob(bytes, encryption);

test('the overhead is 88 bytes', () => {
  expect(blob.length - 5).toBe(88);
  expect(opened(blob)).toEqual(utf8('hello'));
});

test('no flipped bit, no cut and no extension opens', () => {
  for (const wrong of [...everyFlip(blob), ...everyCut(blob), ...extensions(blob)]) {
    expect(opened(wrong)).toBeUndefined();
  }
});

test('no other encryption context opens', () => {
  const contexts: (EncryptionContext | undefined)[] = [
    undefined,
    {},
    { purpose: 'Test' },
    { Purpose: 'test' },
    { Purpose: 'Test', more: '' },
    { PurposeT: 'est' },
  ];
  for (const context of contexts) expect(decryptBlob(blob, { key: encryption.key, context })).toBeUndefined();
});

test('the header belongs to its body', () => {
  const other = encryptBlob(utf8('hello'), { ...header, account: '444455556666' }, encryption, seeded('blob'));
  expect(opened(other)).toEqual(utf8('hello'));
  expect(opened(Uint8Array.from([...blob.subarray(0, 44), ...other.subarray(44)]))).toBeUndefined();
  expect(opened(Uint8Array.from([...other.subarray(0, 44), ...blob.subarray(44)]))).toBeUndefined();
});

test('an account of more than twelve digits is no account', () => {
  const wrong = blob.slice();
  wrong.fill(0xff, 5, 11);
  expect(parseBlob(wrong)).toBeUndefined();
});

test('random bytes are no blob', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, begun) => {
      const whole = begun ? Uint8Array.from([...blob.subarray(0, 5), ...bytes]) : bytes;
      expect(opened(whole)).toBeUndefined();
    }),
  );
});

test('every header comes back from its blob', () => {
  const digits = (length: number) =>
    fc
      .array(fc.constantFrom('0', '1', '4', '9', 'a', 'd', 'f'), { minLength: length, maxLength: length })
      .map((all) => all.join(''));
  const keyId = fc.oneof(
    fc.uuid(),
    digits(32).map((id) => `mrk-${id}`),
  );
  const account = fc.integer({ min: 0, max: 999_999_999_999 }).map((number) => String(number).padStart(12, '0'));
  fc.assert(
    fc.property(keyId, account, digits(32), fc.uint8Array({ maxLength: 64 }), (keyId, account, backingKeyId, data) => {
      const made = encryptBlob(data, { account, keyId, backingKeyId }, encryption, seeded('any'));
      expect(parseBlob(made)).toEqual({ account, keyId, backingKeyId, suite: 'kms' });
      expect(decryptBlob(made, encryption)).toEqual(data);
    }),
  );
});
