/** A file of the keyring that stays open between transactions, and is opened again when another one has come to its path. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, writeSync, type BigIntStats } from 'node:fs';
import { checkOwnFile } from '../files/private-file.ts';

/** @param owner whose file it may be, beside ours: of a project keyring that is trusted */
export class OwnFile {
  readonly #path: string;
  readonly #what: string;
  readonly #owner: number | undefined;
  #opened: { readonly fd: number; readonly stats: BigIntStats } | undefined;

  constructor(path: string, what: string, owner: number | undefined) {
    this.#path = path;
    this.#what = what;
    this.#owner = owner;
  }

  /** Of the file that is at the path now; undefined: there is none. Links are not followed, pipes not waited for. */
  get fd(): number | undefined {
    return this.found?.fd;
  }

  /** The same, and its size in bytes. */
  get found(): { readonly fd: number; readonly size: number } | undefined {
    const found = statsOf(this.#path);
    if (this.#opened && !(found && isSame(found, this.#opened.stats))) this.close();
    if (!found) return undefined;
    const { fd, stats } = this.#opened ? { ...this.#opened, stats: found } : (this.#opened = this.#open());
    return { fd, size: Number(stats.size) };
  }

  /** Whether the file that was last found is at the path; where none was found yet, whether there is one. */
  get isInPlace(): boolean {
    const found = statsOf(this.#path);
    return found !== undefined && (!this.#opened || isSame(found, this.#opened.stats));
  }

  #open(): { readonly fd: number; readonly stats: BigIntStats } {
    const fd = openSync(this.#path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      checkOwnFile(fstatSync(fd), this.#path, this.#what, { owner: this.#owner });
      return { fd, stats: fstatSync(fd, { bigint: true }) };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Of the file that was last found, whatever has come to the path since. */
  get openFd(): number | undefined {
    return this.#opened?.fd;
  }

  close(): void {
    if (this.#opened) closeSync(this.#opened.fd);
    this.#opened = undefined;
  }
}

export const statsOf = (path: string): BigIntStats | undefined =>
  lstatSync(path, { bigint: true, throwIfNoEntry: false });

export const isSame = (one: BigIntStats, other: BigIntStats): boolean => one.dev === other.dev && one.ino === other.ino;

export function readAt(fd: number, at: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, at));
}

export function writeAll(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(fd, bytes, done, bytes.length - done, at + done);
  }
}

/** From there to the end, or to that one, in one buffer that is used again. */
export function* piecesOf(fd: number, from = 0, to = Number.MAX_SAFE_INTEGER): Generator<Uint8Array> {
  const piece = Buffer.alloc(1 << 16);
  for (let at = from; ;) {
    const length = readSync(fd, piece, 0, Math.min(piece.length, to - at), at);
    if (length === 0) return;
    yield piece.subarray(0, length);
    at += length;
  }
}
