/**
 * The pipeline: the only way in for a call. A call alone, calls in order that share commits, and calls of which all are made
 * or none; and what is done between their transactions.
 */
import { KmsError } from '../model/error.ts';
import type { Members, StructureShape, ValueOf } from '../model/shape.ts';
import { computeHere, type Compute } from '../crypto/task.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { uuid } from '../crypto/uuid.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { putOutsideJob } from '../keyring/outside-job.ts';
import { keyringTime } from '../keyring/root.ts';
import type { Transaction } from '../keyring/transaction.ts';
import type { AnyInput, KeyManagers, Operation, StepTools } from '../operations/row/operation.ts';
import type { CallOrigin } from './call-origin.ts';
import type { CallOutcome } from './log-call.ts';
import { tryCall, type IncomingCall, type TriedCall } from './one-call.ts';
import { claimJobs, doJob, type ClaimedJob } from './outside-jobs.ts';
import { finish, overwrite, placesOf, type FinishedStep, type WaitingStep } from './steps.ts';
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

/** For a job: a key store that takes longer is not waited for again by the same call. */
const SLOW = 1_000_000_000n;
/** A transaction begins no further call after this time: other processes wait for it. */
const LONGEST_TRANSACTION = 100_000_000n;

export function createKms({ keyring, clock, random, trace, compute = computeHere, keyManagers: reach }: KmsDeps): Kms {
  const keyManagers = (): Promise<KeyManagers> => reach?.() ?? none();
  const deps = { clock, random, trace, reaches: () => reach?.() !== undefined };
  const tools: StepTools = { compute, keyManagers };
  const withThreads = placesOf(tools);
  /** Calls that belong together: their transaction is tried again for what reaches outside alone. */
  const withoutThreads = placesOf(withThreads.here);
  const committed = (): void => trace?.('pipeline', 'committed, with its event in the audit log');
  const doJobs = async (jobs: readonly ClaimedJob[]): Promise<void> => {
    const slow = new Set<string>();
    for (const claimed of jobs) {
      const { kind, keyStoreId } = claimed.job;
      // the others are for another call, once nobody has done them in time
      if (slow.has(keyStoreId) && kind !== 'connect-key-store') continue;
      trace?.('pipeline', `${kind}, between two transactions`);
      const begin = process.hrtime.bigint();
      await doJob(claimed, { keyring, keyManagers, clock, random });
      if (process.hrtime.bigint() - begin > SLOW) slow.add(keyStoreId);
    }
  };
  /** Does what a call waits for, after which it is tried again. */
  const doStep = async (waits: WaitingStep, before: FinishedStep | undefined): Promise<FinishedStep> => {
    trace?.('pipeline', 'a step between two transactions');
    overwrite(before);
    return finish(waits, tools);
  };
  /** @throws what is no refusal */
  const answerIn = async <O extends Members>(
    tx: Transaction,
    call: Omit<IncomingCall, 'places' | 'operation'> & { readonly operation: Operation<Members, O> },
  ): Promise<TriedAnswer<O>> => {
    const mark = tx.mark();
    try {
      const { outcome, jobs, waits } = await tryCall(tx, { ...call, places: withoutThreads }, deps);
      if (waits) return { waits, jobs };
      const { error } = outcome;
      const answer = error instanceof KmsError ? { error } : { output: outputOf(call.operation, outcome) };
      return { answer, jobs };
    } catch (error) {
      tx.revert(mark);
      if (error instanceof KmsError) return { answer: { error }, jobs: [] };
      throw error;
    }
  };
  /** The answers of each transaction, once it is committed. */
  async function* inOrder<S, O extends Members>(
    { first, callAt, next }: CallsInOrder<S, O>,
    origin: CallOrigin,
  ): AsyncGenerator<readonly AnswerAt<S, O>[]> {
    let waiting: WaitingCall | undefined;
    for (let begin = first; begin !== undefined;) {
      const from: S = begin;
      const tried = await keyring
        .transact(async (tx) => {
          const answers: AnswerAt<S, O>[] = [];
          const jobs: ClaimedJob[] = [];
          const end = process.hrtime.bigint() + LONGEST_TRANSACTION;
          for (let at: S | undefined = from; at !== undefined;) {
            const known = answers.length === 0 ? waiting : undefined;
            const { requestId = uuid(random), finished } = known ?? {};
            try {
              const one = await answerIn(tx, { ...callAt(at), origin, requestId, finished });
              jobs.push(...one.jobs);
              if ('waits' in one) return { answers, jobs, rest: at, waits: { ...one.waits, requestId } };
              answers.push({ at, answer: one.answer });
              at = next(at, one.answer);
              // the next call comes after what this one has begun
              if (one.jobs.length > 0 || process.hrtime.bigint() > end) return { answers, jobs, rest: at };
            } catch (error) {
              return { answers, jobs, failure: { error } };
            }
          }
          return { answers, jobs };
        })
        .catch(overwriting(waiting?.finished));
      committed();
      const { answers, jobs, failure, waits } = tried;
      const isUnused = answers[0] ? 'error' in answers[0].answer : failure !== undefined;
      if (isUnused) overwrite(waiting?.finished);
      await doJobs(jobs);
      if (answers.length > 0) yield answers;
      if (failure) throw failure.error;
      const before = answers.length === 0 ? waiting?.finished : undefined;
      waiting = waits && { requestId: waits.requestId, finished: await doStep(waits, before) };
      begin = tried.rest;
    }
  }
  return {
    async invoke<I extends Members, O extends Members>(operation: Operation<I, O>, input: unknown, origin: CallOrigin) {
      const requestId = origin.requestId ?? uuid(random);
      let finished: FinishedStep | undefined;
      for (;;) {
        const call = { operation, input, origin, requestId, finished, places: withThreads };
        const { outcome, jobs, waits } = await keyring
          .transact((tx) => tryCall(tx, call, deps))
          .catch(overwriting(call.finished));
        if (!waits) {
          committed();
          if (outcome.error !== undefined) overwrite(finished);
          await doJobs(jobs);
          return { output: outputOf(operation, outcome), requestId };
        }
        await doJobs(jobs);
        finished = await doStep(waits, finished);
      }
    },

    async *invokeChain<I extends Members, O extends Members, S>(
      operation: Operation<I, O>,
      { first, inputAt, next }: CallChain<S, ValueOf<StructureShape<O>>>,
      origin: CallOrigin,
    ) {
      const calls: CallsInOrder<S, O> = {
        first,
        callAt: (at) => ({ operation, input: inputAt(at) }),
        next: (at, answer) => ('error' in answer ? undefined : next(at, answer.output)),
      };
      for await (const answers of inOrder(calls, origin)) {
        for (const { at, answer } of answers) {
          if ('error' in answer) throw answer.error;
          yield { at, output: answer.output };
        }
      }
    },

    async *invokeSeries<O extends Members>(
      series: readonly SeriesCall<O>[],
      origin: CallOrigin,
      { stopsAtRefusal = false }: SeriesOptions = {},
    ) {
      const existing = (at: number): number | undefined => (at < series.length ? at : undefined);
      const calls: CallsInOrder<number, O> = {
        first: existing(0),
        callAt: (at) => series[at]!,
        next: (at, answer) => (stopsAtRefusal && 'error' in answer ? undefined : existing(at + 1)),
      };
      for await (const answers of inOrder(calls, origin)) yield answers.map(({ answer }) => answer);
    },

    async allOrNothing(work) {
      const finished: (FinishedStep | undefined)[] = [];
      for (;;) {
        const tried = await keyring.transact(async (tx) => {
          const mark = tx.mark();
          const jobs: ClaimedJob[] = [];
          let last: TriedCall | undefined;
          let count = 0;
          let waits: (WaitingStep & { readonly call: number }) | undefined;
          const invoke: Kms['invoke'] = async <I extends Members, O extends Members>(
            operation: Operation<I, O>,
            input: unknown,
            origin: CallOrigin,
          ) => {
            const requestId = origin.requestId ?? uuid(random);
            const call = count++;
            const incoming = { operation, input, origin, requestId, finished: finished[call], places: withoutThreads };
            last = await tryCall(tx, incoming, deps);
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
            const undone = finished.flatMap((one) => one?.undo ?? []);
            return { error, jobs: await claimJobs(tx, undone, keyringTime(tx.settings, clock())) };
          }
          if (!waits) return { result, jobs };
          tx.revert(mark);
          return waiting(waits);
        });
        if ('waits' in tried) {
          const { call, ...waits } = tried.waits;
          finished[call] = await doStep(waits, finished[call]);
          continue;
        }
        committed();
        if ('error' in tried) for (const one of finished) overwrite(one);
        await doJobs(tried.jobs);
        if ('error' in tried) throw tried.error;
        return tried.result;
      }
    },
  };
}

