/** Lengths of time in one number and its unit, for people: `now`, `5m`, `3h`, `90d`. */
import { DAY, HOUR, MINUTE } from '../../keyring/time.ts';

export function shortSpan(length: number): string {
  if (length < MINUTE) return 'now';
  if (length < HOUR) return `${Math.floor(length / MINUTE)}m`;
  return length < 2 * DAY ? `${Math.floor(length / HOUR)}h` : `${Math.floor(length / DAY)}d`;
}
