import { describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/frontends/cli/output/failure.ts';
import type { Printable } from '../../../../src/model/printable.ts';
import { compileQuery } from '../../../../src/frontends/cli/output/query.ts';
import vectors from '../../../vectors/cli-output/jmespath.json' with { type: 'json' };

const data = vectors.data as Printable;

const search = async (expression: string): Promise<unknown> => (await compileQuery(expression))(data);

const rows = vectors.rows as unknown as readonly (readonly [string, unknown])[];
const isError = (answer: unknown): answer is { readonly error: string } =>
  typeof answer === 'object' && answer !== null && 'error' in answer;

describe('as jmespath.py answers', () => {
  test.each(rows.filter(([, answer]) => !isError(answer)))('%s', async (expression, answer) => {
    expect(JSON.stringify(await search(expression))).toBe(JSON.stringify(answer));
  });
});

describe('as jmespath.py complains', () => {
  test.each(rows.filter(([, answer]) => isError(answer)))('%s', async (expression, answer) => {
    const { kind, lines } = await search(expression).then(
      () => failureOf('no complaint'),
      (error: unknown) => failureOf(error),
    );
    const prefix = kind === 'usage' ? `Bad value for --query ${expression}: ` : '';
    expect(lines.join('\n')).toBe(prefix + (answer as { error: string }).error);
  });
});

test.each([
  [
    'Keys[',
    'usage',
    'Bad value for --query Keys[: Invalid jmespath expression: Incomplete expression:\n"Keys["\n      ^',
  ],
  ['', 'usage', 'Bad value for --query : Invalid JMESPath expression: cannot be empty.'],
  [
    'file://pt.txt',
    'usage',
    'Bad value for --query file://pt.txt: Bad jmespath expression: Unknown token /:\nfile://pt.txt\n     ^',
  ],
  ['bogus(@)', 'other', 'Unknown function: bogus()'],
  [
    'length(Nope)',
    'other',
    `In function length(), invalid type for value: None, expected one of: ['string', 'array', 'object'], received: "null"`,
  ],
])('%j fails as %s', async (expression, kind, message) => {
  const failure = await search(expression).catch((error: unknown) => failureOf(error));
  expect(failure).toMatchObject({ kind, lines: message.split('\n') });
});

test('a query that cannot be parsed is found before it is used', async () => {
  await expect(compileQuery('Keys[')).rejects.toThrow('Bad value for --query');
  await expect(compileQuery('bogus(@)')).resolves.toBeTypeOf('function');
});

test.each(['constructor', 'toString', '__proto__', 'Keys.length'])('%s is no member', async (expression) => {
  expect(await search(expression)).toBeNull();
});

test('a member called __proto__ is a member like any other', async () => {
  const query = await compileQuery('{"__proto__": @.Truncated}');
  expect(JSON.stringify(query(data))).toBe('{"__proto__":false}');
});

test('names are compared by code point, not by UTF-16 unit', async () => {
  const query = await compileQuery('sort(@)');
  expect(query(['\u{1f511}', '\uff5e', 'a'])).toEqual(['a', '\uff5e', '\u{1f511}']);
});

describe('limits', () => {
  const complaint = async (expression: string) =>
    search(expression).then(
      () => failureOf('no complaint'),
      (error: unknown) => failureOf(error),
    );
  test('an expression has 2,000 tokens at most', async () => {
    expect(await search(`a${'[0]'.repeat(666)}`)).toBeNull();
    for (const piece of ['[0]', '[*]', '|a', '(', '[', '!', '[].', 'a[?']) {
      const { kind, lines } = await complaint(`a${piece.repeat(20_000)}`);
      expect(kind).toBe('usage');
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/: Invalid jmespath expression: more than 2000 tokens$/);
    }
  });
  test('values add up: a query makes 10,000,000 at most, and answers as many', async () => {
    const message = 'The query makes more than 10000000 values';
    for (const doubling of [' | [@, @]', ' | [@, @][]', ' | {a: @, b: @}', ' | {a: @, b: @}.*', ' | [[@, @][], @][]']) {
      expect(await complaint(`\`[1, 2]\`${doubling.repeat(60)}`)).toMatchObject({ kind: 'other', lines: [message] });
    }
    expect(await search(`\`[1]\`${' | [@, @][]'.repeat(10)} | length(@)`)).toBe(1024);
  });
  test('an answer has 500 levels at most', async () => {
    const levels = (count: number): string => `\`${'['.repeat(count)}${']'.repeat(count)}\``;
    expect(JSON.stringify(await search(levels(500)))).toHaveLength(1000);
    const message = 'The query returns more than 500 levels';
    expect(await complaint(levels(502))).toMatchObject({ kind: 'other', lines: [message] });
    expect(await complaint(levels(100_000))).toMatchObject({ kind: 'other', lines: [message] });
  });
});
