/**
 * A pool of threads for computations that take long (crypto/task.ts), of a process that answers many callers. A thread that
 * dies fails the task that it was doing, and is replaced when there is another task.
 */
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Compute, TaskName, Tasks } from '../crypto/task.ts';
import { bytesOf, ownBytes, type WorkerAnswer, type WorkerTask } from './worker-message.ts';

/** Tasks that wait for a thread; a client that is refused may try again. */
const MAX_WAITING = 1_024;

const CLOSED = 'the worker pool is closed';

interface Waiting {
  readonly task: WorkerTask;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface PoolOptions {
  readonly size?: number;
  readonly maxWaiting?: number;
  /** Another one in tests. */
  readonly newWorker?: () => Promise<Worker>;
}

export class WorkerPool {
  readonly #size: number;
  readonly #maxWaiting: number;
  readonly #newWorker: () => Promise<Worker>;
  readonly #idle: Worker[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #threads = new Set<Worker>();
  /** Threads that are starting or doing a task. */
  #busy = 0;
  #isClosed = false;

  constructor({ size = availableParallelism(), maxWaiting = MAX_WAITING, newWorker = startWorker }: PoolOptions = {}) {
    this.#size = size;
    this.#maxWaiting = maxWaiting;
    this.#newWorker = newWorker;
  }

  /** @throws Error if too many tasks wait, or the thread died */
  readonly compute: Compute = async <N extends TaskName>(name: N, input: Tasks[N]['input']) =>
    new Promise<Tasks[N]['output']>((resolve, reject) => {
      if (this.#isClosed || this.#waiting.length >= this.#maxWaiting) {
        reject(new Error(this.#isClosed ? CLOSED : 'too many calls wait for a thread of the worker pool'));
        return;
      }
      // a thread answers with the output of the task that it was sent
      this.#waiting.push({ task: { name, input }, resolve: resolve as (output: unknown) => void, reject });
      this.#next();
    });

  /** Ends the threads; what they are doing fails, and what waits for them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(CLOSED));
    await Promise.all(Array.from(this.#threads, (thread) => thread.terminate()));
  }

  #next(): void {
    if (this.#busy >= this.#size) return;
    const waiting = this.#waiting.shift();
    if (!waiting) return;
    this.#busy += 1;
    void this.#do(waiting).finally(() => {
      this.#busy -= 1;
      this.#next();
    });
  }

  async #do({ task, resolve, reject }: Waiting): Promise<void> {
    try {
      const thread = this.#idle.pop() ?? (await this.#start());
      const { output, error } = await answerOf(thread, task);
      this.#idle.push(thread);
      if (error === undefined) resolve(output);
      else reject(new Error(error));
    } catch (error) {
      reject(error instanceof Error ? error : new Error('a thread of the worker pool died'));
    }
  }

  async #start(): Promise<Worker> {
    const thread = await this.#newWorker();
    if (this.#isClosed) {
      await thread.terminate();
      throw new Error(CLOSED);
    }
    this.#threads.add(thread);
    // also of one that is idle, whose error nobody else would hear
    thread.on('error', () => undefined);
    thread.once('exit', () => {
      this.#threads.delete(thread);
      const at = this.#idle.indexOf(thread);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    return thread;
  }
}

/** @throws if the thread dies */
function answerOf(thread: Worker, { name, input }: WorkerTask): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      thread.off('message', onAnswer).off('error', onError).off('exit', onExit).unref();
    };
    const onAnswer = (answer: WorkerAnswer): void => {
      end();
      resolve(answer);
    };
    const died = (why: string): void => {
      end();
      reject(new Error(`a thread of the worker pool died: ${why}`));
    };
    const onError = (error: Error): void => died(error.name);
    const onExit = (code: number): void => died(`exit ${code}`);
    thread.on('message', onAnswer).on('error', onError).on('exit', onExit).ref();
    const task = { name, input: ownBytes(input, 'kept') };
    thread.postMessage(
      task,
      bytesOf(task.input).map(({ buffer }) => buffer),
    );
  });
}

/** Its code is beside this file: worker.ts, or a file of the build. */
async function startWorker(): Promise<Worker> {
  const { getAsset, isSea } = await import('node:sea');
  return isSea()
    ? new Worker(getAsset('worker.cjs', 'utf8'), { eval: true })
    : new Worker(new URL(`./worker${extname(import.meta.filename)}`, import.meta.url));
}
