/**
 * Reading and writing open descriptors in the background. Files are opened, made and removed in the foreground: a
 * signal's handler then finds either all of it done or nothing.
 */
import { read, write } from 'node:fs';

/** @param at where in the file; null: where the last write ended */
export async function writeAll(fd: number, bytes: Uint8Array, at: number | null = null): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await writeSome(fd, bytes.subarray(done), at === null ? null : at + done);
  }
}

async function writeSome(fd: number, bytes: Uint8Array, at: number | null): Promise<number> {
  for (;;) {
    try {
      return await new Promise((resolve, reject) =>
        write(fd, bytes, 0, bytes.length, at, (error, count) => (error ? reject(error) : resolve(count))),
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await new Promise((resolve) => void setTimeout(resolve, 2)); // a full non-blocking pipe: its reader is slow, not gone
    }
  }
}

/** @returns how many bytes; 0 at the end of the file */
export const readSome = (fd: number, buffer: Uint8Array, at: number): Promise<number> =>
  new Promise((resolve, reject) =>
    read(fd, buffer, 0, buffer.length, at, (error, count) => (error ? reject(error) : resolve(count))),
  );
