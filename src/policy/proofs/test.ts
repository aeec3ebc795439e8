/** One condition test of a statement as the proofs see it: judged by the engine itself, on values that are tried. */
import { judgeCondition, type Truth } from '../condition.ts';
import { isObject, type PolicyDocument, type Statement } from '../document.ts';
import { readOperator, type OperatorUse } from '../operators.ts';

export interface Test {
  readonly operator: string;
  /** As written. */
  readonly name: string;
  /** Lower-cased. */
  readonly key: string;
  readonly wanted: readonly string[];
  /** undefined: no operator, so the engine never judges it. */
  readonly use: OperatorUse | undefined;
  readonly hasVariables: boolean;
  /** Compares with what another key has: outside of what can be proved. */
  readonly open: boolean;
}

/** @returns undefined for a block that is malformed: the engine cannot judge it */
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
      tests.push({ operator, name, key: name.toLowerCase(), wanted, use, hasVariables, open });
    }
  }
  return tests;
}

const hasVariable = (text: string): boolean => /\$\{(?![*?$]\})/.test(text);

/** @param found undefined: the key is absent */
export function judge(test: Test, found: readonly string[] | undefined, keyPolicy = true): Truth {
  const values = new Map(found ? [[test.key, found]] : []);
  const condition = { [test.operator]: { [test.name]: test.wanted } };
  return judgeCondition(condition, { values, hasVariables: test.hasVariables, keyPolicy }).truth;
}

/** What a proof asks of a test. A Deny applies unless one of its tests fails; an Allow if all of its tests hold. */
export type Want = 'holds' | 'fails' | 'not holds' | 'not fails';

export interface Literal {
  readonly test: Test;
  readonly want: Want;
}

export const meets = (truth: Truth, want: Want): boolean =>
  want.startsWith('not ') ? truth !== want.slice(4) : truth === want;
