/**
 * Changes of folders that outlast a power cut. What was made, linked or renamed is found again only when its folder is
 * on the disk too (fsync(2)), so everything in src/keyring that changes a folder does it here.
 */
import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a file for us alone, with these bytes; an existing one is never touched.
 * @param owner whom root makes it for: who owns the folder goes on with it
 */
export function createDurably(path: string, bytes: Uint8Array, owner?: number): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
    if (owner && process.geteuid?.() === 0) fchownSync(fd, owner, fstatSync(fd).gid);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  syncFolder(dirname(path));
}

/** Gives a file a second name; unlike a rename, it replaces nothing. @throws EEXIST */
export function linkDurably(from: string, to: string): void {
  linkSync(from, to);
  syncFolder(dirname(to));
}

/** Both names are in the same folder. */
export function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(dirname(to));
}

/** Makes a folder for us alone, and those above it. */
export function makeFolderDurably(path: string): void {
  makeMissing(resolve(path));
  // not only the new ones: whoever made the others may have been killed before this
  for (let above = resolve(path); dirname(above) !== above;) syncFolder((above = dirname(above)));
}

/** Not mkdir's `recursive`, which never ends where the system has no such folder and makes none, as in /proc. */
function makeMissing(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
    return;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
  }
  makeMissing(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/** A folder that may not be read cannot be synced; some systems have no way to sync one. */
const CANNOT = new Set(['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP', 'EROFS', 'EISDIR']);

export function syncFolder(path: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    fsyncSync(fd);
  } catch (error) {
    if (!CANNOT.has(String((error as NodeJS.ErrnoException).code))) throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
