import { expect, test } from 'vitest';
import { hasPassed } from '../../src/keyring/time.ts';

test.each([
  [2, 1, false],
  [1, 1, true],
  [0, 1, true],
  [Number.NaN, 1, true],
  [Infinity, 1, true],
  [2, Number.NaN, true],
  [undefined, 1, true],
  [null, 1, true],
  ['9', 1, true],
] as [number, number, boolean][])('an end at %j has passed at %j: %j', (end, now, passed) => {
  expect(hasPassed(end, now)).toBe(passed);
});
