/** A log that is begun anew, a keyring that is backed up and restored: beside other processes, and in any order. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BIN, createKey, workplace, type Workplace } from './command.ts';

interface Event {
  readonly eventName: string;
  readonly chain: { readonly sequence: number; readonly generation: number };
}

const folderOf = (work: Workplace): string => join(work.log, '..');

const logsOf = (work: Workplace): string[] =>
  readdirSync(folderOf(work)).filter((name) => /^audit.*\.jsonl$/.test(name));

/** Of all logs, in the order of their numbers. */
const everyEvent = (work: Workplace): Event[] =>
  logsOf(work)
    .flatMap((name) => readFileSync(join(folderOf(work), name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event)
    .toSorted((a, b) => a.chain.sequence - b.chain.sequence);

async function isWhole(work: Workplace): Promise<void> {
  expect(await work.json('audit', 'verify')).toMatchObject({ Valid: true });
  expect(await work.json('keyring', 'verify')).toMatchObject({ Valid: true });
}

test('several restarts at once, beside writers: no event lost, no number twice', async () => {
  const work = await workplace();
  await createKey(work);
  const done = await Promise.all(
    Array.from({ length: 18 }, (_, at) => (at % 3 === 0 ? work.kms('audit', 'restart') : work.kms('create-key'))),
  );
  expect(done.map(({ exitCode }) => exitCode)).toEqual(done.map(() => 0));
  const events = everyEvent(work);
  expect(events.map(({ chain }) => chain.sequence)).toEqual(events.map((_, at) => at + 1));
  expect(events.filter(({ eventName }) => eventName === 'RestartAuditLog')).toHaveLength(6);
  expect(events.filter(({ eventName }) => eventName === 'CreateKey')).toHaveLength(13);
  expect(logsOf(work)).toHaveLength(7);
  await isWhole(work);
}, 120_000);

test('a server continues in the new log, and so do processes that follow it', async () => {
  const work = await workplace();
  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [BIN, ...args], { cwd: work.folder, env: work.env });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  const server = start('serve', '--listen', '127.0.0.1:0', '--no-verify-signatures');
  const [address] = (await once(server.stdout, 'data')) as [Buffer];
  const client = new KMSClient({
    endpoint: String(address).trim(),
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'thing' },
  });
  await client.send(new ListKeysCommand({}));
  const follower = start('audit', 'tail', '--follow', '--lines', '1');
  const seen: string[] = [];
  follower.stdout.on('data', (piece: Buffer) => seen.push(String(piece)));
  await expect.poll(() => seen.join('')).toContain('ListKeys');
  await work.text('audit', 'restart');
  await client.send(new ListKeysCommand({}));
  await work.text('list-keys');
  await expect.poll(() => seen.join('').split('\n').filter(Boolean).length, { timeout: 10_000 }).toBe(4);
  const names = seen
    .join('')
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as Event).eventName);
  expect(names).toEqual(['ListKeys', 'RestartAuditLog', 'ListKeys', 'ListKeys']);
  await isWhole(work);
}, 60_000);

