import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { outputTo, REFUSED, type OutputOptions } from '../../src/files/output.ts';
import { outputTarget } from '../../src/files/output-target.ts';
import { temporaryFolders } from '../support/folder.ts';

const newFolder = temporaryFolders();
let drawn = 0;
const random = (length: number): Uint8Array => new Uint8Array(length).fill((drawn += 1));
const options: OutputOptions = { random, mode: 0o666, existing: 'replace' };
const put = (name: string, text = 'new', more: Partial<OutputOptions> = {}): Promise<number> =>
  outputTo(name, { ...options, ...more }).write([Buffer.from(text.slice(0, 1)), Buffer.from(text.slice(1))]);
const modeOf = (path: string): number => statSync(path).mode & 0o7777;
const OTHER_USER = 54321;

describe('a regular file', () => {
  test('that is not there is made, with the mode less the umask', async () => {
    const folder = newFolder();
    const umask = spawnSync('sh', ['-c', 'umask'], { encoding: 'utf8' }).stdout.trim();
    expect(await put(join(folder, 'public'))).toBe(3);
    await put(join(folder, 'secret'), 'new', { mode: 0o600 });
    expect(readFileSync(join(folder, 'public'), 'utf8')).toBe('new');
    expect(modeOf(join(folder, 'public'))).toBe(0o666 & ~Number.parseInt(umask, 8));
    expect(modeOf(join(folder, 'secret'))).toBe(0o600);
    expect(readdirSync(folder).toSorted()).toEqual(['public', 'secret']);
  });

  test.each([0o600, 0o640, 0o644, 0o400, 0o755])('of mode %o is replaced and keeps it', async (mode) => {
    const folder = newFolder();
    const path = join(folder, 'f');
    writeFileSync(path, 'a longer old text');
    chmodSync(path, mode);
    const before = statSync(path).ino;
    await put(path, 'new', { mode: 0o600 });
    expect({ text: readFileSync(path, 'utf8'), mode: modeOf(path) }).toEqual({ text: 'new', mode });
    expect(statSync(path).ino).not.toBe(before);
    expect(readdirSync(folder)).toEqual(['f']);
  });

  test('keeps its owner and group, and loses set-user-ID', async () => {
    const path = join(newFolder(), 'f');
    writeFileSync(path, 'old');
    chownSync(path, OTHER_USER, OTHER_USER + 1);
    chmodSync(path, 0o6750);
    await put(path);
    const { uid, gid } = statSync(path);
    expect({ uid, gid, mode: modeOf(path) }).toEqual({ uid: OTHER_USER, gid: OTHER_USER + 1, mode: 0o750 });
  });

  test('another name of the same file keeps the old text', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'f'), 'old');
    linkSync(join(folder, 'f'), join(folder, 'other'));
    await put(join(folder, 'f'));
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('old');
  });

  test('nothing is changed and nothing stays behind when its pieces fail half-way', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'old'), 'old');
    async function* failing() {
      yield Buffer.from('half');
      await Promise.resolve();
      throw new Error('the source broke');
    }
    for (const name of ['old', 'missing']) {
      await expect(outputTo(join(folder, name), options).write(failing())).rejects.toThrow('the source broke');
    }
    expect(readdirSync(folder)).toEqual(['old']);
    expect(readFileSync(join(folder, 'old'), 'utf8')).toBe('old');
  });

  test('while it is written, only its owner can read it, and its name still has the old text', async () => {
    const folder = newFolder();
    const path = join(folder, 'f');
    writeFileSync(path, 'old', { mode: 0o644 });
    let seen: unknown;
    async function* looking() {
      yield Buffer.from('new');
      const draft = readdirSync(folder).find((name) => name !== 'f');
      seen = { mode: modeOf(join(folder, draft!)), text: readFileSync(path, 'utf8') };
    }
    await outputTo(path, options).write(looking());
    expect(seen).toEqual({ mode: 0o600, text: 'old' });
    expect({ mode: modeOf(path), text: readFileSync(path, 'utf8') }).toEqual({ mode: 0o644, text: 'new' });
  });

  test('that may only not be replaced', async () => {
    const folder = newFolder();
    await put(join(folder, 'f'), 'first', { existing: REFUSED });
    expect(() => outputTo(join(folder, 'f'), { ...options, existing: REFUSED })).toThrow('f already exists');
    const raced = outputTo(join(folder, 'raced'), { ...options, existing: REFUSED });
    writeFileSync(join(folder, 'raced'), 'faster');
    await expect(raced.write([Buffer.from('late')])).rejects.toThrow('raced already exists');
    expect(readFileSync(join(folder, 'raced'), 'utf8')).toBe('faster');
    expect(readdirSync(folder).toSorted()).toEqual(['f', 'raced']);
  });

  test('a planted draft is not followed', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'victim'), 'precious');
    symlinkSync(join(folder, 'victim'), join(folder, `.kms-${'ab'.repeat(12)}`));
    const planted = { random: (length: number) => new Uint8Array(length).fill(0xab) };
    await expect(put(join(folder, 'f'), 'new', planted)).rejects.toThrow('already exists');
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('precious');
    expect(readdirSync(folder)).toContain(`.kms-${'ab'.repeat(12)}`);
  });
});

