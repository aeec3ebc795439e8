/** The sessions of a user who is logged in: each is for one call at a time, and further ones are opened as calls need them. */
import type { Handle } from './library.ts';
import { Pkcs11Error } from './return-value.ts';

/** At once; a token may have fewer: then calls wait for these. */
export const MAX_SESSIONS = 50;
/** Calls run in the threads of libuv, one of which is left to the files and names that the process asks for. */
const sessionsOf = (threads: number): number => Math.min(MAX_SESSIONS, Math.max(1, threads - 1));
const DEFAULT_THREADS = 4;
/** In milliseconds: other processes give theirs back. */
const PAUSE = 1_000;

export class SessionPool {
  readonly #openAnother: () => Promise<Handle>;
  readonly #limit = sessionsOf(Number(process.env['UV_THREADPOOL_SIZE'] ?? DEFAULT_THREADS));
  readonly #free: Handle[] = [];
  #count = 1;
  /** When another one may be there, in milliseconds. */
  #opensFrom = 0;
  readonly #waiting: ((session: Handle) => void)[] = [];

  /** @param first which the user has logged in with */
  constructor(first: Handle, openAnother: () => Promise<Handle>) {
    this.#free.push(first);
    this.#openAnother = openAnother;
  }

  async use<T>(work: (session: Handle) => Promise<T>): Promise<T> {
    const session = await this.#take();
    try {
      return await work(session);
    } finally {
      this.#giveBack(session);
    }
  }

  async #take(): Promise<Handle> {
    if (this.#free.length === 0 && this.#count < this.#limit && performance.now() >= this.#opensFrom) {
      const opened = await this.#open();
      if (opened !== undefined) return opened;
    }
    return this.#free.pop() ?? new Promise((resolve) => void this.#waiting.push(resolve));
  }

  /** undefined: the token has no more, or none at all, as those who have one will see. */
  async #open(): Promise<Handle | undefined> {
    this.#count += 1;
    try {
      return await this.#openAnother();
    } catch (error) {
      this.#count -= 1;
      if (!(error instanceof Pkcs11Error)) throw error;
      this.#opensFrom = performance.now() + PAUSE;
      return undefined;
    }
  }

  #giveBack(session: Handle): void {
    const next = this.#waiting.shift();
    if (next) next(session);
    else this.#free.push(session);
  }

  /** Once no call uses one of them. */
  async close(closeOne: (session: Handle) => Promise<void>): Promise<void> {
    for (const session of this.#free.splice(0).toReversed()) await closeOne(session);
  }
}
