/** A log in memory, for a keyring in memory. */
import { text } from '../crypto/bytes.ts';
import { edited, type Log } from './log-file.ts';

export function memoryLog(): Log & { readonly text: () => string } {
  let bytes = Buffer.alloc(1 << 12);
  let size = 0;
  return {
    create() {},
    reconcile({ head, pending, begins }) {
      if (begins && Buffer.compare(bytes.subarray(0, size), pending) !== 0) {
        bytes = Buffer.from(pending);
        size = pending.length;
      }
      if (size === head.size - pending.length) this.write(pending, size);
      if (size !== head.size) throw edited('(memory)');
    },
    exists: () => size > 0,
    beginning: (sequence) => ({ aside: `(memory, ${sequence})`, over: '(memory)' }),
    *readAnything() {
      yield* this.read();
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
