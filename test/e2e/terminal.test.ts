/** The command on a terminal, in pipes, and interrupted. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BIN, createKey, workplace, type Workplace } from './command.ts';
import { KMS, onTerminal } from './on-terminal.ts';

const bash = (
  work: Workplace,
  script: string,
): { readonly stdout: string; readonly stderr: string; readonly status: number | null } =>
  spawnSync('bash', ['-c', script], { cwd: work.folder, env: work.env, encoding: 'utf8' });

describe('pipes', () => {
  test.each([
    ['a reader that never reads', 'list-keys | true'],
    ['a reader that goes after a line', 'help | head -1 >/dev/null'],
    ['the log, cut', 'audit tail --lines 1000 | head -1 >/dev/null'],
  ])('%s is no error', async (_, line) => {
    const work = await workplace();
    await createKey(work);
    const { stdout, stderr } = bash(work, `for i in 1 2 3; do ${KMS} ${line}; echo "\${PIPESTATUS[0]}"; done`);
    expect({ stdout, stderr }).toEqual({ stdout: '0\n0\n0\n', stderr: '' });
  });

  test.each([
    ['stdin', '<&- >/dev/null', '0\n'],
    ['stdout', '>&-', '0\n'],
    ['stderr', '2>&- >/dev/null', '0\n'],
  ])('closed %s', async (_, closed, status) => {
    const work = await workplace();
    const { stdout, stderr } = bash(work, `${KMS} list-keys ${closed}; echo $?`);
    expect({ stdout, stderr }).toEqual({ stdout: status, stderr: '' });
  });

  test('a full disk for the answer is one', async () => {
    const work = await workplace();
    const { stdout, stderr } = bash(work, `${KMS} list-keys >/dev/full; echo $?`);
    expect(stdout).toBe('255\n');
    expect(stderr).toBe('\nkms: [ERROR]: standard output cannot be written: the disk is full\n');
  });
});

describe('Ctrl-C', () => {
  test('while it goes on: the process ends by the signal, for which shells show 130', async () => {
    const work = await workplace();
    await createKey(work);
    const child = spawn(process.execPath, [BIN, 'audit', 'tail', '--follow'], { cwd: work.folder, env: work.env });
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal === 'SIGINT' || status === 130).toBe(true);
  });

  test('at a question: 130, and nothing is done', async () => {
    const work = await workplace({ init: false });
    const seen = await onTerminal(work, `${KMS} init --passphrase`, { keys: ['\u0003'] });
    expect(seen.screen).toContain('New passphrase:');
    expect(seen.status).toBe(130);
    expect((await work.kms('keyring', 'status')).stdout).not.toContain('KeyringId');
  });
});

describe('on a terminal', () => {
  test('the answer goes through the pager of AWS_PAGER, an error does not', async () => {
    const work = await workplace();
    await createKey(work);
    const env = { AWS_PAGER: "sed 's/^/paged: /'" };
    const { screen, status } = await onTerminal(work, `${KMS} list-keys --query 'length(Keys)'`, { env });
    expect({ screen, status }).toEqual({ screen: 'paged: 1\n', status: 0 });
    const failed = await onTerminal(work, `${KMS} describe-key --key-id alias/nope`, { env });
    expect(failed.status).toBe(254);
    expect(failed.screen).not.toContain('paged');
  });

  test.each([
    ['an empty AWS_PAGER', { AWS_PAGER: '' }, ''],
    ['--no-cli-pager', { AWS_PAGER: '/nope/pager' }, ' --no-cli-pager'],
  ])('%s: straight to the terminal', async (_, env, option) => {
    const work = await workplace();
    expect(await onTerminal(work, `${KMS} list-keys --query 'length(Keys)'${option}`, { env })).toEqual({
      screen: '0\n',
      status: 0,
    });
  });

  test('a pager that is not there', async () => {
    const work = await workplace();
    const { screen, status } = await onTerminal(work, `${KMS} list-keys`, { env: { AWS_PAGER: '/nope/pager' } });
    expect(status).toBe(253);
    expect(screen).toContain(
      "An error occurred (Pager): Unable to redirect output to pager. Received the following error when opening pager:\n[Errno 2] No such file or directory: '/nope/pager'",
    );
  });

  test('color in tables and help: only there, not with NO_COLOR, not in a pipe', async () => {
    const work = await workplace();
    const key = await createKey(work);
    const line = `${KMS} describe-key --key-id ${key} --output table`;
    const pager = { AWS_PAGER: '' };
    expect((await onTerminal(work, line, { env: pager })).screen).toContain('\u001B[');
    expect((await onTerminal(work, `${KMS} help`, { env: pager })).screen).toContain('\u001B[1m');
    for (const env of [
      { ...pager, NO_COLOR: '1' },
      { ...pager, TERM: 'dumb' },
    ]) {
      expect((await onTerminal(work, line, { env })).screen).not.toContain('\u001B[');
      expect((await onTerminal(work, `${KMS} help`, { env })).screen).not.toContain('\u001B[');
    }
    expect((await onTerminal(work, `${line} | cat`, { env: pager })).screen).not.toContain('\u001B[');
    expect((await onTerminal(work, `${line} --color on | cat`, { env: pager })).screen).toContain('\u001B[');
  });
});

test('an envelope is not written to a terminal, unless the option says so', async () => {
  const work = await workplace();
  const key = await createKey(work);
  const line = `${KMS} envelope encrypt --key-ids ${key} < /dev/null`;
  const refused = await onTerminal(work, line);
  expect(refused.status).toBe(253);
  expect(refused.screen).toContain('the message is binary and is not written to a terminal');
  expect((await onTerminal(work, `${line} --to -`)).status).toBe(0);
  expect((await onTerminal(work, `${line} > message`)).status).toBe(0);
});

describe('--cli-auto-prompt', () => {
  test('asks for what is missing, shows the line, runs it', async () => {
    const work = await workplace();
    const key = await createKey(work);
    const { screen, status } = await onTerminal(
      work,
      `${KMS} describe-key --query KeyMetadata.KeyId --cli-auto-prompt`,
      {
        env: { AWS_PAGER: '' },
        keys: ['\r', '\r'],
      },
    );
    expect(status).toBe(0);
    expect(screen).toContain(`$ kms describe-key --query KeyMetadata.KeyId --key-id ${key}\n"${key}"\n`);
  });

  test('of the profile; Ctrl-C ends it with 130', async () => {
    const work = await workplace();
    await work.text('configure', 'set', 'cli_auto_prompt', 'on-partial');
    expect((await onTerminal(work, `${KMS} list-keys --query Keys`)).screen).toContain('[]');
    const { screen, status } = await onTerminal(work, `${KMS} encrypt`, { keys: ['\u0003'] });
    expect(screen).toContain('--key-id');
    expect(status).toBe(130);
  });
});

describe('quickstart', () => {
  test('waits for Enter, and can be left', async () => {
    const work = await workplace({ init: false });
    const { screen, status } = await onTerminal(work, `${KMS} quickstart`, { keys: ['\r', '\u0003'] });
    expect(status).toBe(130);
    expect(screen).toContain('$ kms create-key --description quickstart');
    expect(screen).not.toContain('$ kms audit verify');
  });
});

describe('--debug', () => {
  const LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - MainThread - kms\.(\w+) - DEBUG - (.*) \(\d+\.\d ms\)$/;
  const loggersOf = (stderr: string): readonly (string | undefined)[] =>
    stderr
      .split('\n')
      .filter((line) => line.includes(' - DEBUG - '))
      .map((line) => LINE.exec(line)?.[1]);

  test('traces a call on stderr, without its secrets', async () => {
    const work = await workplace();
    const key = await createKey(work);
    const args = ['encrypt', '--key-id', key, '--plaintext', 'c2VjcmV0LW5lZWRsZQ==', '--encryption-context', 'a=b'];
    const { stdout, stderr, exitCode } = await work.kms(...args, '--debug');
    expect(exitCode).toBe(0);
    expect(Object.keys(JSON.parse(stdout) as object)).toContain('CiphertextBlob');
    expect(loggersOf(stderr)).toEqual([
      'command',
      'place',
      'unlock',
      'pipeline',
      'resolve',
      'authorize',
      'require',
      'pipeline',
      'command',
    ]);
    expect(stderr).toContain('allow through keyPolicy: keyPolicy statement 1');
    expect(stderr).not.toMatch(/c2VjcmV0|secret-needle/);
    const { CiphertextBlob } = JSON.parse(stdout) as { CiphertextBlob: string };
    expect(stderr).not.toContain(CiphertextBlob);
    expect((await work.kms(...args)).stderr).toBe('');
  });

  test('of a refusal: how far it came', async () => {
    const work = await workplace();
    const key = await createKey(work);
    await work.text('disable-key', '--key-id', key);
    const { stderr, exitCode } = await work.kms('encrypt', '--key-id', key, '--plaintext', 'aGk=', '--debug');
    expect(exitCode).toBe(254);
    expect(loggersOf(stderr)).toEqual([
      'command',
      'place',
      'unlock',
      'pipeline',
      'resolve',
      'authorize',
      'pipeline',
      'pipeline',
      'command',
    ]);
    expect(stderr).toContain('refused in stage require: DisabledException');
  });

  test('the stack of a defect is shown only with it', async () => {
    const work = await workplace();
    const preload = join(work.folder, 'defect.cjs');
    // as a defect of ours would: something throws where nobody expects it
    writeFileSync(
      preload,
      "const { stringify } = JSON; JSON.stringify = (value, replacer, indent) => { if (indent === 4) throw new TypeError('a defect'); return stringify(value, replacer, indent); };",
    );
    const run = (...options: string[]) =>
      work.kmsWith({ env: { ...work.env, NODE_OPTIONS: `--require ${preload}` } }, 'list-keys', ...options);
    const [plain, debug] = [await run(), await run('--debug')];
    expect([plain.exitCode, debug.exitCode]).toEqual([255, 255]);
    expect(plain.stderr).toBe('\nkms: [ERROR]: a defect\nhint: this is a bug in kms; --debug shows the stack trace\n');
    expect(debug.stderr).toMatch(/^TypeError: a defect\n {4}at /m);
  });
});

test('keyring status asks for no passphrase: the slots are shown, and why the keyring is locked', async () => {
  const work = await workplace({ init: false });
  const passphrase = join(work.folder, 'passphrase');
  writeFileSync(passphrase, 'correct horse battery staple', { mode: 0o600 });
  expect((await work.kms('init', '--passphrase-file', passphrase)).exitCode).toBe(0);
  const { screen, status } = await onTerminal(work, `${KMS} keyring status --no-cli-pager --output json`);
  expect(status).toBe(0);
  expect(JSON.parse(screen)).toMatchObject({ Locked: true, Slots: [{ Slot: 1, Type: 'passphrase' }] });
  const unlocked = await work.text('keyring', 'status', '--passphrase-file', passphrase, '--query', 'Locked');
  expect(unlocked).toBe('false\n');
});

describe('progress', () => {
  const slowly = `for at in 1 2 3 4 5; do echo '{"Operation":"ListKeys"}'; sleep 0.3; done`;

  test('of work that takes long, on a terminal', async () => {
    const work = await workplace();
    await createKey(work);
    const { screen } = await onTerminal(work, `(${slowly}) | ${KMS} batch > answers`);
    expect(screen).toMatch(/^(?:\r\x1b\[K\d requests, \d+\/s)+\r\x1b\[K$/);
  });

  test('of a file that is sealed, in 20 columns and without colours', async () => {
    const work = await workplace();
    const key = await createKey(work);
    const line = `truncate -s 100M f; stty cols 20; ${KMS} seal f --key-id ${key}; ${KMS} open f.sealed --to o; echo end`;
    const { screen } = await onTerminal(work, line, { env: { NO_COLOR: '1' } });
    const rows = screen.split('\r\x1b[K');
    expect(rows.at(-1)).toBe('end\n');
    expect(rows.length).toBeGreaterThan(4);
    for (const row of rows.slice(0, -1)) expect(row).toMatch(/^(?:[\d.]+ of 10[\d.]+ MiB.{0,7})?$/);
    for (const row of rows) expect(row.length).toBeLessThan(20);
  });

  test.each([
    ['on a terminal that cannot move its cursor', `export TERM=dumb; (${slowly}) | ${KMS} batch > answers`, ''],
    ['in a pipe', `(${slowly}) | ${KMS} batch 2>&1 | grep -c Output`, '5\n'],
    ['with --quiet', `(${slowly}) | ${KMS} batch --quiet > answers`, ''],
    ['in the way of answers', `(${slowly}) | ${KMS} batch | cat`, expect.not.stringContaining('requests,')],
  ])('nothing %s', async (_, command, expected) => {
    const work = await workplace();
    await createKey(work);
    expect((await onTerminal(work, command)).screen).toEqual(expected);
  });
});

describe('output for people', () => {
  test('goes through the pager, but for what is followed; --output json is data', async () => {
    const work = await workplace();
    const key = await createKey(work);
    const env = { AWS_PAGER: "sed 's/^/paged: /'" };
    expect((await onTerminal(work, `${KMS} ls`, { env })).screen).toMatch(/^paged: .*\npaged: /);
    expect((await onTerminal(work, `${KMS} ls --no-cli-pager`, { env })).screen).not.toContain('paged');
    expect((await onTerminal(work, `${KMS} show ${key.slice(0, 8)}`, { env })).screen).toContain('paged: ');
    expect((await onTerminal(work, `${KMS} audit tail`, { env })).screen).not.toContain('paged');
    const { screen } = await onTerminal(work, `${KMS} ls --output json --no-cli-pager`);
    expect(JSON.parse(screen)).toMatchObject({ Keys: [{ KeyId: key }] });
  });

  // consoles and programs that make a terminal often leave it so
  test('a terminal that does not tell its size has 80 columns', async () => {
    const work = await workplace();
    await createKey(work);
    const lines = ['list-keys --output table', 'ls', 'audit tail --lines 1'].map(
      (line) => `${KMS} ${line} --no-cli-pager`,
    );
    const shown = async (columns: number): Promise<string> =>
      (await onTerminal(work, `stty cols ${columns}; ${lines.join('; ')}`)).screen.replaceAll(/\d\d:\d\d:\d\d/g, '');
    expect(await shown(0)).toBe(await shown(80));
  });

  test('a line fits a narrow terminal; names are cut', async () => {
    const work = await workplace();
    const key = await createKey(work);
    await work.text('create-alias', '--alias-name', `alias/${'long'.repeat(30)}`, '--target-key-id', key);
    const { screen } = await onTerminal(work, `stty cols 72; ${KMS} ls --no-cli-pager --color off`);
    for (const line of screen.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(72);
    expect(screen).toContain('…');
    expect(await work.text('ls')).toContain('long'.repeat(30));
  });
});
