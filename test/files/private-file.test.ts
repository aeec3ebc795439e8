import {
  chmodSync,
  existsSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  checkFileAndFolders,
  createPrivateFile,
  createPrivateFolder,
  explainFileError,
  readSecretFile,
} from '../../src/files/private-file.ts';
import { createPlace, openPlace } from '../../src/keyring/open-place.ts';
import { draftOf, isKeyringAt, movePlace, placeAt, type KeyringPlace } from '../../src/keyring/place.ts';
import { seeded } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();
afterEach(() => vi.restoreAllMocks());

function newFile(mode: number, content = 'secret'): string {
  const path = join(folder(), 'file');
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

/** A file that, as far as can be told, is another user's: only root may give files away, so others look away. */
function giveAway(path: string): void {
  if (process.geteuid!() === 0) chownSync(path, 12_345, 12_345);
  else vi.spyOn(process, 'geteuid').mockReturnValue(process.geteuid!() + 1);
}

function newPipe(): string {
  const path = join(folder(), 'pipe');
  execFileSync('mkfifo', ['-m', '600', path]);
  return path;
}

const linkTo = (path: string): string => {
  const link = join(folder(), 'link');
  symlinkSync(path, link);
  return link;
};

describe('a keyring file', () => {
  test.each([0o600, 0o400, 0o644, 0o640])('of mode %o is used', (mode) => {
    expect(() => checkFileAndFolders(newFile(mode), 'the keyring')).not.toThrow();
  });

  test.each([0o602, 0o620, 0o666, 0o622])('of mode %o is writable by other users', (mode) => {
    const path = newFile(mode);
    expect(() => checkFileAndFolders(path, 'the keyring')).toThrow(
      expect.objectContaining({
        name: 'EnvironmentError',
        message: `the keyring ${path} is writable by other users`,
        hints: [`chmod 600 ${path}`],
      }),
    );
  });

  const wrongs: readonly [name: string, make: () => string, message: string][] = [
    ['missing', () => join(folder(), 'none'), 'does not exist'],
    ['a symbolic link', () => linkTo(newFile(0o600)), 'is a symbolic link'],
    ['a link to nothing', () => linkTo('/nowhere/at/all'), 'is a symbolic link'],
    ['a folder', () => folder(), 'is not a regular file'],
    ['below a file', () => join(newFile(0o600), 'file'), 'has a path component that is not a folder'],
  ];
  test.each(wrongs)('%s is refused', (_, make, message) => {
    expect(() => checkFileAndFolders(make(), 'the keyring')).toThrow(message);
  });

  test('of another user is refused', () => {
    const path = newFile(0o600);
    giveAway(path);
    expect(() => checkFileAndFolders(path, 'the keyring')).toThrow('belongs to another user');
  });

  const folders: readonly [mode: number, refused: boolean][] = [
    [0o700, false],
    [0o755, false],
    [0o1777, false], // like /tmp: others may add files, but not replace ours
    [0o777, true],
    [0o770, true],
    [0o702, true],
  ];
  test.each(folders)('in a folder of mode %o', (mode, refused) => {
    const path = newFile(0o600);
    chmodSync(join(path, '..'), mode);
    const check = expect(() => checkFileAndFolders(path, 'the keyring'));
    if (refused) check.toThrow('folder');
    else check.not.toThrow();
  });
});

describe('a file with a secret', () => {
  test.each([0o600, 0o400])('of mode %o is read', (mode) => {
    expect(Buffer.from(readSecretFile(newFile(mode), 'the key file')).toString()).toBe('secret');
  });

  test.each([0o640, 0o604, 0o644, 0o660, 0o610, 0o601])('of mode %o is accessible to other users', (mode) => {
    expect(() => readSecretFile(newFile(mode), 'the key file')).toThrow('is accessible to other users');
  });

  const wrongs: readonly [name: string, make: () => string, message: RegExp][] = [
    ['missing', () => join(folder(), 'none'), /^the key file \/.*\/none does not exist$/],
    ['a symbolic link', () => linkTo(newFile(0o600)), /is a symbolic link$/],
    ['a folder', () => folder(), /is a folder$/],
    ['a pipe that nobody writes', () => newPipe(), /is not a regular file$/],
    ['a device', () => '/dev/zero', /is not a regular file$/],
  ];
  test.each(wrongs)('%s is refused', (_, make, message) => {
    expect(() => readSecretFile(make(), 'the key file')).toThrow(message);
  });

  test('is read from a pipe where that is meant', () => {
    const pipe = newPipe();
    spawn('sh', ['-c', 'printf secret > "$0"', pipe]);
    expect(Buffer.from(readSecretFile(pipe, 'the passphrase file', { pipe: true })).toString()).toBe('secret');
  });

  test('of another user is refused', () => {
    const path = newFile(0o600);
    giveAway(path);
    expect(() => readSecretFile(path, 'the key file')).toThrow('belongs to another user');
  });
});

describe('making', () => {
  test('a file for us alone, in folders for us alone, whatever the umask', () => {
    const [outer, inner] = [join(folder(), 'a'), join(folder(), 'a', 'b')];
    const path = join(inner, 'file');
    createPrivateFile(path, Buffer.from('secret'), 'the key file');
    expect(readFileSync(path, 'utf8')).toBe('secret');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(inner).mode & 0o777).toBe(0o700);
    createPrivateFolder(outer);
    createPrivateFolder(outer); // again: nothing to do
    expect(statSync(outer).mode & 0o777).toBe(0o700);
  });

  const occupied: readonly [name: string, occupy: (path: string) => void][] = [
    ['a file', (path) => writeFileSync(path, 'kept')],
    ['a link', (path) => symlinkSync('/nowhere/at/all', path)],
    ['a folder', (path) => mkdirSync(path)],
  ];
  test.each(occupied)('%s that is there is never touched', (_, occupy) => {
    const path = join(folder(), 'file');
    occupy(path);
    expect(() => createPrivateFile(path, Buffer.from('new'), 'the key file')).toThrow('already exists');
  });
});

