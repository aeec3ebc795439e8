/** How many rows SQLite reads for those who stop early: about as many as they take, however many there are. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteStore, storeOver } from '../../src/keyring/sqlite-store.ts';
import { firstOf } from '../../src/keyring/store.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();
const ROWS = 3_000;

test.each([1, 8, 9, 51, 101, 1_001])('the first %i', async (count) => {
  const file = join(folder(), 'keyring.db');
  writeFileSync(file, '', { mode: 0o600 });
  const filled = sqliteStore(file, { create: true });
  await filled.transact(async (tx) => {
    for (let at = 0; at < ROWS; at += 1) await tx.put(`key/${String(at).padStart(4, '0')}`, new Uint8Array(8));
  });
  filled.close();
  const db = new DatabaseSync(file);
  const { read, store } = countingStore(db);
  onTestFinished(() => store.close());
  expect(await store.transact((tx) => firstOf(tx.rows('key/'), count))).toHaveLength(count);
  expect(read()).toBeGreaterThanOrEqual(count);
  expect(read()).toBeLessThanOrEqual(2 * count + 8);
});

/** A store over a database whose statements count what is iterated over. */
function countingStore(db: DatabaseSync) {
  let read = 0;
  const prepare = db.prepare.bind(db);
  const counting = (statement: StatementSync): StatementSync => {
    const iterate = statement.iterate.bind(statement);
    return Object.assign(statement, {
      *iterate(...bound: Parameters<typeof iterate>) {
        for (const row of iterate(...bound)) {
          read += 1;
          yield row;
        }
      },
    });
  };
  const store = storeOver(Object.assign(db, { prepare: (sql: string) => counting(prepare(sql)) }), 'keyring.db');
  return { read: () => read, store };
}
