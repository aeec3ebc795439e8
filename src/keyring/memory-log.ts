/** A log in memory, for a keyring in memory. */
import { createHash } from 'node:crypto';
import { text } from '../crypto/bytes.ts';
import type { Log } from './log.ts';
import { HEAD_BLOCK, HEAD_FILE } from './log-head.ts';

export function memoryLog(): Log & { readonly text: () => string } {
  let bytes: Buffer = Buffer.alloc(1 << 12);
  let size = 0;
  let head: Uint8Array | undefined;
  let asides = 0;
  const write = (lines: Uint8Array, at: number): void => {
    if (at + lines.length > bytes.length) {
      const longer = Buffer.allocUnsafeSlow(2 * (at + lines.length)); // doubling keeps the cost of a line the same
      longer.set(bytes);
      bytes = longer;
    }
    if (at > size) bytes.fill(0, size, at);
    bytes.set(lines, at);
    size = Math.max(size, at + lines.length);
  };
  return {
    path: '(memory)',
    create() {},
    exists: () => size > 0,
    size: () => size,
    *read(from = 0) {
      yield bytes.subarray(from, size);
    },
    snapshot: () => [bytes.slice(0, size)],
    slice: (from, to) => bytes.subarray(from, to),
    write,
    truncate(length) {
      size = length;
    },
    sync() {},
    async syncInBackground() {},
    copyAside(from) {
      const rest = bytes.subarray(from, size);
      const sha256 = createHash('sha256').update(rest).digest('hex');
      return { file: `(memory, ${(asides += 1)})`, bytes: rest.length, sha256 };
    },
    readHead: () => head,
    isHeadInPlace: () => true,
    createHead(block) {
      head = new Uint8Array(HEAD_FILE);
      head.set(block);
    },
    writeHead(block, which) {
      head!.set(block, which * HEAD_BLOCK);
    },
    beginning: (sequence) => ({ aside: `(memory, ${sequence})`, over: '(memory)' }),
    begin(_, lines) {
      if (Buffer.compare(bytes.subarray(0, size), lines) === 0) return;
      size = 0;
      write(lines, 0);
    },
    *readAnything() {
      yield bytes.subarray(0, size);
    },
    close() {},
    text: () => text(bytes.subarray(0, size)),
  };
}
