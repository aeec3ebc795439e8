import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { MAX_LINE } from '../../src/audit/chain.ts';
import { followLog } from '../../src/keyring/log-reader.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();

function logOf(content: string): string {
  const path = join(folder(), 'audit.jsonl');
  writeFileSync(path, content);
  return path;
}

async function lastOf(content: string, last: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of followLog({ path: logOf(content) }, { last, follow: false })) lines.push(line);
  return lines;
}

const ends: readonly [content: string, last: number, lines: readonly string[]][] = [
  ['', 10, []],
  ['a\nb\nc\n', 2, ['b', 'c']],
  ['a\nb\nc\n', 10, ['a', 'b', 'c']],
  ['a\nb\nc\n', 0, []],
  ['é\n🔑\n', 1, ['🔑']],
  ['a\nhalf a line', 10, ['a']],
];

test.each(ends)('of %j the last %i', async (content, last, lines) => {
  expect(await lastOf(content, last)).toEqual(lines);
});

test('the last lines of a log of any length, whatever pieces it is read in', async () => {
  const content = Array.from({ length: 5_000 }, (_, at) => `${at} ${'x'.repeat((at * 37) % 211)}é`).join('\n');
  for (const text of [content, `${content}\n`]) {
    const lines = text.split('\n').slice(0, -1);
    for (const last of [1, 2, 700, 4_999, 5_000, 6_000]) expect(await lastOf(text, last)).toEqual(lines.slice(-last));
    expect(await lastOf(text, 0)).toEqual([]);
  }
});

test.each([
  [1, ['ax']],
  [2, ['cx', 'ax']],
  [9, ['x', 'cx', 'ax']],
  [0, []],
  [Number.POSITIVE_INFINITY, ['x', 'cx', 'ax']],
])('the last %d of the lines that are accepted', async (last, expected) => {
  const lines: string[] = [];
  const accepts = (line: string): boolean => line.endsWith('x');
  for await (const line of followLog({ path: logOf('x\nb\ncx\nax\nb\n') }, { last, follow: false, accepts }))
    lines.push(line);
  expect(lines).toEqual(expected);
});

test('followed, only accepted lines come', async () => {
  const path = logOf('a\nb\n');
  const lines = followLog({ path: path }, { last: 1, follow: true, accepts: (line) => line !== 'b' });
  expect((await lines.next()).value).toBe('a');
  const next = lines.next();
  appendFileSync(path, 'b\nc\n');
  expect((await next).value).toBe('c');
  await lines.return(undefined);
});

test('a line that is longer than any of ours comes in pieces', async () => {
  const whole = 'x'.repeat(MAX_LINE + 3 * (1 << 16));
  const lines = await lastOf(`first\n${whole}\nlast\n`, 3);
  expect(lines.slice(0, 1).concat(lines.slice(1, -1).join(''), lines.slice(-1))).toEqual(['first', whole, 'last']);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(MAX_LINE + (1 << 16));
});

test.each([
  ['a folder', (path: string) => mkdirSync(path)],
  ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
])('%s in its place is refused, not waited for', async (_, make) => {
  const path = join(folder(), 'audit.jsonl');
  make(path);
  const lines = followLog({ path: path }, { last: 1, follow: true });
  await expect(lines.next()).rejects.toThrow('is not a regular file');
});

test('a missing log is reported', async () => {
  const lines = followLog({ path: join(folder(), 'none') }, { last: 1, follow: false });
  await expect(lines.next()).rejects.toThrow('does not exist');
});

test('followed, it yields new events, whole lines only', async () => {
  const path = logOf('a\n');
  const lines = followLog({ path: path }, { last: 1, follow: true });
  expect((await lines.next()).value).toBe('a');
  const next = lines.next();
  appendFileSync(path, 'b\nhalf');
  expect((await next).value).toBe('b');
  const rest = lines.next();
  appendFileSync(path, ' of c\n');
  expect((await rest).value).toBe('half of c');
  await lines.return(undefined);
});

