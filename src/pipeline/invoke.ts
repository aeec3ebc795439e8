/** The pipeline: the only way in for a call. Its stages, in one transaction of the keyring, then its event. */
import { isRegion } from '../model/region.ts';
import type { Home } from '../model/arn.ts';
import { EnvironmentError, KmsError } from '../model/error.ts';
import type { Members, StructureShape, ValueOf } from '../model/shape.ts';
import { CryptoError } from '../crypto/crypto-error.ts';
import { computeHere, type Compute } from '../crypto/task.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { uuid } from '../crypto/uuid.ts';
import type { Keyring } from '../keyring/keyring.ts';
import {
  claimOutsideJob,
  isStillClaimed,
  putOutsideJob,
  removeOutsideJob,
  type OutsideJob,
} from '../keyring/outside-job.ts';
import { keyringTime } from '../keyring/root.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { identify } from '../operations/principals/known-callers.ts';
import { refusalOf } from '../operations/row/crypto-refusal.ts';
import type { AnyInput, AnyOperation, KeyManagers, Operation, StepTools } from '../operations/row/operation.ts';
import type { Caller } from '../policy/principal.ts';
import type { CallContext } from './authorize.ts';
import { claimJob, claimJobsAt, doJob, type ClaimedJob } from './outside-jobs.ts';
import { runDueJobs } from './run-due-jobs.ts';
import { logCall, logReplicated, type CallOutcome, type Facts } from './log-call.ts';
import { STAGES, type CallState } from './stages.ts';
import {
  finish,
  overwrite,
  performWith,
  placesOf,
  type FinishedStep,
  type StepPlaces,
  type WaitingStep,
} from './steps.ts';
import type { Trace } from './trace.ts';

export interface KmsDeps {
  readonly keyring: Keyring;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: RandomBytes;
  /** Of `--debug`. */
  readonly trace?: Trace | undefined;
  /** Other threads, for calls with a step that takes long; undefined: calls have nobody who would wait for them. */
  readonly compute?: Compute | undefined;
  /** undefined, and where it returns undefined: custom key stores of this keyring reach nothing, and their jobs wait. */
  readonly keyManagers?: (() => Promise<KeyManagers> | undefined) | undefined;
}

export type FindCaller = (keyringAccount: string, tx: Transaction) => Caller | Promise<Caller>;

/** The origin of a call, as the frontend knows it: caller, Region and request attributes. The context is derived from it. */
export interface CallOrigin extends Omit<CallContext, 'caller' | 'home' | 'time'> {
  /** The caller, or a function that finds the caller, which may refuse the call without an event. */
  readonly caller: Caller | FindCaller;
  /** undefined: the keyring's default Region. */
  readonly region: string | undefined;
  /** If the frontend has already sent it; undefined: a new one. */
  readonly requestId?: string | undefined;
}

export interface CallResult<O extends Members = Members> {
  readonly output: ValueOf<StructureShape<O>>;
  readonly requestId: string;
}

export interface Kms {
  /**
   * @param input members as in the API; blobs are bytes, timestamps are dates
   * @throws KmsError when the call is refused; its event is in the log all the same
   */
  invoke<I extends Members, O extends Members>(
    operation: Operation<I, O>,
    input: unknown,
    origin: CallOrigin,
  ): Promise<CallResult<O>>;

  /**
   * Calls of which each depends on the answer before it. Those that are made within a moment share a commit, and are
   * answered after it; each has an event of its own. After a call that is refused there are none.
   */
  invokeChain<I extends Members, O extends Members, S>(
    operation: Operation<I, O>,
    chain: CallChain<S, ValueOf<StructureShape<O>>>,
    origin: CallOrigin,
  ): AsyncGenerator<ChainedAnswer<S, ValueOf<StructureShape<O>>>>;

  /**
   * Calls that are made in order, each after the changes of those before it. Those that are made within a moment share a
   * commit, after which their answers are given at once; each call has an event of its own. Answers come before what is
   * thrown because of a later call: an error that is no refusal, behind which no call is made.
   */
  invokeSeries<O extends Members>(
    calls: readonly SeriesCall<O>[],
    origin: CallOrigin,
    options?: SeriesOptions,
  ): AsyncGenerator<readonly SeriesAnswer<O>[]>;

  /**
   * Calls, and other changes, of which all are made or none: what throws reverts all. Of a call that is refused the event
   * is in the log all the same.
   */
  allOrNothing<T>(work: (unit: CallUnit) => Promise<T>): Promise<T>;
}

/** One transaction with several calls. */
export interface CallUnit extends Pick<Kms, 'invoke'> {
  readonly tx: Transaction;
}

