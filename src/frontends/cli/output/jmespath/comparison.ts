/** JMESPath comparison: what counts as false, when two values are equal, and the operators. */
import { byCodePoint } from '../../values/code-points.ts';
import { isList, isMap, type Printable } from '../../../../model/printable.ts';
import { typeName } from '../../values/python.ts';

/** `0` is true. */
export const isFalse = (value: Printable): boolean =>
  value === null ||
  value === false ||
  value === '' ||
  (isList(value) && value.length === 0) ||
  (isMap(value) && Object.keys(value).length === 0);

export const isTrue = (value: Printable): boolean => !isFalse(value);

export function equal(a: Printable, b: Printable): boolean {
  if (a === b) return true;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, index) => equal(item, b[index]!));
  if (!isMap(a)) return a === b;
  const names = Object.keys(a);
  return (
    isMap(b) &&
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equal(a[name]!, b[name]!))
  );
}

/** Orders two numbers or two texts; a number and a text have no order. */
export function compare(a: Printable, b: Printable, sign = '<'): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return byCodePoint(a, b);
  throw new TypeError(`'${sign}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

const ordered = (sign: string, holds: (order: number) => boolean) => (a: Printable, b: Printable) =>
  isOrdered(a) && isOrdered(b) ? holds(compare(a, b, sign)) : null;

const isOrdered = (value: Printable): boolean => typeof value === 'number' || typeof value === 'string';

export const operators = {
  eq: equal,
  ne: (a: Printable, b: Printable) => !equal(a, b),
  lt: ordered('<', (order) => order < 0),
  lte: ordered('<=', (order) => order <= 0),
  gt: ordered('>', (order) => order > 0),
  gte: ordered('>=', (order) => order >= 0),
} as const;
