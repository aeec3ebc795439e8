import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseEnvFile, withEntry } from '../../src/cli/env-file.ts';
import { createKey, workplace } from './command.ts';

describe('env files', () => {
  test.each([
    ['A=1', [{ name: 'A', value: '1' }]],
    ['export A = 1', 'p:1 is not NAME=VALUE'],
    [
      'export A=1\n\n# comment\nB="two words"  \n',
      [
        { name: 'A', value: '1' },
        { name: 'B', value: 'two words' },
      ],
    ],
    [
      "A='x=y'\r\nB=",
      [
        { name: 'A', value: 'x=y' },
        { name: 'B', value: '' },
      ],
    ],
    ['A=kms:AAAA==', [{ name: 'A', value: 'kms:AAAA==' }]],
    ['A=1\nnonsense', 'p:2 is not NAME=VALUE'],
    ['', []],
  ] as const)('%j', (text, expected) => {
    if (typeof expected === 'string') expect(() => parseEnvFile(text, 'p')).toThrow(expected);
    else expect(parseEnvFile(text, 'p')).toEqual(expected);
  });

  test.each([
    ['', 'A=1\n'],
    ['# mine\nB=2\n', '# mine\nB=2\nA=1\n'],
    ['A=old\nB=2', 'A=1\nB=2\n'],
    ['A=first\nA=last\n', 'A=first\nA=1\n'],
  ])('A is set in %j', (before, after) => {
    expect(withEntry(before, { name: 'A', value: '1' })).toBe(after);
  });
});

test('a secret is set from stdin, bound to its name, and given to one program', async () => {
  const work = await workplace();
  await createKey(work);
  const key = (await work.text('list-keys', '--query', 'Keys[0].KeyId', '--output', 'text')).trim();
  const set = await work.kmsWith(
    { input: 'hunter2 with = and "quotes"\n' },
    'env',
    'set',
    'DB_PASSWORD',
    '--key-id',
    key,
  );
  expect(set.exitCode).toBe(0);
  const path = join(work.folder, '.env');
  writeFileSync(path, `${readFileSync(path, 'utf8')}PLAIN=text\n`);
  expect(readFileSync(path, 'utf8')).toMatch(/^DB_PASSWORD=kms:[A-Za-z0-9+/]+=*\nPLAIN=text\n$/);

  const run = (...words: string[]) => work.kms('env', 'exec', '--', ...words);
  expect(await run('sh', '-c', 'printf "%s|%s" "$DB_PASSWORD" "$PLAIN"')).toMatchObject({
    stdout: 'hunter2 with = and "quotes"|text',
    stderr: '',
    exitCode: 0,
  });
  expect(await run('sh', '-c', 'echo "$@"; exit 7', 'x', '--query', '--file', '-j4', '--')).toMatchObject({
    stdout: '--query --file -j4 --\n',
    exitCode: 7,
  });
  expect(await run('sh', '-c', 'kill -TERM $$')).toMatchObject({ exitCode: 128 + 15 });
  expect(await run('/nope/program')).toMatchObject({ exitCode: 127, stderr: 'kms: /nope/program: not found\n' });
  expect((await work.kms('env', 'exec')).exitCode).toBe(253);

  writeFileSync(path, readFileSync(path, 'utf8').replace('DB_PASSWORD=', 'OTHER='));
  const moved = await run('true');
  expect(moved).toMatchObject({ exitCode: 254, stdout: '' });
  expect(moved.stderr).toContain('(InvalidCiphertextException) when calling the Decrypt operation');
  expect((await work.kms('env', 'exec', '--file', 'nope', '--', 'true')).exitCode).toBe(253);
});
