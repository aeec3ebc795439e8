/** The audit log of a keyring, and its head: what their drivers do. Drivers: log-file.ts, memory-log.ts. */
import type { HeadBlock } from './log-head.ts';

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

/** Bytes that were behind the end of a log. */
export interface BytesAside {
  /** In the same folder. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** All of it only in a transaction of the store, or right after its commit. */
export interface Log {
  /** For messages. */
  readonly path: string;
  /** Creates an empty log for a new keyring. Otherwise only a keyring that has begun a new log creates one. */
  create(): void;
  /** Whether there is anything at its place. */
  exists(): boolean;
  /** In bytes. @throws if it is missing */
  size(): number;
  /** From there to the end, in pieces; nothing if it is missing. */
  read(from?: number): Iterable<Uint8Array>;
  /** All that is there now, or at least as much, in pieces: also after the transaction, and when another log has begun. */
  snapshot(atLeast: number): Iterable<Uint8Array>;
  slice(from: number, to: number): Uint8Array;
  write(lines: Uint8Array, at: number): void;
  truncate(size: number): void;
  /** Makes everything that was written durable. */
  sync(): void;
  /** The same, in another thread, which costs more than waiting does: for a process that has other work. */
  syncInBackground(): Promise<void>;
  /** Copies the bytes from there to the end into a file of their own, durably. */
  copyAside(from: number, sequence: number): BytesAside;

  /** Both blocks; undefined: there is no head. */
  readHead(): Uint8Array | undefined;
  /** Whether the head that was read or written last is still at its place. */
  isHeadInPlace(): boolean;
  /** With this block alone, durably; replaces one that is there, whatever it is. */
  createHead(block: Uint8Array): void;
  /** In place. Nothing waits for the disk: what a head says was durable before. */
  writeHead(block: Uint8Array, which: HeadBlock): void;

  /** For beginning a new log over what is there, a log that ends with this event or something else. @throws for a folder */
  beginning(sequence: number): LogBeginning;
  /** Begins it, unless that was done already. */
  begin(beginning: LogBeginning, lines: Uint8Array): void;
  /** What is at its place, as far as it is a file, whoever owns it. @throws where it may not be read */
  readAnything(): Iterable<Uint8Array>;
  close(): void;
}
