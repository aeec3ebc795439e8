/**
 * The table of condition operators. A row parses one wanted value and compares it with found ones. Negation, IfExists and
 * the set operators are the same for all operators, in condition.ts.
 */
import { matchesArn } from './arn-match.ts';
import { matchesGlob } from './glob.ts';
import { inRange, readDate, readNumber, readRange, sameBytes } from './operands.ts';
import { globOf, plainText, type Template } from './variables.ts';

export type OperatorFamily = 'String' | 'Numeric' | 'Date' | 'Bool' | 'Binary' | 'IpAddress' | 'Arn' | 'Null';

/** The wanted value is read once, for however many found ones; undefined when one cannot be read as what is compared. */
type OperatorTest = (wanted: Template) => (found: string) => boolean | undefined;

export interface Operator {
  readonly name: string;
  readonly family: OperatorFamily;
  readonly negated: boolean;
  /** Policy variables work in this operator's values. */
  readonly variables: boolean;
  readonly test: OperatorTest;
}

const row = (name: string, family: OperatorFamily, test: OperatorTest): Operator => ({
  name,
  family,
  negated: false,
  variables: family === 'String' || family === 'Arn',
  test,
});
const negation = (name: string, operator: Operator): Operator => ({ ...operator, name, negated: true });

type Order = (found: number, wanted: number) => boolean;
const ordered =
  (read: (text: string) => number | undefined, holds: Order): OperatorTest =>
  (wanted) => {
    const right = read(plainText(wanted));
    return (found) => {
      const left = read(found);
      return left === undefined || right === undefined ? undefined : holds(left, right);
    };
  };

const ORDERS: readonly (readonly [string, Order])[] = [
  ['Equals', (found, wanted) => found === wanted],
  ['LessThan', (found, wanted) => found < wanted],
  ['LessThanEquals', (found, wanted) => found <= wanted],
  ['GreaterThan', (found, wanted) => found > wanted],
  ['GreaterThanEquals', (found, wanted) => found >= wanted],
];
const inOrder = (family: 'Numeric' | 'Date', read: (text: string) => number | undefined): Operator[] =>
  ORDERS.map(([name, holds]) => row(`${family}${name}`, family, ordered(read, holds)));

const TRUTH = new Set(['true', 'false']);

const POSITIVE: readonly Operator[] = [
  row('StringEquals', 'String', (wanted) => {
    const text = plainText(wanted);
    return (found) => text === found;
  }),
  row('StringEqualsIgnoreCase', 'String', (wanted) => {
    const text = plainText(wanted).toLowerCase();
    return (found) => text === found.toLowerCase();
  }),
  row('StringLike', 'String', (wanted) => {
    const glob = globOf(wanted);
    return (found) => matchesGlob(glob, found);
  }),
  ...inOrder('Numeric', readNumber),
  ...inOrder('Date', readDate),
  row('Bool', 'Bool', (wanted) => {
    const left = plainText(wanted).toLowerCase();
    return (found) => {
      const right = found.toLowerCase();
      return TRUTH.has(left) && TRUTH.has(right) ? left === right : undefined;
    };
  }),
  row('BinaryEquals', 'Binary', (wanted) => {
    const text = plainText(wanted);
    return (found) => sameBytes(text, found);
  }),
  row('IpAddress', 'IpAddress', (wanted) => {
    const range = readRange(plainText(wanted));
    return (found) => {
      const address = readRange(found);
      return range && address ? inRange(address, range) : undefined;
    };
  }),
  row('ArnEquals', 'Arn', likeArn),
  row('ArnLike', 'Arn', likeArn),
  // found: whether the key is absent, as `true` or `false`
  row('Null', 'Null', (wanted) => {
    const asked = plainText(wanted).toLowerCase();
    return (found) => (TRUTH.has(asked) ? asked === found : undefined);
  }),
];

function likeArn(wanted: Template): (found: string) => boolean {
  const glob = globOf(wanted);
  return (found) => matchesArn(glob, found);
}

const NEGATIONS: readonly (readonly [string, string])[] = [
  ['StringNotEquals', 'StringEquals'],
  ['StringNotEqualsIgnoreCase', 'StringEqualsIgnoreCase'],
  ['StringNotLike', 'StringLike'],
  ['NumericNotEquals', 'NumericEquals'],
  ['DateNotEquals', 'DateEquals'],
  ['NotIpAddress', 'IpAddress'],
  ['ArnNotEquals', 'ArnEquals'],
  ['ArnNotLike', 'ArnLike'],
];

const OPERATORS = new Map(POSITIVE.map((operator) => [operator.name, operator]));
for (const [name, positive] of NEGATIONS) OPERATORS.set(name, negation(name, OPERATORS.get(positive)!));

/** Without set operators and IfExists. */
export const OPERATOR_NAMES: readonly string[] = [...OPERATORS.keys()];

export interface OperatorUse {
  readonly operator: Operator;
  readonly set: 'ForAllValues' | 'ForAnyValue' | undefined;
  readonly ifExists: boolean;
}

const SETS = ['ForAllValues', 'ForAnyValue'] as const;
const IF_EXISTS = 'IfExists';

/** Reads `ForAnyValue:StringLikeIfExists`. Null takes neither a set operator nor IfExists. */
export function readOperator(text: string): OperatorUse | undefined {
  const set = SETS.find((name) => text.startsWith(`${name}:`));
  const ifExists = text.endsWith(IF_EXISTS);
  const name = text.slice(set ? set.length + 1 : 0, ifExists ? -IF_EXISTS.length : undefined);
  const operator = OPERATORS.get(name);
  if (!operator || (operator.family === 'Null' && (set || ifExists))) return undefined;
  return { operator, set, ifExists };
}
