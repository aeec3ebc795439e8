import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyLog } from '../../src/audit/verify.ts';
import { backupKeyring, logEnd, replaceRows } from '../../src/keyring/backup.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { logFile } from '../../src/keyring/log-file.ts';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import { sqliteStore } from '../../src/keyring/sqlite-store.ts';
import { type Store } from '../../src/keyring/store.ts';
import { verifyKeyring } from '../../src/keyring/verify.ts';
import { createKms } from '../../src/service/road.ts';
import { newKey, REGION, ROOT, type Fixture } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import { keyringFile, type KeyringFile } from '../support/keyring-file.ts';

const folder = temporaryFolders();

const rowsOf = (store: Store): Promise<Map<string, string>> =>
  store.transact(async (tx) => {
    const rows = new Map<string, string>();
    for await (const { path, value } of tx.rows('')) rows.set(path, Buffer.from(value).toString('hex'));
    return rows;
  });

const reportOf = (keyring: Keyring) =>
  keyring.inspect(async ({ log, root, barrier }) =>
    verifyLog(log.read(), { key: barrier.auditKey, start: root.logStart, head: root.head }),
  );

const listKeys = async (keyring: Keyring, home: Fixture): Promise<unknown[]> => {
  const kms = createKms({ keyring, clock: () => home.now, random: home.random });
  const answer = await kms.invoke({
    operation: 'ListKeys',
    input: {},
    caller: ROOT,
    region: REGION,
    sourceIp: '127.0.0.1',
    userAgent: 'test',
  });
  return answer.output['Keys'] as unknown[];
};

test('a backup has every row as it is, and opens', async () => {
  const home = await keyringFile(folder());
  await newKey(home);
  const to = memoryStore();
  const rows = await backupKeyring(home.keyring, to);
  expect(await rowsOf(to)).toEqual(await rowsOf(home.store));
  expect(rows).toBe((await rowsOf(to)).size);
  const copy = await home.reopen({ store: to });
  expect(await verifyKeyring(copy)).toMatchObject({ problems: [], records: 2 });
});

test('replacing rows leaves nothing of what was there', async () => {
  const [one, other] = [await keyringFile(folder(), { seed: 'one' }), await keyringFile(folder(), { seed: 'other' })];
  for (let more = 0; more < 4; more += 1) await newKey(other);
  await newKey(one);
  expect(await replaceRows(one.store, other.store)).toBe((await rowsOf(one.store)).size);
  expect(await rowsOf(other.store)).toEqual(await rowsOf(one.store));
});

/** A keyring with two keys, one of them newer than the backup. */
async function backedUp(): Promise<{ home: KeyringFile; backup: string }> {
  const home = await keyringFile(folder());
  await newKey(home, { Description: 'in the backup' });
  const backup = join(folder(), 'backup.db');
  writeFileSync(backup, '', { mode: 0o600 });
  const to = sqliteStore(backup, { create: true });
  await backupKeyring(home.keyring, to);
  to.close();
  await newKey(home, { Description: 'later' });
  await home.call('ListKeys');
  return { home, backup };
}

describe('a restored keyring goes on', () => {
  test('after the last line of the log that is there', async () => {
    const { home, backup } = await backedUp();
    const before = readFileSync(home.logPath);
    home.keyring.close();
    const from = sqliteStore(backup);
    const to = sqliteStore(home.keyringPath);
    await replaceRows(from, to);
    from.close();
    to.close();

    const restored = await home.reopen();
    await expect(restored.transact(async () => {})).rejects.toThrow('ahead of the keyring');
    const anchor = await logEnd(restored, logFile(home.logPath));
    expect(anchor.head).toMatchObject({ sequence: 3, size: before.length });
    expect(anchor.generation).toBe(3); // what the log has seen, not what the backup had
    await restored.transact(async (tx) => tx.append({ eventName: 'Restored' }), anchor);
    expect(readFileSync(home.logPath).subarray(0, before.length)).toEqual(before);

    expect((await listKeys(restored, home)).length).toBe(1);
    expect(await reportOf(restored)).toEqual({ events: 5, problems: [] });
    expect((await verifyKeyring(restored)).problems).toEqual([]);
    const generation = await restored.inspect(async ({ root }) => root.generation);
    expect(generation).toBeGreaterThan(anchor.generation);
  });

  test('in a new log that follows the last event of the backup, where there is none', async () => {
    const { home, backup } = await backedUp();
    home.keyring.close();
    rmSync(home.logPath);
    copyFileSync(backup, home.keyringPath);

    const restored = await home.reopen();
    const anchor = await logEnd(restored, logFile(home.logPath));
    expect(anchor).toMatchObject({ head: { sequence: 1, size: 0 }, logStart: { sequence: 1 }, generation: 1 });
    await restored.transact(async (tx) => tx.append({ eventName: 'Restored' }), anchor);
    expect((await listKeys(restored, home)).length).toBe(1);
    expect(await reportOf(restored)).toEqual({ events: 2, problems: [] });
    expect(JSON.parse(readFileSync(home.logPath, 'utf8').split('\n')[0]!)).toMatchObject({ chain: { sequence: 2 } });
  });
});

test('a copy with its own log goes its own way', async () => {
  const { home, backup } = await backedUp();
  const copy = await home.reopen({ store: sqliteStore(backup), log: logFile(join(folder(), 'audit.jsonl')) });
  const anchor = await logEnd(copy, logFile(join(folder(), 'other.jsonl')));
  await copy.transact(async (tx) => tx.append({ eventName: 'Copied' }), anchor);
  expect((await listKeys(copy, home)).length).toBe(1);
  expect((await listKeys(home.keyring, home)).length).toBe(2);
  expect((await reportOf(copy)).problems).toEqual([]);
  expect((await reportOf(home.keyring)).problems).toEqual([]);
});
