import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/frontends/cli/output/failure.ts';
import { page, pagerCommand, shellWords } from '../../../../src/frontends/cli/output/pager.ts';
import { openSink, write } from '../../../../src/frontends/cli/output/stdout.ts';

const folder = mkdtempSync(join(tmpdir(), 'kms-stdout-'));
afterAll(() => rmSync(folder, { recursive: true }));

const stdout = new URL('../../../../src/frontends/cli/output/stdout.ts', import.meta.url).href;
const size = 3_000_000;
const script = `import { write } from ${JSON.stringify(stdout)}; write(1, 'x'.repeat(${size})); write(1, 'y');`;

/** Runs the script above in a process of its own, whose output `read` treats as it likes. */
async function run(read: (child: ReturnType<typeof spawn>) => void): Promise<number | null> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  read(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('exit', resolve);
  });
}

describe('write', () => {
  test('to a file, byte by byte what was given', () => {
    const path = join(folder, 'file');
    const fd = openSync(path, 'w');
    write(fd, 'café 🔑\n');
    write(fd, '');
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe('café 🔑\n');
  });

  test('a reader that is slow gets everything', async () => {
    let received = 0;
    const code = await run(({ stdout: pipe }) => {
      setTimeout(() => pipe!.on('data', (chunk: Buffer) => (received += chunk.length)), 300);
    });
    expect(code).toBe(0);
    expect(received).toBe(size + 1);
  });

  test('a reader that has gone is no error', async () => {
    expect(await run(({ stdout: pipe }) => pipe!.destroy())).toBe(0);
  });

  test('other failures are errors', () => {
    const path = join(folder, 'read-only');
    closeSync(openSync(path, 'w'));
    const fd = openSync(path, 'r');
    expect(() => write(fd, 'x')).toThrow('standard output is not open for this access');
    closeSync(fd);
  });
});

describe('pager', () => {
  const given = { isTerminal: true, noPager: false, env: {} };
  test.each([
    [given, 'less'],
    [{ ...given, env: { TERM: 'dumb' } }, ''],
    [{ ...given, env: { TERM: 'dumb', PAGER: 'more' } }, 'more'],
    [{ ...given, env: { PAGER: 'more' } }, 'more'],
    [{ ...given, env: { PAGER: 'more' }, profile: 'most' }, 'most'],
    [{ ...given, env: { PAGER: 'more', AWS_PAGER: 'cat' }, profile: 'most' }, 'cat'],
    [{ ...given, env: { PAGER: 'more', AWS_PAGER: '' } }, ''],
    [{ ...given, noPager: true }, ''],
    [{ ...given, isTerminal: false }, ''],
  ])('%j', (options, command) => {
    expect(pagerCommand(options)).toBe(command);
  });

  test.each([
    ['less -S', ['less', '-S']],
    [`  'a b'  "c \\" d" e\\ f ''`, ['a b', 'c " d', 'e f', '']],
    [`a'b'"c"`, ['abc']],
    ['', []],
  ])('the words of %j', (command, words) => {
    expect(shellWords(command)).toEqual(words);
  });

  test('is given the text, and LESS unless it is set', async () => {
    const path = join(folder, 'paged');
    const command = `sh -c 'printf "%s:" "$LESS" > ${path}; cat >> ${path}'`;
    const { PATH } = process.env;
    await page('text\n', { command, env: { PATH } });
    expect(readFileSync(path, 'utf8')).toBe('FRX:text\n');
    await page('text\n', { command, env: { PATH, LESS: '' } });
    expect(readFileSync(path, 'utf8')).toBe(':text\n');
  });

  test('starts only if there is something to show', async () => {
    const sink = openSink(1, { command: '/nope/pager', env: {} });
    await sink.close();
    sink.write('text');
    await expect(sink.close()).rejects.toThrow('Unable to redirect output to pager');
  });

  test('that cannot be started is a configuration error', async () => {
    const failure = await page('x', { command: '/nope/pager', env: {} }).catch((error: unknown) => failureOf(error));
    expect(failure).toEqual({
      kind: 'environment',
      code: 'Pager',
      lines: [
        'Unable to redirect output to pager. Received the following error when opening pager:',
        "[Errno 2] No such file or directory: '/nope/pager'",
        '',
        'Learn more about configuring the output pager by running "kms help".',
      ],
    });
  });
});
