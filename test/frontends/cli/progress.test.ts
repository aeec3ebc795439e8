/** The line of progress: its text, when it is shown, and that nothing is left of it. */
import { expect, test } from 'vitest';
import { progressLine, progressParts } from '../../../src/frontends/cli/progress.ts';

test.each([
  ['keys', { done: 12_345, total: 100_000, seconds: 5 }, '12,345 of 100,000 keys (12 %), 2,469/s, 36 s left'],
  ['keys', { done: 12, total: undefined, seconds: 4 }, '12 keys, 3/s'],
  ['records', { done: 100, total: 100, seconds: 1 }, '100 of 100 records (100 %), 100/s, 0 s left'],
  ['records', { done: 101, total: 100, seconds: 1 }, '101 records, 101/s'],
  ['bytes', { done: 2 ** 21, total: 2 ** 23, seconds: 2 }, '2.0 of 8.0 MiB (25 %), 1.0 MiB/s, 6 s left'],
  ['bytes', { done: 2 ** 21, total: undefined, seconds: 2 }, '2.0 MiB, 1.0 MiB/s'],
  ['bytes', { done: 2 ** 20, total: 2 ** 27, seconds: 1 }, '1.0 of 128.0 MiB (0 %), 1.0 MiB/s, 2 min 7 s left'],
  ['files', { done: 1, total: 10_801, seconds: 1 }, '1 of 10,801 files (0 %), 1/s, 3 h 0 min left'],
])('%s %j', (unit, measured, text) => {
  expect(progressParts(unit, measured).join(', ')).toBe(text);
});

/** Work of so many steps of so many milliseconds. */
async function shown(
  steps: number,
  milliseconds: number,
  { end = () => {}, columns = 80 }: { readonly end?: () => void; readonly columns?: number } = {},
): Promise<readonly string[]> {
  let now = 1_000_000;
  const written: string[] = [];
  const watched = progressLine({
    write: (text) => void written.push(text),
    clock: () => now,
    columns: () => columns,
  });
  const work = watched('steps', async ({ expect: total, advance }) => {
    total(steps);
    for (let step = 0; step < steps; step += 1) {
      now += milliseconds;
      advance(1);
    }
    end();
  });
  await work.catch((error: unknown) => written.push(String(error)));
  return written;
}

test('nothing of work that takes less than half a second', async () => {
  expect(await shown(499, 1)).toEqual([]);
});

test('ten times a second at most, and wiped at the end', async () => {
  const written = await shown(2_000, 1);
  expect(written).toHaveLength(17);
  expect(written[0]).toBe('\r\x1b[K500 of 2,000 steps (25 %), 1,000/s, 2 s left');
  expect(written.at(-1)).toBe('\r\x1b[K');
});

test('the rate is that of the steps, whatever was done before their number was known', async () => {
  const written: string[] = [];
  let now = 0;
  const watched = progressLine({ write: (text) => void written.push(text), clock: () => now, columns: () => 80 });
  await watched('resources', async ({ expect: total, advance }) => {
    now = 4_000;
    total(1_000);
    advance(1);
    now = 4_100;
    advance(99);
  });
  expect(written.slice(0, 2)).toEqual([
    '\r\x1b[K1 of 1,000 resources (0 %), 1,000/s, 1 s left',
    '\r\x1b[K100 of 1,000 resources (10 %), 1,000/s, 1 s left',
  ]);
});

test('wiped before an error is shown', async () => {
  const fail = (): never => {
    throw new Error('lost');
  };
  expect((await shown(6, 100, { end: fail })).slice(-2)).toEqual(['\r\x1b[K', 'Error: lost']);
});

// a line that goes on in the next row cannot be written over
test.each([
  [80, '500 of 2,000 steps (25 %), 1,000/s, 2 s left'],
  [45, '500 of 2,000 steps (25 %), 1,000/s, 2 s left'],
  [44, '500 of 2,000 steps (25 %), 1,000/s'],
  [35, '500 of 2,000 steps (25 %), 1,000/s'],
  [34, '500 of 2,000 steps (25 %)'],
  [20, '500 of 2,000 steps '],
])('in %i columns: %s', async (columns, text) => {
  expect((await shown(2_000, 1, { columns }))[0]).toBe(`\r\x1b[K${text}`);
});
