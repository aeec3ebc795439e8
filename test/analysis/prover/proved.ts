/** The prover, where the budget is enough: what it has found. */
import { expect } from 'vitest';
import type { ProofResult } from '../../../src/analysis/prover/budget.ts';
import type { Prover } from '../../../src/analysis/prover/questions.ts';
import { prover } from '../../support/prover.ts';

type Finder<F> = F extends (...args: infer A) => ProofResult<infer T> ? (...args: A) => T : never;

function finder<A extends readonly unknown[], T>(ask: (...args: A) => ProofResult<T>): (...args: A) => T {
  return (...args) => {
    const { found, finished } = ask(...args);
    expect(finished).toBe(true);
    return found;
  };
}

export const proved: { readonly [K in Exclude<keyof Prover, 'actionRules'>]: Finder<Prover[K]> } = {
  publicAccess: finder(prover.publicAccess),
  newAccess: finder(prover.newAccess),
  shadowed: finder(prover.shadowed),
  partlyShadowed: finder(prover.partlyShadowed),
  subsumed: finder(prover.subsumed),
  neverMatches: finder(prover.neverMatches),
  locksOut: finder(prover.locksOut),
  locksOutAll: finder(prover.locksOutAll),
  selfEscalation: finder(prover.selfEscalation),
};
