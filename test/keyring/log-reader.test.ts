import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
