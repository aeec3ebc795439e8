/** Lengths of time as people write them: `400d`, `36h`, `1d12h30m`. */
import { DAY, HOUR, MINUTE, SECOND, WEEK } from '../../keyring/time.ts';

const UNITS: readonly (readonly [unit: string, length: number])[] = [
  ['w', WEEK],
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
];
const LENGTHS: ReadonlyMap<string, number> = new Map(UNITS);

export const DURATION_FORM = 'specify weeks, days, hours, minutes and seconds, such as 400d, 36h or 1d12h30m';

/** @returns milliseconds; undefined for a text that is none. `0` needs no unit. */
export function readDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const parts = [...text.matchAll(/(\d{1,9})([wdhms])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * LENGTHS.get(unit!)!, 0);
}

export function printDuration(length: number): string {
  let left = length;
  const parts = UNITS.filter(([unit]) => unit !== 'w').map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count > 0 ? `${count}${unit}` : '';
  });
  return parts.join('') || '0s';
}
