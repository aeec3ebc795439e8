/**
 * Budget: how much work may be done about one policy document. Whatever a proof makes or looks at (states and
 * transitions of automata, values of condition keys, atoms, truth tables, steps of the solver, requests that are put to
 * the engine) is counted where that happens, before it happens. What lies beyond the budget is not done, and nothing
 * that depends on it is claimed.
 */

/** Steps for one document. A step takes about 100 ns and at most about 100 bytes (`npm run bench:policy`). */
export const PROOF_STEPS = 300_000;

export class BudgetSpent extends Error {
  override readonly name = 'BudgetSpent';
}

export class Budget {
  readonly limit: number;
  #spent = 0;
  #isCut = false;

  constructor(limit: number = PROOF_STEPS) {
    this.limit = limit;
  }

  get spent(): number {
    return this.#spent;
  }

  /** Something was left out: what was not found is not known to be absent. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Throws BudgetSpent, now and whenever it is asked again, if that many steps are not left. */
  spend(steps = 1): void {
    this.#spent += steps;
    if (this.#spent <= this.limit) return;
    this.#isCut = true;
    throw new BudgetSpent();
  }

  /** One part of the work went beyond its share and was left out; the rest goes on. */
  cut(): void {
    this.#isCut = true;
  }
}

export interface ProofResult<T> {
  /** All of it is proved. */
  readonly found: T;
  /** False: the budget ended before the search did, so there may be more. */
  readonly finished: boolean;
}

/** What a search finds within the budget. */
export function within<T>(budget: Budget, search: (found: T[]) => void): ProofResult<readonly T[]> {
  const found: T[] = [];
  try {
    search(found);
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
  }
  return { found, finished: !budget.isCut };
}

/** Whether something is so; `false` of an answer that is not finished means nothing. */
export function proves(budget: Budget, isSo: () => boolean): ProofResult<boolean> {
  const { found, finished } = within<true>(budget, (all) => {
    if (isSo()) all.push(true);
  });
  return { found: found.length > 0, finished };
}

/** What a comparison of two texts, character by character, is counted as. */
export const comparison = (pattern: number, text: number): number => 1 + Math.floor((pattern * text) / 64);
