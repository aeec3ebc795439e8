/**
 * A Condition block against the values of a request: holds, fails, or is unknown, with the reason per key.
 * AND over operators and keys, OR over values, NOR for negated operators.
 * `unknown` is what cannot be evaluated: statement.ts lets it neither allow nor fail to deny.
 */
import { isObject } from '../model/json-object.ts';
import { conditionKey } from './condition-keys.ts';
import { readOperator, type Operator, type OperatorUse } from './operators.ts';
import type { ContextValues } from './context-values.ts';
import { expand } from './variables.ts';

export type Truth = 'holds' | 'fails' | 'unknown';

/** Why a test is unknown. */
export type Indeterminate =
  /** Not an operator, or one with a set operator or IfExists that it cannot have. */
  | 'operator'
  /** The block is not of the form operator, key, value. */
  | 'form'
  /** A key with several values under an operator for one. */
  | 'severalValues'
  /** A value is not the number, date, address ... that the operator compares. */
  | 'value';

/** One key under one operator, as written. */
export interface ConditionTest {
  readonly operator: string;
  readonly key: string;
  readonly wanted: readonly string[];
}

export interface TestResult extends ConditionTest {
  readonly found: readonly string[] | undefined;
  readonly truth: Truth;
  readonly indeterminate?: Indeterminate;
}

export interface ConditionResult {
  readonly truth: Truth;
  readonly tests: readonly TestResult[];
}

export interface ConditionScope {
  readonly values: ContextValues;
  readonly hasVariables: boolean;
  /** Key policies are not given the keys that only identity policies see. */
  readonly keyPolicy: boolean;
}

const NONE: ConditionResult = { truth: 'holds', tests: [] };
const MALFORMED: ConditionResult = {
  truth: 'unknown',
  tests: [{ operator: '', key: '', wanted: [], found: undefined, truth: 'unknown', indeterminate: 'form' }],
};

export function evaluateCondition(condition: unknown, scope: ConditionScope): ConditionResult {
  if (condition === undefined) return NONE;
  const tests = readTests(condition);
  if (!tests) return MALFORMED;
  const results = tests.map((test) => evaluateTest(test, scope));
  return { truth: every(results, (result) => result.truth), tests: results };
}

/** The block as a list; JSON booleans and numbers count as their texts. */
export function readTests(condition: unknown): readonly ConditionTest[] | undefined {
  if (!isObject(condition)) return undefined;
  const tests: ConditionTest[] = [];
  for (const operator in condition) {
    const keys = condition[operator];
    if (!isObject(keys)) return undefined;
    for (const key in keys) {
      const given = keys[key];
      const wanted: string[] = [];
      for (const value of Array.isArray(given) ? (given as unknown[]) : [given]) {
        if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
        wanted.push(String(value));
      }
      tests.push({ operator, key, wanted });
    }
  }
  return tests;
}

export function evaluateTest(test: ConditionTest, scope: ConditionScope): TestResult {
  const use = readOperator(test.operator);
  if (!use) return { ...test, found: undefined, truth: 'unknown', indeterminate: 'operator' };
  const name = test.key.toLowerCase();
  const key = conditionKey(name);
  const values = scope.keyPolicy && key?.identityOnly ? undefined : scope.values.get(name);
  const found = values?.length ? values : undefined;
  const result = (truth: Truth, indeterminate?: Indeterminate): TestResult => ({
    ...test,
    found,
    truth,
    ...(indeterminate ? { indeterminate } : {}),
  });
  const { operator, set } = use;
  const compare = comparisonOf(operator, test.wanted, scope);

  if (operator.family === 'Null') return result(...withIndeterminate(compare(String(found === undefined))));
  if (!found) return result(missing(use));
  if (set === 'ForAllValues') return result(...withIndeterminate(every(found, compare)));
  if (set === 'ForAnyValue') return result(...withIndeterminate(some(found, compare)));
  if (key?.many || found.length > 1) return result('unknown', 'severalValues');
  return result(...withIndeterminate(compare(found[0]!)));
}

const withIndeterminate = (truth: Truth): [Truth, Indeterminate?] => (truth === 'unknown' ? [truth, 'value'] : [truth]);

/** The key is absent. ForAnyValue fails on an empty set, whatever stands inside, and even with IfExists. */
function missing({ operator, set, ifExists }: OperatorUse): Truth {
  if (set) return set === 'ForAllValues' ? 'holds' : 'fails';
  return ifExists || operator.negated ? 'holds' : 'fails';
}

/**
 * One found value against the list of wanted ones, which is read once however many values there are. A variable without
 * a value matches nothing.
 */
function comparisonOf(operator: Operator, wanted: readonly string[], scope: ConditionScope): (found: string) => Truth {
  const variables = { ...scope, enabled: scope.hasVariables && operator.variables };
  const templates = wanted.map((text) => expand(text, variables)).filter((template) => template !== undefined);
  const comparisons = templates.map((template) => operator.test(template));
  return (found) => {
    const matched = some(comparisons, (compare) => truthOf(compare(found)));
    return operator.negated ? opposite(matched) : matched;
  };
}

const truthOf = (answer: boolean | undefined): Truth => (answer === undefined ? 'unknown' : answer ? 'holds' : 'fails');

const OPPOSITE: Readonly<Record<Truth, Truth>> = { holds: 'fails', fails: 'holds', unknown: 'unknown' };
const opposite = (truth: Truth): Truth => OPPOSITE[truth];

/** Kleene's strong logic of three values. */
function every<T>(items: readonly T[], compare: (item: T) => Truth): Truth {
  let truth: Truth = 'holds';
  for (const item of items) {
    const one = compare(item);
    if (one === 'fails') return 'fails';
    if (one === 'unknown') truth = 'unknown';
  }
  return truth;
}

function some<T>(items: readonly T[], compare: (item: T) => Truth): Truth {
  return opposite(every(items, (item) => opposite(compare(item))));
}
