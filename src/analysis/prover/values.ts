/**
 * Values to try for a condition key: one of each class that the tests on it distinguish. Texts come from automata,
 * numbers and dates from the borders of intervals, addresses from the borders of ranges.
 */
import type { Budget } from './budget.ts';
import { conditionKey } from '../../policy/condition-keys.ts';
import { readDate, readNumber, readRange, type AddressRange } from '../../policy/operands.ts';
import { expand, globOf, plainText, type Template } from '../../policy/variables.ts';
import { textClasses, type TextPattern } from './automaton.ts';
import type { Test } from './condition-test.ts';

export interface ValueClasses {
  readonly values: readonly string[];
  /** False: there may be a class without a value here, so nothing is proved by trying them. */
  readonly complete: boolean;
}

type Family = 'text' | 'number' | 'date' | 'address' | 'bytes' | 'truth';
const FAMILIES = {
  String: 'text',
  Arn: 'text',
  Numeric: 'number',
  Date: 'date',
  IpAddress: 'address',
  Binary: 'bytes',
  Bool: 'truth',
} as const satisfies { readonly [family: string]: Family };

interface Asked {
  readonly key: string;
  readonly budget: Budget;
}

const CLASSES: { readonly [F in Family]: (tests: readonly Test[], asked: Asked) => ValueClasses } = {
  text: textValues,
  number: numberValues,
  date: dateValues,
  address: addressValues,
  bytes: (tests) => ({ values: [...wantedBy(tests), 'eA==', '!'], complete: true }),
  truth: () => ({ values: ['true', 'false'], complete: true }),
};

const NATURAL: { readonly [type: string]: Family } = { Numeric: 'number', Date: 'date', IPAddress: 'address' };

/** @param tests all that the policies have on this key */
export function valueClasses(tests: readonly Test[], asked: Asked): ValueClasses {
  const { key, budget } = asked;
  const type = conditionKey(key)?.type;
  if (type === 'Bool') return CLASSES.truth(tests, asked);
  // some eight borders and their texts for each
  budget.spend(tests.reduce((sum, { wanted }) => sum + 1 + 8 * wanted.length, 0));
  const families = new Map<Family, Test[]>();
  for (const test of tests) {
    const family = test.use && test.use.operator.family;
    if (!family || family === 'Null' || test.open) continue;
    const own = families.get(FAMILIES[family]);
    if (own) own.push(test);
    else families.set(FAMILIES[family], [test]);
  }
  const natural = (type && NATURAL[type]) ?? 'text';
  // dates may be compared as the number of their seconds
  const alike = natural === 'date' ? ['date', 'number'] : [natural];
  const byType = CLASSES[natural](
    [...families].flatMap(([family, own]) => (alike.includes(family) ? own : [])),
    asked,
  );
  const others = [...families].filter(([family]) => !alike.includes(family));
  if (others.length === 0) return byType;
  const parts = [byType, ...others.map(([family, own]) => CLASSES[family](own, asked))];
  const values = [...new Set(parts.flatMap((part) => part.values))];
  // a text that is no number is a class of its own; two orders of the same values are not told apart here
  const complete =
    parts.every((part) => part.complete) && others.length === 1 && natural === 'text' && !families.has('text');
  return { values, complete };
}

const wantedBy = (tests: readonly Test[]): readonly string[] => tests.flatMap(({ wanted }) => wanted);

function textValues(tests: readonly Test[], { budget }: Asked): ValueClasses {
  const patterns: TextPattern[] = [];
  let complete = true;
  for (const test of tests) {
    for (const wanted of test.wanted) {
      const pattern = patternOf(test, wanted);
      if (pattern) patterns.push(pattern);
      // case folds that change the length of a text are outside of what automata can follow here
      if (pattern?.kind === 'fold' && /[^\0-\x7f]/.test(wanted)) complete = false;
    }
  }
  const classes = textClasses(patterns, { budget });
  return { values: classes.texts, complete: complete && classes.complete };
}

