/** Reading the log while it grows, for `kms audit tail`. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { EnvironmentError } from '../model/error.ts';
import { logLines, logLinesInStream, MAX_LINE, parseLine } from '../audit/chain.ts';
import { explainFileError } from '../files/private-file.ts';
import { oldLogs, piecesOfOldLog, type LogLocation, type OldLog } from './old-logs.ts';
import { OwnFile, piecesOf, readAt, statsOf } from './own-file.ts';

const POLL_MS = 200;
const PIECE = 1 << 16;
const NEWLINE = 0x0a;

interface Following {
  readonly last: number;
  readonly follow: boolean;
  /** Other lines are neither given nor counted. */
  readonly accepts?: ((line: string) => boolean) | undefined;
  /** Whether lines before this one are of no interest: then the files before one that begins with it are not read. */
  readonly isBeforeAll?: ((line: string) => boolean) | undefined;
  /** Bytes that are looked through for the last lines; compressed files are not looked through then. */
  readonly within?: number;
}

/** The last lines of a log and its old files and, if it is followed, all further ones, also of new logs. */
export async function* followLog(location: LogLocation, following: Following): AsyncGenerator<string> {
  const { path } = location;
  const { last, follow, accepts } = following;
  let fd = openForReading(path);
  const lines = (from: number): Generator<string, number> => acceptedLines(wholeLines(fd, from), accepts);
  try {
    const found = Number.isFinite(last) ? startOfLast(fd, following) : { start: 0, count: 0, looked: 0 };
    if (found.count < last) yield* oldLines(location, { ...following, before: firstSequence(fd), found });
    let at = found.start;
    for (;;) {
      at = yield* lines(at);
      if (!follow) return;
      await setTimeout(POLL_MS);
      if (fstatSync(fd).size < at) at = 0;
      if (!wasReplaced(path, fd)) continue;
      yield* lines(at); // lines that were written before it was renamed
      const seen = lastSequence(fd);
      closeSync(fd);
      [fd, at] = [openForReading(path), 0];
      for (const log of oldLogs(location)) {
        const isMissed = seen !== undefined && log.sequence > seen && log.sequence < firstSequence(fd);
        if (isMissed) yield* linesOfOldLog(log, location, accepts);
      }
    }
  } finally {
    closeSync(fd);
  }
}

interface Looking extends Following {
  /** The number of the first event of the log. */
  readonly before: number;
  readonly found: FoundLines;
}

/** As many lines as are still to be found, the oldest first. */
async function* oldLines(
  location: LogLocation,
  { last, accepts, isBeforeAll, within = Number.POSITIVE_INFINITY, before, found }: Looking,
): AsyncGenerator<string> {
  const logs = oldLogs(location).filter(({ sequence }) => sequence < before);
  if (Number.isFinite(last)) {
    const lists: (readonly string[])[] = [];
    let { count, looked } = found;
    for (const log of logs.toReversed()) {
      if (count >= last || looked >= within || (Number.isFinite(within) && log.isCompressed)) break;
      const lines = await lastOfOldLog(log, location, { last: last - count, accepts, within: within - looked });
      lists.unshift(lines);
      count += lines.length;
      looked += statSync(log.path, { throwIfNoEntry: false })?.size ?? 0;
    }
    yield* lists.flat();
    return;
  }
  let first = 0;
  for (const [index, log] of logs.entries()) {
    for await (const line of linesOfOldLog(log, location)) {
      if (isBeforeAll?.(line)) first = index;
      break;
    }
  }
  for (const log of logs.slice(first)) yield* linesOfOldLog(log, location, accepts);
}

async function lastOfOldLog(
  log: OldLog,
  location: LogLocation,
  { last, accepts, within }: { last: number; accepts: Following['accepts']; within: number },
): Promise<readonly string[]> {
  const lines: string[] = [];
  if (!log.isCompressed && statsOf(log.path)) {
    const fd = openForReading(log.path);
    try {
      for (const line of acceptedLines(wholeLines(fd, startOfLast(fd, { last, accepts, within }).start), accepts)) {
        lines.push(line);
      }
    } finally {
      closeSync(fd);
    }
    return lines;
  }
  for await (const line of linesOfOldLog(log, location, accepts)) {
    lines.push(line);
    if (lines.length > 2 * last) lines.splice(0, lines.length - last);
  }
  return lines.slice(-last);
}

async function* linesOfOldLog(
  log: OldLog,
  location: LogLocation,
  accepts?: Following['accepts'],
): AsyncGenerator<string> {
  for await (const line of logLinesInStream(piecesOfOldLog(log, location))) {
    const text = Buffer.from(line).toString();
    if (!accepts || accepts(text)) yield text;
  }
}

const sequenceOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseLine(Buffer.from(text))?.head.sequence;

/** Of an empty log, what comes. */
function firstSequence(fd: number): number {
  const [first] = wholeLines(fd, 0);
  return sequenceOf(first) ?? Number.POSITIVE_INFINITY;
}

