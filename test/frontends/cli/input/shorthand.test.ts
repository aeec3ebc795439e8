import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseShorthand, ShorthandError } from '../../../../src/frontends/cli/input/shorthand.ts';
import { tagged } from './tagged.ts';
import { vectors } from './vectors.ts';

const nothing = (): undefined => undefined;
const read = (text: string): unknown => tagged(parseShorthand(text, nothing));
const outcome = (text: string): unknown => {
  try {
    return { value: read(text) };
  } catch (error) {
    if (error instanceof ShorthandError) return { error: error.message };
    throw error;
  }
};
const pairs = (...items: unknown[]): unknown => ['dict', ...items];

describe('the grammar', () => {
  test.each([
    ['a=b,c=d', pairs(['a', 'b'], ['c', 'd'])],
    ['a=b,c', pairs(['a', ['list', 'b', 'c']])],
    ['a=b,c,d=e', pairs(['a', ['list', 'b', 'c']], ['d', 'e'])],
    ['TagKey=a, TagValue=b', pairs(['TagKey', 'a'], ['TagValue', 'b'])],
    ['TagKey=a,TagValue=', pairs(['TagKey', 'a'], ['TagValue', ''])],
    ['TagKey=a,,TagValue=b', pairs(['TagKey', 'a'], ['TagValue', 'b'])],
    ['a="b,c"', pairs(['a', 'b,c'])],
    ['a=b\\,c', pairs(['a', 'b,c'])],
    ['a=\'it\\\'s\',b="q\\"\\\\"', pairs(['a', "it's"], ['b', 'q"\\'])],
    ['a=b=c', pairs(['a', 'b=c'])],
    ['aws:s3:arn=arn:aws:s3:::bucket/key', pairs(['aws:s3:arn', 'arn:aws:s3:::bucket/key'])],
    ['a=b;c=d', pairs(['a', 'b;c=d'])],
    ['a=x[1{2', pairs(['a', 'x[1{2'])],
    ['a=]x', pairs(['a', ']x'])],
    ['=x', pairs(['', 'x'])],
    ['a = b c ', pairs(['a', 'b c'])],
    ['a=[b,c,],d=[]', pairs(['a', ['list', 'b', 'c']], ['d', ['list']])],
    ['a={b=c,d=[e,{f=g}],}', pairs(['a', pairs(['b', 'c'], ['d', ['list', 'e', pairs(['f', 'g'])]])])],
    ['a={b=1,b=2}', pairs(['a', pairs(['b', '2'])])],
  ] as [string, unknown][])('%s', (text, value) => {
    expect(read(text)).toEqual(value);
  });

  test.each([
    ['foo', "Expected: '=', received: 'EOF' for input:\n foo\n   ^"],
    [' a=b', "Expected: '=', received: 'a' for input:\n  a=b\n ^"],
    ['a={b=}', "Expected: ',', received: 'EOF' for input:\n a={b=}\n      ^"],
    ['a="b', "Expected: '<double quoted>', received: '<none>' for input:\n a=\"b\n  ^"],
    ["a=b,'c", "Expected: '=', received: ''' for input:\n a=b,'c\n    ^"],
    ['é=b', "Expected: '=', received: 'é' for input:\n é=b\n^"],
    ['a=\u{1f511}', "Expected: ',', received: '\u{1f511}' for input:\n a=\u{1f511}\n  ^"],
    ['a=b,\nc"=d\ne=f', "Expected: '=', received: '\"' for input:\n a=b,\nc\"=d\n ^\ne=f"],
    [
      'TagKey=a,TagKey=b,TagValue=c',
      'Second instance of key "TagKey" encountered for input:\nTagKey=a,TagKey=b,TagValue=c\n         ^\n' +
        'This is often because there is a preceding "," instead of a space.',
    ],
  ])('refuses %j', (text, message) => {
    expect(outcome(text)).toEqual({ error: message });
  });

  test('reads and refuses as the AWS CLI does', () => {
    for (const { text, ...expected } of vectors<{ text: string; value?: unknown; error?: string }>('shorthand')) {
      expect([text, outcome(text)]).toEqual([text, expected]);
    }
  });

  test('nesting has an end', () => {
    expect(() => read(`a=${'['.repeat(50_000)}`)).toThrow(ShorthandError);
  });
});

test('only values behind @= are loaded', () => {
  const loads = (text: string): string | undefined => (text.startsWith('file://') ? `<${text}>` : undefined);
  const value = parseShorthand('a@=file://x,b=file://y,c@=plain,d@=[file://z],e@={f=file://q}', loads);
  expect(tagged(value)).toEqual(
    pairs(
      ['a', '<file://x>'],
      ['b', 'file://y'],
      ['c', 'plain'],
      ['d', ['list', '<file://z>']],
      ['e', pairs(['f', 'file://q'])],
    ),
  );
});

describe('any text survives quoting', () => {
  // a backslash doubled and a quote escaped: the CLI unescapes quotes first, so a text with both `\` and the mark differs
  const quote = (text: string, mark: string): string =>
    `${mark}${text.replaceAll('\\', '\\\\').replaceAll(mark, `\\${mark}`)}${mark}`;
  const texts = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !/\\["']|\\$/.test(text));

  test.each(["'", '"'])('in %s', (mark) => {
    fc.assert(
      fc.property(texts, texts, (first, second) => {
        const text = `a=${quote(first, mark)},b=[${quote(second, mark)},x],c={d=${quote(first, mark)}}`;
        expect(read(text)).toEqual(pairs(['a', first], ['b', ['list', second, 'x']], ['c', pairs(['d', first])]));
      }),
      { numRuns: 500 },
    );
  });
});
