/** A thread that counts in a SQLite store, one transaction a step, beside others that do the same. */
import { workerData } from 'node:worker_threads';
import { sqliteStore } from '../../src/keyring/sqlite-store.ts';

const { file, steps } = workerData as { readonly file: string; readonly steps: number };
const store = sqliteStore(file);
for (let step = 0; step < steps; step += 1) {
  await store.transact(async (tx) => {
    const count = Number(Buffer.from((await tx.get('count')) ?? '0').toString());
    await tx.put('count', Buffer.from(String(count + 1)));
  });
}
store.close();
