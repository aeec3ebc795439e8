/** `--debug`: lines on stderr in the layout of the AWS CLI's log. Loaded only for it. */
import { performance } from 'node:perf_hooks';
import { withoutValues } from '../../model/error.ts';
import { visible } from '../../model/visible.ts';
import type { Trace } from '../../pipeline/trace.ts';

interface DebugDeps {
  readonly clock: () => number;
  readonly write: (fd: number, text: string) => void;
}

/** Local times, as in other logs; the elapsed time is at the end of the line. */
export const traceTo =
  ({ clock, write }: DebugDeps): Trace =>
  (logger, message) =>
    write(
      2,
      `${localTime(clock())} - MainThread - kms.${logger} - DEBUG - ${visible(message)} (${performance.now().toFixed(1)} ms)\n`,
    );

/** `2026-01-15 09:30:00,123`, in the time zone of the process. */
function localTime(time: number): string {
  const at = new Date(time);
  const two = (part: number): string => String(part).padStart(2, '0');
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const millis = String(at.getMilliseconds()).padStart(3, '0');
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())},${millis}`;
}

/** The stack of an internal error. */
export function reportCrash({ write }: Pick<DebugDeps, 'write'>, thrown: unknown): void {
  if (thrown instanceof Error) write(2, `${withoutValues(thrown, 'stack')}\n`);
}
