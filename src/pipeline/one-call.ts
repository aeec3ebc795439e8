/** One call in a transaction of the keyring: its stages, then its event. */
import { EnvironmentError, KmsError } from '../model/error.ts';
import { CryptoError } from '../crypto/crypto-error.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { uuid } from '../crypto/uuid.ts';
import { claimOutsideJob, isStillClaimed, removeOutsideJob } from '../keyring/outside-job.ts';
import { keyringTime } from '../keyring/root.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { refusalOf } from '../operations/row/crypto-refusal.ts';
import type { AnyOperation } from '../operations/row/operation.ts';
import { callContextOf, type CallOrigin } from './call-origin.ts';
import { logCall, logReplicated, type CallOutcome, type Facts } from './log-call.ts';
import { claimJobs, claimJobsAt, type ClaimedJob } from './outside-jobs.ts';
import { runDueJobs } from './run-due-jobs.ts';
import { STAGES, type CallState } from './stages.ts';
import { performWith, type FinishedStep, type StepPlaces, type WaitingStep } from './steps.ts';
import type { Trace } from './trace.ts';

export interface IncomingCall {
  readonly operation: AnyOperation;
  readonly input: unknown;
  readonly origin: CallOrigin;
  readonly requestId: string;
  readonly places: StepPlaces;
  /** What it has waited for. */
  readonly finished?: FinishedStep | undefined;
}

export interface TriedCall {
  readonly outcome: CallOutcome;
  /** The call waits for it, and has no outcome yet. */
  readonly waits?: WaitingStep;
  readonly events: readonly object[];
  /** What is to be done once the transaction is committed. */
  readonly jobs: readonly ClaimedJob[];
}

export interface CallDeps {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: RandomBytes;
  readonly trace?: Trace | undefined;
  /** Whether key managers can be asked. */
  readonly reaches: () => boolean;
}

/** @throws what is no refusal, and the refusal of a call that has no context */
export async function tryCall(
  tx: Transaction,
  { operation, input, origin, requestId, finished, places }: IncomingCall,
  { clock, random, trace, reaches }: CallDeps,
): Promise<TriedCall> {
  const context = await callContextOf(tx, origin, keyringTime(tx.settings, clock()));
  const { time: now } = context;
  await runDueJobs(tx, { now, random });
  const jobs = await claimJobsAt(tx, { now, reaches });
  const undo = finished?.undo;
  // another process that has taken it over may destroy at any time what the step has made
  const isUsable = undo === undefined || (await isStillClaimed(tx, undo));
  const perform = performWith(places, isUsable ? finished : undefined);
  const state = { tx, operation, given: input, context, random, trace, perform, requestId, targets: [], jobs: [] };
  const { waitsFor: step, ...outcome } = await attempt(state);
  jobs.push(...outcome.jobs);
  // in a unit that is tried again there may be another call in its place, which has no use for it
  if (undo && !step && outcome.error === undefined && isResultOf(finished, outcome.done)) removeOutsideJob(tx, undo);
  else if (undo) jobs.push(...(await claimJobs(tx, [undo], now)));
  if (step) {
    const stored = step.undo && reaches() ? claimOutsideJob(tx, step.undo, now) : undefined;
    return { outcome, events: [], jobs, waits: { step, undo: stored } };
  }
  const events = eventsOf(operation, { outcome, context, requestId, newId: () => uuid(random) });
  for (const event of events) tx.append(event);
  return { outcome, events, jobs };
}

const isResultOf = (finished: FinishedStep | undefined, done: unknown): boolean =>
  finished !== undefined && 'result' in finished.done && finished.done.result === done;

type AttemptedCall = CallOutcome & Pick<CallState, 'waitsFor' | 'jobs'>;

/** Reverts a refused call, and returns what is known of it for its event. */
async function attempt(state: CallState): Promise<AttemptedCall> {
  const { tx, operation, context, trace } = state;
  const mark = tx.mark();
  trace?.('pipeline', `${operation.name} as ${context.caller.arn} in ${context.home.account}, ${context.home.region}`);
  for (const [name, stage] of STAGES) {
    try {
      const pending = stage(state, state.input ?? {});
      if (pending) await pending;
    } catch (thrown) {
      if (thrown instanceof EnvironmentError) throw thrown;
      const error = thrown instanceof CryptoError ? refusalOf(thrown) : thrown;
      if (error instanceof KmsError) trace?.('pipeline', `refused in stage ${name}: ${error.code}`);
      tx.revert(mark);
      return { ...state, jobs: [], error };
    }
  }
  if (state.waitsFor) tx.revert(mark);
  return state;
}

/** The last stage, also of refused calls: its event, and events in other Regions. */
const eventsOf = (operation: AnyOperation, facts: Facts): readonly object[] => [
  logCall(operation, facts),
  ...logReplicated(operation, facts),
];
