/** Reading files, pipes and devices of unknown origin, up to a size limit. */
import { closeSync, openSync, readSync } from 'node:fs';
import { EnvironmentError } from '../model/error.ts';
import { fileError } from './file-error.ts';

interface Limits {
  /** What the messages begin with: `the env file .env`. */
  readonly subject: string;
  /** In bytes. */
  readonly limit: number;
}

const PIECE = 1 << 16;

/** @param from a path, or an open descriptor */
export function readLimited(from: string | number, { subject, limit }: Limits): Uint8Array {
  const bytes = attempt(subject, () => readUpTo(from, limit));
  if (bytes.length > limit) throw new EnvironmentError(`${subject} is larger than ${limit.toLocaleString('en')} bytes`);
  return bytes;
}

function attempt<T>(subject: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileError(error, subject);
  }
}

/** Returns more than the limit if there is more; errors are those of Node.js. */
export function readUpTo(from: string | number, limit: number): Uint8Array {
  const fd = typeof from === 'number' ? from : openSync(from, 'r');
  try {
    const pieces: Uint8Array[] = [];
    let size = 0;
    while (size <= limit) {
      const piece = Buffer.alloc(PIECE);
      const length = readSome(fd, piece);
      if (length === 0) break;
      pieces.push(piece.subarray(0, length));
      size += length;
    }
    return Buffer.concat(pieces, size);
  } finally {
    if (typeof from !== 'number') closeSync(fd);
  }
}

/** Waits where nothing is there yet; 0 is the end. */
export function readSome(fd: number, piece: Uint8Array): number {
  for (;;) {
    try {
      return readSync(fd, piece);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0; // Windows, at the end of a pipe
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2); // non-blocking, and nothing there yet
    }
  }
}

/** Strictly: nothing is replaced, and the bytes are never quoted. @param subject what they are: `the env file .env` */
export function utf8(bytes: Uint8Array, subject: string, ...hints: readonly string[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new EnvironmentError(`${subject} is not UTF-8`, hints);
  }
}

/** Policies, seeds and the like. */
const MAX_TEXT = 16 * 2 ** 20;
const STANDARD_INPUT = '-';

/** @param name a path; `-` is standard input */
export function readText(name: string): string {
  const [from, subject] = name === STANDARD_INPUT ? [0, 'standard input'] : [name, name];
  return utf8(readLimited(from, { subject, limit: MAX_TEXT }), subject);
}
