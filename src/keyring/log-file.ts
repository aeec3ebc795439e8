/**
 * The file of the audit log. The root record of the keyring has the log's size, the MAC of its last line and the bytes of
 * the last transaction's lines, so writing them is idempotent: by the process that made them, or by the next one after a
 * crash. Beginning a new log is idempotent as well: the root has the state that leads to it, and the new name of the old
 * file.
 */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  writeSync,
  type BigIntStats,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { EnvironmentError } from '../model/error.ts';
import { lineEnd, type ChainHead } from '../audit/chain.ts';
import { syncFolder } from '../files/folder.ts';
import { createDurably, nameDurably, replaceDurably } from './durable.ts';
import { checkOwnFile, explainFileError } from './files.ts';

export interface LogHead extends ChainHead {
  /** Bytes that the file has once the pending lines are in it. */
  readonly size: number;
}

export interface LogState {
  readonly head: LogHead;
  /** The lines of the last transaction: the end of the file, perhaps not in it yet. */
  readonly pending: Uint8Array;
  /** The log was begun by the last transaction: it is its lines. */
  readonly begins?: LogBeginning | undefined;
}

/**
 * A log that is to be begun: over what, and by which name that goes from then on. Where a copy of the keyring is, and over
 * what has come to its place since, it is not begun again.
 */
export interface LogBeginning {
  /** In the same folder. */
  readonly aside: string;
  /** Identifies the old file; only compared. */
  readonly over: string;
}

/** The log of a keyring. */
export interface Log {
  /** Creates an empty log for a new keyring. Otherwise only a keyring that has begun a new log creates one. */
  create(): void;
  /**
   * Compares the log with the keyring and completes it; throws if it is missing, truncated, edited at its end, or ahead.
   * Only in a transaction of the store, or right after its commit.
   */
  reconcile(state: LogState): void;
  /** Whether there is anything at its place. */
  exists(): boolean;
  /** For beginning a new one over what is there, a log that ends with this event or something else. @throws for a folder */
  beginning(sequence: number): LogBeginning;
  /** What is at its place, as far as it is a file, whoever owns it. @throws where it may not be read */
  readAnything(): Iterable<Uint8Array>;
  /** Makes the lines that reconcile() found durable; the keyring can then discard the pending lines. */
  sync(): void;
  write(lines: Uint8Array, at: number): void;
  /** Reads the whole log in pieces. */
  read(): Iterable<Uint8Array>;
  close(): void;
}

