/** A call finds the moment between two transactions of a process that is busy all the time. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { sqliteStore } from '../../src/keyring/sqlite-store.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();

/** Has the lock for 19 of 20 milliseconds. */
const BUSY = `
const { DatabaseSync } = require('node:sqlite');
const { parentPort, workerData } = require('node:worker_threads');
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const db = new DatabaseSync(workerData, { timeout: 10_000 });
for (let turn = 0; ; turn += 1) {
  db.exec('BEGIN IMMEDIATE');
  if (turn === 1) parentPort.postMessage('busy');
  sleep(19);
  db.exec('COMMIT');
  sleep(1);
}`;

test('within a few of its transactions', async () => {
  const file = join(folder(), 'keyring.db');
  writeFileSync(file, '', { mode: 0o600 });
  const store = sqliteStore(file, { create: true });
  const busy = new Worker(BUSY, { eval: true, workerData: file });
  try {
    await new Promise((resolve) => busy.once('message', resolve));
    const start = performance.now();
    for (let call = 0; call < 9; call += 1) await store.transact(async (tx) => tx.put('r/x', Uint8Array.of(call)));
    expect(performance.now() - start).toBeLessThan(2_000); // 0.3 s; with SQLite's own waits 4 s
  } finally {
    await busy.terminate();
    store.close();
  }
});
