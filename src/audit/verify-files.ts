/**
 * Verification of all files of a log as one chain: each begins where the one before it ended. The newest comes first,
 * because the keyring knows its end, and the first event of each file, which its MAC authenticates, says which end it
 * follows and which name the file before it got.
 */
import { noMeter, type Meter } from '../model/progress.ts';
import { CHAIN_START, followedBy, MAX_LINE, parseLine, type ChainedLine, type ChainHead } from './chain.ts';
import { LogVerification, type Anchor, type LogProblem, type LogReport } from './verify.ts';

/** A file of the log that is not in use any more. */
export interface OldFile {
  readonly file: string;
  /** The number of its last event, according to its name. */
  readonly sequence: number;
  /** @throws if it cannot be read to its end */
  readonly lines: () => AsyncIterable<Uint8Array>;
}

export type CurrentFile = Pick<OldFile, 'file' | 'lines'> & Omit<Anchor, 'isOld'>;

export interface FileProblem extends LogProblem {
  readonly file: string;
}

export interface LogFileReport {
  readonly file: string;
  /** Numbers of the events that it should have; undefined: it is not in the chain. */
  readonly first?: number;
  readonly last?: number;
  readonly events: number;
}

export interface FilesReport {
  /** In the order of the events. */
  readonly files: readonly LogFileReport[];
  readonly problems: readonly FileProblem[];
}

export async function verifyFiles(
  current: CurrentFile,
  old: readonly OldFile[],
  meter: Meter = noMeter,
): Promise<FilesReport> {
  const { key } = current;
  const reports: { readonly report: LogFileReport; readonly problems: readonly FileProblem[] }[] = [];
  const add = ({ file }: { readonly file: string }, found: VerifiedFile, known = found): void => {
    const [first, last] = [known.start.sequence + 1, known.end.sequence];
    const problems = found.problems.map((problem) => ({ ...problem, file }));
    reports.unshift({ report: { file, first, last, events: found.events }, problems });
  };
  const left = [...old];
  const take = (file: OldFile | undefined): OldFile | undefined => {
    if (file) left.splice(left.indexOf(file), 1);
    return file;
  };
  let newer = await verifyFile(current, { ...current, meter });
  add(current, newer, { ...newer, start: current.start, end: current.head ?? newer.end });
  let start = current.start;
  let above = current.file;
  while (start.sequence > 0) {
    const file = take(predecessor(left, start, newer.putAside));
    if (file) {
      const head = start.mac === UNKNOWN ? undefined : start;
      newer = await verifyFile(file, { key, before: olderThan(left, start), head, meter });
      add(file, newer, { ...newer, end: start });
      [start, above] = [newer.start, file.file];
      continue;
    }
    const next = take(olderThan(left, start));
    const before = next && (await verifyFile(next, { key, before: olderThan(left, next), meter }));
    const isElsewhere = !next && newer.putAside === undefined && BEGUN_ELSEWHERE.has(newer.firstEvent ?? '');
    if (!isElsewhere) {
      const first = (before?.end.sequence ?? 0) + 1;
      const problem = { line: 0, kind: 'missing' as const, message: missing(first, start.sequence, newer.putAside) };
      reports[0] = { ...reports[0]!, problems: [{ ...problem, file: above }, ...reports[0]!.problems] };
    }
    if (!next || !before) break;
    add(next, before);
    [newer, start, above] = [before, before.start, next.file];
  }
  const unused = left.map(({ file }): FileProblem => ({ file, line: 0, kind: 'not in the chain', message: UNUSED }));
  return {
    files: [...left.map(({ file }) => ({ file, events: 0 })), ...reports.map(({ report }) => report)],
    problems: [...unused, ...reports.flatMap(({ problems }) => problems)],
  };
}

const olderThan = (files: readonly OldFile[], { sequence }: { readonly sequence: number }): OldFile | undefined =>
  files.findLast((file) => file.sequence < sequence);

const UNUSED = 'no other file of the log follows it';

/** The log before these events is where the keyring was copied from. */
const BEGUN_ELSEWHERE: ReadonlySet<string> = new Set(['BeginAuditLog', 'RestoreKeyring']);

function missing(first: number, last: number, file: string | undefined): string {
  const events = first === last ? `event ${first} is` : `events ${first} to ${last} are`;
  return `${events} missing${file === undefined ? '' : `: there is no ${file}, compressed or not`}`;
}

/** The file that the newer one says it was put aside as; if that name was taken by then, one with the same number. */
function predecessor(files: readonly OldFile[], end: ChainHead, name: string | undefined): OldFile | undefined {
  const isNamed = ({ file }: OldFile): boolean => file === name || file === `${name}.gz`;
  return files.find(isNamed) ?? files.findLast(({ sequence }) => sequence === end.sequence);
}

interface VerifiedFile extends LogReport {
  readonly start: ChainHead;
  readonly end: ChainHead;
  /** The name of its first event, and that of the file before it. */
  readonly firstEvent: string | undefined;
  readonly putAside: string | undefined;
}

interface Expected extends Pick<Anchor, 'key' | 'passes'> {
  /** undefined: what its first line says. */
  readonly start?: ChainHead;
  /** If it does not, as in files of earlier versions: the end of the file before it. */
  readonly before?: OldFile | undefined;
  /** undefined: wherever it ends. */
  readonly head?: ChainHead | undefined;
  readonly meter: Meter;
}

async function verifyFile(
  { lines }: Pick<OldFile, 'lines'>,
  { key, start: known, passes, before, head, meter }: Expected,
): Promise<VerifiedFile> {
  let first: ChainedLine | undefined;
  let verification: LogVerification | undefined;
  const begin = (start: ChainHead): LogVerification =>
    new LogVerification({ key, start, head, ...(passes && { passes }), isOld: !known }, meter);
  const done = (start: ChainHead, report: LogReport): VerifiedFile => ({
    ...report,
    // what the first line says counts only if its MAC is right
    start: report.problems[0] && report.problems[0].line <= 1 ? expected : start,
    end: verification?.reached ?? start,
    firstEvent: textOf(first?.record['eventName']),
    putAside: textOf((first?.record['requestParameters'] as { readonly putAside?: unknown } | null)?.putAside),
  });
  const expected = known ?? (before ? { sequence: before.sequence, mac: UNKNOWN } : CHAIN_START);
  let start = expected;
  try {
    for await (const line of lines()) {
      if (!verification) {
        first = parseLine(line);
        start = known ?? (first && followedBy(first)) ?? (before && (await endOf(before))) ?? expected;
        verification = begin(start);
      }
      if (verification.add(line)) continue;
      return done(start, verification.stop('edited', 'what is behind this line was not read'));
    }
  } catch (error) {
    verification ??= begin(start);
    return done(start, verification.stop('damaged', (error as Error).message));
  }
  verification ??= begin(start);
  return done(start, verification.report());
}

/** undefined: no line of it is an event, or it cannot be read. */
async function endOf({ lines }: OldFile): Promise<ChainHead | undefined> {
  let last: Uint8Array | undefined;
  try {
    for await (const line of lines()) {
      if (line.length > MAX_LINE) break;
      last = line;
    }
  } catch {
    // its own verification reports it
  }
  return last && parseLine(last)?.head;
}

/** No line follows a line with this MAC. */
const UNKNOWN = '';

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
