/**
 * The files that SQLite opens for a keyring. The keyring file must stay the one that was opened: commits to a
 * file that was moved or replaced are lost. SQLite trusts the files beside it (rollback journal, write-ahead log and its
 * index), so they are checked before SQLite opens them.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import { EnvironmentError } from '../model/error.ts';
import { explainFileError } from '../files/private-file.ts';
import { KeyringReplaced } from './replaced.ts';

export interface SqliteFiles {
  /** Before SQLite opens the files. @throws EnvironmentError if what lies beside the keyring is not SQLite's own */
  checkBeside(): void;
  /** When a transaction has its lock: what SQLite has opened by now must stay. @throws as checkSame() */
  checkOpened(): void;
  /** After a commit, before calls are answered. @throws EnvironmentError if a file was replaced, from then on always */
  checkSame(): void;
  /** Whether what is at the paths is what was opened, as far as is known. */
  areSame(): boolean;
  readonly areReplaced: boolean;
}

/** @param path of an existing file that is about to be opened, and of the right kind (files.ts) */
export function sqliteFiles(path: string): SqliteFiles {
  const opened = new Map<string, BigIntStats>();
  let areReplaced = false;
  const [keyring, wal, index] = [path, `${path}-wal`, `${path}-shm`];
  const own = statOf(keyring);
  if (own) opened.set(keyring, own);
  const areSame = (): boolean =>
    [...opened].every(([file, { dev, ino }]) => {
      const found = statOf(file);
      return found?.dev === dev && found.ino === ino;
    });
  const check = (): void => {
    areReplaced ||= !areSame();
    if (areReplaced) throw replaced(path);
  };
  return {
    checkBeside() {
      check();
      checkBeside(`${path}-journal`, own);
      checkBeside(wal, own);
      checkBeside(index, own);
      checkJournalEnd(`${path}-journal`);
    },
    checkOpened() {
      // with the lock that a transaction has, a write-ahead log that is there is the one that SQLite uses
      for (const file of [wal, index]) {
        const found = opened.has(file) ? undefined : statOf(file);
        if (found) opened.set(file, found);
      }
      check();
    },
    checkSame: check,
    areSame,
    get areReplaced() {
      return areReplaced;
    },
  };
}

/** A link is not followed: one that takes the place of a file is not the file that was opened. */
const statOf = (file: string): BigIntStats | undefined => {
  try {
    return lstatSync(file, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw explainFileError(error, `the file ${file}`);
  }
};

export const replaced = (path: string): KeyringReplaced =>
  new KeyringReplaced(`the keyring ${path} was replaced while this process had it open: restart the process`, [
    'the request did not take effect in the keyring that is now at this path',
  ]);

const WRITABLE_BY_OTHERS = 0o022n;

function checkBeside(file: string, keyring: BigIntStats | undefined): void {
  const found = statOf(file);
  if (!found) return;
  if (!found.isFile()) throw planted(file, found.isSymbolicLink() ? 'is a symbolic link' : 'is not a regular file');
  // one with another name elsewhere is that other file too, and SQLite would write into it
  if (found.nlink > 1n) throw planted(file, 'has other hard links');
  const user = process.geteuid?.();
  if (user !== undefined && ![BigInt(user), 0n, keyring?.uid].includes(found.uid)) {
    throw planted(file, 'belongs to another user');
  }
  if (found.mode & WRITABLE_BY_OTHERS) throw planted(file, 'is writable by other users');
}

/**
 * A journal may end with the name of a super-journal, which binds transactions of several databases together (SQLite's
 * "Database File Format", 3: The Rollback Journal). Ours never does. Rolling it back, SQLite reads that file, and earlier
 * versions delete it.
 */
const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex');

function checkJournalEnd(file: string): void {
  const fd = openIfThere(file);
  if (fd === undefined) return;
  try {
    const end = Buffer.alloc(JOURNAL_MAGIC.length);
    const { size } = fstatSync(fd);
    readSync(fd, end, 0, end.length, Math.max(size - end.length, 0));
    if (end.equals(JOURNAL_MAGIC)) throw planted(file, 'names a super-journal, which a keyring never uses');
  } finally {
    closeSync(fd);
  }
}

function openIfThere(file: string): number | undefined {
  if (!statOf(file)) return undefined;
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // its transaction has ended
    throw explainFileError(error, `the file ${file}`);
  }
}

const planted = (file: string, what: string): EnvironmentError =>
  new EnvironmentError(`the file ${file} ${what}: it is not opened`, [
    'check who can write to the folder, and move the file to another location if it is not yours',
  ]);
