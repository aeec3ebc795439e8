/**
 * Durable changes of folders (folder.ts). A file gets its final name when it is complete, so a
 * process that is killed leaves no partial file.
 */
import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, extname } from 'node:path';
import { syncFolder } from './folder.ts';

/**
 * Creates a file with mode 0600 and these bytes; an existing one is not changed. @throws EEXIST
 * @param owner if root creates it: the owner of the folder, who uses it later
 */
export function createDurably(path: string, bytes: Uint8Array, owner?: number): void {
  const draft = draftName(path);
  try {
    writeNew(draft, bytes, owner);
    removeOldDrafts(path, lstatSync(draft).mtimeMs);
    linkDurably(draft, path);
  } catch (error) {
    if (!HAS_NO_LINKS.has(String((error as NodeJS.ErrnoException).code))) throw error;
    writeNew(path, bytes, owner);
    syncFolder(dirname(path));
  } finally {
    rmSync(draft, { force: true });
  }
}

const DRAFT = /^(.+)\.new-(?:[0-9a-f]{16}|[0-9]+-[0-9]+)(?:-journal|-wal|-shm)?$/;
const HOUR = 3_600_000;

/** Temporary files of this kind that killed processes left, when they are old enough not to be in use. */
export function removeOldDrafts(path: string, now: number): void {
  const folder = dirname(path);
  for (const name of namesIn(folder)) {
    const [, whole] = DRAFT.exec(name) ?? [];
    if (whole === undefined || extname(whole) !== extname(path)) continue;
    const file = `${folder}/${name}`;
    try {
      const stats = lstatSync(file, { throwIfNoEntry: false });
      if (stats?.isFile() && stats.mtimeMs < now - HOUR) rmSync(file, { force: true });
    } catch {
      // a file of another user, which does not matter here
    }
  }
}

/** Empty if the folder does not exist, or may not be listed. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The same for what comes in pieces. @throws EEXIST */
export async function createFromPieces(path: string, pieces: AsyncIterable<Uint8Array>, owner?: number): Promise<void> {
  const draft = draftName(path);
  try {
    writeNew(draft, new Uint8Array(), owner);
    removeOldDrafts(path, lstatSync(draft).mtimeMs);
    const fd = openSync(draft, constants.O_WRONLY | constants.O_NOFOLLOW);
    try {
      for await (const piece of pieces) writeWhole(fd, piece);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    nameDurably(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Errors of link(2) on file systems without hard links, such as FAT: there the file is renamed. */
const HAS_NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

function writeNew(path: string, bytes: Uint8Array, owner: number | undefined): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    writeWhole(fd, bytes);
    if (owner && process.geteuid?.() === 0) fchownSync(fd, owner, fstatSync(fd).gid);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

/** Removes a file for good. */
export function removeDurably(path: string): void {
  rmSync(path, { force: true });
  syncFolder(dirname(path));
}

/** Gives a file a second name; unlike a rename, it replaces nothing. @throws EEXIST */
function linkDurably(from: string, to: string): void {
  linkSync(from, to);
  syncFolder(dirname(to));
}

/** Gives a file a free name; on a file system without hard links, in place of its own. */
export function nameDurably(from: string, to: string): void {
  try {
    linkDurably(from, to);
  } catch (error) {
    if (!HAS_NO_LINKS.has(String((error as NodeJS.ErrnoException).code))) throw error;
    renameSync(from, to);
    syncFolder(dirname(to));
  }
}

/** Atomically replaces the file at the path. */
export function replaceDurably(path: string, bytes: Uint8Array, owner?: number): void {
  const draft = draftName(path);
  try {
    writeNew(draft, bytes, owner);
    renameSync(draft, path);
    syncFolder(dirname(path));
  } finally {
    rmSync(draft, { force: true });
  }
}

const draftName = (path: string): string => `${path}.new-${process.pid}-${process.hrtime.bigint()}`;
