import { expect, test } from 'vitest';
import { fromBase64, toBase64 } from '../../src/model/base64.ts';
import { isObject } from '../../src/model/json-object.ts';

// RFC 4648 section 10
test.each([
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
])('%j is %j, with its padding and without', (text, base64) => {
  const bytes = new TextEncoder().encode(text);
  expect(toBase64(bytes)).toBe(base64);
  expect(fromBase64(base64)).toEqual(bytes);
  expect(fromBase64(base64.replaceAll('=', ''))).toEqual(bytes);
});

test.each(['Z', 'Zg=', 'Zm9=v', 'Zm9v=', 'Zm9-', 'Zm9_', 'Zm 9v', 'Zm9v\n', '===='])('%j is none', (text) =>
  expect(fromBase64(text)).toBeUndefined(),
);

test('bytes share their buffer with nothing else', () => {
  expect(fromBase64('Zm9vYmFy')!.buffer.byteLength).toBe(6);
});

test('a part of a buffer is written, not all of it', () => {
  expect(toBase64(new Uint8Array([0, 102, 111, 111, 0]).subarray(1, 4))).toBe('Zm9v');
});

test.each([
  [{}, true],
  [Object.create(null), true],
  [[], false],
  [null, false],
  [undefined, false],
  ['{}', false],
  [new Uint8Array(1), false],
])('%j is an object: %s', (value, is) => expect(isObject(value)).toBe(is));