/** `S` is what a chain is at: the position in a list. */
export interface CallChain<S, O> {
  readonly first: S;
  readonly inputAt: (at: S) => unknown;
  /** undefined: that was the last call. It may be asked twice about an answer, and has no effects. */
  readonly next: (at: S, output: O) => S | undefined;
}

export interface ChainedAnswer<S, O> {
  readonly at: S;
  readonly output: O;
}

/** Made by seriesCall(), which compares the input with the operation. */
export interface SeriesCall<O extends Members = Members> {
  readonly operation: Operation<Members, O>;
  readonly input: AnyInput;
}

export interface SeriesOptions {
  /** After a call that is refused there are none. */
  readonly stopsAtRefusal?: boolean;
}

export type SeriesAnswer<O extends Members = Members> =
  | { readonly output: ValueOf<StructureShape<O>> }
  | { readonly error: KmsError };

export const seriesCall = <I extends Members, O extends Members>(
  operation: Operation<I, O>,
  input: ValueOf<StructureShape<I>>,
): SeriesCall<O> => ({ operation, input });

const none = async (): Promise<KeyManagers> => (await import('./no-key-managers.ts')).NO_KEY_MANAGERS;

/** A transaction begins no further call of a chain or series after this time: other processes wait for it. */
const CHAIN_NANOSECONDS = 100_000_000n;

