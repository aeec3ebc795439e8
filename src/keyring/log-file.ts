/**
 * The files of the audit log. Beginning a new log is idempotent: the root has the state that leads to it, and the new name
 * of the old file.
 */
import { closeSync, constants, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { EnvironmentError } from '../model/error.ts';
import { concat } from '../crypto/bytes.ts';
import { syncFolder } from '../files/folder.ts';
import { createDurably, nameDurably, replaceDurably } from '../files/durable.ts';
import { explainFileError } from '../files/private-file.ts';
import type { BytesAside, Log, LogBeginning } from './log.ts';
import { HEAD_BLOCK, HEAD_FILE } from './log-head.ts';
import { isSame, OwnFile, piecesOf, readAt, statsOf, writeAll } from './own-file.ts';

/** @param owner whose files they may be, beside ours: of a project keyring that is trusted */
export function logFile(path: string, { owner }: { readonly owner?: number | undefined } = {}): Log {
  const folder = dirname(path);
  const headPath = `${path}.head`;
  const log = new OwnFile(path, 'the audit log', owner);
  const head = new OwnFile(headPath, 'the head of the audit log', owner);
  /** Its name may not be on the disk yet: whoever made it may have been killed before that. */
  let isNew = false;
  const syncName = (): void => {
    if (isNew) syncFolder(folder);
    isNew = false;
  };
  const present = (): { readonly fd: number; readonly size: number } => {
    const { found } = log;
    if (!found) throw missing(path);
    return found;
  };
  const opened = (): number => log.openFd ?? present().fd;
  const subject = `the audit log ${path}`;
  const inLog = <T>(step: () => T): T => guard(subject, step);
  const inHead = <T>(step: () => T): T => guard(`the head of the audit log ${headPath}`, step);
  return {
    path,
    create: () => inLog(() => createEmpty(path, owner)),
    exists: () => inLog(() => statsOf(path) !== undefined),
    size: () => inLog(() => present().size),
    *read(from) {
      const fd = inLog(() => log.fd);
      if (fd !== undefined) yield* piecesOf(fd, from);
    },
    snapshot: (atLeast) => inLog(() => snapshotOf(new OwnFile(path, 'the audit log', owner), atLeast)),
    slice: (from, to) => inLog(() => readAt(opened(), from, to - from)),
    // into the log that was found, even if another one has begun since: then these lines are in it already
    write: (lines, at) => inLog(() => writeAll(opened(), lines, at)),
    truncate: (size) => inLog(() => ftruncateSync(opened(), size)),
    sync: () =>
      inLog(() => {
        fdatasyncSync(opened());
        syncName();
      }),
    async syncInBackground() {
      const fd = inLog(opened);
      await new Promise<void>((resolve, reject) => {
        fdatasync(fd, (error) => (error ? reject(explainFileError(error, subject)) : resolve()));
      });
      inLog(syncName);
    },
    copyAside: (from, sequence) => inLog(() => copyAside(opened(), from, { path, sequence, owner })),

    readHead: () => inHead(() => (head.fd === undefined ? undefined : readAt(head.fd, 0, HEAD_FILE))),
    isHeadInPlace: () => inHead(() => head.isInPlace),
    createHead: (block) =>
      inHead(() => {
        replaceDurably(headPath, concat(block, new Uint8Array(HEAD_BLOCK)), owner);
        head.close();
      }),
    writeHead: (block, which) => inHead(() => writeAll((head.openFd ?? head.fd)!, block, which * HEAD_BLOCK)),

    beginning: (sequence) =>
      inLog(() => {
        // link(2) does not take one, and only it replaces nothing
        if (statsOf(path)?.isDirectory())
          throw new EnvironmentError(`${path} is a folder`, ['move it to another location']);
        return { aside: freeName(path, sortable(sequence)), over: contentOf(path) };
      }),
    begin: (beginning, lines) =>
      inLog(() => {
        if (isToBegin(path, beginning)) begin(path, lines, { aside: beginning.aside, owner });
        isNew = true;
      }),
    *readAnything() {
      if (!inLog(() => statsOf(path)?.isFile())) return;
      const fd = inLog(() => openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
      try {
        yield* piecesOf(fd);
      } finally {
        closeSync(fd);
      }
    },
    close() {
      log.close();
      head.close();
    },
  };
}

/** Opened now: whatever comes to its path later, it is this file that is read. */
function snapshotOf(file: OwnFile, atLeast: number): Iterable<Uint8Array> {
  const { fd } = file;
  if (fd === undefined) return [];
  const size = Math.max(fstatSync(fd).size, atLeast);
  return (function* () {
    try {
      yield* piecesOf(fd, 0, size);
    } finally {
      file.close();
    }
  })();
}

/** After a crash the next process makes another copy: no file is replaced. */
function copyAside(
  fd: number,
  from: number,
  { path, sequence, owner }: { readonly path: string; readonly sequence: number; readonly owner: number | undefined },
): BytesAside {
  const bytes = Buffer.concat([...piecesOf(fd, from)].map((piece) => Buffer.from(piece)));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = freeName(path, `rest-${sequence}`);
  createDurably(`${dirname(path)}/${file}`, bytes, owner);
  return { file, bytes: bytes.length, sha256 };
}

/** Nor may its name be that of one that was compressed. */
const isFree = (path: string): boolean => !statsOf(path) && !statsOf(`${path}.gz`);

/** The first name of this kind that nothing in the folder has. */
function freeName(path: string, end: string): string {
  const names = alternatives(basename(path).replace(/(\.jsonl)?$/, `-${end}.jsonl`));
  for (;;) {
    const name = names.next().value;
    if (isFree(`${dirname(path)}/${name}`)) return name;
  }
}

/** So that names sort by number, and as many events as there can be. */
const DIGITS = 12;
const sortable = (sequence: number): string => String(sequence).padStart(DIGITS, '0');

/** The last line of a log authenticates all of it, so that what a large one costs does not depend on its size. */
const IDENTIFYING = 1 << 20;

/** Size, and SHA-256 of the end of a file; of anything else, what it is. */
function contentOf(path: string): string {
  const stats = statsOf(path);
  if (!stats?.isFile()) return stats ? `mode ${stats.mode}` : 'nothing';
  const hash = createHash('sha256');
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    for (const piece of piecesOf(fd, Math.max(0, Number(stats.size) - IDENTIFYING))) hash.update(piece);
  } finally {
    closeSync(fd);
  }
  return `${stats.size} bytes, ${hash.digest('hex')}`;
}

/** What it was to be begun over is there still, or was put aside already. */
const isToBegin = (path: string, { aside, over }: LogBeginning): boolean =>
  contentOf(statsOf(path) ? path : `${dirname(path)}/${aside}`) === over;

/** `audit-07.jsonl`, `audit-07-1.jsonl`, `audit-07-2.jsonl` ... */
function* alternatives(name: string): Generator<string, never> {
  yield name;
  for (let number = 1; ; number += 1) yield name.replace(/\.jsonl$/, `-${number}.jsonl`);
}

/** Another process may make it at the same time, and be killed before its name is on the disk. */
function createEmpty(path: string, owner: number | undefined): void {
  try {
    createDurably(path, new Uint8Array(), owner);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    syncFolder(dirname(path));
  }
}

const missing = (path: string): EnvironmentError =>
  new EnvironmentError(`the audit log ${path} of this keyring is missing`, [
    'restore it, or begin a new one: kms audit restart',
    'for a copy of a project without its log: kms keyring trust',
  ]);

/**
 * The new log is moved to its place when it is whole, and only over one that goes by another name already: killed
 * anywhere, the next process does what is left.
 */
function begin(
  path: string,
  content: Uint8Array,
  { aside, owner }: { readonly aside: string; readonly owner: number | undefined },
): void {
  putAside(path, aside);
  replaceDurably(path, content, owner);
}

/** The name was free when it was chosen; if another file has it since, that one stays. */
function putAside(path: string, wanted: string): void {
  const found = statsOf(path);
  if (!found) return;
  const folder = dirname(path);
  for (const name of alternatives(wanted)) {
    const there = statsOf(`${folder}/${name}`);
    if (there && isSame(there, found)) return syncFolder(folder);
    if (!there) return nameDurably(path, `${folder}/${name}`);
  }
}

function guard<T>(subject: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw explainFileError(error, subject);
  }
}
