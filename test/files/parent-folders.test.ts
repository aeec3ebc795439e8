/** Folders on the way to a keyring or a key file: rows of owners and modes. Gives folders away, so it needs root. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkFileAndFolders, createPrivateFile, readSecretFile } from '../../src/files/private-file.ts';
import { checkFolders } from '../../src/files/parent-folders.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();
const OTHER = 12_345;
const [OWN_GROUP, OTHER_GROUP] = [0, 12_345];

interface Way {
  /** From the outermost to the file. */
  readonly outer: string;
  readonly inner: string;
  readonly file: string;
}

function way(): Way {
  const outer = join(folder(), 'outer');
  const inner = join(outer, 'inner');
  mkdirSync(inner, { recursive: true, mode: 0o700 });
  const file = join(inner, 'file');
  writeFileSync(file, 'secret', { mode: 0o600 });
  return { outer, inner, file };
}

interface Row {
  readonly name: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
  readonly says?: RegExp;
}

/** What a folder above the one that the file is in may be. */
const above: readonly Row[] = [
  { name: 'ours, closed', mode: 0o700 },
  { name: 'ours, readable', mode: 0o755 },
  { name: "ours, writable by the owner's own group", mode: 0o775, gid: OWN_GROUP },
  { name: 'ours, writable by another group', mode: 0o775, gid: OTHER_GROUP, says: /outer is writable by other users$/ },
  { name: 'ours, writable by everybody', mode: 0o757, says: /outer is writable by other users$/ },
  { name: 'sticky, writable by everybody', mode: 0o1777 },
  { name: 'of another user', uid: OTHER, says: /the folder \S+\/outer belongs to another user$/ },
  { name: 'of another user, sticky', uid: OTHER, mode: 0o1777, says: /belongs to another user$/ },
];

const readers: readonly [what: string, read: (path: string) => unknown][] = [
  ['a keyring', (path: string) => checkFileAndFolders(path, 'the keyring')],
  ['a key file', (path) => readSecretFile(path, 'the key file')],
  ['a passphrase file that may be a pipe', (path) => readSecretFile(path, 'the passphrase file', { pipe: true })],
  ['a new file', (path) => createPrivateFile(`${path}.new`, new Uint8Array(), 'the key file')],
  ['a new file in a new folder', (path) => createPrivateFile(`${path}.new/a/b`, new Uint8Array(), 'the key file')],
];

describe.each(readers)('%s', (_, read) => {
  test.each(above)('below a folder that is $name', ({ uid = 0, gid = 0, mode = 0o755, says }) => {
    const { outer, file } = way();
    chownSync(outer, uid, gid);
    chmodSync(outer, mode);
    if (says)
      expect(() => read(file)).toThrow(
        expect.objectContaining({ name: 'EnvironmentError', message: expect.stringMatching(says) }),
      );
    else read(file);
  });

  test('in a folder of another user', () => {
    const { inner, file } = way();
    chownSync(inner, OTHER, OTHER);
    expect(() => read(file)).toThrow(/the folder \S+\/inner belongs to another user$/);
  });

  test('through links: each folder on the way counts, and whose the link is', () => {
    const { inner } = way();
    const [ours, theirs, hop] = [join(folder(), 'ours'), join(folder(), 'theirs'), join(folder(), 'hop')];
    symlinkSync(inner, ours);
    read(join(ours, 'file'));
    symlinkSync(inner, theirs);
    lchownSync(theirs, OTHER, OTHER);
    expect(() => read(join(theirs, 'file'))).toThrow(/the link \S+\/theirs belongs to another user$/);
    symlinkSync(theirs, hop);
    expect(() => read(join(hop, 'file'))).toThrow(/the link \S+\/theirs belongs to another user$/);
    const open = join(folder(), 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    symlinkSync(inner, join(open, 'link'));
    expect(() => read(join(open, 'link', 'file'))).toThrow(/the folder \S+\/open is writable by other users$/);
  });

  test('through a loop of links', () => {
    const at = folder();
    symlinkSync('two', join(at, 'one'));
    symlinkSync('one', join(at, 'two'));
    expect(() => read(join(at, 'one', 'file'))).toThrow('is a symbolic link');
  });
});

test("nothing is made below a folder that is not safe, the file's own folder neither", () => {
  const { outer, file } = way();
  chmodSync(outer, 0o777);
  expect(() => createPrivateFile(`${file}.new/a/b`, new Uint8Array(), 'the key file')).toThrow('by other users');
  expect(existsSync(`${file}.new`)).toBe(false);
});

test('a keyring is in a folder that its own group cannot write either', () => {
  const { inner, file } = way();
  chmodSync(inner, 0o770);
  readSecretFile(file, 'the key file');
  expect(() => checkFileAndFolders(file, 'the keyring')).toThrow(/inner is writable by other users$/);
});

test('a project keyring that is trusted may be in the checkout of another user, if no other user can write to it', () => {
  const { outer, inner, file } = way();
  for (const path of [outer, inner]) chownSync(path, OTHER, OTHER);
  expect(() => checkFolders(file, 'the keyring')).toThrow('belongs to another user');
  checkFolders(file, 'the keyring', { owner: OTHER });
  chmodSync(outer, 0o775);
  checkFolders(file, 'the keyring', { owner: OTHER });
  chownSync(outer, OTHER, OTHER + 1);
  expect(() => checkFolders(file, 'the keyring', { owner: OTHER })).toThrow('is writable by other users');
});

/** Rows as users of the machine see them: `daemon` has the number 1, and a group of the same number. */
const views: readonly {
  readonly name: string;
  readonly process: number;
  readonly gid: number;
  readonly ok: boolean;
}[] = [
  { name: 'its own group', process: 1, gid: 1, ok: true },
  { name: 'its own group, while the process is of another', process: 50, gid: 1, ok: true },
  { name: 'the group that the process is of, which is not its own', process: 50, gid: 50, ok: false },
];
test.each(views)('a user whose folder can be written by $name', ({ process: group, gid, ok }) => {
  const { outer, inner, file } = way();
  chmodSync(join(outer, '..'), 0o755);
  for (const path of [outer, inner]) chownSync(path, 1, gid);
  chmodSync(outer, 0o775);
  const code = `import { checkFolders } from ${JSON.stringify(join(import.meta.dirname, '../../src/files/parent-folders.ts'))};
    process.setgroups([]); process.setgid(${group}); process.setuid(1);
    try { checkFolders(${JSON.stringify(file)}, 'the keyring'); console.log('fine'); } catch (error) { console.log(error.message); }`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  expect(said.trim()).toMatch(ok ? /^fine$/ : /outer is writable by other users$/);
});
