/** The list of trusted keyrings: what it holds, what of it is believed, and what processes do to it at once. */
import { fork } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseTrust, trustList, type TrustList } from '../../src/keyring/trust-list.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();
const id = (digit: string): string => digit.repeat(32);
const since = '2026-01-15T09:30:00.000Z';
const entry = (digit: string, path?: string) => ({ keyringId: id(digit), fingerprint: id('f'), path, since });

function stage(): { at: string; list: TrustList; file: string } {
  const at = join(folder(), 'conf', 'trusted');
  const list = trustList(at);
  list.add(entry('1', '/one/keyring.db'));
  return { at, list, file: list.file(id('1')) };
}

test('an entry is a file for us alone, of one keyring; paths come to it', () => {
  const { at, list, file } = stage();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(at).mode & 0o777).toBe(0o700);
  list.add(entry('1', '/two/keyring.db'));
  list.add(entry('1'));
  const known = { keyringId: id('1'), fingerprint: id('f'), since, paths: ['/one/keyring.db', '/two/keyring.db'] };
  expect(list.find(id('1'))).toEqual(known);
  list.add(entry('2'));
  expect(list.all()).toEqual([known, { ...known, keyringId: id('2'), paths: [] }]);
  expect(readdirSync(at)).toEqual([`${id('1')}.json`, `${id('2')}.json`]);
});

test('a path is that of one keyring', () => {
  const { list } = stage();
  list.add(entry('2', '/one/keyring.db'));
  expect(list.all().map(({ paths }) => paths)).toEqual([[], ['/one/keyring.db']]);
});

test('another fingerprint is refused until the old one is removed', () => {
  const { list } = stage();
  const other = { ...entry('1'), fingerprint: id('e') };
  expect(() => list.add(other)).toThrow('is trusted with another fingerprint');
  expect(list.find(id('1'))?.fingerprint).toBe(id('f'));
  expect(list.remove(id('1'))).toBe(true);
  expect(list.remove(id('1'))).toBe(false);
  list.add(other);
  expect(list.find(id('1'))?.fingerprint).toBe(id('e'));
});

test('nothing is trusted where there is no list', () => {
  const list = trustList(join(folder(), 'none', 'trusted'));
  expect([list.find(id('1')), list.all(), list.remove(id('1'))]).toEqual([undefined, [], false]);
});

test.each(['', '../config', `${id('1')}/..`, id('1').slice(1), `${id('1')}1`, 'Z'.repeat(32)])('no ID: %s', (text) => {
  const { list } = stage();
  for (const use of [() => list.find(text), () => list.remove(text), () => list.file(text)])
    expect(use).toThrow('a keyring ID has 32 hexadecimal digits');
});

