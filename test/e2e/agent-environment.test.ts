/** `kms unlock` in folders that are full, read-only or no folders, with other files open, and with a call that is interrupted. */
import { execa } from 'execa';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BIN, createKey, workplace, type Ran, type Workplace } from './command.ts';

interface Unlocking extends Workplace {
  readonly runtime: string;
  readonly agents: string;
  readonly key: string;
  readonly encrypt: readonly string[];
  /** Runs a line of bash, in which `kms` is the command. */
  readonly bash: (line: string) => Promise<Ran>;
}

async function unlocking(given: NodeJS.ProcessEnv = {}): Promise<Unlocking> {
  const work = await workplace();
  const runtime = join(work.folder, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const env = { ...work.env, XDG_RUNTIME_DIR: runtime, ...given };
  const key = await createKey(work);
  const kmsWith: Workplace['kmsWith'] = (options, ...args) => work.kmsWith({ env, ...options }, ...args);
  onTestFinished(async () => void (await kmsWith({}, 'lock')));
  return {
    ...work,
    runtime,
    agents: join(runtime, 'pocket-kms'),
    key,
    encrypt: ['encrypt', '--key-id', key, '--plaintext', 'aGVsbG8=', '--query', 'KeyId'],
    kmsWith,
    kms: (...args) => kmsWith({}, ...args),
    json: async (...args) => JSON.parse((await kmsWith({}, ...args)).stdout) as Record<string, unknown>,
    async bash(line) {
      const script = `kms() { "${process.execPath}" "${BIN}" "$@"; }; ${line}`;
      const ran = await execa('bash', ['-c', script], { cwd: work.folder, env, extendEnv: false, reject: false });
      return { stdout: ran.stdout, stderr: ran.stderr, exitCode: ran.exitCode, signal: ran.signal };
    },
  };
}

/** Whether the agent makes calls. */
async function isUsed(work: Unlocking): Promise<boolean> {
  const calls = async (): Promise<unknown> => (await work.json('agent', 'status'))['Calls'];
  const before = await calls();
  expect((await work.kms(...work.encrypt)).exitCode).toBe(0);
  const after = await calls();
  return before !== undefined && after === Number(before) + 1;
}

describe.skipIf(process.geteuid?.() !== 0 || process.platform !== 'linux')('a file system of its own', () => {
  function mount(work: Unlocking, options: string): void {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `mode=0700,${options}`, 'tmpfs', work.runtime]);
    onTestFinished(async () => {
      await work.kms('lock');
      execFileSync('umount', ['-l', work.runtime]);
    });
  }

  test.each([
    ['is full', 'size=8k', true],
    ['can have no folder', 'nr_inodes=1', false],
    ['can have no socket', 'nr_inodes=2', false],
    ['can have no further file', 'nr_inodes=3', false],
  ])('that %s: an error that says so, nothing is left, and calls go the usual way', async (_, options, isToBeFull) => {
    const work = await unlocking();
    mount(work, options);
    if (isToBeFull)
      expect(() => writeFileSync(join(work.runtime, 'ballast'), new Uint8Array(65_536))).toThrow('ENOSPC');
    const { exitCode, stderr } = await work.kms('unlock');
    expect([exitCode, stderr]).toEqual([253, expect.stringMatching(/pocket-kms.*: the disk is full\n/)]);
    expect(readdirSync(work.runtime)).toEqual(isToBeFull ? ['ballast'] : []);
    expect((await work.kms(...work.encrypt)).exitCode).toBe(0);
  });

  test('that is read-only', async () => {
    const work = await unlocking();
    mount(work, 'ro');
    const { exitCode, stderr } = await work.kms('unlock');
    expect([exitCode, stderr.trim().split('\n')]).toEqual([
      253,
      [
        `kms: [ERROR]: the folder ${work.agents} for the socket of the agent is on a read-only file system`,
        'hint: XDG_RUNTIME_DIR names a folder that this user can write to',
      ],
    ]);
    expect((await work.kms(...work.encrypt)).exitCode).toBe(0);
  });

  test.each([
    ['programs cannot be executed on', 'noexec'],
    ['can have a socket and no channels', 'nr_inodes=5'],
  ])('that %s: the agent is used', async (_, options) => {
    const work = await unlocking();
    mount(work, options);
    expect((await work.kms('unlock')).exitCode).toBe(0);
    expect(await isUsed(work)).toBe(true);
  });
});