describe('what is written into', () => {
  const device = (folder: string): string => {
    execFileSync('mknod', [join(folder, 'device'), 'c', '1', '3']);
    return join(folder, 'device');
  };

  test('a device stays one', async () => {
    const path = device(newFolder());
    expect(await put(path)).toBe(3);
    expect(lstatSync(path).isCharacterDevice()).toBe(true);
  });

  test('a link to a device, too', async () => {
    const folder = newFolder();
    const path = device(folder);
    symlinkSync('device', join(folder, 'link'));
    await put(join(folder, 'link'));
    expect([lstatSync(path).isCharacterDevice(), lstatSync(join(folder, 'link')).isSymbolicLink()]).toEqual([
      true,
      true,
    ]);
    expect(readdirSync(folder).toSorted()).toEqual(['device', 'link']);
  });

  test('a pipe whose reader is there', async () => {
    const path = join(newFolder(), 'fifo');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    await put(path);
    const bytes = Buffer.alloc(10);
    expect(bytes.toString('utf8', 0, readSync(reader, bytes))).toBe('new');
    closeSync(reader);
    expect(lstatSync(path).isFIFO()).toBe(true);
  });

  test.each([
    ['over what was there', 'w', 'new'],
    ['behind what was there', 'a', 'oldnew'],
  ])('an open descriptor, %s', async (_, flag, text) => {
    const path = join(newFolder(), 'f');
    writeFileSync(path, 'old');
    const before = statSync(path).ino;
    const fd = openSync(path, flag);
    for (const name of [`/dev/fd/${fd}`, `/proc/self/fd/${fd}`, `/proc/${process.pid}/fd/${fd}`]) {
      expect(outputTarget(name)).toEqual({ kind: 'descriptor', fd });
    }
    await put(`/proc/thread-self/fd/${fd}`);
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(statSync(path).ino).toBe(before);
  });

  test('a link to a descriptor', () => {
    const link = join(newFolder(), 'link');
    symlinkSync('/dev/stdout', link);
    expect(outputTarget(link)).toEqual({ kind: 'descriptor', fd: 1 });
  });

  test.each([
    ['-', 1],
    ['/dev/stdout', 1],
    ['/dev/../dev/stdout', 1],
    ['/dev/stderr', 2],
    ['/dev/fd/1', 1],
    ['/proc/self/fd/2', 2],
  ])('%s', (name, fd) => expect(outputTarget(name)).toEqual({ kind: 'descriptor', fd }));

  test('a descriptor that is not open, and those that Node.js has for itself', () => {
    expect(() => outputTarget('/dev/fd/999')).toThrow('/dev/fd/999: descriptor 999 is not open for writing');
    const own = readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith('anon_inode:');
      } catch {
        return false;
      }
    });
    expect(own.length).toBeGreaterThan(1);
    for (const fd of own) expect(() => outputTarget(`/dev/fd/${fd}`)).toThrow('is not open for writing');
  });

  test('one that is open for reading only', async () => {
    const path = join(newFolder(), 'f');
    writeFileSync(path, 'old');
    const fd = openSync(path, 'r');
    await expect(put(`/dev/fd/${fd}`)).rejects.toThrow(/is not open for this access/);
    closeSync(fd);
  });
});

