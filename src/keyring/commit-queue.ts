/** Units of work that wait while another transaction commits: they share the next one (ADR 16). */
import type { Transaction } from './transaction.ts';

/** Maximum number of units of work in one transaction. */
const MAX_TOGETHER = 64;

export type UnitOfWork = (tx: Transaction) => Promise<unknown>;

export type WorkOutcome = { readonly result: unknown } | { readonly error: unknown };

interface Waiting {
  readonly work: UnitOfWork;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface QueueDeps {
  /** One transaction for several units of work, or for the first few of them: there are as many outcomes as were done. */
  readonly run: (units: readonly UnitOfWork[]) => Promise<readonly WorkOutcome[]>;
  /** Whether the process has committed before, and so is likely to commit again. */
  readonly isLongLived: () => boolean;
  /** How long the disk takes, in milliseconds, where other work is done meanwhile; else 0. */
  readonly syncTime: () => number;
}

/** In milliseconds: of a sync that takes less, each half of the clients has its own, while the other half is served. */
const SHORT_SYNC = 0.3;
const LONGEST_WAIT = 5;
const SHORTEST_TIMER = 1;

export class CommitQueue {
  readonly #run: QueueDeps['run'];
  readonly #isLongLived: QueueDeps['isLongLived'];
  readonly #syncTime: QueueDeps['syncTime'];
  #waiting: Waiting[] = [];
  #isRunning = false;
  /** As many as were answered or waited when the last transaction ended: whoever was answered may call again. */
  #expected = 0;
  #onArrival: (() => void) | undefined;

  constructor({ run, isLongLived, syncTime }: QueueDeps) {
    this.#run = run;
    this.#isLongLived = isLongLived;
    this.#syncTime = syncTime;
  }

  add<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (result: unknown) => void, reject });
      this.#onArrival?.();
      if (!this.#isRunning) void this.#runAll();
    });
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      // A long-running process yields: to requests that have arrived over the network, and between two transactions to
      // other processes. A process of one call has nothing to wait for.
      if (this.#isLongLived()) {
        await nextTurn();
        await this.#gather();
      }
      const turn = this.#waiting.slice(0, MAX_TOGETHER);
      try {
        const outcomes = await this.#run(turn.map(({ work }) => work));
        this.#waiting.splice(0, outcomes.length);
        this.#expected = Math.min(this.#waiting.length + outcomes.length, MAX_TOGETHER);
        outcomes.forEach((outcome, index) => {
          const { resolve, reject } = turn[index]!;
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.result);
        });
      } catch (error) {
        for (const { reject } of this.#waiting.splice(0, turn.length)) reject(error);
      }
    }
    this.#isRunning = false;
  }

  /**
   * A sync that takes long is shared by as many calls as were there before, if they come soon: those that come while it is
   * under way would wait for the whole of it, and for their own.
   */
  async #gather(): Promise<void> {
    const syncTime = this.#syncTime();
    if (syncTime < SHORT_SYNC) return;
    const until = process.hrtime.bigint() + BigInt(Math.round(Math.min(syncTime / 2, LONGEST_WAIT) * 1e6));
    while (this.#waiting.length < this.#expected) {
      const left = Number(until - process.hrtime.bigint()) / 1e6;
      if (left <= 0) return;
      await (left < SHORTEST_TIMER ? nextTurn() : this.#arrival(left));
    }
  }

  /** Returns when all that are expected have come, or after that time, in milliseconds. */
  async #arrival(atMost: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, atMost);
      this.#onArrival = () => {
        if (this.#waiting.length < this.#expected) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#onArrival = undefined;
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
