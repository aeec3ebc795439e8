import { describe, expect, test } from 'vitest';
import { blob, document, integer, list, map, string, structure, timestamp } from '../../src/model/shape.ts';
import { printable } from '../../src/model/printable.ts';

const shape = structure({
  KeyId: string(),
  Blob: blob(),
  Count: integer(),
  Date: timestamp,
  Context: map(),
  Inner: list(structure({ A: string(), B: timestamp })),
  Event: document,
});
const iso = { timestampFormat: 'iso8601', timeZone: 'UTC' } as const;

test('members in model order; unset and unknown ones dropped; maps in the order received', () => {
  const answer = {
    Event: { z: 1, a: [] },
    Inner: [{ B: new Date(0), A: 'a', C: 'c' }],
    Context: { z: '1', a: '2' },
    Count: undefined,
    Date: null,
    Blob: Uint8Array.of(1, 2, 3, 4),
    KeyId: 'k',
    Unknown: 1,
  };
  expect(JSON.stringify(printable(shape, answer, iso))).toBe(
    JSON.stringify({
      KeyId: 'k',
      Blob: 'AQIDBA==',
      Context: { z: '1', a: '2' },
      Inner: [{ A: 'a', B: '1970-01-01T00:00:00+00:00' }],
      Event: { z: 1, a: [] },
    }),
  );
});

test('a blob that is a window of a larger buffer', () => {
  expect(printable(shape, { Blob: Uint8Array.of(9, 1, 2, 9).subarray(1, 3) }, iso)).toEqual({ Blob: 'AQI=' });
});

describe('timestamps', () => {
  test.each([
    [1_700_000_000_000, 'UTC', '2023-11-14T22:13:20+00:00'],
    [1_700_000_000_123, 'UTC', '2023-11-14T22:13:20.123000+00:00'],
    [1_700_000_000_120, 'UTC', '2023-11-14T22:13:20.120000+00:00'],
    [1_731_536_000_000, 'America/New_York', '2024-11-13T17:13:20-05:00'],
    [1_720_000_000_000, 'America/New_York', '2024-07-03T05:46:40-04:00'],
    [1_700_000_000_000, 'Asia/Kolkata', '2023-11-15T03:43:20+05:30'],
    [1_700_000_000_000, 'Pacific/Marquesas', '2023-11-14T12:43:20-09:30'],
  ])('%d in %s', (time, timeZone, text) => {
    const format = { timestampFormat: 'iso8601', timeZone } as const;
    expect(printable(shape, { Date: new Date(time) }, format)).toEqual({ Date: text });
  });

  test('without a zone, the process has one', () => {
    const date = new Date(1_700_000_000_000);
    const { Date: text } = printable(shape, { Date: date }, { timestampFormat: 'iso8601' });
    expect(text).toMatch(/^2023-11-1\dT\d\d:\d\d:20[+-]\d\d:\d\d$/);
    expect(new Date(text as string)).toEqual(date);
  });

  test.each([
    [1_700_000_000_000, 1_700_000_000],
    [1_700_000_000_123, 1_700_000_000.123],
  ])('wire: %d', (time, number) => {
    expect(printable(shape, { Date: new Date(time) }, { timestampFormat: 'wire' })).toEqual({ Date: number });
  });
});