function lastSequence(fd: number): number | undefined {
  const [last] = linesFromEnd(fd);
  return sequenceOf(last?.text());
}

/** A log that stays the one that was opened, whatever comes to its path. It is closed when it was read. */
export interface OpenLog {
  readonly isThere: boolean;
  /** The number of its first event. */
  readonly firstSequence: number;
  readonly lines: () => Iterable<Uint8Array>;
  /** The last line first. */
  readonly fromEnd: () => Iterable<Uint8Array>;
}

export function openLog({ path, owner }: LogLocation): OpenLog {
  const file = new OwnFile(path, 'the audit log', owner);
  const fd = explained(path, () => file.fd);
  const reading = function* (lines: Iterable<Uint8Array>): Generator<Uint8Array> {
    try {
      yield* lines;
    } finally {
      file.close();
    }
  };
  if (fd === undefined) {
    return { isThere: false, firstSequence: Number.POSITIVE_INFINITY, lines: () => [], fromEnd: () => [] };
  }
  return {
    isThere: true,
    firstSequence: firstSequence(fd),
    lines: () => reading(logLines(piecesOf(fd))),
    fromEnd: () => reading(bytesFromEnd(fd)),
  };
}

function* bytesFromEnd(fd: number): Generator<Uint8Array> {
  for (const { bytes } of linesFromEnd(fd)) yield bytes();
}

function explained<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw explainFileError(error, `the audit log ${path}`);
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

interface FoundLines {
  /** Where the first of them begins, or where the next one will. */
  readonly start: number;
  readonly count: number;
  /** Bytes that were looked through. */
  readonly looked: number;
}

/** Where the last lines begin, looked for from the end. */
function startOfLast(
  fd: number,
  { last, accepts, within = Number.POSITIVE_INFINITY }: Pick<Following, 'last' | 'accepts' | 'within'>,
): FoundLines {
  const { size } = fstatSync(fd);
  let start: number | undefined;
  let [count, looked] = [0, 0];
  for (const line of linesFromEnd(fd)) {
    start ??= line.end;
    if (count >= last || looked >= within) break;
    looked = size - line.start;
    if (accepts && !accepts(line.text())) continue;
    ({ start } = line);
    count += 1;
  }
  return { start: start ?? 0, count, looked };
}

interface LineFromEnd {
  readonly start: number;
  /** Where the next one begins. */
  readonly end: number;
  readonly bytes: () => Uint8Array;
  readonly text: () => string;
}

/** Whole lines, the last one first. What is longer than a line can be is no line: it has no text. */
function* linesFromEnd(fd: number): Generator<LineFromEnd> {
  let parts: Uint8Array[] = [];
  let end: number | undefined; // of the line that the parts are the end of
  let length = 0;
  const lineAt = (start: number, next: number): LineFromEnd => {
    const all = length > MAX_LINE ? [] : parts;
    return { start, end: next, bytes: () => Buffer.concat(all), text: () => Buffer.concat(all).toString() };
  };
  const take = (part: Uint8Array): void => {
    length += part.length;
    if (length > MAX_LINE) parts = [];
    else if (part.length > 0) parts.unshift(Uint8Array.from(part));
  };
  for (let to = fstatSync(fd).size; to > 0; to -= PIECE) {
    const from = Math.max(to - PIECE, 0);
    const piece = Buffer.from(readAt(fd, from, to - from));
    let upTo = piece.length;
    for (let at = piece.lastIndexOf(NEWLINE); at !== -1; at = at === 0 ? -1 : piece.lastIndexOf(NEWLINE, at - 1)) {
      if (end !== undefined) {
        take(piece.subarray(at + 1, upTo));
        yield lineAt(from + at + 1, end);
      }
      [parts, length, upTo, end] = [[], 0, at, from + at + 1];
    }
    if (end !== undefined) take(piece.subarray(0, upTo));
  }
  if (end !== undefined) yield lineAt(0, end);
}

function* acceptedLines(lines: Generator<string, number>, accepts: Following['accepts']): Generator<string, number> {
  for (;;) {
    const { done, value } = lines.next();
    if (done) return value;
    if (!accepts || accepts(value)) yield value;
  }
}

/** What is longer than a line of the log can be comes in pieces. @returns where the next line begins */
function* wholeLines(fd: number, from: number): Generator<string, number> {
  const piece = Buffer.alloc(PIECE);
  let begun: Uint8Array[] = [];
  let start = from;
  for (let at = from; ;) {
    const length = readSync(fd, piece, 0, piece.length, at);
    if (length === 0) return start;
    let done = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1 && end < length; end = piece.indexOf(NEWLINE, done)) {
      yield Buffer.concat([...begun, piece.subarray(done, end)]).toString();
      [begun, done] = [[], end + 1];
      start = at + done;
    }
    begun.push(Uint8Array.from(piece.subarray(done, length)));
    at += length;
    if (at - start <= MAX_LINE) continue;
    yield Buffer.concat(begun).toString();
    [begun, start] = [[], at];
  }
}
