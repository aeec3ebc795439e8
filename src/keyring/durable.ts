/**
 * Changes of folders that outlast a power cut (files/folder.ts); everything in src/keyring that changes a folder does it
 * here. A file is whole when it gets the name that it keeps: whoever is killed leaves none that is half written.
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
import { syncFolder } from '../files/folder.ts';

/**
 * Makes a file for us alone, with these bytes; an existing one is never touched. @throws EEXIST
 * @param owner whom root makes it for: who owns the folder goes on with it
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

/** Drafts of files of this kind that killed processes left behind, once it is certain that nobody is at work on them. */
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
      // one of another user: what is made now does not depend on it
    }
  }
}

/** None where the folder is not there, or may be written but not listed. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What link(2) says where a file has one name only, as on a memory stick: there it is written under that one. */
const HAS_NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

function writeNew(path: string, bytes: Uint8Array, owner: number | undefined): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
    if (owner && process.geteuid?.() === 0) fchownSync(fd, owner, fstatSync(fd).gid);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Gives a file a second name; unlike a rename, it replaces nothing. @throws EEXIST */
function linkDurably(from: string, to: string): void {
  linkSync(from, to);
  syncFolder(dirname(to));
}

/** Gives a file a name that is free; where it can have only one, that instead of its own. */
export function nameDurably(from: string, to: string): void {
  try {
    linkDurably(from, to);
  } catch (error) {
    if (!HAS_NO_LINKS.has(String((error as NodeJS.ErrnoException).code))) throw error;
    renameSync(from, to);
    syncFolder(dirname(to));
  }
}

/** What is at the path is replaced by these bytes, whole. */
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