export function createKms({ keyring, clock, random, trace, compute = computeHere, keyManagers: reach }: KmsDeps): Kms {
  const keyManagers = (): Promise<KeyManagers> => reach?.() ?? none();
  const reaches = (): boolean => reach?.() !== undefined;
  const tools: StepTools = { compute, keyManagers };
  const apart = placesOf(tools);
  /** Calls that belong together: their transaction is tried again for what reaches outside alone. */
  const together = placesOf(apart.here);
  const callIn = async (
    tx: Transaction,
    { operation, input, origin, requestId, finished, places = together }: IncomingCall,
  ): Promise<LoggedCall> => {
    const context = await callContextOf(tx, origin, keyringTime(tx.settings, clock()));
    await runDueJobs(tx, { now: context.time, random });
    const jobs = await claimJobsAt(tx, { now: context.time, reaches });
    const made = finished?.undo;
    // another process that has taken it over may destroy at any time what the step has made
    const isUsable = made === undefined || (await isStillClaimed(tx, made));
    const perform = performWith(places, isUsable ? finished : undefined);
    const state = { tx, operation, given: input, context, random, trace, perform, requestId, targets: [], jobs: [] };
    const { waitsFor: step, ...outcome } = await attempt(state);
    jobs.push(...outcome.jobs);
    if (made && (step || outcome.error !== undefined)) jobs.push(...(await claimedNow(tx, made, context.time)));
    else if (made) removeOutsideJob(tx, made);
    if (step) {
      const undo = step.undo && reaches() ? claimOutsideJob(tx, step.undo, context.time) : undefined;
      const waits = { step, undo };
      return { outcome, events: [], jobs, waits };
    }
    const events = eventsOf(operation, { outcome, context, requestId, newId: () => uuid(random) });
    for (const event of events) tx.append(event);
    return { outcome, events, jobs };
  };
  /** @throws what is no refusal */
  const answerIn = async <O extends Members>(
    tx: Transaction,
    { operation, input, origin, requestId, finished }: SeriesCall<O> & Omit<IncomingCall, 'operation' | 'input'>,
  ): Promise<TriedCall<O>> => {
    const mark = tx.mark();
    try {
      const { outcome, jobs, waits } = await callIn(tx, { operation, input, origin, requestId, finished });
      if (waits) return { waits, jobs };
      const { error } = outcome;
      const answer = error instanceof KmsError ? { error } : { output: outputOf(operation, outcome) };
      return { answer, jobs };
    } catch (error) {
      tx.revert(mark);
      if (error instanceof KmsError) return { answer: { error }, jobs: [] };
      throw error;
    }
  };
  const committed = (): void => trace?.('pipeline', 'committed, with its event in the audit log');
  const done = async (jobs: readonly ClaimedJob[]): Promise<void> => {
    for (const job of jobs) {
      trace?.('pipeline', `${job.job.kind}, between two transactions`);
      await doJob(job, { keyring, keyManagers, clock, random });
    }
  };
  /** Does what a call waits for, after which it is tried again. */
  const between = async (waits: WaitingStep, before: FinishedStep | undefined): Promise<FinishedStep> => {
    trace?.('pipeline', 'a step between two transactions');
    overwrite(before);
    return finish(waits, tools);
  };
  return {
    async invoke<I extends Members, O extends Members>(operation: Operation<I, O>, input: unknown, origin: CallOrigin) {
      const requestId = origin.requestId ?? uuid(random);
      let finished: FinishedStep | undefined;
      for (;;) {
        const call = { operation, input, origin, requestId, finished, places: apart };
        const { outcome, jobs, waits } = await keyring
          .transact((tx) => callIn(tx, call))
          .catch(overwriting(call.finished));
        if (!waits) {
          committed();
          if (outcome.error !== undefined) overwrite(finished);
          await done(jobs);
          return { output: outputOf(operation, outcome), requestId };
        }
        await done(jobs);
        finished = await between(waits, finished);
      }
    },

    async *invokeChain<I extends Members, O extends Members, S>(
      operation: Operation<I, O>,
      { first, inputAt, next }: CallChain<S, ValueOf<StructureShape<O>>>,
      origin: CallOrigin,
    ) {
      let waiting: WaitingCall | undefined;
      for (let begin: S | undefined = first; begin !== undefined;) {
        const from: S = begin;
        const tried = await keyring
          .transact(async (tx) => {
            const outcomes: { readonly at: S; readonly outcome: CallOutcome }[] = [];
            const jobs: ClaimedJob[] = [];
            const end = process.hrtime.bigint() + CHAIN_NANOSECONDS;
            let at: S | undefined = from;
            while (at !== undefined && (outcomes.length === 0 || process.hrtime.bigint() < end)) {
              const known = outcomes.length === 0 ? waiting : undefined;
              const requestId = known?.requestId ?? uuid(random);
              const call = { operation, input: inputAt(at), origin, requestId, finished: known?.finished };
              const { outcome, jobs: begun, waits } = await callIn(tx, call);
              jobs.push(...begun);
              if (waits) return { outcomes, jobs, rest: at, waits: { ...waits, requestId } };
              outcomes.push({ at, outcome });
              at = outcome.error === undefined ? next(at, outputOf(operation, outcome)) : undefined;
            }
            return { outcomes, jobs, rest: at, waits: undefined };
          })
          .catch(overwriting(waiting?.finished));
        committed();
        if (tried.outcomes[0]?.outcome.error !== undefined) overwrite(waiting?.finished);
        await done(tried.jobs);
        for (const { at, outcome } of tried.outcomes) yield { at, output: outputOf(operation, outcome) };
        begin = tried.rest;
        waiting = await afterStep(tried.waits, { before: tried.outcomes.length === 0 ? waiting : undefined, between });
      }
    },

    async *invokeSeries<O extends Members>(
      calls: readonly SeriesCall<O>[],
      origin: CallOrigin,
      { stopsAtRefusal = false }: SeriesOptions = {},
    ) {
      let waiting: WaitingCall | undefined;
      for (let rest = calls; rest.length > 0;) {
        const tried = await keyring
          .transact(async (tx) => {
            const answers: SeriesAnswer<O>[] = [];
            const jobs: ClaimedJob[] = [];
            const end = process.hrtime.bigint() + CHAIN_NANOSECONDS;
            for (const call of rest) {
              const known = answers.length === 0 ? waiting : undefined;
              const requestId = known?.requestId ?? uuid(random);
              try {
                const one = await answerIn(tx, { ...call, origin, requestId, finished: known?.finished });
                jobs.push(...one.jobs);
                if ('waits' in one) return { answers, jobs, waits: { ...one.waits, requestId } };
                answers.push(one.answer);
                if ('error' in one.answer && stopsAtRefusal) break;
                if (one.jobs.length > 0) break; // the next call comes after what this one has begun
              } catch (error) {
                return { answers, jobs, failure: { error } };
              }
              if (process.hrtime.bigint() > end) break;
            }
            return { answers, jobs };
          })
          .catch(overwriting(waiting?.finished));
        committed();
        const { answers } = tried;
        if (tried.failure && answers.length === 0) overwrite(waiting?.finished);
        if (answers[0] && 'error' in answers[0]) overwrite(waiting?.finished);
        await done(tried.jobs);
        if (answers.length > 0) yield answers;
        if (tried.failure) throw tried.failure.error;
        if (stopsAtRefusal && answers.length > 0 && 'error' in answers.at(-1)!) return;
        rest = rest.slice(answers.length);
        waiting = await afterStep(tried.waits, { before: answers.length === 0 ? waiting : undefined, between });
      }
    },

    async allOrNothing(work) {
      const finished: (FinishedStep | undefined)[] = [];
      for (;;) {
        const tried = await keyring.transact(async (tx) => {
          const mark = tx.mark();
          const jobs: ClaimedJob[] = [];
          let last: LoggedCall | undefined;
          let count = 0;
          let waits: (WaitingStep & { readonly call: number }) | undefined;
          const invoke: Kms['invoke'] = async <I extends Members, O extends Members>(
            operation: Operation<I, O>,
            input: unknown,
            origin: CallOrigin,
          ) => {
            const requestId = origin.requestId ?? uuid(random);
            const call = count++;
            last = await callIn(tx, { operation, input, origin, requestId, finished: finished[call] });
            jobs.push(...last.jobs);
            if (last.waits) {
              waits = { ...last.waits, call };
              throw new Error('the call waits for a step');
            }
            return { output: outputOf(operation, last.outcome), requestId };
          };
          /** What the call that waits has stored is reverted with the rest of the unit. */
          const waiting = (step: NonNullable<typeof waits>) => {
            if (step.undo) putOutsideJob(tx, step.undo);
            return { waits: step };
          };
          let result: Awaited<ReturnType<typeof work>>;
          try {
            result = await work({ tx, invoke });
          } catch (error) {
            tx.revert(mark);
            if (waits) return waiting(waits);
            if (last && last.outcome.error === error) for (const event of last.events) tx.append(event);
            const now = keyringTime(tx.settings, clock());
            const undone: ClaimedJob[] = [];
            for (const one of finished) if (one?.undo) undone.push(...(await claimedNow(tx, one.undo, now)));
            return { error, jobs: undone };
          }
          if (!waits) return { result, jobs };
          tx.revert(mark);
          return waiting(waits);
        });
        if ('waits' in tried) {
          const { call, ...waits } = tried.waits;
          finished[call] = await between(waits, finished[call]);
          continue;
        }
        committed();
        if ('error' in tried) for (const one of finished) overwrite(one);
        await done(tried.jobs);
        if ('error' in tried) throw tried.error;
        return tried.result;
      }
    },
  };
}

