/**
 * The audit log's file. The keyring fixes the place of every byte: its root record holds the log's size, the MAC of
 * its last line and the bytes of the last transaction's lines. Writing them is therefore repeatable, by whoever comes
 * first: the process that made them, or the next one after a crash.
 */
import { closeSync, constants, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { EnvironmentError } from '../api/error.ts';
import { text } from '../crypto/bytes.ts';
import { LINE_END_LENGTH, type ChainHead } from '../audit/chain.ts';
import { checkOwnFile, explainFileError } from './files.ts';

export interface LogHead extends ChainHead {
  /** Bytes that the file has once the pending lines are in it. */
  readonly size: number;
}

export interface LogState {
  readonly head: LogHead;
  /** The lines of the last transaction: the end of the file, perhaps not in it yet. */
  readonly pending: Uint8Array;
}

/** Where a keyring's lines go. */
export interface Log {
  /** Holds the file against the keyring and completes it; throws if it was cut, edited at its end, or is ahead. */
  settle(state: LogState): void;
  /** Makes durable what settle() found: after it the keyring may forget the pending lines. */
  sync(): void;
  write(lines: Uint8Array, at: number): void;
  /** Reads the whole log in pieces. */
  read(): Iterable<Uint8Array>;
  close(): void;
}

/** @param owner whose file it may be, beside ours: of a project keyring that is trusted */
export function logFile(path: string, { owner }: { readonly owner?: number | undefined } = {}): Log {
  let fd: number | undefined;
  const file = (): number => (fd ??= openLog(path, owner));
  return {
    settle(state) {
      settle(file(), state, path);
    },
    sync: () => guard(path, () => fdatasyncSync(file())),
    write: (lines, at) => guard(path, () => writeAll(file(), lines, at)),
    *read() {
      const piece = Buffer.alloc(1 << 16);
      for (let at = 0; ;) {
        const length = readSync(file(), piece, 0, piece.length, at);
        if (length === 0) return;
        yield piece.subarray(0, length);
        at += length;
      }
    },
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

const HINTS = ['kms audit verify says where', 'kms audit restart puts this file aside and begins a new one'];

function settle(fd: number, { head, pending }: LogState, path: string): void {
  const { size } = fstatSync(fd);
  const start = head.size - pending.length;
  if (size > head.size) {
    throw new EnvironmentError(
      `the audit log ${path} is ${size - head.size} bytes ahead of the keyring: the keyring was put back to an earlier state, or the log was added to`,
      HINTS,
    );
  }
  if (size < start) {
    const [missing, last] = [head.size - size, head.sequence];
    throw new EnvironmentError(
      `the audit log ${path} was cut: ${missing} bytes before the end of event ${last} are missing`,
      HINTS,
    );
  }
  if (size < head.size) {
    const rest = readAt(fd, start, size - start);
    if (Buffer.compare(rest, pending.subarray(0, rest.length)) !== 0) throw edited(path);
    guard(path, () => writeAll(fd, pending, start));
    return;
  }
  const end = head.size === 0 ? '' : latin(readAt(fd, head.size - LINE_END_LENGTH, LINE_END_LENGTH));
  if (end !== '' && end !== `${head.mac}"}}\n`) throw edited(path);
}

const edited = (path: string): EnvironmentError =>
  new EnvironmentError(`the end of the audit log ${path} was changed`, HINTS);

const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Never through a link, never with others' rights; made if it is missing (settle() tells whether it may be). */
function openLog(path: string, owner: number | undefined): number {
  const fd = guard(path, () => openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
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

/** A log in memory, for a keyring in memory. */
export function memoryLog(): Log & { readonly text: () => string } {
  let bytes = Buffer.alloc(1 << 12);
  let size = 0;
  return {
    settle({ head }) {
      if (size !== head.size) throw edited('(memory)');
    },
    sync() {},
    write(lines, at) {
      size = at + lines.length;
      if (size > bytes.length) bytes = Buffer.concat([bytes], 2 * size); // doubling keeps the cost of a line the same
      bytes.set(lines, at);
    },
    *read() {
      yield bytes.subarray(0, size);
    },
    close() {},
    text: () => text(bytes.subarray(0, size)),
  };
}
