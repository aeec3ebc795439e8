/** `kms env get`, `list`, `unset`, `export`, `rewrap`, and values that are encrypted under a data key. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { BIN, createKey, workplace, type Workplace } from './command.ts';

interface WithKeys extends Workplace {
  readonly first: string;
  readonly second: string;
  readonly content: () => string;
  readonly write: (text: string) => void;
}

async function withKeys(): Promise<WithKeys> {
  const work = await workplace();
  const [first, second] = [await createKey(work), await createKey(work)];
  const path = join(work.folder, '.env');
  return {
    ...work,
    first,
    second,
    content: () => readFileSync(path, 'utf8'),
    write: (text) => writeFileSync(path, text),
  };
}

const set = (work: WithKeys, name: string, input: string, keyId = work.first) =>
  work.kmsWith({ input }, 'env', 'set', name, '--key-id', keyId, '--output', 'off');

const VALUES = {
  PLAIN: 'text',
  QUOTES: 'it\'s "two" $HOME `id` \\ # x',
  LINES: 'one\n# two\n',
  ONE: 'x',
  LARGE: 'ü'.repeat(4000),
};

async function withValues(): Promise<WithKeys> {
  const work = await withKeys();
  work.write('# mine\nPLAIN=text # behind\n');
  for (const [name, value] of Object.entries(VALUES)) if (name !== 'PLAIN') await set(work, name, `${value}\n`);
  return work;
}

describe('env export', () => {
  test('for a shell, as JSON, and as an env file that Node.js reads', async () => {
    const work = await withValues();
    const shell = await work.text('env', 'export');
    expect(shell.split('\n')[0]).toBe("export PLAIN='text'");
    const script = `${shell}\nexec node -p 'JSON.stringify(process.env)'`;
    expect(JSON.parse(execFileSync('sh', ['-c', script], { encoding: 'utf8' }))).toMatchObject(VALUES);
    expect(await work.json('env', 'export', '--format', 'json')).toEqual(VALUES);
    const { stdout, stderr, exitCode } = await work.kms('env', 'export', '--format', 'dotenv');
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 253 });
    expect(stderr).toContain('the value of QUOTES cannot be written in an env file');
    await work.text('env', 'unset', 'QUOTES');
    const { QUOTES: _, ...rest } = VALUES;
    expect(parseEnv(await work.text('env', 'export', '--format', 'dotenv'))).toEqual(rest);
  });

  test('of an empty file there is nothing, and unencrypted PATH is rejected', async () => {
    const work = await withKeys();
    work.write('# nothing\n');
    expect(await work.text('env', 'export')).toBe('');
    work.write('PATH=/tmp\n');
    expect(await work.kms('env', 'export')).toMatchObject({ exitCode: 253, stdout: '' });
  });
});

test('the variables of a file are those of node --env-file', async () => {
  const work = await withKeys();
  work.write(
    '# comment\r\nexport A_1 = "two\\nlines" # behind\nA_2=\'it "is"\n# text\'\nA_3=`a\'b`\nA_4=x#y\nA_5=\nA_6=1\nA_6= $A_1 \n',
  );
  const script = 'JSON.stringify(Object.fromEntries(Object.entries(process.env).filter(([name]) => /^A_/.test(name))))';
  const theirs = execFileSync(process.execPath, ['--env-file=.env', '-p', script], { cwd: work.folder, env: {} });
  const ours = await work.json('env', 'export', '--format', 'json');
  expect(ours).toEqual(JSON.parse(theirs.toString()));
  expect(ours).toEqual({ A_1: 'two\nlines', A_2: 'it "is"\n# text', A_3: "a'b", A_4: 'x', A_5: '', A_6: '$A_1' });
});

test('env get decrypts one value and no other', async () => {
  const work = await withValues();
  const before = work.events().length;
  expect(await work.text('env', 'get', 'LINES')).toBe(`${VALUES.LINES}\n`);
  expect(await work.text('env', 'get', 'PLAIN')).toBe('text\n');
  expect(work.events().length).toBe(before + 1);
  const none = await work.kms('env', 'get', 'NONE');
  expect(none).toMatchObject({ exitCode: 253, stdout: '' });
  expect(none.stderr).toContain('.env has no variable NONE');
});

test('env list names the keys without a keyring', async () => {
  const work = await withValues();
  const env = { ...work.env, POCKET_KMS_KEYRING: join(work.folder, 'none') };
  const { stdout } = await work.kmsWith({ env }, 'env', 'list');
  const KeyId = work.first;
  expect(JSON.parse(stdout)).toEqual({
    Variables: Object.keys(VALUES).map((Name) =>
      Name === 'PLAIN' ? { Name, IsEncrypted: false } : { Name, IsEncrypted: true, KeyId },
    ),
  });
});

test('env unset removes all lines of a name, and no other', async () => {
  const work = await withKeys();
  work.write("# a\nA=1\nB='x\ny' # b\nexport A='1\n2' # c\n# end");
  await work.text('env', 'unset', 'A');
  expect(work.content()).toBe("# a\nB='x\ny' # b\n# end");
  const none = await work.kms('env', 'unset', 'A');
  expect(none).toMatchObject({ exitCode: 253, stderr: expect.stringContaining('.env has no variable A') });
});

test('ten changes of one file at once: none undoes another, and nothing else is left in the folder', async () => {
  const work = await withKeys();
  await set(work, 'GONE', 'x');
  const names = Array.from({ length: 9 }, (_, at) => `NAME_${at}`);
  await Promise.all([...names.map((name) => set(work, name, `value of ${name}`)), work.text('env', 'unset', 'GONE')]);
  const values = JSON.parse(await work.text('env', 'export', '--format', 'json')) as object;
  expect(values).toEqual(Object.fromEntries(names.map((name) => [name, `value of ${name}`])));
  await Promise.all(['one', 'two', 'three'].map((value) => set(work, 'NAME_0', value)));
  expect(await work.text('env', 'get', 'NAME_0')).toMatch(/^(?:one|two|three)\n$/);
  expect(work.content().match(/^NAME_0=/gm)).toHaveLength(1);
  expect(readdirSync(work.folder).filter((name) => name.startsWith('.kms-'))).toEqual([]);
});

test('a value that is set while the editor is open stays, also in a file that was not there before', async () => {
  const work = await withKeys();
  const editor = join(work.folder, 'editor');
  writeFileSync(
    editor,
    `#!/bin/sh\nprintf x | ${process.execPath} ${BIN} env set SET --key-id ${work.first}\necho E=1 > "$1"\n`,
  );
  chmodSync(editor, 0o755);
  const env = { ...work.env, VISUAL: editor };
  const { exitCode, stderr } = await work.kmsWith({ env }, 'env', 'edit', '--key-id', work.first);
  expect(stderr).toContain('.env was changed by another process meanwhile');
  expect(exitCode).toBe(253);
  expect(work.content()).toMatch(/^SET=kms:[^\n]+\n$/);
});

describe('env rewrap', () => {
  test('every value is under the other key, and comments stay', async () => {
    const work = await withValues();
    const [, , ...before] = work.content().split('\n');
    const answer = await work.json('env', 'rewrap', '--key-id', work.second);
    expect(answer).toEqual({ File: '.env', Names: ['QUOTES', 'LINES', 'ONE', 'LARGE'] });
    await work.text('disable-key', '--key-id', work.first);
    expect(await work.json('env', 'export', '--format', 'json')).toEqual(VALUES);
    const [comment, plain, ...after] = work.content().split('\n');
    expect([comment, plain]).toEqual(['# mine', 'PLAIN=text # behind']);
    for (const [at, line] of after.entries()) if (line !== '') expect(line).not.toBe(before[at]);
  });

  test('all of them or none: a value of another name, and a key that is not there', async () => {
    const work = await withValues();
    const { ino } = statSync(join(work.folder, '.env'));
    work.write(work.content().replace('ONE=', 'TWO='));
    const before = work.content();
    const moved = await work.kms('env', 'rewrap', '--key-id', work.second);
    expect(moved).toMatchObject({ exitCode: 254, stdout: '' });
    expect(moved.stderr).toContain('when calling the ReEncrypt operation: TWO in .env');
    const absent = await work.kms('env', 'rewrap', '--key-id', 'alias/none');
    expect(absent).toMatchObject({ exitCode: 254, stderr: expect.stringContaining('NotFoundException') });
    expect(work.content()).toBe(before);
    expect(statSync(join(work.folder, '.env')).ino).toBe(ino);
  });
});

describe('values above 4,096 bytes', () => {
  test('4,096 bytes are encrypted directly, one more under a data key; a variable has its limit', async () => {
    const work = await withKeys();
    for (const [length, pattern, event] of [
      [4096, /^A=kms:[\w+/]+=*\n$/, 'Encrypt'],
      [4097, /^A=kms:[\w+/]+=*:[\w+/]+=*\n$/, 'GenerateDataKey'],
      [131_069, /^A=kms:[\w+/]+=*:[\w+/]+=*\n$/, 'GenerateDataKey'],
    ] as const) {
      const value = 'x'.repeat(length);
      await set(work, 'A', value);
      expect(work.content()).toMatch(pattern);
      expect(work.events().at(-1)).toMatchObject({ eventName: event });
      const { stdout } = await work.kms('env', 'exec', '--', 'printenv', 'A');
      expect(stdout).toBe(`${value}\n`);
    }
    const before = work.content();
    const tooLong = await set(work, 'A', 'x'.repeat(131_070));
    expect(tooLong).toMatchObject({ exitCode: 253 });
    expect(tooLong.stderr).toContain('the value of A has more than 131,069 bytes');
    expect(work.content()).toBe(before);
  });

  test.each([
    ['another name', (text: string) => text.replace('A=', 'B='), 254, 'B in .env'],
    ['the sealed part of another value', swapSealed, 253, 'the value of A in .env was altered'],
    ['no sealed part', (text: string) => text.replace(/:[^:\n]*$/m, ':'), 253, 'is not kms: and base64'],
    ['a third part', (text: string) => text.replace(/$/m, ':AAAA'), 253, 'is not kms: and base64'],
    [
      'an altered byte',
      // the first character of the last part: the last one may hold bits that stand for nothing
      (text: string) => text.replace(/:(.)(?=[^:\n]*$)/m, (_, first: string) => (first === 'A' ? ':B' : ':A')),
      253,
      '',
    ],
  ])('%s: rejected', async (_, change, status, message) => {
    const work = await withKeys();
    await set(work, 'A', 'canary'.repeat(1000));
    work.write(change(work.content()));
    const { exitCode, stdout, stderr } = await work.kms('env', 'exec', '--', 'true');
    expect({ exitCode, stdout }).toEqual({ exitCode: status, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('canary');
  });
});

/** The last part as random bytes of the same length. */
function swapSealed(text: string): string {
  return text.replace(
    /:[^:\n]*$/m,
    (part) => `:${Buffer.alloc(Buffer.from(part, 'base64').length, 7).toString('base64')}`,
  );
}
