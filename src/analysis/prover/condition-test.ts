/** One condition test of a statement as the proofs see it: evaluated by the engine itself, on values that are tried. */
import { isObject } from '../../model/json-object.ts';
import { comparison } from './budget.ts';
import { evaluateTest, type Truth } from '../../policy/condition.ts';
import type { PolicyDocument, Statement } from '../../policy/document.ts';
import { readOperator, type OperatorUse } from '../../policy/operators.ts';

export interface Test {
  readonly operator: string;
  /** As written. */
  readonly name: string;
  /** Lower-cased. */
  readonly key: string;
  readonly wanted: readonly string[];
  /** Of all wanted values together. */
  readonly length: number;
  /** undefined: no operator, so the engine never evaluates it. */
  readonly use: OperatorUse | undefined;
  readonly hasVariables: boolean;
  /** Compares with the value of another key, about which nothing is proved. */
  readonly open: boolean;
}

/** @returns undefined for a block that is malformed: the engine cannot evaluate it */
export function testsOf({ condition }: Statement, { hasVariables }: PolicyDocument): readonly Test[] | undefined {
  if (condition === undefined) return [];
  if (!isObject(condition)) return undefined;
  const tests: Test[] = [];
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isObject(keys)) return undefined;
    const use = readOperator(operator);
    for (const [name, given] of Object.entries(keys)) {
      const values = Array.isArray(given) ? (given as unknown[]) : [given];
      if (!values.every((value) => ['string', 'number', 'boolean'].includes(typeof value))) return undefined;
      const wanted = values.map(String);
      const open = hasVariables && (use?.operator.variables ?? false) && wanted.some(hasVariable);
      const length = wanted.reduce((sum, text) => sum + text.length, 0);
      tests.push({ operator, name, key: name.toLowerCase(), wanted, length, use, hasVariables, open });
    }
  }
  return tests;
}

const hasVariable = (text: string): boolean => /\$\{(?![*?$]\})/.test(text);

/** What judging a value is counted as: by the number of wanted values, and by their length where wildcards may stand. */
export function costOf({ wanted, length, use }: Test, found: readonly string[] | undefined): number {
  const family = use?.operator.family;
  if (!found || !use || family === 'Null') return 2;
  const compares = family === 'Arn' || use.operator.name.endsWith('Like');
  const each = family === 'IpAddress' || family === 'Date' ? 8 : 1;
  return found.reduce(
    (sum, value) => sum + wanted.length * each + (compares ? comparison(length, value.length) : 1),
    0,
  );
}

/** @param found undefined: the key is absent */
export function truthOf(test: Test, found: readonly string[] | undefined, keyPolicy = true): Truth {
  const { operator, key, wanted, hasVariables } = test;
  const values = new Map(found ? [[key, found]] : []);
  return evaluateTest({ operator, key, wanted }, { values, hasVariables, keyPolicy }).truth;
}

/** What a proof asks of a test. A Deny applies unless one of its tests fails; an Allow if all of its tests hold. */
export type Want = 'holds' | 'fails' | 'not holds' | 'not fails';

export interface Literal {
  readonly test: Test;
  readonly want: Want;
}

export const meets = (truth: Truth, want: Want): boolean =>
  want.startsWith('not ') ? truth !== want.slice(4) : truth === want;
