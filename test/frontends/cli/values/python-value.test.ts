import { describe, expect, test } from 'vitest';
import { readInteger } from '../../../../src/frontends/cli/input/integer.ts';
import {
  dict,
  parseFloat10,
  repr,
  str,
  typeOf,
  type Value,
} from '../../../../src/frontends/cli/values/python-value.ts';
import { UsageError } from '../../../../src/frontends/cli/input/usage-error.ts';

const float = (value: number): Value => ({ type: 'float', value });

describe('printing', () => {
  // %o and not %j: vitest cannot write a bigint as JSON
  test.each<[Value, string, string]>([
    [null, 'None', 'NoneType'],
    [true, 'True', 'bool'],
    [12, '12', 'int'],
    [12345678901234567890n, '12345678901234567890', 'int'],
    ["it's", '"it\'s"', 'str'],
    ['q"\'', `'q"\\''`, 'str'],
    ['a\nb\t\\', "'a\\nb\\t\\\\'", 'str'],
    ['é\u00a0\u200b\u{1f511}\u{e0001}', "'é\\xa0\\u200b\u{1f511}\\U000e0001'", 'str'],
    [new Uint8Array([104, 39, 0, 255]), `b"h'\\x00\\xff"`, 'bytes'],
    [['b', 1, [null]], "['b', 1, [None]]", 'list'],
    [dict(new Map([['x', 'y']])), "{'x': 'y'}", 'dict'],
    [dict(new Map([['b', 'c']]), 'collections.OrderedDict'), "OrderedDict({'b': 'c'})", 'collections.OrderedDict'],
    [dict(new Map(), 'collections.OrderedDict'), 'OrderedDict()', 'collections.OrderedDict'],
    [{ type: 'datetime.date', at: new Date(0), text: '1970-01-01' }, '1970-01-01', 'datetime.date'],
    [float(1), '1.0', 'float'],
    [float(-0), '-0.0', 'float'],
    [float(1e16), '1e+16', 'float'],
    [float(123456789012345680), '1.2345678901234568e+17', 'float'],
    [float(0.0001), '0.0001', 'float'],
    [float(1.5e-7), '1.5e-07', 'float'],
    [float(Number.NaN), 'nan', 'float'],
    [float(Number.NEGATIVE_INFINITY), '-inf', 'float'],
  ])('%o', (value, printed, type) => {
    expect([repr(value), typeOf(value)]).toEqual([printed, `<class '${type}'>`]);
  });

  test('a string alone is printed without quotes', () => {
    expect(str('tomorrow')).toBe('tomorrow');
  });
});

describe('numbers', () => {
  test.each<[Value, unknown]>([
    [' 32 ', 32],
    ['+5', 5],
    ['-007', -7],
    ['1_000', 1000],
    ['\u0663', 3],
    ['\uff15', 5],
    ['\u{1d7d7}\u{1d7e0}', 98],
    ['9999999999999999999', 9999999999999999999n],
    [new Uint8Array([51, 50]), 32],
    [7, 7],
  ])('int(%o)', (value, number) => {
    expect(readInteger(value)).toBe(number);
  });

  test.each<[Value, string]>([
    ['1.5', "invalid literal for int() with base 10: '1.5'"],
    ['', "invalid literal for int() with base 10: ''"],
    ['1__0', "invalid literal for int() with base 10: '1__0'"],
    ['0x10', "invalid literal for int() with base 10: '0x10'"],
    [['1'], "int() argument must be a string, a bytes-like object or a real number, not 'list'"],
  ])('int(%o) fails', (value, message) => {
    expect(() => readInteger(value)).toThrow(new UsageError('other', message));
  });

  test.each([
    ['1e9', 1e9],
    [' 1_0.5 ', 10.5],
    ['.5', 0.5],
    ['5.', 5],
    ['nan', undefined],
    ['1.2.3', undefined],
    ['', undefined],
  ])('float(%j)', (text, number) => {
    expect(parseFloat10(text)).toBe(number);
  });
});
