/** Disks that are full or fail, processes that are killed at a bad moment, and lines that were changed since the last anchor. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { verifyLog } from '../../src/audit/verify.ts';
import { EnvironmentError } from '../../src/model/error.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { logFile } from '../../src/keyring/log-file.ts';
import type { Log } from '../../src/keyring/log.ts';
import { newKey } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import { keyringFile, type KeyringFile } from '../support/keyring-file.ts';

const folder = temporaryFolders();

const full = new EnvironmentError('the audit log cannot be written: the disk is full');

const reportOf = (keyring: Keyring) =>
  keyring.inspect(async ({ log, root, barrier: { auditKey }, end }) =>
    verifyLog(log.read(), { key: auditKey, start: root.logStart, head: end(), passes: root.head }),
  );
const generationOf = (keyring: Keyring): Promise<number> => keyring.inspect(async ({ root }) => root.generation);
const append = (keyring: Keyring, ...names: readonly string[]): Promise<unknown> =>
  Promise.all(names.map((name) => keyring.transact(async (tx) => tx.append({ eventName: name }))));
const namesIn = (home: KeyringFile): string[] =>
  readFileSync(home.logPath, 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { eventName: string }).eventName);

/** Steps of the log that fail; a write does after some of its bytes. */
interface Faults {
  write?: number;
  sync?: boolean;
  truncate?: boolean;
  begin?: boolean;
  readonly steps: string[];
}

function failing(path: string, faults: Faults): Log {
  const file = logFile(path);
  return {
    ...file,
    write(lines, at) {
      faults.steps.push('write');
      file.write(lines.subarray(0, faults.write ?? lines.length), at);
      if (faults.write !== undefined) throw full;
    },
    sync() {
      faults.steps.push('sync');
      if (faults.sync) throw full;
      file.sync();
    },
    async syncInBackground() {
      faults.steps.push('sync in the background');
      if (faults.sync) throw full;
      await file.syncInBackground();
    },
    truncate(size) {
      if (faults.truncate) throw full;
      file.truncate(size);
    },
    begin(beginning, lines) {
      if (faults.begin) throw full;
      file.begin(beginning, lines);
    },
    *read(from) {
      faults.steps.push('read');
      yield* file.read(from);
    },
  };
}

async function withReads(): Promise<{ home: KeyringFile; keyring: Keyring; faults: Faults }> {
  const home = await keyringFile(folder());
  await newKey(home);
  await home.call('ListKeys');
  const faults: Faults = { steps: [] };
  const keyring = await home.reopen({ log: failing(home.logPath, faults) });
  await append(keyring, 'Before');
  return { home, keyring, faults };
}

describe('an append that fails', () => {
  test('in the write, anywhere: none of its calls is answered, nothing of it stays, and the next call works', async () => {
    const { home, keyring, faults } = await withReads();
    const before = readFileSync(home.logPath);
    for (const bytes of [0, 1, 60, 200, 450]) {
      faults.write = bytes;
      for (const outcome of await Promise.allSettled([append(keyring, 'One'), append(keyring, 'Two')]))
        expect(outcome).toMatchObject({ reason: full });
      expect(readFileSync(home.logPath)).toEqual(before);
    }
    delete faults.write;
    await append(keyring, 'After');
    expect(namesIn(home)).toEqual(['CreateKey', 'ListKeys', 'Before', 'After']);
    expect(await reportOf(keyring)).toEqual({ events: 4, problems: [] });
  });

  test.each([
    { sync: 'sync', isLongLived: false },
    { sync: 'sync in the background', isLongLived: true },
  ])('in the $sync: nobody can know what is durable, so its lines are removed', async ({ sync, isLongLived }) => {
    const { home, keyring, faults } = await withReads();
    if (isLongLived) keyring.setLongLived();
    const before = readFileSync(home.logPath);
    faults.sync = true;
    faults.steps.length = 0;
    await expect(append(keyring, 'Never')).rejects.toBe(full);
    expect(faults.steps).toEqual(['write', sync]);
    expect(readFileSync(home.logPath)).toEqual(before);
    faults.sync = false;
    await append(keyring, 'After');
    expect(namesIn(home)).toEqual(['CreateKey', 'ListKeys', 'Before', 'After']);
    expect(await reportOf(keyring)).toEqual({ events: 4, problems: [] });
  });
});

