import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKey, workplace } from './command.ts';

const PEAK = `--require=${join(import.meta.dirname, '../../bench/peak-memory.cjs')}`;
const MEBIBYTE = 2 ** 20;

test('memory does not grow with the data', { timeout: 120_000 }, async () => {
  const work = await workplace();
  const key = await createKey(work);
  const env = { ...work.env, NODE_OPTIONS: PEAK };
  const peakOf = async (...args: string[]): Promise<number> => {
    const { exitCode, stderr } = await work.kmsWith({ env }, 'envelope', ...args);
    expect(exitCode).toBe(0);
    return Number(/maxRSS (\d+)/.exec(stderr)![1]);
  };
  const peaks = { encrypt: [] as number[], decrypt: [] as number[] };
  for (const mebibytes of [8, 64]) {
    writeFileSync(join(work.folder, 'data'), randomBytes(mebibytes * MEBIBYTE));
    peaks.encrypt.push(await peakOf('encrypt', '--key-ids', key, '--from', 'data', '--to', `${mebibytes}.enc`));
    peaks.decrypt.push(await peakOf('decrypt', '--from', `${mebibytes}.enc`, '--to', `${mebibytes}.out`));
  }
  for (const [little, much] of Object.values(peaks)) expect(much! / little!).toBeLessThan(1.5);
});
