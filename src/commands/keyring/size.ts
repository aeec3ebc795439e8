/** Sizes of files as people write them: `64KiB`, `100MB`, `1048576`. */

const UNITS: readonly (readonly [unit: string, size: number])[] = [
  ['GiB', 2 ** 30],
  ['GB', 1e9],
  ['MiB', 2 ** 20],
  ['MB', 1e6],
  ['KiB', 2 ** 10],
  ['kB', 1e3],
  ['B', 1],
];
const SIZES: ReadonlyMap<string, number> = new Map(UNITS.map(([unit, size]) => [unit.toLowerCase(), size]));

export const SIZE_FORM = 'specify a number of bytes, or one with a unit, such as 64KiB, 100MB or 1GiB';

/** @returns bytes; undefined for a text that is none */
export function readSize(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,12})([a-z]*)$/i.exec(text) ?? [];
  const size = SIZES.get((unit || 'B').toLowerCase());
  const bytes = size === undefined ? Number.NaN : Number(count) * size;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** In the largest unit that needs no fraction. */
export function printSize(bytes: number): string {
  const [unit, size] = UNITS.find(([, one]) => bytes >= one && bytes % one === 0) ?? ['B', 1];
  return `${bytes / size}${unit}`;
}