/** @returns undefined for a value that no text matches */
export function patternOf({ use, hasVariables }: Test, wanted: string): TextPattern | undefined {
  if (!use) return undefined;
  const template = expand(wanted, {
    enabled: hasVariables && use.operator.variables,
    values: new Map(),
    keyPolicy: true,
  });
  if (!template) return undefined;
  if (use.operator.family === 'Arn') return { kind: 'arn', glob: globOf(template) };
  const { name } = use.operator;
  if (name.endsWith('Like')) return { kind: 'glob', glob: globOf(template) };
  const fold = name.endsWith('IgnoreCase');
  const text = fold ? plainText(template).toLowerCase() : plainText(template);
  return { kind: fold ? 'fold' : 'glob', glob: literally(text) };
}

const literally = (text: string): ReturnType<typeof globOf> => globOf([{ text, literal: true }] satisfies Template);

interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** What the API takes at all. */
const RANGES: { readonly [key: string]: NumberRange } = {
  'kms:schedulekeydeletionpendingwindowindays': { min: 7, max: 30 },
  'kms:rotationperiodindays': { min: 90, max: 2560 },
};
const COUNT: NumberRange = { min: 0, max: 1e15 };

function numberValues(tests: readonly Test[], { key }: Asked): ValueClasses {
  const borders = bordersOf(tests, readNumber);
  if (conditionKey(key)?.type !== 'Numeric') {
    const between = borders.flatMap((border, index) => [border, (border + (borders[index + 1] ?? border + 2)) / 2]);
    const values = [(borders[0] ?? 1) - 1, ...between].map(String);
    return { values, complete: values.every((value) => readNumber(value) !== undefined) };
  }
  const range = RANGES[key] ?? COUNT;
  const near = borders.flatMap((border) => [
    Math.floor(border),
    Math.ceil(border),
    Math.floor(border) - 1,
    Math.ceil(border) + 1,
  ]);
  const values = near.filter((value) => value >= range.min && value <= range.max);
  return {
    values: [...new Set([...values, range.min, ...(range === COUNT ? [] : [range.max])])].map(String),
    complete: true,
  };
}

const bordersOf = (tests: readonly Test[], read: (text: string) => number | undefined): readonly number[] =>
  [...new Set(wantedBy(tests).flatMap((text) => read(text) ?? []))].sort((a, b) => a - b);

/** Keys that have seconds since 1970; all others have ISO 8601. */
const IN_SECONDS = new Set(['aws:epochtime', 'kms:validto']);
const SOME_DAY = Date.UTC(2026, 0, 1) / 1000;

function dateValues(tests: readonly Test[], { key }: Asked): ValueClasses {
  const borders = bordersOf(tests, (text) => readDate(text) ?? readNumber(text));
  const near = borders.flatMap((border) => [
    Math.floor(border) - 1,
    Math.floor(border),
    Math.ceil(border),
    Math.ceil(border) + 1,
  ]);
  const seconds = [...new Set([...near, SOME_DAY])].filter((value) => value >= 0 && value < 253_402_300_800);
  const print = IN_SECONDS.has(key)
    ? String
    : (second: number) => `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
  // few seconds are read as a number and not as a date
  return { values: seconds.map(print), complete: borders.every((border) => border >= 10_000) };
}

/** Ranges are nested or apart, so what one has beyond its inner ones begins at its own start or behind one of them. */
function addressValues(tests: readonly Test[]): ValueClasses {
  const values = new Set(['203.0.113.1', '2001:db8::1', '::', '0.0.0.0']);
  for (const range of wantedBy(tests).flatMap((text) => readRange(text) ?? [])) {
    const { first, last } = ends(range);
    const max = (1n << BigInt(range.bytes.length * 8)) - 1n;
    values.add(printAddress(first, range.bytes.length));
    if (last < max) values.add(printAddress(last + 1n, range.bytes.length));
  }
  return { values: [...values], complete: true };
}

function ends({ bytes, bits }: AddressRange): { readonly first: bigint; readonly last: bigint } {
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const host = (1n << BigInt(bytes.length * 8 - bits)) - 1n;
  return { first: value & ~host, last: value | host };
}

function printAddress(value: bigint, length: number): string {
  const step = length === 4 ? 8n : 16n;
  const count = length === 4 ? 4 : 8;
  const parts = Array.from(
    { length: count },
    (_, index) => (value >> (step * BigInt(count - 1 - index))) & ((1n << step) - 1n),
  );
  return length === 4 ? parts.join('.') : parts.map((part) => part.toString(16)).join(':');
}
