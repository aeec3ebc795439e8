import { expect, test } from 'vitest';
import { hex } from '../../src/crypto/bytes.ts';
import { randomSource } from '../../src/crypto/random.ts';

test('random bytes have the length that was asked for, and no two are equal, over many pools', () => {
  const random = randomSource();
  const seen = new Set<string>();
  let count = 0;
  for (let round = 0; round < 200; round += 1)
    for (const length of [12, 16, 32, 63, 64, 65, 300, 5_000]) {
      const bytes = random(length);
      expect(bytes).toHaveLength(length);
      seen.add(hex(bytes));
      count += 1;
    }
  expect(seen.size).toBe(count);
  expect(random(0)).toHaveLength(0);
});

test('nothing that was erased from a pool is handed out', () => {
  const random = randomSource();
  let zeros = 0;
  for (let round = 0; round < 4_000; round += 1) for (const byte of random(16)) if (byte === 0) zeros += 1;
  // 64,000 bytes, of which one in 256 is 0: 250, with a standard deviation of 16
  expect(zeros).toBeLessThan(450);
});

test('what was handed out is not changed by what follows, and belongs to its caller', () => {
  const random = randomSource();
  const first = random(32);
  const before = hex(first);
  for (let round = 0; round < 100; round += 1) random(64).fill(0);
  expect(hex(first)).toBe(before);
});
