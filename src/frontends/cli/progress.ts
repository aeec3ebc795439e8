/** Progress of work that takes long, on a terminal: a line on stderr that is written over itself, and wiped at the end. */
import type { WithProgress } from '../../model/progress.ts';

interface Line {
  readonly write: (text: string) => void;
  /** Milliseconds. */
  readonly clock: () => number;
  /** Of the terminal; it can change meanwhile. */
  readonly columns: () => number;
}

/** Work that ends sooner shows nothing. */
const [QUIET, EVERY] = [500, 100];

export const progressLine =
  ({ write, clock, columns }: Line): WithProgress =>
  async (unit, work) => {
    const start = clock();
    let shown = start + QUIET - EVERY;
    let begun = start;
    let [done, total]: [number, number | undefined] = [0, undefined];
    try {
      return await work({
        expect(all) {
          total = all;
          if (done === 0) begun = clock(); // what was done before, such as reading a file, is not its rate
        },
        advance(more) {
          done += more;
          const now = clock();
          if (now - shown < EVERY) return;
          shown = now;
          const parts = progressParts(unit, { done, total, seconds: Math.max(1, now - begun) / 1000 });
          write(`\r\x1b[K${fitting(parts, columns() - 1)}`);
        },
      });
    } finally {
      if (shown >= start + QUIET) write('\r\x1b[K');
    }
  };

interface Measured {
  readonly done: number;
  readonly total: number | undefined;
  readonly seconds: number;
}

/** `12,345 of 100,000 keys (12 %)`, `3,400/s`, `26 s left` */
export function progressParts(unit: string, { done, total, seconds }: Measured): readonly string[] {
  const [amount, name] = unit === 'bytes' ? [mebibytes, 'MiB'] : [count, unit];
  const rate = done / seconds;
  const speed = unit === 'bytes' ? `${mebibytes(rate)} MiB/s` : `${count(rate)}/s`;
  if (total === undefined || total < done) return [`${amount(done)} ${name}`, speed];
  const part = total === 0 ? 100 : Math.floor((100 * done) / total);
  return [`${amount(done)} of ${amount(total)} ${name} (${part} %)`, speed, `${duration((total - done) / rate)} left`];
}

/** As many as fit, because a line that goes on in the next row cannot be written over. */
function fitting(parts: readonly string[], width: number): string {
  const last = parts.findLastIndex((_, at) => joined(parts, at).length <= width);
  return joined(parts, Math.max(0, last)).slice(0, width);
}

const joined = (parts: readonly string[], last: number): string => parts.slice(0, last + 1).join(', ');

const count = (number: number): string => String(Math.round(number)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

/** The two largest units. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
