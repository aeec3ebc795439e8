/** The store driver in memory: the reference with which other drivers are compared. */
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
  readonly #values = new Map<string, Uint8Array>();
  /** In the order of their bytes; paths are ASCII. */
  readonly #paths: string[] = [];

  get(path: string): Uint8Array | undefined {
    return this.#values.get(path);
  }

  /** @param value undefined: it is deleted */
  set(path: string, value: Uint8Array | undefined): void {
    const isKnown = this.#values.has(path);
    if (value) this.#values.set(path, value);
    else this.#values.delete(path);
    if (value && !isKnown) this.#paths.splice(this.placeOf(path), 0, path);
    if (!value && isKnown) this.#paths.splice(this.placeOf(path), 1);
  }

  /** Where a path stands, or would stand. */
  placeOf(path: string): number {
    let [low, high] = [0, this.#paths.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#paths[middle]! < path) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  pathAt(place: number): string | undefined {
    return this.#paths[place];
  }
}

function transactionOver(rows: Rows, before: Map<string, Uint8Array | undefined>): StoreTransaction {
  const set = (path: string, value: Uint8Array | undefined): void => {
    if (!before.has(path)) before.set(path, rows.get(path));
    rows.set(path, value);
  };
  return {
    get: async (path) => rows.get(path)?.slice(),
    put: async (path, value) => set(path, value.slice()),
    delete: async (path) => set(path, undefined),
    /** Asks for its place anew after every row: the work may put and delete meanwhile. */
    async *rows(prefix: string, after?: string): AsyncGenerator<StoredRow> {
      let last = after !== undefined && after >= prefix ? after : undefined;
      for (;;) {
        const place = rows.placeOf(last ?? prefix);
        const path = rows.pathAt(last !== undefined && rows.pathAt(place) === last ? place + 1 : place);
        if (path === undefined || !path.startsWith(prefix)) return;
        yield { path, value: rows.get(path)!.slice() };
        last = path;
      }
    },
  };
}
