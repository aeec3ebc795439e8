/** `kms` against what a real AWS CLI did with the same command lines, and against transcripts (README.md). */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolders } from '../support/folder.ts';
import { CASES, keyOf, type Case } from './cases.ts';
import { differenceOf } from './differences.ts';
import { asKms, type Ran } from './normalize.ts';
import { TRANSCRIPTS } from './transcripts.ts';

type Recorded = Pick<Case, 'line' | 'answer' | 'env' | 'config'> & Ran;

const newFolder = temporaryFolders();
const here = (name: string): string => join(import.meta.dirname, name);

const REPLAY = fileURLToPath(new URL('./replay.ts', import.meta.url));

const recorded = new Map(
  readFileSync(here('recorded.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded)
    .map((row) => [keyOf({ topic: '', ...row }), row] as const),
);

const home = newFolder();
const replayed = (
  JSON.parse(execFileSync(process.execPath, [REPLAY, home], { encoding: 'utf8', maxBuffer: 1 << 26 })) as readonly Ran[]
).map(({ exit, stdout, stderr }) => ({
  exit,
  stdout: stdout.replaceAll(home, '~'),
  stderr: stderr.replaceAll(home, '~'),
}));

const all: readonly Case[] = [...CASES, ...TRANSCRIPTS];
const expectedOf = (example: Case): Ran => {
  const said = TRANSCRIPTS.find((transcript) => transcript === example);
  return said ? said.expected : asKms(recorded.get(keyOf(example))!);
};

test('every command line was recorded, once', () => {
  expect([...recorded.keys()].toSorted()).toEqual(CASES.map(keyOf).toSorted());
  expect(replayed).toHaveLength(all.length);
});

describe.each([...new Set(all.map(({ topic }) => topic))])('%s', (topic) => {
  const rows = all.flatMap((example, at) => (example.topic === topic ? [{ example, got: replayed[at]! }] : []));
  test.each(rows.map((row) => [`kms ${row.example.line}`, row] as const))('%s', (_, { example, got }) => {
    const difference = 'expected' in example ? undefined : differenceOf(example);
    const expected = expectedOf(example);
    // a difference that is gone must leave the list
    if (difference)
      expect({ difference: difference.reason, got }).not.toEqual({ difference: difference.reason, got: expected });
    else expect(got).toEqual(expected);
  });
});