const malformed: readonly [name: string, text: (whole: string) => string][] = [
  ['empty', () => ''],
  ['no JSON', () => '{'],
  ['true', () => 'true'],
  ['null', () => 'null'],
  ['an array', () => '[]'],
  ['without anything in it', () => '{}'],
  ['of another keyring', (whole) => whole.replace(id('1'), id('2'))],
  ['of an ID that is none', (whole) => whole.replace(id('1'), 'Z'.repeat(32))],
  ['with a fingerprint too short', (whole) => whole.replace(id('f'), 'f')],
  ['with a fingerprint too long', (whole) => whole.replace(id('f'), `${id('f')}f`)],
  ['with several fingerprints', (whole) => whole.replace(`"${id('f')}"`, `["${id('f')}"]`)],
  ['without a fingerprint', (whole) => whole.replace('Fingerprint', 'Finger')],
  ['without a time', (whole) => whole.replace(since, 'then')],
  ['without paths', (whole) => whole.replace('Paths', 'Path')],
  ['with paths that are none', (whole) => whole.replace('"/one/keyring.db"', '1')],
  ['too large', (whole) => whole + ' '.repeat(1 << 16)],
  ['not UTF-8', (whole) => `${whole}\u00ff`],
];
describe('an entry that is', () => {
  test.each(malformed)('%s is an error that names it, and can be removed', (_, text) => {
    const { list, file } = stage();
    writeFileSync(file, Buffer.from(text(readFileSync(file, 'utf8')), 'latin1'));
    const error = {
      name: 'EnvironmentError',
      message: `the trust entry ${file} is malformed`,
      hints: [`kms keyring trust --remove ${id('1')} removes it`],
    };
    for (const use of [() => list.find(id('1')), () => list.all(), () => list.add(entry('1'))])
      expect(use).toThrow(expect.objectContaining(error));
    list.add(entry('2', '/one/keyring.db')); // what cannot be read does not stand in the way of others
    list.remove(id('1'));
    expect(list.find(id('1'))).toBeUndefined();
  });

  const foreign: readonly [name: string, spoil: (file: string) => void, says: string][] = [
    ['writable by the group', (file) => chmodSync(file, 0o620), 'is writable by other users'],
    ['writable by all', (file) => chmodSync(file, 0o602), 'is writable by other users'],
    ['of another user', (file) => chownSync(file, 12_345, 12_345), 'belongs to another user'],
    ['in a folder of another user', (file) => chownSync(join(file, '..'), 12_345, 12_345), 'belongs to another user'],
    ['in a folder that all can write', (file) => chmodSync(join(file, '..'), 0o777), 'is writable by other users'],
    [
      'below a folder that all can write',
      (file) => chmodSync(join(file, '../..'), 0o777),
      'is writable by other users',
    ],
    ['a link', (file) => (renameSync(file, `${file}.real`), symlinkSync(`${file}.real`, file)), 'is a symbolic link'],
    ['a pipe', (file) => (rmSync(file), execFileSync('mkfifo', [file])), 'is not a regular file'],
    ['a folder', (file) => (rmSync(file), mkdirSync(file)), 'is not a regular file'],
  ];
  test.each(foreign)('%s is refused', (_, spoil, says) => {
    const { list, file } = stage();
    spoil(file);
    for (const use of [() => list.find(id('1')), () => list.all(), () => list.add(entry('1', '/two'))])
      expect(use).toThrow(says);
  });
});

test('processes that add keyrings at once lose none, and leave no draft', async () => {
  const at = join(folder(), 'conf', 'trusted');
  const source = JSON.stringify(join(import.meta.dirname, '../../src/keyring/trust-list.ts'));
  const script = join(mkdtempSync(join(folder(), 'at-once-')), 'add.mts');
  writeFileSync(
    script,
    `import { trustList } from ${source};
    const list = trustList(${JSON.stringify(at)});
    for (let number = 0; number < 20; number += 1) {
      const keyringId = (Number(process.argv[2]) * 100 + number).toString(16).padStart(32, '0');
      list.add({ keyringId, fingerprint: '${id('f')}', path: '/the/same', since: '${since}' });
      list.add({ keyringId: '${id('a')}', fingerprint: '${id('f')}', path: '/' + keyringId, since: '${since}' });
      list.all();
    }`,
  );
  const ended = (child: ReturnType<typeof fork>): Promise<number | null> =>
    new Promise((resolve) => void child.on('exit', resolve));
  const codes = await Promise.all(['1', '2', '3', '4'].map((name) => ended(fork(script, [name], { execArgv: [] }))));
  expect(codes).toEqual([0, 0, 0, 0]);
  expect(trustList(at).all()).toHaveLength(81);
  expect(globSync('*', { cwd: at })).toHaveLength(81);
});

test.each([
  [`${id('1')}:${id('a')}`, { keyringId: id('1'), fingerprint: id('a') }],
  [` ${id('1')}:${id('A')} `, { keyringId: id('1'), fingerprint: id('a') }],
  [id('1'), undefined],
  [`${id('1')}:`, undefined],
  [`:${id('1')}`, undefined],
  [`${id('1')}:${id('a')}:${id('a')}`, undefined],
  [`${id('1')}:${id('g')}`, undefined],
  ['', undefined],
])('ID:FINGERPRINT: %j', (text, pair) => {
  expect(parseTrust(text)).toEqual(pair);
});
