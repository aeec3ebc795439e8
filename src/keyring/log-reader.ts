/** Reading the log while it grows, for `kms audit tail`. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { EnvironmentError } from '../model/error.ts';
import { MAX_LINE } from '../audit/chain.ts';
import { explainFileError } from './files.ts';

const POLL_MS = 200;
const PIECE = 1 << 16;
const NEWLINE = 0x0a;

interface Following {
  readonly last: number;
  readonly follow: boolean;
  /** Other lines are neither given nor counted, and the whole log is read. */
  readonly accepts?: ((line: string) => boolean) | undefined;
}

/** The last lines of a log and, if it is followed, all further ones, also of a new log. */
export async function* followLog(path: string, { last, follow, accepts }: Following): AsyncGenerator<string> {
  let fd = openForReading(path);
  const lines = (from: number): Generator<string, number> => acceptedLines(wholeLines(fd, from), accepts);
  try {
    let at = accepts ? startOfLastAccepted(wholeLines(fd, 0), { last, accepts }) : startOfLast(fd, last);
    for (;;) {
      at = yield* lines(at);
      if (!follow) return;
      await setTimeout(POLL_MS);
      if (fstatSync(fd).size < at) at = 0;
      if (!wasReplaced(path, fd)) continue;
      yield* lines(at); // lines that were written before it was renamed
      closeSync(fd);
      [fd, at] = [openForReading(path), 0];
    }
  } finally {
    closeSync(fd);
  }
}

function wasReplaced(path: string, fd: number): boolean {
  const [there, here] = [lstatSync(path, { bigint: true, throwIfNoEntry: false }), fstatSync(fd, { bigint: true })];
  return there !== undefined && (there.dev !== here.dev || there.ino !== here.ino);
}

/** A pipe is not waited for. */
function openForReading(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw explainFileError(error, `the audit log ${path}`);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new EnvironmentError(`the audit log ${path} is not a regular file`);
}

/** Where the last lines begin, looked for from the end. */
function startOfLast(fd: number, last: number): number {
  const piece = Buffer.alloc(PIECE);
  let ends = -1; // of whole lines, behind that of the last one
  for (let end = fstatSync(fd).size; end > 0; end -= PIECE) {
    const from = Math.max(end - PIECE, 0);
    const length = readSync(fd, piece, 0, end - from, from);
    for (let at = length - 1; at >= 0; at -= 1) {
      if (piece[at] === NEWLINE && (ends += 1) === last) return from + at + 1;
    }
  }
  return 0;
}

interface PlacedLine {
  readonly text: string;
  readonly start: number;
}

function* acceptedLines(
  lines: Generator<PlacedLine, number>,
  accepts: Following['accepts'],
): Generator<string, number> {
  for (;;) {
    const { done, value } = lines.next();
    if (done) return value;
    if (!accepts || accepts(value.text)) yield value.text;
  }
}

function startOfLastAccepted(
  lines: Generator<PlacedLine, number>,
  { last, accepts }: { readonly last: number; readonly accepts: (line: string) => boolean },
): number {
  const starts: number[] = [];
  for (;;) {
    const { done, value } = lines.next();
    if (done) return last === 0 ? value : (starts[0] ?? value);
    if (!accepts(value.text)) continue;
    starts.push(value.start);
    if (starts.length > last) starts.shift();
  }
}

/** What is longer than a line of the log can be comes in pieces. @returns where the next line begins */
function* wholeLines(fd: number, from: number): Generator<PlacedLine, number> {
  const piece = Buffer.alloc(PIECE);
  let begun: Uint8Array[] = [];
  let start = from;
  for (let at = from; ;) {
    const length = readSync(fd, piece, 0, piece.length, at);
    if (length === 0) return start;
    let done = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1 && end < length; end = piece.indexOf(NEWLINE, done)) {
      yield { text: Buffer.concat([...begun, piece.subarray(done, end)]).toString(), start };
      [begun, done] = [[], end + 1];
      start = at + done;
    }
    begun.push(Uint8Array.from(piece.subarray(done, length)));
    at += length;
    if (at - start <= MAX_LINE) continue;
    yield { text: Buffer.concat(begun).toString(), start };
    [begun, start] = [[], at];
  }
}
