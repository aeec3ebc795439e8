/**
 * The store port: ordered bytes under ASCII paths. Drivers: memory-store.ts, sqlite-store.ts.
 *
 * Transactions of one store run one at a time, in a queue, and across processes where the driver is shared. A driver
 * may replay `work` after a conflict if it has put or deleted anything; such work does no I/O of its own.
 */

export interface StoredRow {
  readonly path: string;
  readonly value: Uint8Array;
}

export interface StoreTransaction {
  /** Changes whenever anything may have been written, here or by other processes. */
  version(): Promise<string>;
  get(path: string): Promise<Uint8Array | undefined>;
  put(path: string, value: Uint8Array): Promise<void>;
  delete(path: string): Promise<void>;
  /**
   * Every row whose path starts with `prefix`, in the order of the paths' bytes, fetched as it is asked for. There
   * is no page size: a caller that wants fewer rows stops earlier.
   * @param after only paths greater than this one
   */
  rows(prefix: string, after?: string): AsyncIterable<StoredRow>;
}

export interface Store {
  /** Runs `work` alone and commits what it put and deleted; if it throws, nothing has happened. */
  transact<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>;
  /** For a long-running process: a driver may change to a mode that is faster for many transactions, until close(). */
  setLongLived?(): void;
  close(): void;
}

/** One at a time, in the order of the calls: what transact() promises within a process. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** The first few of the rows; all of them if there are fewer. */
export async function firstOf<R>(rows: AsyncIterable<R>, count: number): Promise<readonly R[]> {
  const first: R[] = [];
  for await (const row of rows) {
    first.push(row);
    if (first.length >= count) break;
  }
  return first;
}
