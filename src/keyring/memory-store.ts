/** The store driver that keeps everything in memory: the reference that other drivers are compared with. */
import { Queue, type Page, type Row, type Store, type StoreTransaction } from './store.ts';

export function memoryStore(): Store {
  let rows = new Map<string, Uint8Array>();
  const queue = new Queue();
  return {
    transact: <T>(work: (tx: StoreTransaction) => Promise<T>) =>
      queue.run(async () => {
        const draft = new Map(rows);
        const result = await work(transactionOver(draft));
        rows = draft;
        return result;
      }),
    close() {},
  };
}

function transactionOver(rows: Map<string, Uint8Array>): StoreTransaction {
  return {
    get: async (path) => rows.get(path)?.slice(),
    put: async (path, value) => void rows.set(path, value.slice()),
    delete: async (path) => void rows.delete(path),
    list: async (prefix: string, { after, limit }: Page): Promise<readonly Row[]> =>
      [...rows.keys()]
        .filter((path) => path.startsWith(prefix) && (after === undefined || path > after))
        .sort((a, b) => (a < b ? -1 : 1))
        .slice(0, limit)
        .map((path) => ({ path, value: rows.get(path)!.slice() })),
  };
}
