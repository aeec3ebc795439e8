import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { createKey, workplace, type Workplace } from './command.ts';
import { KMS, onTerminal } from './on-terminal.ts';

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

async function withKey(): Promise<Workplace> {
  const work = await workplace();
  const key = await createKey(work);
  await work.text('create-alias', '--alias-name', 'alias/a', '--target-key-id', key);
  return work;
}

const SET = ['env', 'set', 'NAME', '--key-id', 'alias/a'];
const VALUE = 'canary-2c77 with blanks, ü and "quotes"';

describe('env set on a terminal', () => {
  const line = `${KMS} ${SET.join(' ')} --output off`;

  test('asks, and does not show what is typed', async () => {
    const work = await withKey();
    const { screen, status } = await onTerminal(work, line, { keys: [`${VALUE}\r`] });
    expect(status).toBe(0);
    expect(screen).toContain('Value of NAME:');
    expect(screen).not.toContain('canary');
    expect((await work.kms('env', 'exec', '--', 'printenv', 'NAME')).stdout).toBe(`${VALUE}\n`);
  });

  test.each([
    ['Ctrl-C', '\u0003', 130, ''],
    ['nothing', '\r', 253, 'the value of NAME is empty'],
  ])('%s: no file', async (_, key, expected, message) => {
    const work = await withKey();
    const { screen, status } = await onTerminal(work, line, { keys: [key] });
    expect(status).toBe(expected);
    expect(screen).toContain(message);
    expect(existsSync(join(work.folder, '.env'))).toBe(false);
  });

  test('never reads what would be shown: without stderr there is no prompt', async () => {
    const work = await withKey();
    expect((await onTerminal(work, `${line} 2>told`)).status).toBe(253);
    expect(readFileSync(join(work.folder, 'told'), 'utf8')).toContain(
      'there is no terminal to prompt for the value of NAME',
    );
  });
});

describe('env files of others', () => {
  const exec = (work: Workplace, ...more: string[]) => work.kms('env', 'exec', ...more, '--', 'env', '-0');

  test.each([
    ['no UTF-8', Buffer.from('A=\xff\n', 'latin1'), 'the env file .env is not UTF-8'],
    ['a device that never ends', '/dev/zero', 'the env file /dev/zero is larger than 1,048,576 bytes'],
    ['a large file', 'A=1\n'.repeat(300_000), 'the env file .env is larger than 1,048,576 bytes'],
    ['a folder', '.', 'the env file . is a folder'],
    ['no base64', 'A=kms:AAA\n', '.env: the value of A is not kms: and base64'],
    ['no ciphertext', 'A=kms:\n', '.env: the value of A is not kms: and base64'],
    ['PATH', 'PATH=/tmp\n', '.env: PATH must be encrypted'],
    ['PATH, exported, in quotes', "export PATH='/tmp'\n", '.env: PATH must be encrypted'],
    ...[
      'LD_PRELOAD',
      'NODE_OPTIONS',
      'BASH_ENV',
      'GIT_SSH_COMMAND',
      'POCKET_KMS_KEYRING',
      'BASH_FUNC_x',
      'MAKEFLAGS',
    ].map((name) => [name, `${name}=x\n`, `.env: ${name} must be encrypted`] as const),
  ] as const)('%s', async (_, content, message) => {
    const work = await workplace();
    const isPath = typeof content === 'string' && !content.includes('=');
    if (!isPath) writeFileSync(join(work.folder, '.env'), content);
    const { stdout, stderr, exitCode } = await exec(work, ...(isPath ? ['--file', content] : []));
    expect({ exitCode, stdout }).toEqual({ exitCode: 253, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('a name that decides about code may stand there encrypted', async () => {
    const work = await withKey();
    const set = ['env', 'set', 'NODE_OPTIONS', '--key-id', 'alias/a'];
    await work.kmsWith({ input: '--max-old-space-size=99' }, ...set);
    expect((await exec(work)).stdout.split('\0')).toContain('NODE_OPTIONS=--max-old-space-size=99');
  });

  test('of one name the last line counts, and the others are not decrypted; odd names are names', async () => {
    const work = await withKey();
    writeFileSync(join(work.folder, '.env'), 'A=kms:AAAA\n__proto__=p\nconstructor=c\nA=2\nHOME=/x\n');
    const before = work.events().length;
    const { stdout, exitCode } = await exec(work);
    expect(exitCode).toBe(0);
    expect(stdout.split('\0')).toEqual(expect.arrayContaining(['A=2', '__proto__=p', 'constructor=c', 'HOME=/x']));
    expect(work.events()).toHaveLength(before);
  });

  test.each([
    ['no UTF-8', Buffer.from('A=\xff\n', 'latin1'), 'the env file .* is not UTF-8'],
    ['a large file', 'A=1\n'.repeat(300_000), 'the env file .* is larger than 1,048,576 bytes'],
  ])('env set does not write %s anew', async (_, content, message) => {
    const work = await withKey();
    writeFileSync(join(work.folder, '.env'), content);
    const { exitCode, stderr } = await work.kmsWith({ input: 'x' }, ...SET);
    expect(exitCode).toBe(253);
    expect(stderr).toMatch(new RegExp(message));
    expect(readFileSync(join(work.folder, '.env')).equals(Buffer.from(content))).toBe(true);
  });

  test('lines that are not replaced stay as they are, byte for byte', async () => {
    const work = await withKey();
    const text = '# übung\r\nOTHER="x"  \n\n  export NAME=old\nLAST=1';
    writeFileSync(join(work.folder, '.env'), text);
    await work.kmsWith({ input: 'v' }, ...SET);
    const now = readFileSync(join(work.folder, '.env'), 'utf8');
    expect(now.replace(/kms:[A-Za-z0-9+/]+=*/, 'old')).toBe(`${text}\n`);
  });

  test('from a pipe, and from standard input', async () => {
    const work = await workplace();
    const { stdout } = await work.kmsWith({ input: 'A=1' }, 'env', 'exec', '--file', '-', '--', 'printenv', 'A');
    expect(stdout).toBe('1\n');
    const substituted = await execa('bash', ['-c', `${KMS} env exec --file <(echo A=2) -- printenv A`], {
      cwd: work.folder,
      env: work.env,
    });
    expect(substituted.stdout).toBe('2');
  });
});
