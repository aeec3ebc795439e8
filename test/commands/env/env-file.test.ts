/** Env files: the dialect is that of `node --env-file`, which `parseEnv` of node:util reads. */
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEnvFile, withoutName, withValue, withValues, writtenValue } from '../../../src/commands/env/env-file.ts';

const ours = (text: string): { readonly [name: string]: string } =>
  Object.fromEntries(parseEnvFile(text, 'p').map(({ name, value }) => [name, value]));

/** Names of Node.js that are none of environment variables here are left out: a `#` comment after another one, for example. */
const theirs = (text: string): { readonly [name: string]: unknown } =>
  Object.fromEntries(Object.entries(parseEnv(text)).filter(([name]) => /^[A-Za-z_]\w*$/.test(name)));

const PIECES = [
  'A',
  'B',
  'C',
  '=',
  '=',
  '"',
  "'",
  '`',
  '\n',
  '\n',
  '\r',
  ' ',
  '\t',
  '#',
  '\\n',
  'x',
  'export ',
  'ü',
  '\u00a0',
];

describe('read as node --env-file reads it', () => {
  test.each([
    ['A=1', { A: '1' }],
    ['export A = 1', { A: '1' }],
    ['  export   A\t=\t1 \t', { A: '1' }],
    ['export=1\nexportA=2', { export: '1', exportA: '2' }],
    ['export A=1\n\n# comment\n  # one more\nB="two words"  \n', { A: '1', B: 'two words' }],
    ["A='x=y'\r\nB=", { A: 'x=y', B: '' }],
    ['A=\r\nB=2\r\n', { A: '', B: '2' }],
    ['A=x # comment\nB=x#comment\nC=# comment\nD="a # b" # comment\nE=#', { A: 'x', B: 'x', C: '', D: 'a # b', E: '' }],
    ['A="a\\nb\\tc"\nB=\'a\\nb\'\nC=`a\\nb`\nD=a\\nb', { A: 'a\nb\\tc', B: 'a\\nb', C: 'a\\nb', D: 'a\\nb' }],
    ["A='one\n two \n# three' # four\nB=`it's \"x\"`\n", { A: 'one\n two \n# three', B: 'it\'s "x"' }],
    ['A="one\r\ntwo"', { A: 'one\ntwo' }],
    ['A=\'\'\nB=""\nC=``', { A: '', B: '', C: '' }],
    ['A=it\'s "5" o`clock', { A: 'it\'s "5" o`clock' }],
    ['A=\u00a01\u00a0', { A: '\u00a01\u00a0' }],
    ['A=kms:AAAA==', { A: 'kms:AAAA==' }],
    ['A=1\nA=2', { A: '2' }],
    ['A=  \n \t\r\n', { A: '' }],
    ['', {}],
  ])('%j', (text, expected) => {
    expect(ours(text)).toEqual(expected);
    expect(theirs(text)).toEqual(expected);
  });

  const piece = fc.constantFrom(...PIECES);
  const anyText = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
  const blanks = fc.constantFrom('', '', ' ', '\t', '  ');
  const quoted = fc
    .tuple(fc.constantFrom('"', "'", '`'), fc.string({ unit: piece, maxLength: 12 }))
    .map(([quote, text]) => quote + text.replaceAll(quote, '') + quote);
  const unquoted = fc.string({ unit: piece, maxLength: 12 }).map((text) => `x${text.replaceAll(/[\r\n]/g, '')}`);
  const line = fc
    .tuple(
      fc.constantFrom('', 'export '),
      fc.constantFrom('A', 'B', '_c1'),
      blanks,
      fc.oneof(quoted, unquoted, fc.constant('')),
    )
    .filter(([before, , , value]) => before === '' || value !== '')
    .chain(([before, name, blank, value]) =>
      fc
        .tuple(blanks, fc.constantFrom('', '# comment', '#a=b'), fc.constantFrom('\n', '\r\n'))
        .map(
          ([gap, comment, end]) =>
            `${before}${name}${blank}=${value === '' ? '' : blank + value + gap}${comment}${end}`,
        ),
    );
  const lines = fc.array(fc.oneof(line, fc.constantFrom('\n', '# comment\n', '#A=1\n', ' \t\n')), { maxLength: 8 });

  test('whatever is accepted has the values of Node.js', () => {
    let accepted = 0;
    fc.assert(
      fc.property(anyText, (text) => {
        // Node.js reads an indented comment behind another one as a variable (docs/env-files.md)
        fc.pre(!/\n[ \t\r]+#/.test(text));
        let values: object;
        try {
          values = ours(text);
        } catch {
          return;
        }
        accepted += 1;
        expect(values).toEqual(theirs(text));
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });

  test('what is well-formed is accepted, with the values of Node.js', () => {
    fc.assert(
      fc.property(lines, (made) => {
        const text = made.join('');
        expect(ours(text)).toEqual(theirs(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('what is written as a value is read as it', () => {
    const value = fc.oneof(fc.string({ unit: piece, maxLength: 30 }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(value, (text) => {
        const written = writtenValue(text);
        if (written === undefined) {
          expect(text).toMatch(/\r|(?=[^]*')(?=[^]*`)/);
          return;
        }
        const line = `# before\nA=${written}\nB=1`;
        expect(ours(line)).toEqual({ A: text, B: '1' });
        expect(theirs(line)).toEqual(text.includes('\0') ? expect.anything() : { A: text, B: '1' });
      }),
      { numRuns: 2000 },
    );
  });
});

/** Node.js ignores them, or reads another value than a reader of the file sees. */
test.each([
  ['A=1\nnonsense', 'p:2 is not NAME=VALUE'],
  ['A.B=1', 'p:1 is not NAME=VALUE'],
  ['=1', 'p:1 is not NAME=VALUE'],
  ['\ufeffA=1', 'p:1 is not NAME=VALUE'],
  ['A=1\nB="x\nC=2', 'p:2 has no closing "'],
  ["A='x'y", "p:1 has text after the closing '"],
  ['# \nA="one\ntwo\\"three"', 'p:3 has text after the closing "'],
  ['A= \nB=2', 'p:1 has blanks in place of a value'],
  ['export A=', 'p:1 has export, but no value'],
])('%j is refused', (text, message) => {
  expect(() => parseEnvFile(text, 'p')).toThrow(message);
});

describe('a value is set', () => {
  test.each([
    ['', 'A=1\n'],
    ['# mine\nB=2\n', '# mine\nB=2\nA=1\n'],
    ['A=old\nB=2', 'A=1\nB=2\n'],
    ['A=first\nA=last\n', 'A=first\nA=1\n'],
    ['  export A = old  # why\r\nB=2\r\n', '  export A = 1  # why\r\nB=2\r\n'],
    ["A='one\ntwo' # why\n", 'A=1 # why\n'],
    ['A=# why\n', 'A=1# why\n'],
    ['# no end', '# no end\nA=1\n'],
  ])('in %j', (before, after) => {
    expect(withValue(before, 'p', 'A', '1')).toBe(after);
  });
});

test.each([
  ['A=1\n# of B\nB=2 # b\nC=3', '# of B\nB=2 # b\nC=3'],
  ['A=1\nB=2\nexport A="x\ny" # a\n', 'B=2\n'],
  ['B=2\nA=1', 'B=2\n'],
])('a name is removed from %j', (before, after) => {
  expect(withoutName(before, 'p', 'A')).toBe(after);
});

test('values that are replaced by themselves give the same text', () => {
  const text = '# x\n export A=\'1\n2\' # c\r\n\nB = 2 # d\nC=\nD=""';
  const same = parseEnvFile(text, 'p').map((entry) => {
    const { start, end } = entry.valueAt;
    return [entry, text.slice(start, end)] as const;
  });
  expect(withValues(text, new Map(same))).toBe(text);
});

test('a long line of blanks is read in one pass: else this would not end', () => {
  const text = `A=${' '.repeat(1_000_000)}x\n${' '.repeat(1_000_000)}\nB=${'\t x'.repeat(300_000)}  `;
  expect(parseEnvFile(text, 'p').map(({ name, value }) => [name, value.length])).toEqual([
    ['A', 1],
    ['B', 899_998],
  ]);
});
