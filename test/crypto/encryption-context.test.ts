import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex } from '../../src/crypto/bytes.ts';
import { encryptionContextBytes, type EncryptionContext } from '../../src/crypto/encryption-context.ts';

const bytesOf = (context?: EncryptionContext): string => hex(encryptionContextBytes(context));

const layouts: readonly [name: string, context: EncryptionContext | undefined, bytes: string][] = [
  ['none', undefined, '0000'],
  ['an empty one', {}, '0000'],
  ['one pair', { ab: 'c' }, '0001 0002 6162 0001 63'],
  ['an empty value', { a: '' }, '0001 0001 61 0000'],
  ['an empty key', { '': 'a' }, '0001 0000 0001 61'],
  ['UTF-8', { é: '🔑' }, '0001 0002 c3a9 0004 f09f9491'],
  ['keys in the order of their bytes', { b: '1', a: '2', B: '3' }, '0003 00014200013300016100013200016200 0131'],
  // U+FF5E comes before U+1F511 in UTF-8, after it in UTF-16
  ['in UTF-8, not in UTF-16', { '🔑': '', '～': '' }, '0002 0003efbd9e0000 0004f09f94910000'],
];

describe('layout', () => {
  test.each(layouts)('%s', (_, context, bytes) => {
    expect(bytesOf(context)).toBe(bytes.replaceAll(' ', ''));
  });
});

const different: readonly [name: string, one: EncryptionContext, other: EncryptionContext][] = [
  ['where the key ends', { ab: 'c' }, { a: 'bc' }],
  ['case of a key', { Purpose: 'x' }, { purpose: 'x' }],
  ['case of a value', { a: 'Test' }, { a: 'test' }],
  ['key and value', { a: 'b' }, { b: 'a' }],
  ['a pair more', { a: 'b' }, { a: 'b', c: 'd' }],
  ['values changed about', { a: '1', b: '2' }, { a: '2', b: '1' }],
  ['none and an empty pair', {}, { '': '' }],
  ['composed and decomposed', { a: '\u00e9' }, { a: 'e\u0301' }],
  ['a length in the text', { a: 'b', c: 'd' }, { a: 'b\u0000\u0001c\u0000\u0001d' }],
];

describe('differ', () => {
  test.each(different)('%s', (_, one, other) => {
    expect(bytesOf(one)).not.toBe(bytesOf(other));
  });
});

const text = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('a', 'b', '\0', '\0\u0001'),
);
const context = fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true });

test('the order of the pairs does not matter', () => {
  fc.assert(
    fc.property(context, fc.infiniteStream(fc.nat()), (pairs, order) => {
      const ranked = Object.entries(pairs).map((pair) => [order.next().value as number, pair] as const);
      const mixed = Object.fromEntries(ranked.toSorted(([a], [b]) => a - b).map(([, pair]) => pair));
      expect(bytesOf(mixed)).toBe(bytesOf(pairs));
    }),
  );
});

test('two that differ never have the same bytes', () => {
  const canonical = (pairs: EncryptionContext): string =>
    JSON.stringify(Object.entries(pairs).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  fc.assert(
    fc.property(context, context, (one, other) => {
      expect(bytesOf(one) === bytesOf(other)).toBe(canonical(one) === canonical(other));
    }),
    { numRuns: 3000 },
  );
});

test('the largest one: 65,535 pairs', () => {
  const pairs = Object.fromEntries(Array.from({ length: 65_535 }, (_, at) => [String(at).padStart(5, '0'), '']));
  expect(encryptionContextBytes(pairs).length).toBe(2 + 65_535 * 9);
});

const refused: readonly [name: string, context: EncryptionContext, code: string][] = [
  ['a key of 65,536 bytes', { ['k'.repeat(65_536)]: '' }, 'context-too-large'],
  ['a value of 65,536 bytes', { a: 'é'.repeat(32_768) }, 'context-too-large'],
  ['65,536 pairs', Object.fromEntries(Array.from({ length: 65_536 }, (_, at) => [`k${at}`, ''])), 'context-too-large'],
  ['half of a surrogate pair in a value', { a: '\ud83d' }, 'context-not-unicode'],
  ['half of a surrogate pair in a key', { '\udd11': 'a' }, 'context-not-unicode'],
];

describe('refused', () => {
  test.each(refused)('%s', (_, context, code) => {
    expect(() => encryptionContextBytes(context)).toThrow(expect.objectContaining({ failure: { code } }));
  });
});
