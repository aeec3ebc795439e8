/** Lines for people: they fit the width, lose nothing, and show what would move the cursor. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { line, plainPaint, printLines, wrapped, type StyledLine } from '../../src/model/styled-text.ts';

const print = (one: StyledLine, columns: number | undefined): readonly string[] =>
  printLines([one], { paint: plainPaint, columns }).split('\n');

describe('wrapping', () => {
  test.each<[StyledLine, number | undefined, readonly string[]]>([
    [wrapped(2, 'one two three'), undefined, ['one two three']],
    [wrapped(2, 'one two three'), 13, ['one two three']],
    [wrapped(2, 'one two three'), 12, ['one two', '  three']],
    [wrapped(2, '  one', ['strong', ' two'], ' three'), 9, ['  one two', '  three']],
    // pieces of one word stay together
    [wrapped(2, 'one tw', ['strong', 'o'], ' three'), 7, ['one two', '  three']],
    // what fits the width alone is not indented out of it
    [wrapped(4, 'on arn:aws:kms'), 12, ['on', ' arn:aws:kms']],
    [wrapped(4, 'on arn:aws:kms:longer'), 12, ['on', 'arn:aws:kms:longer']],
    // Unicode Standard Annex #11: wide characters take two columns, marks none
    [wrapped(2, '日本語 日本'), 11, ['日本語 日本']],
    [wrapped(2, '日本語 日本'), 10, ['日本語', '  日本']],
    [wrapped(2, '😀😀 x'), 5, ['😀😀', '  x']],
    [wrapped(2, 'e\u0301e\u0301 \u200bx'), 4, ['e\u0301e\u0301 \u200bx']],
    [line('one two three'), 5, ['one two three']],
    [wrapped(2), 5, ['']],
  ])('%j in %s columns', (one, columns, rows) => expect(print(one, columns)).toEqual(rows));

  test('loses and adds nothing but blanks, and every row fits that has no longer word', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(words, fc.integer({ min: 12, max: 40 }), (all, columns) => {
        const rows = print(wrapped(2, all.join(' ')), columns);
        expect(rows.join(' ').split(/ +/).filter(Boolean)).toEqual(all);
        for (const row of rows) expect(row.length).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

test('quoted controls are shown, and colored text is not touched otherwise', () => {
  const paint = (style: string, text: string): string => `<${style}>${text}</>`;
  expect(printLines([line('a\u001b[31m', ['error', 'b\n']), line(['strong', ''])], { paint, columns: 80 })).toBe(
    'a\\u001b[31m<error>b\\u000a</>\n',
  );
});
