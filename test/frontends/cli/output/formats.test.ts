import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findFormat } from '../../../../src/frontends/cli/output/format.ts';
import { compileQuery } from '../../../../src/frontends/cli/output/query.ts';
import type { Printable } from '../../../../src/model/printable.ts';
import nested from '../../../vectors/cli-output/nested.json' with { type: 'json' };
import transcripts from '../../../vectors/cli-output/transcripts.json' with { type: 'json' };
import yamlRows from '../../../vectors/cli-output/yaml.json' with { type: 'json' };

const print = async (format: string, value: unknown, title = ''): Promise<string> =>
  (await findFormat(format).printer())(value as Printable, { title });

const said = async (work: Promise<string>): Promise<string> => work.catch((error: Error) => `!${error.message}`);

interface Transcript {
  readonly command: string;
  readonly format: string;
  readonly title: string;
  readonly value: Printable;
  readonly query?: string;
  readonly output: string;
}

describe('transcripts', () => {
  test.each(transcripts as readonly Transcript[])('$command', async ({ format, title, value, query, output }) => {
    const found = query === undefined ? value : (await compileQuery(query))(value);
    expect(await print(format, found, title)).toBe(output);
  });
});

describe('random nested values', () => {
  test.each(nested as unknown as readonly [unknown, string, string][])('%j', async (value, text, table) => {
    expect(await said(print('text', value))).toBe(text);
    expect(await said(print('table', value, 'DescribeKey'))).toBe(table);
  });
});

test.each(yamlRows as unknown as readonly [unknown, string][])('yaml of %j', async (value, yaml) => {
  expect(await print('yaml', value)).toBe(yaml);
});

// what little there is of empty and scalar values
test.each([
  [{}, { json: '', text: '', table: '', yaml: '', 'yaml-stream': '' }],
  [null, { json: 'null\n', text: 'None\n', table: '', yaml: 'null\n', 'yaml-stream': '- null\n' }],
  [[], { json: '[]\n', text: '', table: '', yaml: '[]\n', 'yaml-stream': '- []\n' }],
  ['', { json: '""\n', text: '\n', table: '', yaml: '""\n', 'yaml-stream': "- ''\n" }],
  ['abc', { json: '"abc"\n', text: 'abc\n', table: '---\n|T|\n+-+\n', yaml: '"abc"\n', 'yaml-stream': '- abc\n' }],
  [true, { json: 'true\n', text: 'True\n', table: '---\n|T|\n+-+\n', yaml: 'true\n', 'yaml-stream': '- true\n' }],
  [0, { json: '0\n', text: '0\n', table: '', yaml: '0\n', 'yaml-stream': '- 0\n' }],
  [
    { Keys: [], Truncated: false },
    { 'yaml-stream': '- Keys: []\n  Truncated: false\n', off: '' },
  ],
])('%j', async (value, outputs) => {
  for (const [format, output] of Object.entries(outputs)) {
    expect([format, await print(format, value, 'T')]).toEqual([format, output]);
  }
});

test('json escapes only quotes, backslashes and control characters', async () => {
  const text = 'café 🔑 "\\/\x7f\n\r\t\b\f\x1b';
  expect(await print('json', [text, [], {}, { a: 1 }])).toBe(
    '[\n    "café 🔑 \\"\\\\/\x7f\\n\\r\\t\\b\\f\\u001b",\n    [],\n    {},\n    {\n        "a": 1\n    }\n]\n',
  );
});

