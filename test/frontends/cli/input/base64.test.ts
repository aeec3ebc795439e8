import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64 } from '../../../../src/frontends/cli/input/base64.ts';
import { vectors } from './vectors.ts';

const hexOf = (text: string): string | null => {
  const decoded = decodeBase64(text);
  return decoded ? Buffer.from(decoded).toString('hex') : null;
};

describe('the lenient decoder', () => {
  test.each([
    ['aGVsbG8=', 'hello'],
    ['aGVs bG8=', 'hello'],
    ['aGVs\nbG8=\n', 'hello'],
    ['aGVs!!!!bG8=', 'hello'],
    ['aGVsbG8==', 'hello'],
    ['aGVsbG8=aGVsbG8=', 'hello'],
    ['abcd', 'i\xb7\x1d'],
    ['====', ''],
    ['-', ''],
    ['_-_-', ''],
    ['', ''],
    ['FILEB//pttxt', '\x14\x82\xc4\x07\xff\xe9\xb6\xdc\x6d'],
  ])('reads %j', (text, latin1) => {
    expect(Buffer.from(decodeBase64(text)!).toString('latin1')).toBe(latin1);
  });

  test.each(['hello', 'hello world', 'a', 'ab', 'abc', 'aGVsbG8'])('refuses %j', (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });

  test('decodes as Python does', () => {
    for (const { text, hex } of vectors<{ text: string; hex: string | null }>('base64')) {
      expect([text, hexOf(text)]).toEqual([text, hex]);
    }
  });

  test('inverts the encoder, whatever stands between the characters', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(fc.constantFrom('', ' ', '\n', '-', '_', '!', ':')),
        (data, noise) => {
          const text = Array.from(
            Buffer.from(data).toString('base64'),
            (letter, at) => letter + (noise[at] ?? ''),
          ).join('');
          expect(decodeBase64(text)).toEqual(data);
        },
      ),
    );
  });

  /** The reference: binascii.a2b_base64's loop, bit by bit. */
  function reference(text: string): number[] | undefined {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const out: number[] = [];
    let [place, pads, left] = [0, 0, 0];
    for (const letter of text) {
      if (letter === '=') {
        if (place >= 2) pads += 1;
        if (place >= 2 && place + pads >= 4) return out;
        continue;
      }
      const value = alphabet.indexOf(letter);
      if (value < 0) continue;
      pads = 0;
      if (place > 0) out.push(((left << (2 * place)) | (value >> (6 - 2 * place))) & 255);
      left = value;
      place = (place + 1) % 4;
    }
    return place === 0 ? out : undefined;
  }

  test('agrees with a reference decoder on any text', () => {
    const letters = fc.string({ unit: fc.constantFrom(...Array.from('ABYZabyz019+/=== -_\n:é')), maxLength: 24 });
    fc.assert(
      fc.property(letters, (text) => {
        const decoded = decodeBase64(text);
        expect(decoded && [...decoded]).toEqual(reference(text));
      }),
      { numRuns: 2000 },
    );
  });
});