test.each([
  { sync: 'sync', isLongLived: false },
  { sync: 'sync in the background', isLongLived: true },
])(
  'a change whose root would anchor lines that may not be durable, as the $sync fails: it is not made',
  async ({ sync, isLongLived }) => {
    const { home, keyring, faults } = await withReads();
    if (isLongLived) keyring.setLongLived();
    const put = (name: string): Promise<void> =>
      keyring.transact(async (tx) => {
        tx.put(`r/${name}`, Uint8Array.of(1));
        tx.append({ eventName: name });
      });
    await put('First'); // its lines are in the root alone, as far as anybody knows
    const before = readFileSync(home.logPath);
    const generation = await generationOf(keyring);
    faults.sync = true;
    faults.steps.length = 0;
    await expect(put('Second')).rejects.toBe(full);
    expect(faults.steps).toEqual([sync]);
    expect([readFileSync(home.logPath), await generationOf(keyring)]).toEqual([before, generation]);
    faults.sync = false;
    faults.steps.length = 0;
    await put('Third');
    expect(faults.steps).toEqual(['write', sync, 'write']); // those of the first anew, and those of the third
    expect(await keyring.transact((tx) => tx.get('r/Second'))).toBeUndefined();
    expect(namesIn(home)).toEqual(['CreateKey', 'ListKeys', 'Before', 'First', 'Third']);
    expect(await reportOf(keyring)).toEqual({ events: 5, problems: [] });
  },
);

test('an append whose sync failed, and whose lines could not be removed: the next call makes them durable, by writing them anew', async () => {
  const { home, keyring, faults } = await withReads();
  faults.sync = true;
  faults.truncate = true;
  await expect(append(keyring, 'Refused')).rejects.toBe(full);
  faults.sync = false;
  faults.truncate = false;
  for (const again of [keyring, await home.reopen({ log: failing(home.logPath, faults) })]) {
    faults.steps.length = 0;
    await append(again, 'After');
    const own = ['write', 'sync'];
    expect(faults.steps).toEqual(again === keyring ? ['read', 'write', 'sync', ...own] : own);
  }
  expect(namesIn(home)).toEqual(['CreateKey', 'ListKeys', 'Before', 'Refused', 'After', 'After']);
  expect(await reportOf(keyring)).toEqual({ events: 6, problems: [] });
});

test('lines of a change that are there, of which nobody knows whether they are durable, are written anew before they are synced', async () => {
  const { home, keyring, faults } = await withReads();
  await keyring.transact(async (tx) => {
    tx.put('r/x', Uint8Array.of(1));
    tx.append({ eventName: 'Change' });
  });
  keyring.close();
  const next = await home.reopen({ log: failing(home.logPath, faults) });
  faults.steps.length = 0;
  await append(next, 'After');
  expect(faults.steps).toEqual(['write', 'write', 'sync']);
  faults.steps.length = 0;
  await append(next, 'After');
  expect(faults.steps).toEqual(['write', 'sync']);
});