describe('quotes in yaml', () => {
  const plain = ['yes', 'no', 'on', 'off', 'a:b', 'a#b', '-x', '?x', ':x', '12:30', '1.0.0', 'a\\b', 'x"y', "x'y"];
  const plainToo = ['arn:aws:kms:us-east-1:111122223333:key/k', 'AQIDBA==', 'café'];
  const numbers = ['123', '1.5', '1e3', '0x1F', '0o17', '017', '1_000', '0b11', '.5', '5.', '.inf'];
  const others = ['2023-11-14', '2023-11-14T22:13:20+00:00', 'true', 'True', 'null', 'Null', '~', '=', '<<', ''];
  const structure = ['#', '@', '`', '%', '*', '&', '!', '|', '>', '{', '}', '[', ']', '"'].map((first) => `${first}x`);
  const more = ['- x', '? x', ': x', '-', '...', '---', 'a: b', 'a #b', ' a', 'a '];
  const rows: [string, string][] = [
    ...[...plain, ...plainToo].map((text): [string, string] => [text, text]),
    ...[...numbers, ...others, ...structure, ...more].map((text): [string, string] => [text, `'${text}'`]),
    ["'x", "'''x'"],
    ['a\nb', "'a\n\n  b'"],
    ['a\tb', '"a\\tb"'],
    ['\x01', '"\\x01"'],
    ['\x7f', '"\\x7F"'],
    ['café 🔑', '"café \\U0001F511"'],
    ['a\n b', '"a\\n b"'],
  ];
  test.each(rows)('%j', async (text, yaml) => {
    expect(await print('yaml', { A: text })).toBe(`A: ${yaml}\n`);
  });
});

test('yaml keys are sorted by code point', async () => {
  expect(await print('yaml', { a: 1, _: 2, B: 3, '10': 4 })).toBe("'10': 4\nB: 3\n_: 2\na: 1\n");
});

test('color paints cells and nesting bars of a table', async () => {
  const table = await findFormat('table').printer();
  expect(table({ A: 1, B: { C: 2 } }, { title: 'DescribeKey', color: true })).toBe(
    [
      '--------------\n',
      '{r}{r}| DescribeKey|{r}{r}\n',
      '{r}{r}+-----+------+{r}{r}\n',
      '{r}{r}|  {b}A{r}  |  {b}1{r}   |{r}{r}\n',
      '{r}{r}+-----+------+{r}{r}\n',
      '{r}{y}|{r}{r}|     B    |{r}{y}|{r}{r}\n',
      '{r}{y}|{r}{r}+----+-----+{r}{y}|{r}{r}\n',
      '{r}{y}|{r}{r}|  {b}C{r} |  {b}2{r}  |{r}{y}|{r}{r}\n',
      '{r}{y}|{r}{r}+----+-----+{r}{y}|{r}{r}\n{r}',
    ]
      .join('')
      .replaceAll('{r}', '\x1b[0m')
      .replaceAll('{b}', '\x1b[1m\x1b[34m')
      .replaceAll('{y}', '\x1b[2m\x1b[33m'),
  );
});

test('a wide terminal leaves a table as it is', async () => {
  const table = await findFormat('table').printer();
  const value = { Name: 'x'.repeat(60), Other: 'y'.repeat(20) };
  expect(table(value, { title: 'T', width: 100 }).split('\n')[3]).toMatch(/^\|\s+Name\s+\|\s+Other\s+\|$/);
  expect(table(value, { title: 'T', width: 80 }).split('\n')[3]).toMatch(/^\|  Name\s+\|  x+\s+\|$/);
});

test.each(['xml', 'JSON', '', 'toString'])('the output type %j is unknown', (name) => {
  expect(() => findFormat(name)).toThrow(`Unknown output type: ${name}`);
});

describe('what is printed reads back as the same value', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('word ', ' ', '\n', ': ', ' #', '- ', "'", '"', '\\', 'x'.repeat(40)), { maxLength: 30 })
      .map((parts) => parts.join('')),
  );
  const { value } = fc.letrec<{ value: Printable }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      fc.array(tie('value'), { maxLength: 4 }),
      // an object would put names that look like numbers first, on both sides alike
      fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  const answer = value.filter((found) => JSON.stringify(found) !== '{}');

  test('json', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (found) => {
        // JSON is YAML, and V8's JSON.parse (Node 26.10) mixes up member names that end in a backslash
        expect(parse(await print('json', found))).toEqual(found);
      }),
    );
  });

  test('yaml', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (found) => {
        expect(parse(await print('yaml', found))).toEqual(found);
      }),
      { numRuns: 500 },
    );
  });
});