describe('a symbolic link', () => {
  test.each([
    ['to a file', 'old'],
    ['to nothing', undefined],
  ])('%s: its target is written, and it stays', async (_, old) => {
    const folder = newFolder();
    mkdirSync(join(folder, 'data'));
    const target = join(folder, 'data/target');
    if (old !== undefined) writeFileSync(target, old, { mode: 0o640 });
    symlinkSync('data/target', join(folder, 'link'));
    await put(join(folder, 'link'), 'new', { mode: 0o600 });
    expect(readFileSync(target, 'utf8')).toBe('new');
    expect(modeOf(target)).toBe(old === undefined ? 0o600 : 0o640);
    expect(readlinkSync(join(folder, 'link'))).toBe('data/target');
    expect(readdirSync(join(folder, 'data'))).toEqual(['target']);
  });

  test.each([
    ['to another link', 'is a symbolic link to another symbolic link', 'second'],
    ['to itself', 'is a symbolic link to another symbolic link', 'first'],
    ['to a folder', 'is a folder', '.'],
    ['to where no folder is', 'does not exist', 'nowhere/f'],
  ])('%s is refused', (_, message, to) => {
    const folder = newFolder();
    symlinkSync('victim', join(folder, 'second'));
    symlinkSync(to, join(folder, 'first'));
    expect(() => outputTo(join(folder, 'first'), options)).toThrow(message);
    expect(readdirSync(folder).toSorted()).toEqual(['first', 'second']);
  });

  test.each([
    ['sticky', 0o1777],
    ['not even that', 0o777],
    ['that others cannot write', 0o755],
  ])('of another user, in a folder of theirs, %s: refused, dangling or not', (_, mode) => {
    const folder = newFolder();
    const theirs = join(folder, 'theirs');
    mkdirSync(theirs);
    chmodSync(theirs, mode);
    chownSync(theirs, OTHER_USER, OTHER_USER);
    writeFileSync(join(folder, 'victim'), 'precious');
    for (const to of ['victim', 'missing']) {
      const link = join(theirs, to);
      symlinkSync(`../${to}`, link);
      execFileSync('chown', ['-h', `${OTHER_USER}`, link]);
      expect(() => outputTo(link, options)).toThrow(`${to} is a symbolic link of another user`);
    }
    expect(readdirSync(folder).toSorted()).toEqual(['theirs', 'victim']);
  });

  test('of our own in such a folder is followed', async () => {
    const folder = newFolder();
    chmodSync(folder, 0o1777);
    chownSync(folder, OTHER_USER, OTHER_USER);
    symlinkSync('target', join(folder, 'link'));
    await put(join(folder, 'link'));
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('new');
  });

  test('a device or file that is put there after the look is not followed', async () => {
    const folder = newFolder();
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const output = outputTo(fifo, options);
    renameSync(fifo, `${fifo}.real`);
    writeFileSync(join(folder, 'victim'), 'precious');
    symlinkSync('victim', fifo);
    await expect(output.write([Buffer.from('new')])).rejects.toThrow(/fifo/);
    rmSync(fifo);
    linkSync(join(folder, 'victim'), fifo);
    await expect(output.write([Buffer.from('new')])).rejects.toThrow('was replaced while it was being opened');
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('precious');
  });
});

describe('what another user put into a folder that others can write', () => {
  const planted = (mode: number, owner: number): string => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), 'theirs', { mode: 0o666 });
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    for (const name of ['file', 'pipe']) chownSync(join(folder, name), OTHER_USER, OTHER_USER);
    chownSync(folder, owner, owner);
    chmodSync(folder, mode);
    return folder;
  };

  test.each([
    ['sticky', 0o1777, 0],
    ['sticky, for a group', 0o1770, 0],
    ['without that', 0o777, 0],
  ])('%s: refused', (_, mode, owner) => {
    const folder = planted(mode, owner);
    for (const name of ['file', 'pipe']) {
      expect(() => outputTo(join(folder, name), options)).toThrow(
        `${name} belongs to another user, in a folder that other users can write to`,
      );
    }
  });

  test.each([
    ['of a group that works together', 0o2775, 0],
    ['of that very user', 0o1777, OTHER_USER],
  ])('in a folder %s a file is replaced, and stays theirs', async (_, mode, owner) => {
    const folder = planted(mode, owner);
    await put(join(folder, 'file'));
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('new');
    expect(statSync(join(folder, 'file')).uid).toBe(OTHER_USER);
  });
});

describe('refused at once', () => {
  test.each([
    ['a folder', '.', 'is a folder'],
    ['a name that ends with /', 'new/', 'is a folder'],
    ['the folder above', '..', 'is a folder'],
    ['a folder that is not there', 'nowhere/f', 'the folder'],
    ['a folder that is a file', 'file/f', 'has a path component that is not a folder'],
    ['a name that is too long', 'x'.repeat(300), 'has a name that is too long'],
    ['no name', '', 'the output path is empty'],
    ['NUL', 'a\0b', 'contains NUL'],
  ])('%s', (_, name, message) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), '');
    // join() would take the last / and the empty name away
    expect(() => outputTo(name === '' ? name : `${folder}/${name}`, options)).toThrow(message);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('a socket', async () => {
    const path = join(newFolder(), 's');
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(path, resolve));
    expect(() => outputTo(path, options)).toThrow('is a socket');
    server.close();
  });
});
