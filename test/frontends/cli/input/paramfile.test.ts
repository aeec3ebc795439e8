import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readUpTo } from '../../../../src/files/limited-read.ts';
import { loadParamfile, ParamfileError, type Files } from '../../../../src/frontends/cli/input/paramfile.ts';
import { bytes } from './test-deps.ts';

const passwd = 'root:x:0:0:root:/root:/bin/sh\nbob:x:1001:1001::/home/bob/:/bin/sh\n';
const table = (files: { readonly [path: string]: string | Uint8Array }, env: Files['env'] = {}): Files => ({
  readFile(path) {
    const known: { readonly [path: string]: string | Uint8Array } = { '/etc/passwd': passwd, ...files };
    const content = known[path];
    if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return typeof content === 'string' ? bytes(content) : content;
  },
  env,
  home: () => '/home/alice/',
});

describe('where the file is', () => {
  test.each([
    ['file://a b.txt', 'a b.txt'],
    ['file:///abs/a', '/abs/a'],
    ['file://~/a', '/home/alice/a'],
    ['file://~', '/home/alice'],
    ['file://~bob/a', '/home/bob/a'],
    ['file://~nobody/a', '~nobody/a'],
    ['file://a~b', 'a~b'],
    ['file://$DIR/a${X}b', 'dir/axb'],
    ['file://$UNSET/${UNSET}', '$UNSET/${UNSET}'],
    ['file://~/$X', '/home/alice/x'],
    ['file:///dev/stdin', '0'],
    ['file://-', '0'],
    ['fileb://-', '0'],
    ['fileb:///dev/stdin', '0'],
  ])('%s', (word, path) => {
    const loaded = loadParamfile(word, table({ [path]: 'found' }, { DIR: 'dir', X: 'x' }));
    expect(typeof loaded === 'string' ? loaded : new TextDecoder().decode(loaded)).toBe('found');
  });

  test.each(['plain', 'FILE://a', ' file://a', 'http://example.com'])('%j names no file', (word) => {
    expect(loadParamfile(word, table({}))).toBeUndefined();
  });
});

describe('what is in it', () => {
  test('text: line ends become newlines, a byte-order mark stays, nothing is trimmed', () => {
    expect(loadParamfile('file://f', table({ f: '\ufeffa\r\nb\rc\n' }))).toBe('\ufeffa\nb\nc\n');
  });
  test('bytes stay as they are', () => {
    const content = new Uint8Array([255, 13, 10, 0]);
    expect(loadParamfile('fileb://f', table({ f: content }))).toEqual(content);
  });
  test('the encoding may be another', () => {
    const files = table({ f: new Uint8Array([0xe9]) }, { AWS_CLI_FILE_ENCODING: 'iso8859_1' });
    expect(loadParamfile('file://f', files)).toBe('é');
  });
});

describe('errors', () => {
  const directory = mkdtempSync(join(tmpdir(), 'paramfile-'));
  mkdirSync(join(directory, 'some-dir'));
  writeFileSync(join(directory, 'pt.txt'), 'text');
  writeFileSync(join(directory, 'bin.dat'), new Uint8Array([0xff, 0xfe, 0x00]));
  afterAll(() => rmSync(directory, { recursive: true }));
  const real: Files = {
    readFile: readUpTo,
    env: { D: directory },
    home: () => '/',
  };

  test.each([
    ['fileb://$D/nope', "Unable to load paramfile fileb://$D/nope: [Errno 2] No such file or directory: 'DIR/nope'"],
    ['fileb://', "Unable to load paramfile fileb://: [Errno 2] No such file or directory: ''"],
    ['file://$D/some-dir', "Unable to load paramfile file://$D/some-dir: [Errno 21] Is a directory: 'DIR/some-dir'"],
    ['file://$D/pt.txt/x', "Unable to load paramfile file://$D/pt.txt/x: [Errno 20] Not a directory: 'DIR/pt.txt/x'"],
    [
      'file://$D/bin.dat',
      'Unable to load paramfile (DIR/bin.dat), text contents could not be decoded.  If this is a binary file, please ' +
        'use the fileb:// prefix instead of the file:// prefix.',
    ],
  ])('%s', (word, message) => {
    const load = (): unknown => loadParamfile(word, real);
    expect(load).toThrow(new ParamfileError(message.replace('DIR', directory)));
  });

  test('a file, pipe or device with more than 16 MiB', () => {
    const load = (): unknown => loadParamfile('fileb:///dev/zero', real);
    const message = 'Unable to load paramfile fileb:///dev/zero: it is larger than 16777216 bytes';
    expect(load).toThrow(new ParamfileError(message));
    const path = join(directory, 'large');
    writeFileSync(path, Buffer.alloc(16 * 2 ** 20));
    expect(loadParamfile(`fileb://${path}`, real)).toHaveLength(16 * 2 ** 20);
  });

  test.each([
    ['EACCES', "[Errno 13] Permission denied: 'x'"],
    ['ENAMETOOLONG', "[Errno 36] File name too long: 'x'"],
    ['ELOOP', "[Errno 40] Too many levels of symbolic links: 'x'"],
  ])('%s', (code, text) => {
    const readFile = (): never => {
      throw Object.assign(new Error(code), { code });
    };
    const load = (): unknown => loadParamfile('file://x', { ...table({}), readFile });
    expect(load).toThrow(new ParamfileError(`Unable to load paramfile file://x: ${text}`));
  });

  test('an unknown encoding', () => {
    const files = table({ f: 'x' }, { AWS_CLI_FILE_ENCODING: 'klingon' });
    expect(() => loadParamfile('file://f', files)).toThrow(new ParamfileError('unknown encoding: klingon'));
  });
});