/** A log of three files, the first of them compressed: events 1 to 3, 4 to 6, and 7. */
function filesOf(): { readonly path: string; readonly put: (name: string, from: number, to: number) => void } {
  const at = folder();
  const put = (name: string, from: number, to: number): void => {
    const lines = Array.from({ length: to - from + 1 }, (_, index) => eventLine(from + index)).join('\n');
    const bytes = Buffer.from(`${lines}\n`);
    writeFileSync(join(at, name), name.endsWith('.gz') ? gzipSync(bytes) : bytes, { mode: 0o600 });
  };
  put('audit-000000000003.jsonl.gz', 1, 3);
  put('audit-000000000006.jsonl', 4, 6);
  put('audit.jsonl', 7, 7);
  return { path: join(at, 'audit.jsonl'), put };
}
const eventLine = (sequence: number): string =>
  JSON.stringify({ eventName: `Event${sequence}`, chain: { sequence, generation: 1, mac: '0'.repeat(64) } });
const sequences = async (lines: AsyncIterable<string>): Promise<number[]> =>
  (await Array.fromAsync(lines)).map((line) => (JSON.parse(line) as { chain: { sequence: number } }).chain.sequence);
const isOdd = (line: string): boolean => /Event\d*[13579]"/.test(line);
const from =
  (sequence: number) =>
  (line: string): boolean =>
    Number(/Event(\d+)"/.exec(line)![1]) < sequence;

test.each([
  [{ last: 0 }, []],
  [{ last: 1 }, [7]],
  [{ last: 2 }, [6, 7]],
  [{ last: 4 }, [4, 5, 6, 7]],
  [{ last: 5 }, [3, 4, 5, 6, 7]],
  [{ last: 99 }, [1, 2, 3, 4, 5, 6, 7]],
  [{ last: 2, accepts: isOdd }, [5, 7]],
  [{ last: 3, accepts: isOdd }, [3, 5, 7]],
  [{ last: Number.POSITIVE_INFINITY, accepts: isOdd }, [1, 3, 5, 7]],
  [{ last: Number.POSITIVE_INFINITY, isBeforeAll: from(5) }, [4, 5, 6, 7]], // the file in which it is, and those after
  [{ last: 99, within: 1e6 }, [4, 5, 6, 7]], // compressed files are not looked through
  [{ last: 99, within: 100 }, [7]],
])('the last lines with those of old files: %o', async (options, expected) => {
  const { path } = filesOf();
  expect(await sequences(followLog({ path }, { follow: false, ...options }))).toEqual(expected);
});

test('what is looked through for the last lines is limited', async () => {
  const lines = Array.from({ length: 20_000 }, (_, at) => `${eventLine(at + 1)}\n`);
  let looked = 0;
  const accepts = (): boolean => {
    looked += 1;
    return false;
  };
  const path = logOf(lines.join(''));
  expect(await sequences(followLog({ path }, { last: 5, follow: false, accepts, within: 50_000 }))).toEqual([]);
  expect(looked).toBeLessThan(1_000);
});

test('followed, files that were begun and rotated between two looks are read too', async () => {
  const { path, put } = filesOf();
  const lines = followLog({ path }, { last: 1, follow: true });
  const next = async (): Promise<string> => /Event\d+/.exec(String((await lines.next()).value))![0];
  expect(await next()).toBe('Event7');
  const coming = next();
  renameSync(path, path.replace('.jsonl', '-000000000007.jsonl'));
  put('audit-000000000009.jsonl.gz', 8, 9);
  put('audit-000000000010.jsonl', 10, 10);
  put('audit.jsonl', 11, 12);
  expect([await coming, await next(), await next(), await next(), await next()]).toEqual(
    [8, 9, 10, 11, 12].map((sequence) => `Event${sequence}`),
  );
  await lines.return(undefined);
});
