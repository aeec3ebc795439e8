import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { whileLocked } from '../../src/files/lock.ts';
import { temporaryFolders } from '../support/folder.ts';

const newFolder = temporaryFolders();

test('gives what the work gives, and leaves nothing in the folder, also when the work fails', async () => {
  const folder = newFolder();
  const file = join(folder, 'f');
  let locks: readonly string[] = [];
  const look = (): string => ((locks = readdirSync(folder)), 'done');
  expect(await whileLocked(file, look)).toBe('done');
  expect(locks).toEqual([expect.stringMatching(/^\.kms-[0-9a-f]{24}\.lock$/)]);
  const fail = (): never => {
    throw new Error('not possible');
  };
  await expect(whileLocked(file, fail)).rejects.toThrow('not possible');
  expect(readdirSync(folder)).toEqual([]);
});

test('waits while another process has it, and takes over the lock of a process that was killed', async () => {
  const folder = newFolder();
  const file = join(folder, 'f');
  let lock = '';
  await whileLocked(file, () => void (lock = join(folder, readdirSync(folder)[0]!)));
  writeFileSync(lock, '');
  let isDone = false;
  const waiting = whileLocked(file, () => void (isDone = true));
  let now = performance.now();
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  for (let times = 0; times < 10; times += 1) {
    await setTimeout(20);
    writeFileSync(`${lock}2`, '');
    renameSync(`${lock}2`, lock); // another process has it now
    await setTimeout(20);
    now += 4000;
  }
  expect(isDone).toBe(false);
  now += 6000; // nobody has taken it since
  await waiting;
  expect(existsSync(lock)).toBe(false);
});

test('a folder that cannot be written to is an error, not a wait', async () => {
  await expect(whileLocked(join(newFolder(), 'missing/f'), () => undefined)).rejects.toThrow('ENOENT');
});
