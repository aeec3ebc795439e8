/** The steps of calls (operations/row/operation.ts): in their transaction, or between two of them. */
import { computeHere } from '../crypto/task.ts';
import { Secret } from '../crypto/secret.ts';
import type { OutsideJob } from '../keyring/outside-job.ts';
import type { Basis, Step, StepOutcome, StepTools } from '../operations/row/operation.ts';

/** undefined: not in this transaction. */
export type Perform = (step: Step<unknown>) => Promise<StepOutcome> | undefined;

/** A step that is to be done between two transactions. */
export interface WaitingStep {
  readonly step: Step<unknown>;
  /** As it is stored: `step.undo`. */
  readonly undo: OutsideJob | undefined;
}

export interface FinishedStep extends WaitingStep {
  readonly done: StepOutcome;
}

/** What calls are made with. */
export interface StepPlaces {
  readonly tools: StepTools;
  /** The same, with computations in this thread. */
  readonly here: StepTools;
}

export const placesOf = (tools: StepTools): StepPlaces => ({ tools, here: { ...tools, compute: computeHere } });

/** @param finished undefined in the first transaction of a call */
export function performWith({ tools, here }: StepPlaces, finished: FinishedStep | undefined): Perform {
  const hasThreads = tools.compute !== computeHere;
  return (step) => {
    const isInTransaction = step.place === 'transaction' || (step.place === 'thread' && !hasThreads);
    if (isInTransaction) return resultOf(step, here);
    return finished && hasSameBasis(finished.step.basis, step.basis) ? Promise.resolve(finished.done) : undefined;
  };
}

export const finish = async (waiting: WaitingStep, tools: StepTools): Promise<FinishedStep> => ({
  ...waiting,
  done: await resultOf(waiting.step, tools),
});

/** For a call that does not get what the step has made: plaintext, private keys. */
export function overwrite(finished: FinishedStep | undefined): void {
  if (finished && 'result' in finished.done) wipe(finished.done.result);
}

/** @param made bytes, or an object that has them, or has another that does */
function wipe(made: unknown): void {
  if (made instanceof Uint8Array) made.fill(0);
  else if (typeof made === 'object' && made !== null) for (const part of Object.values(made)) wipe(part);
}

async function resultOf({ work }: Step<unknown>, tools: StepTools): Promise<StepOutcome> {
  try {
    return { result: await work(tools) };
  } catch (error) {
    return { error };
  }
}

export const hasSameBasis = (one: Basis, other: Basis): boolean =>
  one.length === other.length && one.every((part, at) => isEqual(part, other[at]!));

const isEqual = (one: Basis[number], other: Basis[number]): boolean =>
  one instanceof Secret && other instanceof Secret ? one.equals(other) : one === other;
