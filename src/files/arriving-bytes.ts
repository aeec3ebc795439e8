/** Bytes of an input as they arrive: what is there can be taken without waiting for more. */
import type { Readable } from 'node:stream';
import { fileError } from './file-error.ts';
import { readSome } from './limited-read.ts';

export interface ArrivingBytes {
  /** undefined: nothing has arrived since. What is taken may be written over by the next call. */
  readonly take: () => Uint8Array | undefined;
  /** Returns when something has arrived; false: there is nothing more. */
  readonly arrive: () => Promise<boolean>;
}

const PIECE = 1 << 16;

/** Of a regular file all has arrived. @param subject what messages begin with */
export function fileBytes(fd: number, subject: string): ArrivingBytes {
  const piece = Buffer.alloc(PIECE);
  let isAtEnd = false;
  const read = (): number => {
    try {
      return readSome(fd, piece);
    } catch (error) {
      throw fileError(error, subject);
    }
  };
  return {
    take() {
      const length = isAtEnd ? 0 : read();
      isAtEnd = length === 0;
      return isAtEnd ? undefined : piece.subarray(0, length);
    },
    arrive: async () => !isAtEnd,
  };
}

/** Of a pipe, socket or terminal. It is read only as far ahead as a stream reads, whatever is taken. */
export function streamBytes(stream: Readable): ArrivingBytes {
  let state: 'open' | 'ended' | { readonly error: Error } = stream.readableEnded ? 'ended' : 'open';
  let wake = (): void => {};
  const end = (): void => {
    if (state === 'open') state = 'ended';
    wake();
  };
  stream
    .on('readable', () => wake())
    .on('end', end)
    .on('close', end)
    .on('error', (error) => {
      state = { error };
      wake();
    });
  return {
    take: () => (stream.read() as Uint8Array | null) ?? undefined,
    async arrive() {
      while (stream.readableLength === 0) {
        stream.read(0); // without it there is no 'end'
        if (state === 'ended') return false;
        if (state !== 'open') throw state.error;
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return true;
    },
  };
}
