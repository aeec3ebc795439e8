import { expect, test } from 'vitest';
import { readTimestamp } from '../../../../src/frontends/cli/input/timestamp.ts';
import { vectors } from './vectors.ts';

test('reads what botocore reads', () => {
  for (const { text, seconds } of vectors<{ text: string; seconds: number | null }>('timestamp')) {
    const date = readTimestamp(text);
    expect([text, date ? date.getTime() / 1000 : null]).toEqual([text, seconds]);
  }
});

test.each([
  [1767225600, '2026-01-01T00:00:00.000Z'],
  [1767225600.9, '2026-01-01T00:00:00.000Z'],
  ['2026', '1970-01-01T00:33:46.000Z'],
  ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
])('%j', (value, iso) => {
  expect(readTimestamp(value)?.toISOString()).toBe(iso);
});

test.each(['1767225600000', '2023-02-29', 'Feb 30 2026', '2026-01-01T24:00', '25/25/2026', '2026-01-01 13pm'])(
  '%j is no date',
  (text) => {
    expect(readTimestamp(text)).toBeUndefined();
  },
);

test('a number out of range is no date', () => {
  expect(readTimestamp(1e12)).toBeUndefined();
});