test.each(['run', './run', '', '~/run'])('XDG_RUNTIME_DIR is %j, no absolute path', async (path) => {
  const work = await unlocking({ XDG_RUNTIME_DIR: path });
  const { exitCode, stderr } = await work.kms('unlock');
  const why = path === '' ? 'is not set' : 'is not an absolute path';
  expect([exitCode, stderr]).toEqual([253, expect.stringContaining(`XDG_RUNTIME_DIR ${why}\n`)]);
  expect((await work.kms(...work.encrypt)).exitCode).toBe(0);
  expect(existsSync(work.agents)).toBe(false);
});

test.each(['000', '022', '077'])('umask %s: nobody else can reach the agent, and it is used', async (umask) => {
  const work = await unlocking();
  expect((await work.bash(`umask ${umask}; kms unlock`)).exitCode).toBe(0);
  const modes = readdirSync(work.agents).map((name) => statSync(join(work.agents, name)).mode & 0o777);
  expect(new Set(modes)).toEqual(new Set([0o600]));
  expect(statSync(work.agents).mode & 0o777).toBe(0o700);
  expect(await isUsed(work)).toBe(true);
});

test.each(['>&-', '<&-', '2>&-', '<&- >&- 2>&-'])('with %s the agent starts, is used, and ends', async (closed) => {
  const work = await unlocking();
  expect((await work.bash(`kms unlock ${closed}`)).exitCode).toBe(0);
  expect(await isUsed(work)).toBe(true);
  const { Calls: before } = await work.json('agent', 'status');
  expect((await work.bash(`kms ${work.encrypt.join(' ')} ${closed}`)).exitCode).toBe(0);
  expect(await work.json('agent', 'status')).toMatchObject({ Calls: Number(before) + 1 });
  expect((await work.bash(`kms lock ${closed}`)).exitCode).toBe(0);
  expect(await work.json('agent', 'status')).toMatchObject({ Unlocked: false });
});

// flock(1) has the example with a high descriptor
test.skipIf(process.platform !== 'linux')('files that the shell has open are not kept open', async () => {
  const work = await unlocking();
  const { exitCode } = await work.bash('exec 3>three 63>sixty-three 200>lock; kms unlock');
  expect(exitCode).toBe(0);
  const { ProcessId: pid } = await work.json('agent', 'status');
  const fds = `/proc/${String(pid)}/fd`;
  const open = readdirSync(fds).map((fd) => readlinkSync(join(fds, fd)));
  expect(open.filter((path) => /\/(?:three|sixty-three|lock)$/.test(path))).toEqual([]);
  expect(await isUsed(work)).toBe(true);
});

test.skipIf(process.platform !== 'linux')(
  'Ctrl-C while a call is made: it ends at once, the agent does not',
  async () => {
    const work = await unlocking();
    await work.kms('unlock');
    const { ProcessId: pid } = await work.json('agent', 'status');
    process.kill(Number(pid), 'SIGSTOP'); // it answers nothing
    const call = execa(process.execPath, [BIN, ...work.encrypt], {
      env: { ...work.env, XDG_RUNTIME_DIR: work.runtime },
      extendEnv: false,
      reject: false,
    });
    const channels = readdirSync(work.agents).length;
    while (readdirSync(work.agents).length === channels) await pass(20);
    call.kill('SIGINT');
    expect(await call).toMatchObject({ signal: 'SIGINT', stdout: '', stderr: '' });
    process.kill(Number(pid), 'SIGCONT');
    expect(await isUsed(work)).toBe(true);
    const events = readFileSync(work.log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"Encrypt"'));
    expect(events).toHaveLength(1);
  },
);

test('two keyrings have two agents, each for its own', async () => {
  const work = await unlocking();
  const other = ['--keyring', join(work.folder, 'other')];
  await work.json('init', '--account-id', '222233334444', ...other);
  const made = await work.json('create-key', ...other);
  const { KeyId, Arn } = made['KeyMetadata'] as { readonly KeyId: string; readonly Arn: string };
  await work.kms('unlock');
  await work.kms('unlock', ...other);
  onTestFinished(async () => void (await work.kms('lock', ...other)));
  const about = ['--plaintext', 'aGVsbG8=', ...other];
  expect(await isUsed(work)).toBe(true);
  expect(await work.json('encrypt', '--key-id', KeyId, ...about)).toMatchObject({ KeyId: Arn });
  expect((await work.kms('encrypt', '--key-id', work.key, ...about)).stderr).toContain('NotFoundException');
  const calls = async (...args: string[]) => (await work.json('agent', 'status', ...args))['Calls'];
  expect([await calls(), await calls(...other)]).toEqual([1, 3]); // the hint of the error asks for an alias
  await work.kms('lock');
  expect([await calls(), await calls(...other)]).toEqual([undefined, 3]);
  expect(await work.json('encrypt', '--key-id', KeyId, ...about)).toMatchObject({ KeyId: Arn });
  expect(await calls(...other)).toBe(4);
});
