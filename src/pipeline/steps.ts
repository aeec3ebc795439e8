/**
 * The steps of calls (operations/row/operation.ts): in their transaction, or between two of them where a process has other
 * threads for computations and other callers that would wait.
 */
import { computeHere, type Compute } from '../crypto/task.ts';
import type { Step } from '../operations/row/operation.ts';
import type { StepOutcome } from './stages.ts';

export type Perform = (step: Step<unknown>) => Promise<StepOutcome> | undefined;

/** A step that was done between two transactions. */
export interface FinishedStep {
  readonly step: Step<unknown>;
  readonly done: StepOutcome;
}

export const performHere: Perform = (step) => resultOf(step, computeHere);

/** @param finished undefined in the first transaction of a call */
export const performBetween =
  (finished: FinishedStep | undefined): Perform =>
  (step) => {
    if (!step.takesLong) return performHere(step);
    return finished && isSame(finished.step.material, step.material) ? Promise.resolve(finished.done) : undefined;
  };

export const finish = async (step: Step<unknown>, compute: Compute): Promise<FinishedStep> => ({
  step,
  done: await resultOf(step, compute),
});

/** Overwrites what the work has made for a call that does not get it: plaintext, private keys. */
export function wipeResult(finished: FinishedStep | undefined): void {
  if (!finished || 'error' in finished.done) return;
  const { result } = finished.done;
  const values: readonly unknown[] = result instanceof Uint8Array ? [result] : Object.values(result ?? {});
  for (const value of values) if (value instanceof Uint8Array) value.fill(0);
}

async function resultOf({ work }: Step<unknown>, compute: Compute): Promise<StepOutcome> {
  try {
    return { result: await work(compute) };
  } catch (error) {
    return { error };
  }
}

const isSame = (one: Step<unknown>['material'], other: Step<unknown>['material']): boolean =>
  one === undefined || other === undefined ? one === other : one.equals(other);
