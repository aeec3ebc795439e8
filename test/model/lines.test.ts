/** Lines of bytes that come in pieces: the same wherever the pieces are cut. */
import { expect, test } from 'vitest';
import { LineCutter, linesIn } from '../../src/model/lines.ts';

const MAX = 5;
const pieces = (text: string, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, at) => Buffer.from(text.slice(at * size, (at + 1) * size)));

test.each([
  ['', []],
  ['a', ['a']],
  ['a\n', ['a']],
  ['\n\na\n\n', ['', '', 'a', '']],
  ['ab\r\ncd', ['ab\r', 'cd']],
  ['12345\n123456\n1234567890\n1\n', ['12345', '123456', '123456', '1']],
  ['1234567890', ['123456']],
])('%j', (text, expected) => {
  for (let size = 1; size <= text.length + 1; size += 1) {
    const lines = [...linesIn(pieces(text, size), MAX)].map((line) => Buffer.from(line).toString());
    expect(lines, `in pieces of ${size}`).toEqual(expected);
  }
});

test('a line that has begun does not change with the piece that it was in', () => {
  const cutter = new LineCutter(MAX);
  const piece = Buffer.from('1\n23');
  expect([...cutter.ending(piece)].map((line) => Buffer.from(line).toString())).toEqual(['1']);
  piece.write('4\n5\n');
  expect([...cutter.ending(piece)].map((line) => Buffer.from(line).toString())).toEqual(['234', '5']);
  expect(cutter.rest()).toBeUndefined();
});