describe('backup, restart and restore', () => {
  const steps: { readonly [name: string]: readonly (readonly string[])[] } = {
    'backup, restart, restore': [['backup'], ['restart'], ['call'], ['restore']],
    'restart, backup, restore': [['restart'], ['backup'], ['call'], ['restore']],
    'backup, restore, restart, restore': [['backup'], ['call'], ['restore'], ['restart'], ['call'], ['restore']],
    'backup, restart, restart, restore twice': [['backup'], ['restart'], ['restart'], ['restore'], ['restore']],
  };
  const commands: { readonly [step: string]: readonly string[] } = {
    backup: ['keyring', 'backup', 'backup.db'],
    restart: ['audit', 'restart'],
    restore: ['keyring', 'restore', 'backup.db'],
    call: ['list-keys'],
  };
  test.each(Object.entries(steps))('%s: everything verifies', async (_, list) => {
    const work = await workplace();
    await createKey(work);
    for (const [step] of list) {
      await work.text(...commands[step!]!);
      await isWhole(work);
    }
    await work.text('list-keys');
    await isWhole(work);
    const events = everyEvent(work);
    expect(events.map(({ chain }) => chain.sequence)).toEqual(events.map((__, at) => at + 1));
  });

  test('a backup beside the keyring never touches its log', async () => {
    const work = await workplace();
    await createKey(work);
    await work.text('list-keys');
    await work.text('keyring', 'backup', 'ring/backup.db');
    const log = readFileSync(work.log);
    const { exitCode, stderr } = await work.kms('list-keys', '--keyring', 'ring/backup.db');
    expect(exitCode).toBe(253);
    expect(stderr).toContain(
      'backup.db.audit.jsonl of this keyring is missing\nhint: restore it, or begin a new one: kms audit restart',
    );
    expect(await work.json('keyring', 'verify', '--keyring', 'ring/backup.db')).toMatchObject({ Valid: true });
    await work.text('audit', 'restart', '--keyring', 'ring/backup.db');
    await work.text('list-keys', '--keyring', 'ring/backup.db');
    expect(readFileSync(work.log)).toEqual(log);
    await isWhole(work);
  });

  test('a backup goes into what is named, and over nothing', async () => {
    const work = await workplace();
    await createKey(work);
    const script = (line: string) =>
      execFileSync('bash', ['--norc', '-c', `kms() { "$NODE" "$BIN" "$@"; }; set -e; ${line}`], {
        cwd: work.folder,
        env: { ...work.env, NODE: process.execPath, BIN },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    script('kms keyring backup /dev/stdout --output off > one.db');
    script('mkfifo -m 600 pipe; cat pipe > two.db & kms keyring backup pipe; wait; test -p pipe');
    script('mknod -m 600 null c 1 3; kms keyring backup null; test -c null');
    script('kms keyring backup >(cat > three.db) --output off; sleep 1');
    for (const name of ['one', 'two', 'three']) {
      script(`chmod 600 ${name}.db; kms keyring restore ${name}.db --keyring ${name}`);
      expect((await work.json('list-keys', '--keyring', name))['Keys']).toHaveLength(1);
    }
    writeFileSync(join(work.folder, 'mine'), 'mine');
    symlinkSync('mine', join(work.folder, 'link'));
    for (const name of ['mine', 'link', 'one.db', 'ring/keyring.db', 'ring']) {
      expect(await work.kms('keyring', 'backup', name)).toMatchObject({ exitCode: 253 });
    }
    expect(readFileSync(join(work.folder, 'mine'), 'utf8')).toBe('mine');
    expect(readdirSync(folderOf(work)).toSorted()).toEqual(['audit.jsonl', 'audit.jsonl.head', 'keyring.db']);
    await isWhole(work);
  }, 60_000);

  test('to another place, where there is nothing, and never over another keyring', async () => {
    const work = await workplace();
    await createKey(work);
    await work.text('keyring', 'backup', 'backup.db');
    await work.text('keyring', 'restore', 'backup.db', '--keyring', 'elsewhere');
    const { Keys } = await work.json('list-keys', '--keyring', 'elsewhere');
    expect(Keys).toHaveLength(1);
    expect(await work.json('audit', 'verify', '--keyring', 'elsewhere')).toMatchObject({ Valid: true });
    await work.text('init', '--keyring', 'other');
    const { exitCode, stderr } = await work.kms('keyring', 'restore', 'backup.db', '--keyring', 'other');
    expect(exitCode).toBe(253);
    expect(stderr).toContain('is not the keyring of the backup');
    writeFileSync(join(work.folder, 'elsewhere/keyring.db'), 'no keyring any more');
    const damaged = await work.kms('keyring', 'restore', 'backup.db', '--keyring', 'elsewhere');
    expect(damaged).toMatchObject({
      exitCode: 253,
      stderr: expect.stringMatching(/hint: move .* to another location, and restore again/),
    });
  });

  test('a log of another keyring at the right place is refused', async () => {
    const work = await workplace();
    await createKey(work);
    await work.text('init', '--keyring', 'other');
    await work.text('create-key', '--keyring', 'other');
    copyFileSync(join(work.folder, 'other/audit.jsonl'), work.log);
    const { exitCode, stderr } = await work.kms('list-keys');
    expect(exitCode).toBe(253);
    expect(stderr).toMatch(/audit log .* (?:was changed|was truncated|ahead)/);
  });
});
