/** What lies at the keyring's path, and beside it, when SQLite is to open it. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { checkSqlite, sqliteStore } from '../../src/keyring/sqlite-store.ts';
import type { Store } from '../../src/keyring/store.ts';
import { temporaryFolders } from '../support/folder.ts';
import { hotJournal, namingSuperJournal } from '../support/hot-journal.ts';

const folder = temporaryFolders();

async function newStore(path = join(folder(), 'keyring.db')): Promise<{ path: string; store: Store }> {
  writeFileSync(path, '', { mode: 0o600 });
  const store = sqliteStore(path, { create: true });
  await store.transact((tx) => tx.put('a', utf8('first')));
  let isOpen = true;
  const close = (): void => {
    if (isOpen) store.close();
    isOpen = false;
  };
  onTestFinished(close);
  return { path, store: { ...store, close } };
}

const valueAt = async (path: string): Promise<string> => {
  const store = sqliteStore(path);
  try {
    return Buffer.from((await store.transact((tx) => tx.get('a')))!).toString();
  } finally {
    store.close();
  }
};

describe('a file that is replaced while it is open', () => {
  const cases: readonly [name: string, replace: (path: string) => Promise<void> | void][] = [
    [
      'another keyring is moved to its place',
      async (path) => {
        const other = await newStore();
        other.store.close();
        renameSync(other.path, path);
      },
    ],
    [
      'it is removed and written anew',
      (path) => {
        const bytes = readFileSync(path);
        rmSync(path);
        writeFileSync(path, bytes, { mode: 0o600 });
      },
    ],
    ['it is removed', (path) => rmSync(path)],
    ['it is moved away', (path) => renameSync(path, `${path}.old`)],
    [
      'it is moved away, and a link to it left',
      (path) => {
        renameSync(path, `${path}.old`);
        symlinkSync(`${path}.old`, path);
      },
    ],
    [
      'a copy takes its place',
      (path) => {
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
      },
    ],
  ];
  const message = expect.stringMatching(
    /keyring\.db was replaced while this process had it open: restart the process$/,
  );

  describe.each([
    ['of one call', false],
    ['that stays', true],
  ])('by a process %s', (_, stays) => {
    test.each(cases)('between two transactions: %s', async (_name, replace) => {
      const { path, store } = await newStore();
      if (stays) store.setLongLived!();
      await store.transact((tx) => tx.put('a', utf8('before')));
      await replace(path);
      let ran = false;
      const work = store.transact(async (tx) => {
        ran = true;
        await tx.put('a', utf8('after'));
      });
      await expect(work).rejects.toMatchObject({ name: 'EnvironmentError', message });
      expect(ran).toBe(false);
    });

    test.each(cases)('in a transaction: %s', async (_name, replace) => {
      const { path, store } = await newStore();
      if (stays) store.setLongLived!();
      await store.transact((tx) => tx.put('a', utf8('before')));
      const work = store.transact(async (tx) => {
        await tx.put('a', utf8('after'));
        await replace(path);
        return 'answer';
      });
      await expect(work).rejects.toMatchObject({ name: 'EnvironmentError', message });
    });

    test('and put back again: it stays refused until the process is started again', async () => {
      const { path, store } = await newStore();
      if (stays) store.setLongLived!();
      renameSync(path, `${path}.away`);
      await expect(store.transact((tx) => tx.get('a'))).rejects.toMatchObject({ message });
      renameSync(`${path}.away`, path);
      await expect(store.transact((tx) => tx.get('a'))).rejects.toMatchObject({ message });
      expect(await valueAt(path)).toBe('first');
    });
  });

  test.each(['-wal', '-shm'])('its write-ahead log: %s', async (suffix) => {
    const { path, store } = await newStore();
    store.setLongLived!();
    await store.transact((tx) => tx.put('a', utf8('second')));
    copyFileSync(path + suffix, `${path}.copy`);
    renameSync(`${path}.copy`, path + suffix);
    await expect(store.transact((tx) => tx.put('a', utf8('third')))).rejects.toMatchObject({ message });
    const gone = await newStore();
    gone.store.setLongLived!();
    await gone.store.transact((tx) => tx.put('a', utf8('second')));
    rmSync(gone.path + suffix);
    await expect(gone.store.transact((tx) => tx.put('a', utf8('third')))).rejects.toMatchObject({ message });
  });

  test('closing it leaves alone what stands at its place', async () => {
    const { path, store } = await newStore();
    store.setLongLived!();
    await store.transact((tx) => tx.put('a', utf8('second')));
    const other = await newStore();
    other.store.setLongLived!();
    await other.store.transact((tx) => tx.put('a', utf8('of the other')));
    for (const suffix of ['', '-wal', '-shm']) renameSync(other.path + suffix, path + suffix);
    await expect(store.transact((tx) => tx.get('a'))).rejects.toMatchObject({ message });
    store.close();
    expect(['', '-wal', '-shm'].map((suffix) => existsSync(path + suffix))).toEqual([true, true, true]);
    expect(await valueAt(path)).toBe('of the other');
  });

  test('others that come and go, with a write-ahead log or without, replace nothing', async () => {
    const { path, store } = await newStore();
    for (let round = 0; round < 5; round += 1) {
      const other = sqliteStore(path);
      other.setLongLived!();
      await other.transact((tx) => tx.put('a', utf8(`other ${round}`)));
      await store.transact((tx) => tx.put('a', utf8(`own ${round}`)));
      other.close();
      await store.transact((tx) => tx.put('a', utf8(`own again ${round}`)));
    }
    expect(await valueAt(path)).toBe('own again 4');
  });
});

describe('a journal that was planted', () => {
  test('without a check, SQLite would act on it: it is a true hot journal', async () => {
    const { path, store } = await newStore();
    const before = readFileSync(path);
    await store.transact((tx) => tx.put('a', utf8('second')));
    store.close();
    writeFileSync(`${path}-journal`, hotJournal(before), { mode: 0o600 });
    const db = new DatabaseSync(path);
    const row = db.prepare("SELECT CAST(value AS TEXT) AS text FROM record WHERE path = 'a'").get();
    db.close();
    expect([row?.['text'], existsSync(`${path}-journal`)]).toEqual(['first', false]);
  });

  test('that names a super-journal is refused, and no file is touched', async () => {
    const { path, store } = await newStore();
    const before = readFileSync(path);
    await store.transact((tx) => tx.put('a', utf8('second')));
    store.close();
    const victim = join(folder(), 'precious');
    writeFileSync(victim, 'precious');
    const journal = namingSuperJournal(hotJournal(before), victim);
    writeFileSync(`${path}-journal`, journal, { mode: 0o600 });
    const files = [path, `${path}-journal`, victim];
    const contents = files.map((file) => readFileSync(file));
    expect(() => sqliteStore(path)).toThrow(
      expect.objectContaining({
        name: 'EnvironmentError',
        message: `the file ${path}-journal names a super-journal, which a keyring never uses: it is not opened`,
      }),
    );
    expect(files.map((file) => readFileSync(file))).toEqual(contents);
  });

  test('while the keyring is open is refused too', async () => {
    const { path, store } = await newStore();
    const journal = namingSuperJournal(hotJournal(readFileSync(path)), '/nowhere/at/all');
    writeFileSync(`${path}-journal`, journal, { mode: 0o600 });
    await expect(store.transact((tx) => tx.get('a'))).rejects.toThrow('names a super-journal');
    rmSync(`${path}-journal`);
    await store.transact((tx) => tx.get('a'));
  });

  test('an ordinary one of a process that died is rolled back', async () => {
    const { path, store } = await newStore();
    const before = readFileSync(path);
    await store.transact((tx) => tx.put('a', utf8('second')));
    store.close();
    writeFileSync(`${path}-journal`, hotJournal(before), { mode: 0o600 });
    expect(await valueAt(path)).toBe('first');
    expect(existsSync(`${path}-journal`)).toBe(false);
  });
});

describe.each(['-journal', '-wal', '-shm'])('%s', (suffix) => {
  const wrongs: readonly [name: string, make: (file: string) => void, message: string][] = [
    ['a link', (file) => symlinkSync(join(folder(), 'target'), file), 'is a symbolic link'],
    ['a link to the keyring', (file) => symlinkSync(file.replace(suffix, ''), file), 'is a symbolic link'],
    [
      'another name of a file',
      (file) => {
        const target = join(folder(), 'precious');
        writeFileSync(target, 'precious', { mode: 0o600 });
        linkSync(target, file);
      },
      'has other hard links',
    ],
    ['a folder', (file) => mkdirSync(file), 'is not a regular file'],
    ['a pipe', (file) => void execFileSync('mkfifo', [file]), 'is not a regular file'],
    [
      'a file that others can write',
      (file) => {
        writeFileSync(file, '');
        chmodSync(file, 0o622);
      },
      'is writable by other users',
    ],
  ];
  test.each(wrongs)('that is %s is refused', async (_, make, message) => {
    const { path, store } = await newStore();
    store.close();
    make(path + suffix);
    expect(() => sqliteStore(path)).toThrow(`the file ${path}${suffix} ${message}: it is not opened`);
    expect(existsSync(join(folder(), 'target'))).toBe(false);
  });

  test.runIf(process.geteuid!() === 0)(
    'that is of another user is refused; of the keyring’s owner it is not',
    async () => {
      const { path, store } = await newStore();
      store.close();
      writeFileSync(path + suffix, '', { mode: 0o600 });
      chownSync(path + suffix, 12_345, 12_345);
      expect(() => sqliteStore(path)).toThrow('belongs to another user: it is not opened');
      chownSync(path, 12_345, 12_345);
      expect(await valueAt(path)).toBe('first');
      expect(statSync(path).uid).toBe(12_345);
    },
  );
});

describe('SQLite itself', () => {
  test.each([undefined, '3.53.2', '3.50.4', '3.9.99', '2.99.99'])('%s is refused', (version) => {
    expect(() => checkSqlite(version)).toThrow('SQLite 3.53.3 or later is required');
  });

  test.each(['3.53.3', '3.53.4', '3.53.10', '3.60.0', '3.100.0', '4.0.0'])('%s is taken', (version) => {
    expect(() => checkSqlite(version)).not.toThrow();
  });

  test('the starter and the package ask for the same', () => {
    const root = join(import.meta.dirname, '../..');
    expect(readFileSync(join(root, 'bin/kms.js'), 'utf8')).toContain('[3, 53, 3]');
    const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { engines: { node: string } };
    expect(engines.node).toBe('^24.19 || >=26.5');
  });
});
