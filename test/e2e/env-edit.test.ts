/** `kms env edit`, with editors that are shell scripts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BIN, createKey, workplace, type Ran, type Workplace } from './command.ts';
import { KMS, onTerminal } from './on-terminal.ts';

const SECRET = 'canary-9d31 "x" #1';
const MULTILINE = 'canary-line one\n  two # three\n';
const TEXT = `# of the service\n\nexport PORT=80 # plain\n`;

async function withFile(): Promise<Workplace & { readonly path: string; readonly content: () => string }> {
  const work = await workplace();
  const key = await createKey(work);
  await work.text('create-alias', '--alias-name', 'alias/a', '--target-key-id', key);
  const path = join(work.folder, '.env');
  writeFileSync(path, TEXT);
  for (const [name, input] of [
    ['TOKEN', SECRET],
    ['CERT', `${MULTILINE}\n`],
  ] as const) {
    await work.kmsWith({ input }, 'env', 'set', name, '--key-id', 'alias/a');
  }
  return { ...work, path, content: () => readFileSync(path, 'utf8') };
}

/** @param script for sh; $1 is the draft */
function edit(work: Workplace, script: string, ...args: string[]): Promise<Ran> {
  const editor = join(work.folder, 'editor');
  writeFileSync(editor, `#!/bin/sh\nset -e\n${script}\n`);
  chmodSync(editor, 0o755);
  const env = { ...work.env, VISUAL: '', EDITOR: editor };
  return work.kmsWith({ env }, 'env', 'edit', ...args);
}

const draftFolders = (): readonly string[] =>
  readdirSync('/dev/shm').filter((name) => name.startsWith('kms-') && isOurs(join('/dev/shm', name)));
const isOurs = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

test('a name that decides about code is encrypted, even if it was not before', async () => {
  const work = await withFile();
  writeFileSync(work.path, `${work.content()}PATH=/old\n`);
  const { exitCode, stdout } = await edit(work, `sed -i 's,^PATH=.*,PATH=/usr/bin:/bin,' "$1"`, '--query', 'Encrypted');
  expect([exitCode, JSON.parse(stdout)]).toEqual([0, ['PATH']]);
  expect(work.content()).toMatch(/^PATH=kms:/m);
  expect(await work.text('env', 'get', 'PATH')).toBe('/usr/bin:/bin\n');
});

test('the draft has the values, comments and order of the file; no other user can read it; then it is removed', async () => {
  const work = await withFile();
  const { exitCode, stderr } = await edit(
    work,
    `cp "$1" seen; stat -c '%a %n' "$1" "$(dirname "$1")" > modes; stat -f -c %T "$1" >> modes
    tr '\\0' ' ' < /proc/$PPID/cmdline > parent; tr '\\0' '\\n' < /proc/$$/environ > environ`,
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining('.env is unchanged') });
  const read = (name: string): string => readFileSync(join(work.folder, name), 'utf8');
  expect(read('seen')).toBe(`${TEXT}TOKEN='${SECRET}'\nCERT='${MULTILINE}'\n`);
  const [file, folder, kind] = read('modes').split('\n');
  expect([file, folder, kind]).toEqual([
    expect.stringMatching(/^600 \/dev\/shm\/kms-[0-9a-f]{24}\/\.env$/),
    expect.stringMatching(/^700 /),
    'tmpfs',
  ]);
  expect(existsSync(folder!.slice('700 '.length))).toBe(false);
  expect(read('parent') + read('environ')).not.toContain('canary');
});