/** Where a transaction fails. */
const overwriting =
  (finished: FinishedStep | undefined) =>
  (error: unknown): never => {
    overwrite(finished);
    throw error;
  };

/** A call that waits for a step, which is done now; it has the same request ID when it is tried again. */
interface WaitingCall {
  readonly finished: FinishedStep;
  readonly requestId: string;
}

interface AfterStep {
  /** The same call, if it waited before. */
  readonly before: WaitingCall | undefined;
  readonly between: (waits: WaitingStep, before: FinishedStep | undefined) => Promise<FinishedStep>;
}

async function afterStep(
  waits: (WaitingStep & { readonly requestId: string }) | undefined,
  { before, between }: AfterStep,
): Promise<WaitingCall | undefined> {
  return waits && { requestId: waits.requestId, finished: await between(waits, before?.finished) };
}

/** What is taken back at once: by this process, once the transaction is committed. */
async function claimedNow(tx: Transaction, undo: OutsideJob, now: number): Promise<ClaimedJob[]> {
  const claimed = await claimJob(tx, undo, now);
  return claimed ? [claimed] : [];
}

type TriedCall<O extends Members> = { readonly jobs: readonly ClaimedJob[] } & (
  | { readonly answer: SeriesAnswer<O> }
  | { readonly waits: WaitingStep }
);

type AttemptedCall = CallOutcome & Pick<CallState, 'waitsFor' | 'jobs'>;

interface LoggedCall {
  readonly outcome: CallOutcome;
  /** The call waits for it, and has no outcome yet. */
  readonly waits?: WaitingStep;
  readonly events: readonly object[];
  /** What is to be done once the transaction is committed. */
  readonly jobs: readonly ClaimedJob[];
}

interface IncomingCall {
  readonly operation: AnyOperation;
  readonly input: unknown;
  readonly origin: CallOrigin;
  readonly requestId: string;
  readonly finished?: FinishedStep | undefined;
  readonly places?: StepPlaces;
}

/** @throws what the call was refused with */
function outputOf<I extends Members, O extends Members>(
  _: Operation<I, O>,
  { output, error }: CallOutcome,
): ValueOf<StructureShape<O>> {
  if (error !== undefined) throw error;
  return output as ValueOf<StructureShape<O>>; // the output of the same row's run()
}

/** With every member: none may be forgotten on the way. */
type WholeContext = { readonly [M in keyof Required<CallContext>]: CallContext[M] };

/** A bare key ID or alias is looked up in the caller's own account. */
async function callContextOf(tx: Transaction, origin: CallOrigin, time: number): Promise<WholeContext> {
  const { settings } = tx;
  const { caller, region = settings.region, sourceIp, userAgent, connection, service, network } = origin;
  const known = await identify(tx, typeof caller === 'function' ? await caller(settings.account, tx) : caller);
  const home: Home = { account: known.account ?? settings.account, region };
  // a Region is part of paths and ARNs; the frontends check it too, with texts of their own
  if (!isRegion(home.region)) throw new KmsError('ValidationException', `Invalid Region '${home.region}'`);
  return { caller: known, home, time, sourceIp, userAgent, connection, service, network };
}

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