describe('a change that is in the store, and not in the log because of the disk', () => {
  const change = (keyring: Keyring): Promise<void> =>
    keyring.transact(async (tx) => {
      tx.put('r/x', Uint8Array.of(1));
      tx.append({ eventName: 'Change' });
    });

  test.each([0, 1, 60, 133])(
    'is answered; its lines, of which %i bytes are there, come with the next call',
    async (bytes) => {
      const { home, keyring, faults } = await withReads();
      const before = readFileSync(home.logPath);
      faults.write = bytes;
      await change(keyring);
      expect(readFileSync(home.logPath).subarray(before.length)).toHaveLength(bytes);
      await expect(append(keyring, 'Never')).rejects.toBe(full); // nor by a process that has not seen the change
      await expect(append(await home.reopen({ log: failing(home.logPath, faults) }), 'Never')).rejects.toBe(full);
      delete faults.write;
      await append(keyring, 'After');
      expect(await keyring.transact((tx) => tx.get('r/x'))).toEqual(Uint8Array.of(1));
      expect(namesIn(home)).toEqual(['CreateKey', 'ListKeys', 'Before', 'Change', 'After']);
      expect(await reportOf(keyring)).toEqual({ events: 5, problems: [] });
    },
  );

  test('is answered also if it has begun a new log, which the next call puts in place', async () => {
    const { home, keyring, faults } = await withReads();
    const logMaxSize = readFileSync(home.logPath).length;
    await keyring.transact(async (tx) => tx.change({ kind: 'settings', settings: { logMaxSize } }));
    faults.begin = true;
    await change(keyring);
    expect(namesIn(home)).toEqual(['CreateKey', 'ListKeys', 'Before']);
    await expect(append(keyring, 'Never')).rejects.toBe(full);
    faults.begin = false;
    await append(keyring, 'After');
    expect(namesIn(home).slice(-2)).toEqual(['Change', 'After']);
    expect(await reportOf(keyring)).toMatchObject({ problems: [] });
  });

  test('but beginning a new log fails if that was all that was asked for', async () => {
    const { keyring, faults } = await withReads();
    faults.begin = true;
    await expect(keyring.restartLog(async (tx) => tx.append({ eventName: 'Restart' }))).rejects.toBe(full);
    faults.begin = false;
    await append(keyring, 'After');
    expect(await reportOf(keyring)).toEqual({ events: 2, problems: [] });
  });
});

test('a log to which gigabytes were appended is refused before they are read', async () => {
  const { home, keyring, faults } = await withReads();
  truncateSync(home.logPath, 10_000_000_000);
  faults.steps.length = 0;
  await expect(append(keyring, 'Next')).rejects.toThrow(/9999\d+ bytes were appended to the audit log/);
  expect(faults.steps).toEqual([]);
});

test('after a process that was killed before its commit was durable, the next call is a commit: its line is not the first to last', async () => {
  const { home, keyring } = await withReads();
  const before = readFileSync(home.logPath);
  await keyring.transact(async (tx) => {
    tx.put('r/x', Uint8Array.of(1));
    tx.append({ eventName: 'Change' });
  });
  const generation = await generationOf(keyring);
  keyring.close();
  writeFileSync(home.logPath, before); // the lines follow the commit
  const next = await home.reopen();
  await append(next, 'Next');
  expect(await generationOf(next)).toBe(generation + 1);
  await append(next, 'Later');
  next.close();
  const last = await home.reopen();
  await append(last, 'Last');
  expect(await generationOf(last)).toBe(generation + 1);
  expect(namesIn(home)).toEqual(['CreateKey', 'ListKeys', 'Before', 'Change', 'Next', 'Later', 'Last']);
});

describe('a line that was changed since the last anchor', () => {
  async function edited(): Promise<{ home: KeyringFile; id: string }> {
    const home = await keyringFile(folder());
    const { id } = await newKey(home);
    await home.call('Encrypt', { KeyId: id, Plaintext: Buffer.from('x') });
    await home.call('ListKeys');
    home.keyring.close();
    writeFileSync(home.logPath, readFileSync(home.logPath, 'utf8').replace('"Encrypt"', '"Decrypt"'));
    return { home, id };
  }

  test('is not the last use of a key, nor does it become one: the call is refused', async () => {
    const { home } = await edited();
    const keyring = await home.reopen();
    await append(keyring, 'Read'); // reads do not look at the lines before the end
    for (let again = 0; again < 2; again += 1) {
      await expect(keyring.transact(async (tx) => tx.put('r/x', Uint8Array.of(1)))).rejects.toThrow(
        /the audit log .* was changed/,
      );
      await expect(keyring.transact(async (tx) => tx.recentUses())).rejects.toThrow(/the audit log .* was changed/);
    }
  });

  test('is left out where a new log begins', async () => {
    const { home } = await edited();
    const keyring = await home.reopen();
    await keyring.restartLog(async (tx) => tx.append({ eventName: 'Restart' }));
    const uses = await keyring.inspect(async ({ tx }) => Array.fromAsync(tx.rows('last-use/')));
    expect(uses).toEqual([]);
    await append(keyring, 'Next');
    expect(await reportOf(keyring)).toMatchObject({ problems: [] });
  });
});
