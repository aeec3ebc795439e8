/** The limits of an agent, with clocks that are set and that stand still; and the lines of `busctl monitor`. */
import { expect, test } from 'vitest';
import { limiter } from '../../../src/frontends/agent/limits.ts';
import { isScreenLock } from '../../../src/frontends/agent/screen-lock.ts';

function clocks() {
  const time = { wall: 1_000_000, steady: 5 };
  return { time, limit: limiter({ idle: 100, total: 1000 }, { wall: () => time.wall, steady: () => time.steady }) };
}

test.each(['wall', 'steady'] as const)('idle by the %s clock alone', (clock) => {
  const { time, limit } = clocks();
  time[clock] += 99;
  expect(limit.hasExpired).toBe(false);
  limit.use();
  time[clock] += 99;
  expect(limit.hasExpired).toBe(false);
  time[clock] += 1;
  expect(limit.hasExpired).toBe(true);
});

test.each(['wall', 'steady'] as const)('the hard limit by the %s clock alone, however often it is used', (clock) => {
  const { time, limit } = clocks();
  for (let at = 50; at < 1000; at += 50) {
    time[clock] += 50;
    expect(limit.hasExpired).toBe(false);
    limit.use();
  }
  time[clock] += 50;
  expect(limit.hasExpired).toBe(true);
});

test('a clock that is set back does not prolong it', () => {
  const { time, limit } = clocks();
  time.wall -= 1_000_000;
  time.steady += 100;
  expect(limit.hasExpired).toBe(true);
});

test('when it ends', () => {
  const { time, limit } = clocks();
  expect([limit.idleUntil, limit.until]).toEqual([1_000_100, 1_001_000]);
  time.wall += 950;
  limit.use();
  expect([limit.idleUntil, limit.until]).toEqual([1_001_000, 1_001_000]);
});

// busctl(1), --json=short; the interface is that of the Desktop Entry "Idle Inhibition" ScreenSaver of freedesktop.org
const signal = { type: 'signal', interface: 'org.freedesktop.ScreenSaver', member: 'ActiveChanged' };
test.each([
  [true, JSON.stringify({ ...signal, payload: { type: 'b', data: [true] } })],
  [false, JSON.stringify({ ...signal, payload: { type: 'b', data: [false] } })],
  [false, JSON.stringify({ ...signal, type: 'method_call', payload: { type: 'b', data: [true] } })],
  [false, JSON.stringify({ ...signal, member: 'Other', payload: { type: 'b', data: [true] } })],
  [false, JSON.stringify(signal)],
  [false, 'Monitoring bus message stream.'],
  [false, 'null'],
  [false, ''],
])('%s for %s', (locked, line) => {
  expect(isScreenLock(line)).toBe(locked);
});