test('only what changed is encrypted again; the rest of the file is what the draft says', async () => {
  const work = await withFile();
  const [, , , token, cert] = work.content().split('\n');
  const events = work.events().length;
  const ran = await edit(
    work,
    `printf '%s\\n' '# new' "TOKEN='new value' # why" 'ADDED="a\\nb"' 'EMPTY=' 'PORT=81' 'PATH=/x' > "$1.2"
    sed -n '/^CERT/,$p' "$1" >> "$1.2"; mv "$1.2" "$1"`,
  );
  expect(ran.stderr).toBe('');
  expect(JSON.parse(ran.stdout)).toEqual({ File: '.env', Encrypted: ['TOKEN', 'ADDED', 'PATH'], Removed: [] });
  const lines = work.content().split('\n');
  expect(lines).toEqual([
    '# new',
    expect.stringMatching(/^TOKEN=kms:[\w+/]+=* # why$/),
    expect.stringMatching(/^ADDED=kms:[\w+/]+=*$/),
    'EMPTY=',
    'PORT=81',
    expect.stringMatching(/^PATH=kms:[\w+/]+=*$/),
    cert,
    '',
  ]);
  expect(lines[1]).not.toContain(token!.slice('TOKEN='.length));
  const operations = work
    .events()
    .slice(events)
    .map(({ eventName }) => eventName);
  expect(operations).toEqual(['Decrypt', 'Decrypt', 'Encrypt', 'Encrypt', 'Encrypt']);
  const json = await work.json('env', 'export', '--format', 'json');
  expect(json).toEqual({ TOKEN: 'new value', ADDED: 'a\nb', EMPTY: '', PORT: '81', PATH: '/x', CERT: MULTILINE });
});

test('lines that are removed are gone', async () => {
  const work = await withFile();
  const { stdout } = await edit(work, `sed -i '/^TOKEN/d' "$1"`);
  expect(JSON.parse(stdout)).toEqual({ File: '.env', Encrypted: [], Removed: ['TOKEN'] });
  expect(work.content()).not.toContain('TOKEN');
});

test('a new file needs --key-id', async () => {
  const work = await withFile();
  const script = `test ! -s "$1"; echo A=1 > "$1"`;
  const refused = await edit(work, script, '--file', 'new.env');
  expect(refused).toMatchObject({ exitCode: 253, stderr: expect.stringContaining('--key-id must name the key') });
  expect(await edit(work, script, '--file', 'new.env', '--key-id', 'alias/a')).toMatchObject({ exitCode: 0 });
  expect(await work.text('env', 'get', 'A', '--file', 'new.env')).toBe('1\n');
});

describe('nothing is changed, and no draft is left', () => {
  test.each([
    ['the editor fails', 'echo TOKEN=x > "$1"; exit 3', 253, 'ended with exit status 3'],
    ['the editor is killed', 'kill -KILL $$', 253, 'ended with exit status 137'],
    ['the draft is removed', 'rm "$1"', 253, 'the draft does not exist'],
    ['a pipe is in its place', 'rm "$1"; mkfifo "$1"', 253, 'the draft is no longer a regular file'],
    ['a link is in its place', 'ln -sf "$PWD/editor" "$1"', 253, 'the draft is no longer a regular file'],
    ['a folder is in its place', 'rm "$1"; mkdir "$1"', 253, 'the draft is no longer a regular file'],
    ['no env file', 'echo canary-nonsense >> "$1"', 253, 'the draft:8 is not NAME=VALUE'],
    ['not UTF-8', `printf 'A=canary\\377' > "$1"`, 253, 'the draft is not UTF-8'],
    ['a value that no variable can have', `printf 'A=canary\\0' > "$1"`, 253, 'the value of A contains NUL'],
    [
      'the file was changed by another process',
      'echo B=1 >> .env; echo A=1 > "$1"',
      253,
      'changed by another process meanwhile',
    ],
  ])('%s', async (name, script, status, message) => {
    const work = await withFile();
    const before = work.content();
    const drafts = draftFolders();
    const { exitCode, stdout, stderr } = await edit(work, script);
    expect({ exitCode, stdout }).toEqual({ exitCode: status, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('canary');
    expect(work.content()).toBe(name === 'the file was changed by another process' ? `${before}B=1\n` : before);
    expect(draftFolders()).toEqual(drafts);
  });

  test('a call is refused', async () => {
    const work = await withFile();
    const before = work.content();
    const ran = await edit(work, 'echo A=canary-1 > "$1"', '--key-id', 'alias/none');
    expect(ran).toMatchObject({ exitCode: 254, stderr: expect.stringContaining('NotFoundException') });
    expect(ran.stderr).not.toContain('canary');
    expect(work.content()).toBe(before);
  });
});

test.each(['SIGTERM', 'SIGHUP'] as const)('%s removes the draft while the editor is open', async (signal) => {
  const work = await withFile();
  const before = work.content();
  const editor = join(work.folder, 'editor');
  writeFileSync(editor, '#!/bin/sh\necho "$1" > where.2; mv where.2 where; exec sleep 60\n', { mode: 0o755 });
  const env = { ...work.env, EDITOR: editor };
  const child = spawn(process.execPath, [BIN, 'env', 'edit'], { cwd: work.folder, env, stdio: 'ignore' });
  const where = join(work.folder, 'where');
  while (!existsSync(where)) await new Promise((resolve) => void setTimeout(resolve, 20));
  const draft = readFileSync(where, 'utf8').trim();
  expect(existsSync(draft)).toBe(true);
  child.kill('SIGINT'); // that of a terminal is the editor's matter
  await new Promise((resolve) => void setTimeout(resolve, 200));
  expect(existsSync(draft)).toBe(true);
  child.kill(signal);
  await once(child, 'close');
  expect(existsSync(join(draft, '..'))).toBe(false);
  expect(work.content()).toBe(before);
});

test('on a terminal, a draft that cannot be used is edited again', async () => {
  const work = await withFile();
  const editor = join(work.folder, 'editor');
  writeFileSync(
    editor,
    '#!/bin/sh\nif grep -q nonsense "$1"; then sed -i "s/nonsense/A=1/" "$1"; else echo nonsense >> "$1"; fi\n',
    { mode: 0o755 },
  );
  const { screen, status } = await onTerminal(work, `${KMS} env edit --output off`, {
    env: { EDITOR: editor },
    keys: ['\r'],
  });
  expect(screen).toContain('the draft:8 is not NAME=VALUE');
  expect(screen).toContain('Edit the draft again?');
  expect(status).toBe(0);
  expect(await work.text('env', 'get', 'A')).toBe('1\n');
});
