/**
 * The store port: ordered bytes under ASCII paths. Drivers: memory-store.ts, sqlite-store.ts.
 *
 * Transactions of one store run one at a time, in a queue, and across processes where the driver is shared. A driver
 * may replay `work` after a conflict, so work does no I/O of its own.
 */

export interface Row {
  readonly path: string;
  readonly value: Uint8Array;
}

export interface Page {
  /** Only paths greater than this one. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface StoreTransaction {
  get(path: string): Promise<Uint8Array | undefined>;
  put(path: string, value: Uint8Array): Promise<void>;
  delete(path: string): Promise<void>;
  /** Rows whose path starts with `prefix`, in the order of the paths' bytes. */
  list(prefix: string, page: Page): Promise<readonly Row[]>;
}

export interface Store {
  /** Runs `work` alone and commits what it put and deleted; if it throws, nothing has happened. */
  transact<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>;
  /** This process stays: a driver may change to what is faster for many transactions. Closing changes it back. */
  stay?(): void;
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

/** Every row below a prefix, page by page: no driver has to hold them all at once. */
export async function* everyRow(tx: Pick<StoreTransaction, 'list'>, prefix = '', limit = 1000): AsyncGenerator<Row> {
  let after: string | undefined;
  for (;;) {
    const rows = await tx.list(prefix, { after, limit });
    yield* rows;
    if (rows.length < limit) return;
    after = rows.at(-1)!.path;
  }
}
