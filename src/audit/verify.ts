/** Verification of the log: checks the whole chain line by line and reports problems with their lines. */
import { noMeter, type Meter } from '../model/progress.ts';
import type { Secret } from '../crypto/secret.ts';
import { logLines, MAX_LINE, parseLine, type ChainedLine, type ChainHead } from './chain.ts';

export type LogProblemKind =
  | 'edited'
  | 'reordered'
  | 'cut in the middle'
  | 'cut at the end'
  | 'rolled back'
  | 'wrong key'
  | 'unknown end'
  /** Of files (verify-files.ts). */
  | 'missing'
  | 'damaged'
  | 'not in the chain';

export interface LogProblem {
  /** Line of the file, from 1; 0: the file itself. */
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
  /** The end of the chain according to the keyring, or to the file that follows; undefined: it is not known. */
  readonly head: ChainHead | undefined;
  /** An end that the chain had before, if it is in these lines: that of the root. */
  readonly passes?: ChainHead;
  /** Another file follows. */
  readonly isOld?: boolean;
}

/** Far more than the lines that a file can have after those that it should have: what is behind them is not read. */
const MAX_MORE_LINES = 10_000;

export function verifyLog(pieces: Iterable<Uint8Array>, anchor: Anchor, meter: Meter = noMeter): LogReport {
  const verification = new LogVerification(anchor, meter);
  for (const bytes of logLines(pieces)) verification.add(bytes);
  return verification.report();
}

/** The verification of one file, line by line. */
export class LogVerification {
  readonly #anchor: Anchor;
  readonly #meter: Meter;
  readonly #problems = new Problems();
  #line = 0;
  #good = 0;
  #previous: ChainHead;
  #generation = 0;

  constructor(anchor: Anchor, meter: Meter = noMeter) {
    this.#anchor = anchor;
    this.#meter = meter;
    this.#previous = anchor.start;
  }

  /** The last line that continued the chain. */
  get reached(): ChainHead {
    return this.#previous;
  }

  /** @returns whether more can come: a file that goes on without an end is not read to it */
  add(bytes: Uint8Array): boolean {
    const { key, start, head, passes } = this.#anchor;
    this.#line += 1;
    this.#meter.advance(1);
    const found = parseLine(bytes);
    const problem = found
      ? (checkLine(found, this.#previous, key) ?? checkGeneration(found, this.#generation) ?? checkEnd(found, passes))
      : { kind: 'edited' as const, message: 'is not a valid audit event' };
    if (problem) this.#add(problem.kind, `line ${this.#line} ${problem.message}`);
    else this.#good += 1;
    // An unreadable or misplaced line is not part of the chain; the next line is compared with the one before it.
    if (found && !problem) this.#generation = found.generation;
    if (!found) this.#previous = { sequence: this.#previous.sequence + 1, mac: this.#previous.mac };
    else if (problem?.kind !== 'reordered') this.#previous = found.head;
    const expected = (head ?? this.#previous).sequence - start.sequence;
    return bytes.length <= MAX_LINE && this.#line < expected + MAX_MORE_LINES;
  }

  /** What keeps the rest from being read. */
  stop(kind: LogProblemKind, message: string): LogReport {
    this.#add(kind, message);
    return { events: this.#line, problems: this.#problems.listed() };
  }

  #add(kind: LogProblemKind, message: string): void {
    this.#problems.add({ line: Math.max(this.#line, 1), kind, message });
  }

  report(): LogReport {
    const line = this.#line;
    if (line > 1 && this.#good === 0) {
      return {
        events: line,
        problems: [{ line: 1, kind: 'wrong key', message: 'no line is authenticated with the key of this keyring' }],
      };
    }
    const { head, isOld = false } = this.#anchor;
    const end = head && (isOld ? judgeOldEnd : judgeEnd)(this.#previous, head, line);
    return { events: line, problems: end ? [...this.#problems.listed(), end] : this.#problems.listed() };
  }
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

function judgeOldEnd(last: ChainHead, { sequence, mac }: ChainHead, line: number): LogProblem | undefined {
  if (last.sequence === sequence && last.mac === mac) return undefined;
  if (last.sequence === sequence) {
    return { line, kind: 'edited', message: `line ${line} is not the event that the next file follows` };
  }
  const kind = last.sequence < sequence ? 'cut at the end' : 'edited';
  return { line, kind, message: `ends with event ${last.sequence}, but the next file follows event ${sequence}` };
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
