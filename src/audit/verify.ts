/** Verification of the log: checks the whole chain line by line and reports problems with their lines. */
import { noMeter, type Meter } from '../model/progress.ts';
import type { Secret } from '../crypto/secret.ts';
import { logLines, parseLine, type ChainedLine, type ChainHead } from './chain.ts';

export type LogProblemKind =
  | 'edited'
  | 'reordered'
  | 'cut in the middle'
  | 'cut at the end'
  | 'rolled back'
  | 'wrong key'
  | 'unknown end';

export interface LogProblem {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly kind: LogProblemKind;
  readonly message: string;
}

export interface LogReport {
  readonly events: number;
  readonly problems: readonly LogProblem[];
}

export interface Anchor {
  readonly key: Secret;
  /** What the first line follows. */
  readonly start: ChainHead;
  /** The end of the chain according to the keyring; undefined: it is not known. */
  readonly head: ChainHead | undefined;
  /** An end that the chain had before, if it is in these lines: that of the root. */
  readonly passes?: ChainHead;
}

export function verifyLog(
  pieces: Iterable<Uint8Array>,
  { key, start, head, passes }: Anchor,
  meter: Meter = noMeter,
): LogReport {
  const problems = new Problems();
  let line = 0;
  let good = 0;
  let previous = start;
  let generation = 0;
  for (const bytes of logLines(pieces)) {
    line += 1;
    meter.advance(1);
    const found = parseLine(bytes);
    const problem = found
      ? (checkLine(found, previous, key) ?? checkGeneration(found, generation) ?? checkEnd(found, passes))
      : { kind: 'edited' as const, message: 'is not a valid audit event' };
    if (problem) problems.add({ line, kind: problem.kind, message: `line ${line} ${problem.message}` });
    else good += 1;
    // An unreadable or misplaced line is not part of the chain; the next line is compared with the one before it.
    if (found && !problem) ({ generation } = found);
    if (!found) previous = { sequence: previous.sequence + 1, mac: previous.mac };
    else if (problem?.kind !== 'reordered') previous = found.head;
  }
  if (line > 1 && good === 0) {
    return {
      events: line,
      problems: [{ line: 1, kind: 'wrong key', message: 'no line is authenticated with the key of this keyring' }],
    };
  }
  const end = head && judgeEnd(previous, head, line);
  return { events: line, problems: end ? [...problems.listed(), end] : problems.listed() };
}

/** Problems that a report lists; further ones are counted. */
const MAX_PROBLEMS = 1_000;

class Problems {
  readonly #first: LogProblem[] = [];
  #next: LogProblem | undefined;
  #more = 0;

  add(problem: LogProblem): void {
    if (this.#first.length < MAX_PROBLEMS) this.#first.push(problem);
    else {
      this.#next ??= problem;
      this.#more += 1;
    }
  }

  listed(): readonly LogProblem[] {
    if (!this.#next) return this.#first;
    const { line, kind } = this.#next;
    return [...this.#first, { line, kind, message: `${this.#more} more problems from line ${line} on` }];
  }
}

function checkLine(found: ChainedLine, previous: ChainHead, key: Secret): Omit<LogProblem, 'line'> | undefined {
  const expected = previous.sequence + 1;
  const { sequence } = found.head;
  if (sequence < expected) {
    return { kind: 'reordered', message: `has event ${sequence}, expected event ${expected}` };
  }
  if (sequence > expected) {
    const missing = sequence - 1 === expected ? `event ${expected} is` : `events ${expected} to ${sequence - 1} are`;
    return { kind: 'cut in the middle', message: `has event ${sequence}: ${missing} missing before it` };
  }
  if (found.follows(key, previous)) return undefined;
  return { kind: 'edited', message: `(event ${sequence}) was changed, or the event before it was` };
}

/** Lines have the generation of the keyring that they were written with, which never falls. */
function checkGeneration(found: ChainedLine, generation: number): Omit<LogProblem, 'line'> | undefined {
  if (found.generation >= generation) return undefined;
  return {
    kind: 'rolled back',
    message: `(event ${found.head.sequence}) was written with an earlier version of the keyring than the line before`,
  };
}

/** Of two copies of a keyring that were both used, each has another event of this number. */
function checkEnd({ head }: ChainedLine, end: ChainHead | undefined): Omit<LogProblem, 'line'> | undefined {
  if (end?.sequence !== head.sequence || end.mac === head.mac) return undefined;
  return { kind: 'edited', message: `(event ${head.sequence}) is not the event that the keyring has logged` };
}

function judgeEnd(last: ChainHead, head: ChainHead, line: number): LogProblem | undefined {
  if (last.sequence < head.sequence) {
    const message = `the log ends with event ${last.sequence}, but the keyring has logged ${head.sequence}`;
    return { line, kind: 'cut at the end', message };
  }
  if (last.sequence > head.sequence) {
    const message = `the log continues to event ${last.sequence}, but the keyring has logged ${head.sequence}: an earlier version of the keyring was restored`;
    return { line, kind: 'rolled back', message };
  }
  if (last.mac !== head.mac)
    return { line, kind: 'edited', message: `line ${line} is not the last event that the keyring has logged` };
  return undefined;
}