/** @param owner whose file it may be, beside ours: of a project keyring that is trusted */
export function logFile(path: string, { owner }: { readonly owner?: number | undefined } = {}): Log {
  const folder = dirname(path);
  let opened: { readonly fd: number; readonly stats: BigIntStats } | undefined;
  /** Its name may not be on the disk yet: whoever made it may have been killed before that. */
  let isNew = false;
  const close = (): void => {
    if (opened) closeSync(opened.fd);
    opened = undefined;
  };
  /** What is at the path now: another process may have begun a new log there. */
  const current = (): number | undefined => {
    const found = statsOf(path);
    if (opened && !(found && isSame(found, opened.stats))) close();
    if (!found) return undefined;
    if (!opened) {
      const fd = openLog(path, owner);
      opened = { fd, stats: fstatSync(fd, { bigint: true }) };
    }
    return opened.fd;
  };
  const present = (): number => {
    const fd = current();
    if (fd === undefined) throw missing(path);
    return fd;
  };
  return {
    create: () => guard(path, () => createEmpty(path, owner)),
    reconcile: (state) =>
      guard(path, () => {
        if (state.begins && isToBegin(path, state.begins)) {
          begin(path, state.pending, { aside: state.begins.aside, owner });
        }
        reconcile(present(), state, path);
        isNew = state.begins !== undefined;
      }),
    sync: () =>
      guard(path, () => {
        if (opened) fdatasyncSync(opened.fd);
        if (opened && isNew) syncFolder(folder);
      }),
    // into the log that reconcile() found, even if another one has begun since: then these lines are in it already
    write: (lines, at) => guard(path, () => writeAll(opened?.fd ?? present(), lines, at)),
    exists: () => guard(path, () => statsOf(path) !== undefined),
    beginning: (sequence) =>
      guard(path, () => {
        // link(2) does not take one, and only it replaces nothing
        if (statsOf(path)?.isDirectory())
          throw new EnvironmentError(`${path} is a folder`, ['move it to another location']);
        const names = alternatives(basename(path).replace(/(\.jsonl)?$/, `-${sequence}.jsonl`));
        let aside: string;
        do aside = names.next().value;
        while (statsOf(`${folder}/${aside}`));
        return { aside, over: contentOf(path) };
      }),
    *readAnything() {
      if (!guard(path, () => statsOf(path)?.isFile())) return;
      const fd = guard(path, () => openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
      try {
        yield* piecesOf(fd);
      } finally {
        closeSync(fd);
      }
    },
    *read() {
      const fd = guard(path, current);
      if (fd !== undefined) yield* piecesOf(fd);
    },
    close,
  };
}

/** In one buffer that is used again. */
function* piecesOf(fd: number): Generator<Uint8Array> {
  const piece = Buffer.alloc(1 << 16);
  for (let at = 0; ;) {
    const length = readSync(fd, piece, 0, piece.length, at);
    if (length === 0) return;
    yield piece.subarray(0, length);
    at += length;
  }
}

/** Size and SHA-256 of a file; of anything else, what it is. */
function contentOf(path: string): string {
  const stats = statsOf(path);
  if (!stats?.isFile()) return stats ? `mode ${stats.mode}` : 'nothing';
  const hash = createHash('sha256');
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    for (const piece of piecesOf(fd)) hash.update(piece);
  } finally {
    closeSync(fd);
  }
  return `${stats.size} bytes, ${hash.digest('hex')}`;
}

/** What it was to be begun over is there still, or was put aside already. */
const isToBegin = (path: string, { aside, over }: LogBeginning): boolean =>
  contentOf(statsOf(path) ? path : `${dirname(path)}/${aside}`) === over;

const statsOf = (path: string): BigIntStats | undefined => lstatSync(path, { bigint: true, throwIfNoEntry: false });

const isSame = (one: BigIntStats, other: BigIntStats): boolean => one.dev === other.dev && one.ino === other.ino;

/** `audit-7.jsonl`, `audit-7-1.jsonl`, `audit-7-2.jsonl` ... */
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

const HINTS = ['kms audit verify shows the problems', 'kms audit restart renames this file and begins a new log'];

function reconcile(fd: number, { head, pending }: LogState, path: string): void {
  const { size } = fstatSync(fd);
  const start = head.size - pending.length;
  if (size > head.size) {
    throw new EnvironmentError(
      `the audit log ${path} is ${size - head.size} bytes ahead of the keyring: an earlier version of the keyring was restored, or data was appended to the log`,
      HINTS,
    );
  }
  if (size < start) {
    const [missing, last] = [head.size - size, head.sequence];
    throw new EnvironmentError(
      `the audit log ${path} was truncated: ${missing} bytes before the end of event ${last} are missing`,
      HINTS,
    );
  }
  if (size < head.size) {
    const rest = readAt(fd, start, size - start);
    if (Buffer.compare(rest, pending.subarray(0, rest.length)) !== 0) throw edited(path);
    guard(path, () => writeAll(fd, pending, start));
    return;
  }
  if (head.size === 0) return;
  const end = lineEnd(head);
  if (Buffer.compare(readAt(fd, head.size - end.length, end.length), end) !== 0) throw edited(path);
}

export const edited = (path: string): EnvironmentError =>
  new EnvironmentError(`the end of the audit log ${path} was changed`, HINTS);

/** Does not follow links, creates files with mode 0600, and does not wait for pipes. */
function openLog(path: string, owner: number | undefined): number {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    checkOwnFile(fstatSync(fd), path, 'the audit log', { owner });
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function guard<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw explainFileError(error, `the audit log ${path}`);
  }
}

function readAt(fd: number, at: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, at));
}

function writeAll(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(fd, bytes, done, bytes.length - done, at + done);
  }
}
