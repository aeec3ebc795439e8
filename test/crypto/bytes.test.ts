import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, hex, plain, readUint, text, uint, utf8 } from '../../src/crypto/bytes.ts';
import { keyMaterialId, newBackingKey } from '../../src/crypto/backing-key.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { uuid, uuidText } from '../../src/crypto/uuid.ts';
import { seeded } from '../support/fixture.ts';

const integers: readonly [width: 1 | 2 | 4 | 6, value: number, bytes: string][] = [
  [1, 0, '00'],
  [1, 255, 'ff'],
  [2, 258, '0102'],
  [4, 0xffffffff, 'ffffffff'],
  [6, 111122223333, '0019df6690e5'],
  [6, 2 ** 48 - 1, 'ffffffffffff'],
];

describe('unsigned integers, big-endian', () => {
  test.each(integers)('%i bytes: %i', (width, value, bytes) => {
    expect(hex(uint(value, width))).toBe(bytes);
    expect(readUint(concat(Uint8Array.of(9), fromHex(bytes)), 1, width)).toBe(value);
  });

  test('one that does not fit is refused', () => {
    for (const [width, value] of [
      [1, 256],
      [2, 65_536],
      [4, 2 ** 32],
      [6, 2 ** 48],
      [1, -1],
    ] as const) {
      expect(() => uint(value, width)).toThrow(RangeError);
    }
  });
});

test('an integer that is not all there is refused', () => {
  for (const at of [0, 1, 5]) expect(() => readUint(new Uint8Array(5), at, 6)).toThrow(RangeError);
});

test('text and hex come back as they were', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 40 }), (string, bytes) => {
      expect(text(utf8(string))).toBe(string);
      expect(plain(fromHex(hex(bytes)))).toEqual(bytes);
    }),
  );
});

test('bytes that are no UTF-8 are no text', () => {
  expect(() => text(Uint8Array.of(0xff))).toThrow(TypeError);
});

test('hex of a part is that part', () => {
  expect(hex(Uint8Array.of(1, 2, 3, 4).subarray(1, 3))).toBe('0203');
  for (const length of [4, 40]) {
    const bytes = Uint8Array.from({ length }, (_, index) => index);
    expect(hex(bytes.subarray(1), 1, length - 2)).toBe(hex(bytes.slice(2, length - 1)));
  }
});

test('concat copies its parts one after the other', () => {
  const parts = [Uint8Array.of(1), new Uint8Array(), Buffer.of(2, 3)];
  const whole = concat(...parts);
  whole.fill(0);
  expect(hex(concat(...parts))).toBe('010203');
});

test('a UUID is of version 4 and variant 10, whatever the bytes', () => {
  const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      expect(uuid(() => bytes.slice())).toMatch(version4);
    }),
  );
  expect(uuid(() => new Uint8Array(16).fill(0xff))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
  expect(uuidText(fromHex('00112233445566778899aabbccddeeff'))).toBe('00112233-4455-6677-8899-aabbccddeeff');
});

test('a backing key has 256 bits; its ID depends on the material and on the key, and does not reveal the material', () => {
  const random = seeded('backing keys');
  const [one, other] = [newBackingKey(random), newBackingKey(random)];
  expect(one.length).toBe(32);
  const ids = [keyMaterialId('a', one), keyMaterialId('b', one), keyMaterialId('a', other)];
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(id).not.toContain(hex(one.expose()).slice(0, 16));
  }
  expect(keyMaterialId('a', new Secret(one.expose().slice()))).toBe(ids[0]);
});
