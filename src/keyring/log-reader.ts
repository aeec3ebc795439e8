/** Reading the log's file as it grows, for people who watch it. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { explainFileError } from './files.ts';

const POLL_MS = 200;

/** The last lines of a log and, if it is followed, those that come, for ever. */
export async function* followLog(
  path: string,
  { last, follow }: { readonly last: number; readonly follow: boolean },
): AsyncGenerator<string> {
  const fd = openForReading(path);
  try {
    let at = fstatSync(fd).size;
    const lines = readText(fd, 0, at).split('\n').slice(0, -1);
    yield* last === 0 ? [] : lines.slice(-last);
    let rest = '';
    if (!follow) return;
    for (;;) {
      await setTimeout(POLL_MS);
      const { size } = fstatSync(fd);
      if (size <= at) continue;
      const grown = (rest + readText(fd, at, size)).split('\n');
      rest = grown.pop()!;
      at = size;
      yield* grown;
    }
  } finally {
    closeSync(fd);
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw explainFileError(error, `the audit log ${path}`);
  }
}

function readText(fd: number, from: number, to: number): string {
  const bytes = Buffer.alloc(to - from);
  let done = 0;
  while (done < bytes.length) {
    const length = readSync(fd, bytes, done, bytes.length - done, from + done);
    if (length === 0) break;
    done += length;
  }
  return bytes.toString('utf8', 0, done);
}
