/** The store driver in memory: the reference with which other drivers are compared. */
import { SortedPaths } from './sorted-paths.ts';
import { Queue, type StoredRow, type Store, type StoreTransaction } from './store.ts';

export function memoryStore(): Store {
  const rows = new Rows();
  const queue = new Queue();
  return {
    transact: <T>(work: (tx: StoreTransaction) => Promise<T>) =>
      queue.run(async () => {
        // previous values by path, to undo changes without a copy of the store
        const before = new Map<string, Uint8Array | undefined>();
        try {
          return await work(transactionOver(rows, before));
        } catch (error) {
          for (const [path, value] of before) rows.set(path, value);
          throw error;
        }
      }),
    close() {},
  };
}

class Rows {
  /** Counts the writes. */
  version = 0;
  readonly #values = new Map<string, Uint8Array>();
  readonly #paths = new SortedPaths();

  get(path: string): Uint8Array | undefined {
    return this.#values.get(path);
  }

  /** @param value undefined: it is deleted */
  set(path: string, value: Uint8Array | undefined): void {
    this.version += 1;
    const isKnown = this.#values.has(path);
    if (value) this.#values.set(path, value);
    else this.#values.delete(path);
    if (value && !isKnown) this.#paths.add(path);
    if (!value && isKnown) this.#paths.delete(path);
  }

  first(prefix: string, after: string | undefined): string | undefined {
    return this.#paths.first(prefix, after);
  }
}

function transactionOver(rows: Rows, before: Map<string, Uint8Array | undefined>): StoreTransaction {
  const set = (path: string, value: Uint8Array | undefined): void => {
    if (!before.has(path)) before.set(path, rows.get(path));
    rows.set(path, value);
  };
  return {
    version: async () => String(rows.version),
    get: async (path) => rows.get(path)?.slice(),
    put: async (path, value) => set(path, value.slice()),
    delete: async (path) => set(path, undefined),
    /** Asks for its place anew after every row: the work may put and delete meanwhile. */
    async *rows(prefix: string, after?: string): AsyncGenerator<StoredRow> {
      for (let path = rows.first(prefix, after); path !== undefined; path = rows.first(prefix, path))
        yield { path, value: rows.get(path)!.slice() };
    },
  };
}
