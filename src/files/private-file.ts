/** Files of this user's own: owned by this user or root, not writable or not even readable by others, and no symbolic links. */
import { closeSync, constants, fstatSync, lstatSync, openSync, realpathSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { EnvironmentError } from '../model/error.ts';
import { makeFolder } from './folder.ts';
import { readUpTo } from './limited-read.ts';
import { createDurably } from './durable.ts';
import { checkFolders, isOfOthers } from './parent-folders.ts';

const WRITABLE_BY_OTHERS = 0o022;
const OPEN_TO_OTHERS = 0o077;

/** Another user whose files are accepted, besides this user and root: the owner of a trusted project keyring. */
interface OwnerRule {
  readonly owner?: number | undefined;
}

/** Refuses a file that others could have created or could replace. @param what is in it, for messages: `the keyring` */
export function checkFileAndFolders(path: string, what: string, rule: OwnerRule = {}): void {
  checkOwnFile(statOwn(path, what, rule), path, what, rule);
  guardFile(what, path, () => checkFolders(path, what, { closed: true, ...rule }));
}

function statOwn(path: string, what: string, rule: OwnerRule = {}): Stats {
  const stats = guardFile(what, path, () => lstatSync(path));
  if (stats.isSymbolicLink()) {
    throw new EnvironmentError(`${what} ${path} is a symbolic link`, [
      `specify the file that it points to${targetOf(path)}`,
    ]);
  }
  checkOwner(stats, path, what, rule);
  return stats;
}

/** Many libraries are installed with links to them. Nothing of a link that leads nowhere. */
function targetOf(link: string): string {
  try {
    return `: ${realpathSync(link)}`;
  } catch {
    return '';
  }
}

function checkOwner(stats: Stats, path: string, what: string, { owner }: OwnerRule): void {
  if (isOfOthers(stats) && stats.uid !== owner) throw new EnvironmentError(`${what} ${path} belongs to another user`);
}

/** Refuses a file that others own or can write. @param stats of the opened file, where it could be swapped otherwise */
export function checkOwnFile(stats: Stats, path: string, what: string, rule: OwnerRule = {}): void {
  if (!stats.isFile()) throw new EnvironmentError(`${what} ${path} is not a regular file`);
  checkOwner(stats, path, what, rule);
  if (stats.mode & WRITABLE_BY_OTHERS) {
    throw new EnvironmentError(`${what} ${path} is writable by other users`, [`chmod 600 ${path}`]);
  }
}

/**
 * Reads a file with a secret: owned by this user, not accessible to others, no link. The bytes do not become a string.
 * @param pipe whether it may be a pipe that somebody writes the secret into
 */
export function readSecretFile(path: string, what: string, { pipe = false }: { pipe?: boolean } = {}): Uint8Array {
  const stats = statOwn(path, what);
  if (!stats.isFile() && !stats.isDirectory() && !(pipe && stats.isFIFO())) {
    throw new EnvironmentError(`${what} ${path} is not a regular file`);
  }
  return guardFile(what, path, () => {
    checkFolders(path, what);
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      if (fstatSync(fd).mode & OPEN_TO_OTHERS) {
        throw new EnvironmentError(`${what} ${path} is accessible to other users`, [`chmod 600 ${path}`]);
      }
      return readSecret(fd, `${what} ${path}`);
    } finally {
      closeSync(fd);
    }
  });
}

/** Of a key or a passphrase: far more than either has. */
const MAX_SECRET = 65_536;

export function readSecret(fd: number, subject: string): Uint8Array {
  const bytes = readUpTo(fd, MAX_SECRET);
  if (bytes.length <= MAX_SECRET) return bytes;
  throw new EnvironmentError(`${subject} is larger than ${MAX_SECRET.toLocaleString('en')} bytes`);
}

/** Creates a file with mode 0600; an existing one is not changed. */
export function createPrivateFile(path: string, bytes: Uint8Array, what: string): void {
  checkFoldersThatExist(path, what);
  createPrivateFolder(dirname(path));
  guardFile(what, path, () => createDurably(path, bytes));
}

/** Before anything is made in them. */
function checkFoldersThatExist(path: string, what: string): void {
  try {
    checkFolders(path, what);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw explainFileError(error, `${what} ${path}`);
  }
}

export function createPrivateFolder(path: string): void {
  try {
    makeFolder(path, 0o700);
  } catch (error) {
    // Node.js says ENOENT where a folder above cannot be made
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw explainFileError(error, `the folder ${path}`);
    throw new EnvironmentError(`the folder ${path} cannot be created: a parent folder is not writable`, [], {
      cause: error,
    });
  }
}

function guardFile<T>(what: string, path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw explainFileError(error, `${what} ${path}`);
  }
}

const MEANINGS: { readonly [code: string]: readonly [message: string, ...hints: string[]] } = {
  ENOENT: ['does not exist'],
  EEXIST: ['already exists'],
  EACCES: ['cannot be opened: permission denied', 'check the permissions of the file and its folder'],
  EPERM: ['cannot be opened: permission denied', 'check the permissions of the file and its folder'],
  EROFS: ['is on a read-only file system', 'every call is logged, so the folder must be writable'],
  EISDIR: ['is a folder'],
  ENOTDIR: ['has a path component that is not a folder'],
  ELOOP: ['is a symbolic link', 'specify the file that it points to'],
  ENAMETOOLONG: ['has a name that is too long'],
  ENOSPC: ['cannot be written: the disk is full'],
  EFBIG: ['cannot be written: the file size limit is reached'],
  EDQUOT: ['cannot be written: the disk quota is reached'],
};

export function explainFileError(error: unknown, subject: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof EnvironmentError) return error;
  const [message, ...hints] = MEANINGS[String(error.code)] ?? [`cannot be used: ${error.message}`];
  return new EnvironmentError(`${subject} ${message}`, hints, { cause: error });
}