test('file errors are explained; others pass unchanged', () => {
  const withCode = (code: string): Error => Object.assign(new Error('bare text'), { code });
  expect(explainFileError(withCode('ENOSPC'), 'the file')).toMatchObject({
    name: 'EnvironmentError',
    message: 'the file cannot be written: the disk is full',
  });
  expect(explainFileError(withCode('EWEIRD'), 'the file')).toMatchObject({
    message: 'the file cannot be used: bare text',
  });
  const own = new RangeError('ours');
  expect(explainFileError(own, 'the file')).toBe(own);
});

const draft = (place: KeyringPlace, seed: string): KeyringPlace =>
  draftOf(place, { random: seeded(seed), clock: Date.now });

describe('places', () => {
  test('a folder, or a keyring file in it; the log stands beside it', () => {
    const at = folder();
    const place = { folder: at, keyring: join(at, 'keyring.db'), log: join(at, 'audit.jsonl') };
    expect(placeAt(at)).toEqual(place);
    expect(placeAt(join(at, 'not', 'there')).keyring).toBe(join(at, 'not', 'there', 'keyring.db'));
    writeFileSync(join(at, 'mine.db'), '');
    // a log belongs to one file: a copy beside the keyring has one of its own
    const mine = { ...place, keyring: join(at, 'mine.db'), log: join(at, 'mine.db.audit.jsonl') };
    expect(placeAt(join(at, 'mine.db'))).toEqual(mine);
  });

  test('a place is made once', () => {
    const place = placeAt(join(folder(), 'new'));
    expect(isKeyringAt(place)).toBe(false);
    const made = createPlace(place);
    made.store.close();
    expect(statSync(place.keyring).mode & 0o777).toBe(0o600);
    expect(statSync(place.folder).mode & 0o777).toBe(0o700);
    expect(() => createPlace(place)).toThrow(`a keyring already exists at ${place.keyring}`);
    openPlace(place).store.close();
  });

  test('one of others is not opened', () => {
    const place = placeAt(folder());
    createPlace(place).store.close();
    chmodSync(place.keyring, 0o666);
    expect(() => openPlace(place)).toThrow('is writable by other users');
  });

  test('a draft takes its place whole, and replaces nothing', () => {
    const place = placeAt(folder());
    const [one, other] = [draft(place, 'one'), draft(place, 'other')];
    for (const made of [one, other]) createPlace(made).store.close();
    expect(isKeyringAt(place)).toBe(false);
    expect(movePlace(one, place)).toBe(true);
    const bytes = readFileSync(place.keyring);
    expect(movePlace(other, place)).toBe(false);
    expect(readFileSync(place.keyring)).toEqual(bytes);
    expect([isKeyringAt(one), isKeyringAt(other)]).toEqual([false, false]);
  });

  test('a draft that cannot be moved is reported and removed', () => {
    const place = placeAt(folder());
    const made = draft(place, 'draft');
    createPlace(made).store.close();
    expect(() => movePlace(made, placeAt(join(place.folder, 'none')))).toThrow('does not exist');
    expect(isKeyringAt(made)).toBe(false);
  });

  test('stale drafts are removed when no process can be using them', () => {
    const place = placeAt(folder());
    const names = [
      '.new-0123456789abcdef',
      '.new-0123456789abcdef-journal',
      '.new-x',
      '.newer',
      '',
      '.new-0123456789abcdeg',
    ];
    const files = names.map((name) => `${place.keyring}${name}`);
    for (const file of files) writeFileSync(file, 'x', { mode: 0o600 });
    const later =
      (hours: number): (() => number) =>
      () =>
        Date.now() + hours * 3_600_000;
    draftOf(place, { random: seeded('now'), clock: later(0.5) });
    expect(files.map((file) => existsSync(file))).toEqual([true, true, true, true, true, true]);
    draftOf(place, { random: seeded('later'), clock: later(1.5) });
    expect(files.map((file) => existsSync(file))).toEqual([false, false, true, true, true, true]);
  });

  test('so do drafts of key files and logs, which have the time of their making', () => {
    const place = folder();
    const old = (name: string): string => {
      const file = join(place, name);
      writeFileSync(file, 'x', { mode: 0o600 });
      utimesSync(file, new Date(), new Date(Date.now() - 2 * 3_600_000));
      return file;
    };
    const gone = [old('one.key.new-12-3456'), old('two.key.new-7-8')];
    const kept = [old('one.key'), old('three.key.new-'), old('four.key.new-x'), old('five.jsonl.new-12-34')];
    writeFileSync(join(place, 'six.key.new-1-2'), 'x');
    createPrivateFile(join(place, 'new.key'), Buffer.from('key'), 'the key file');
    expect(gone.map((file) => existsSync(file))).toEqual([false, false]);
    expect(kept.map((file) => existsSync(file))).toEqual([true, true, true, true]);
    expect(existsSync(join(place, 'six.key.new-1-2'))).toBe(true);
  });

  test('a hard link to a keyring is the keyring', () => {
    const place = placeAt(folder());
    createPlace(place).store.close();
    linkSync(place.keyring, join(place.folder, 'other.db'));
    openPlace(placeAt(join(place.folder, 'other.db'))).store.close();
  });
});
