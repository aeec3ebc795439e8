/** Beginning a new log: the end that it follows, the new name of the old file, and lines that the old file lacks. */
import { type ChainHead, logLines, parseLine } from '../audit/chain.ts';
import type { Log } from './log.ts';
import type { Root } from './root.ts';

/** The part of a root that is about the log. */
export type LogAnchor = Pick<Root, 'generation' | 'head' | 'logStart' | 'logBegan' | 'begins' | 'logNumber'>;

export interface NewLog {
  readonly anchor: LogAnchor;
  readonly begun: BegunLog;
  /**
   * Events of the last transaction that the file before does not have: a process was killed before it wrote them, and
   * nobody could complete a file that was damaged or removed since. They are in the new log after its first event.
   */
  readonly carriedOver: readonly object[];
}

/** The details of the first event of a new log. */
export interface BegunLog {
  /** The end of the log before it. */
  readonly follows: ChainHead;
  /** The name that the file before it has now; undefined: there was none. */
  readonly putAside: string | undefined;
  /** Numbers of the events that the log before it lacks and this one has again; undefined: none. */
  readonly carriedOver: readonly number[] | undefined;
}

/** Where a log ends. */
export interface End {
  readonly generation: number;
  readonly head: ChainHead;
  readonly logNumber?: number | undefined;
  /** Lines that a damaged file may lack. */
  readonly pending?: Uint8Array | undefined;
}

export interface NewLogDeps {
  readonly log: Log;
  /** The time in the keyring. */
  readonly time: number;
}

/** A new log that follows an end. */
export function newLog(
  { generation, head, logNumber = 0, pending = new Uint8Array() }: End,
  { log, time }: NewLogDeps,
): NewLog {
  const begins = log.beginning(head.sequence);
  const lost = lacking(log, pending);
  const follows = { sequence: head.sequence, mac: head.mac };
  return {
    anchor: {
      generation,
      head: { ...follows, size: 0 },
      logStart: follows,
      logBegan: time,
      begins,
      logNumber: logNumber + 1,
    },
    begun: {
      follows,
      putAside: log.exists() ? begins.aside : undefined,
      carriedOver: lost.length > 0 ? lost.map((line) => line.head.sequence) : undefined,
    },
    carriedOver: lost.map((line) => line.record),
  };
}

function lacking(log: Log, pending: Uint8Array) {
  const wanted = new Map([...logLines([pending])].map((line) => [latin(line), line]));
  if (wanted.size > 0) for (const line of logLines(log.readAnything())) wanted.delete(latin(line));
  return [...wanted.values()].map(parseLine).filter((line) => line !== undefined);
}

const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
