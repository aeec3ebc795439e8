import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makePrivateFolder } from '../../src/files/private-folder.ts';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

function inMemory(mode = 0o700): string {
  const folder = mkdtempSync('/dev/shm/pocket-kms-test-');
  made.push(folder);
  chmodSync(folder, mode);
  return folder;
}

let drawn = 0;
const random = (length: number): Uint8Array => new Uint8Array(length).fill((drawn += 1));
const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('is closed to others, and so is a file in it; both are removed', () => {
  const parent = inMemory();
  const { path, isInMemory, write, remove } = makePrivateFolder([parent], random);
  expect([dirname(path), isInMemory, modeOf(path)]).toEqual([parent, true, 0o700]);
  const file = write('.env', 'A=1\n');
  expect([dirname(file), modeOf(file), readFileSync(file, 'utf8')]).toEqual([path, 0o600, 'A=1\n']);
  writeFileSync(join(path, '.env.swp'), '');
  remove();
  expect(existsSync(path)).toBe(false);
  remove();
});

test.each([
  ['absent', () => undefined],
  ['relative', () => 'tmp'],
  ['not there', () => join(inMemory(), 'none')],
  ['in no file system in memory', () => '/proc'],
  ['in a folder that others can write, without the sticky bit', () => inMemory(0o777)],
  ['in a folder that the group can write', () => inMemory(0o770)],
])('a place that is %s is passed over', (_, place) => {
  const next = inMemory(0o1777);
  const folder = makePrivateFolder([place(), next], random);
  expect(dirname(folder.path)).toBe(next);
  folder.remove();
});

test('without any place in memory it is among the temporary files', () => {
  const folder = makePrivateFolder([undefined, '/proc'], random);
  expect(folder.isInMemory).toBe(false);
  expect([dirname(folder.path), modeOf(folder.path)]).toEqual([tmpdir(), 0o700]);
  folder.remove();
});

test('a folder that is there already is not used', () => {
  const parent = inMemory();
  const constant = (length: number): Uint8Array => new Uint8Array(length);
  makePrivateFolder([parent], constant);
  expect(() => makePrivateFolder([parent], constant)).toThrow(/already exists/);
});
