/**
 * Folders that survive a power cut: a directory entry that was created, changed or removed is durable when its folder
 * is synced (fsync(2)).
 */
import { closeSync, constants, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Makes a folder, and those above it that are missing. @param mode less the umask */
export function makeFolder(path: string, mode = 0o777): void {
  makeMissing(resolve(path), mode);
  // also the existing ones: the process that created them may have been killed before it synced
  for (let above = resolve(path); dirname(above) !== above;) syncFolder((above = dirname(above)));
}

/** Not mkdir's `recursive`, which never ends where the system has no such folder and makes none, as in /proc. */
function makeMissing(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
    return;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
  }
  makeMissing(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // another process may have created it meanwhile
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
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
