import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, hex } from '../../src/crypto/bytes.ts';
import { deriveKey } from '../../src/crypto/kbkdf.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { vectors } from './openssl.ts';

interface Case {
  readonly name: string;
  readonly key: string;
  readonly label: string;
  readonly context: string;
  readonly derived: string;
}
const { cases } = vectors('kbkdf/openssl.json') as { cases: Case[] };

describe('as openssl derives', () => {
  test.each(cases)('$name', ({ key, label, context, derived }) => {
    expect(hex(deriveKey(new Secret(fromHex(key)), { label, context: fromHex(context) }).expose())).toBe(derived);
  });
});

const bytes = fc.uint8Array({ maxLength: 80 });
const label = fc.string({ unit: 'grapheme', maxLength: 40 });

const key = fc.uint8Array({ minLength: 1, maxLength: 100 });

test('K(1) = HMAC(key, 00000001 | label | 00 | context | 00000100), for anything', () => {
  fc.assert(
    fc.property(key, label, bytes, (key, label, context) => {
      const mac = createHmac('sha256', key);
      mac.update('00000001', 'hex').update(label, 'utf8').update('00', 'hex').update(context).update('00000100', 'hex');
      const derived = deriveKey(new Secret(key), { label, context });
      expect(hex(derived.expose())).toBe(mac.digest('hex'));
      expect(derived.length).toBe(32);
    }),
  );
});

test('another key, label or context derives another key', () => {
  const [key, context] = [new Uint8Array(32).fill(1), new Uint8Array(16).fill(2)];
  const derivations = [
    deriveKey(new Secret(key), { label: 'one', context }),
    deriveKey(new Secret(key), { label: 'two', context }),
    deriveKey(new Secret(key), { label: 'one', context: context.subarray(1) }),
    deriveKey(new Secret(new Uint8Array(32).fill(3)), { label: 'one', context }),
  ];
  expect(new Set(derivations.map((derived) => hex(derived.expose()))).size).toBe(derivations.length);
});
