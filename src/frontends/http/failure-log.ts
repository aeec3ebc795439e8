/**
 * Reports server errors on stderr: a line for each, and at most one a second of each kind, so that the log of a server with a
 * full disk stays small.
 */
import { EnvironmentError, KmsError, withoutValues } from '../../model/error.ts';

export interface FailureLog {
  tell(requestId: string, thrown: unknown): void;
  /** Tells what is still counted. */
  close(): void;
}

interface Deps {
  readonly say: (line: string) => void;
  /** Of `--debug`: the stack of a defect. */
  readonly trace?: ((logger: string, message: string) => void) | undefined;
  /** Milliseconds in which the same message is told once. */
  readonly interval?: number;
}

/** Kinds that are counted apart: messages have names of files and numbers in them, and there may be many. */
const MAX_KINDS = 100;
const FURTHER = 'further failures';

export function failureLog({ say, trace, interval = 1_000 }: Deps): FailureLog {
  const kinds = new Map<string, { count: number; readonly timer: NodeJS.Timeout }>();
  const flush = (message: string): boolean => {
    const { count = 0 } = kinds.get(message) ?? {};
    if (count > 0) say(`${message}: ${count} more ${count === 1 ? 'request' : 'requests'}`);
    return count > 0;
  };
  const begin = (message: string): void => {
    const timer = setTimeout(() => {
      const goesOn = flush(message);
      kinds.delete(message);
      if (goesOn) begin(message);
    }, interval);
    kinds.set(message, { count: 0, timer: timer.unref() });
  };
  return {
    tell(requestId, thrown) {
      const message = messageOf(thrown);
      const kind = kinds.has(message) || kinds.size < MAX_KINDS ? message : FURTHER;
      const known = kinds.get(kind);
      if (known) {
        known.count += 1;
        return;
      }
      say(`request ${requestId}: ${kind === message ? message : `${message}; ${FURTHER} are counted`}`);
      begin(kind);
      if (isDefect(thrown) && thrown instanceof Error)
        trace?.('serve', `request ${requestId}: ${withoutValues(thrown, 'stack')}`);
    },
    close() {
      for (const [message, { timer }] of kinds) {
        clearTimeout(timer);
        flush(message);
      }
      kinds.clear();
    },
  };
}

const isDefect = (thrown: unknown): boolean => !(thrown instanceof EnvironmentError || thrown instanceof KmsError);

function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? withoutValues(thrown) : 'a value that is not an Error was thrown';
  const what = thrown instanceof KmsError ? `${thrown.code}: ${text}` : text;
  return oneLine(isDefect(thrown) ? `internal error (--debug shows the stack trace): ${what}` : what);
}

/** What files are called, and what others sent, stays on its line and does nothing to a terminal. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500);

/** A server ignores failures to write to stderr, which may be on the disk that is full. */
export const quietly =
  <T extends readonly string[]>(tell: (...texts: T) => void) =>
  (...texts: T): void => {
    try {
      tell(...texts);
    } catch {
      // ignored
    }
  };
