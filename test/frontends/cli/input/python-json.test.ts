import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonError, parseJson } from '../../../../src/frontends/cli/input/python-json.ts';
import { isDict, type Value } from '../../../../src/frontends/cli/values/python-value.ts';
import { tagged } from './tagged.ts';
import { vectors } from './vectors.ts';

const outcome = (text: string): unknown => {
  try {
    return { value: tagged(parseJson(text, 'dict')) };
  } catch (error) {
    if (error instanceof JsonError) return { error: error.message };
    throw error;
  }
};

describe('errors', () => {
  test.each([
    ['', 'Expecting value: line 1 column 1 (char 0)'],
    ['{a}', 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'],
    ['{"a":1 "b"}', "Expecting ',' delimiter: line 1 column 8 (char 7)"],
    ['{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"],
    ['{} x', 'Extra data: line 1 column 4 (char 3)'],
    ['{"a', 'Unterminated string starting at: line 1 column 2 (char 1)'],
    ['["a\nb"]', 'Invalid control character at: line 1 column 4 (char 3)'],
    ['["\\x"]', 'Invalid \\escape: line 1 column 3 (char 2)'],
    ['["\\u12g4"]', 'Invalid \\uXXXX escape: line 1 column 4 (char 3)'],
    ['{"a":1,}', 'Illegal trailing comma before end of object: line 1 column 7 (char 6)'],
    ['[1,\n ]', 'Illegal trailing comma before end of array: line 1 column 3 (char 2)'],
    ['{\n "é\u{1f511}": x}', 'Expecting value: line 2 column 8 (char 9)'],
    ['\ufeff{}', 'Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)'],
  ])('%j', (text, message) => {
    expect(outcome(text)).toEqual({ error: message });
  });

  test('nesting has an end', () => {
    expect(() => parseJson('['.repeat(100_000), 'dict')).toThrow(JsonError);
  });
});

test('duplicate keys keep the last value, and __proto__ is a key like any other', () => {
  const value = parseJson('{"a":1,"b":2,"a":3,"__proto__":4}', 'collections.OrderedDict');
  expect(isDict(value) && [value.type, ...value.items]).toEqual([
    'collections.OrderedDict',
    ['a', 3],
    ['b', 2],
    ['__proto__', 4],
  ]);
});

test('reads and refuses as Python does', () => {
  for (const { text, ...expected } of vectors<{ text: string; value?: unknown; error?: string }>('json')) {
    expect([text, outcome(text)]).toEqual([text, expected]);
  }
});

test('reads what JSON.stringify writes', () => {
  const back = (value: Value): unknown => {
    if (isDict(value)) return Object.fromEntries(Array.from(value.items, ([key, item]) => [key, back(item)]));
    if (Array.isArray(value)) return value.map(back);
    if (typeof value === 'bigint') return Number(value);
    return typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
  };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value, null, 2);
      expect(JSON.stringify(back(parseJson(text, 'dict')))).toBe(JSON.stringify(JSON.parse(text)));
    }),
  );
});
