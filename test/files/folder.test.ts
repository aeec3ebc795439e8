import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../src/files/folder.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();

test('a folder and those above it are made, and again it is no mistake', () => {
  const path = join(folder(), 'a/b/c');
  makeFolder(path, 0o700);
  makeFolder(path, 0o700);
  expect([statSync(path).mode & 0o777, statSync(join(path, '..')).mode & 0o777]).toEqual([0o700, 0o700]);
});

test('a link to a folder will do', () => {
  const at = folder();
  mkdirSync(join(at, 'real'));
  symlinkSync('real', join(at, 'link'));
  makeFolder(join(at, 'link/below'));
  expect(existsSync(join(at, 'real/below'))).toBe(true);
});

const impossible: readonly [name: string, path: () => string, code: string][] = [
  ['where the system makes none', () => '/proc/none/such', 'ENOENT'],
  [
    'below a file',
    () => {
      const file = join(folder(), 'file');
      writeFileSync(file, '');
      return join(file, 'a');
    },
    'ENOTDIR',
  ],
  [
    'where a file is',
    () => {
      const file = join(folder(), 'file');
      writeFileSync(file, '');
      return file;
    },
    'EEXIST',
  ],
  [
    'behind a link to nothing',
    () => {
      const at = folder();
      symlinkSync('/none/such', join(at, 'link'));
      return join(at, 'link/a');
    },
    'ENOENT',
  ],
];
test.each(impossible)('%s: an error, and soon', { timeout: 5_000 }, (_, path, code) => {
  const make = path();
  expect(() => makeFolder(make)).toThrow(expect.objectContaining({ code }));
});

test('one whose folder may not be read is made', () => {
  const at = folder();
  chmodSync(at, 0o300);
  makeFolder(join(at, 'a'));
  chmodSync(at, 0o700);
  expect(existsSync(join(at, 'a'))).toBe(true);
});