/** Each after the answer to the one before it; `S` is what they are at. */
interface CallsInOrder<S, O extends Members> {
  /** undefined: there are none. */
  readonly first: S | undefined;
  readonly callAt: (at: S) => Pick<IncomingCall, 'input'> & { readonly operation: Operation<Members, O> };
  /** undefined: that was the last call. It may be asked twice about an answer, and has no effects. */
  readonly next: (at: S, answer: SeriesAnswer<O>) => S | undefined;
}

interface AnswerAt<S, O extends Members> {
  readonly at: S;
  readonly answer: SeriesAnswer<O>;
}

type TriedAnswer<O extends Members> = Pick<TriedCall, 'jobs'> &
  ({ readonly answer: SeriesAnswer<O> } | { readonly waits: WaitingStep });

/** A call that waits for a step, which is done now; it has the same request ID when it is tried again. */
interface WaitingCall {
  readonly finished: FinishedStep;
  readonly requestId: string;
}

/** Where a transaction fails. */
const overwriting =
  (finished: FinishedStep | undefined) =>
  (error: unknown): never => {
    overwrite(finished);
    throw error;
  };

/** @throws what the call was refused with */
function outputOf<I extends Members, O extends Members>(
  _: Operation<I, O>,
  { output, error }: CallOutcome,
): ValueOf<StructureShape<O>> {
  if (error !== undefined) throw error;
  return output as ValueOf<StructureShape<O>>; // the output of the same row's run()
}
