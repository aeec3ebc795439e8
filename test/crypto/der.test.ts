import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, hex } from '../../src/crypto/bytes.ts';
import { der, derInteger, readDer, readInteger, readSequence, TAG } from '../../src/crypto/der.ts';

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 4200n }), fc.uint8Array({ maxLength: 600 }), (number, octets) => {
      const values = readSequence(der(TAG.sequence, derInteger(number), der(TAG.octetString, octets)));
      expect(readInteger(values?.[0])).toBe(number);
      expect(hex(values![1]!.content)).toBe(hex(octets));
    }),
  );
});

describe('one way to write a value', () => {
  test.each([
    ['indefinite length', '30800201010000'],
    ['long form of a short length', '02810105'],
    ['length of 256 with leading zero', '048200050102030405'],
    ['content cut short', '0405010203'],
    ['no length', '02'],
    ['tag of several bytes', '1f810100'],
  ])('%s is no DER', (_, digits) => {
    expect(readDer(fromHex(digits))).toBeUndefined();
  });

  test.each([
    ['negative', '0280'],
    ['leading zero', '020005'],
    ['empty', '02'],
    ['another type', '0405'],
  ])('integer: %s', (_, digits) => {
    const [tag, ...content] = fromHex(digits);
    expect(readInteger({ tag: tag!, content: Uint8Array.from(content) })).toBeUndefined();
  });

  test('something after a sequence', () => {
    expect(readSequence(fromHex('3003020101'))).toHaveLength(1);
    expect(readSequence(fromHex('300302010100'))).toBeUndefined();
    expect(readSequence(fromHex('30030201010500'))).toBeUndefined();
  });
});
