/** A log that is rotated beside writers, a server and a process that follows it; old files that are compressed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { expect, onTestFinished, test } from 'vitest';
import { BIN, createKey, workplace, type Workplace } from './command.ts';

interface Event {
  readonly eventName: string;
  readonly chain: { readonly sequence: number };
}

const folderOf = (work: Workplace): string => join(work.log, '..');
const filesOf = (work: Workplace): string[] =>
  readdirSync(folderOf(work))
    .filter((name) => /^audit.*\.jsonl(\.gz)?$/.test(name))
    .toSorted();

/** Of all files, in the order of their names: the log that is in use comes last. */
const everyEvent = (work: Workplace): Event[] =>
  filesOf(work)
    .map((name) => ({ name, bytes: readFileSync(join(folderOf(work), name)) }))
    .flatMap(({ name, bytes }) => (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);

function expectWhole(events: readonly Event[]): void {
  expect(events.map(({ chain }) => chain.sequence)).toEqual(events.map((_, at) => at + 1));
}

function start(work: Workplace, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: work.folder, env: work.env });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function clientOf(work: Workplace): Promise<KMSClient> {
  const server = start(work, 'serve', '--listen', '127.0.0.1:0', '--no-verify-signatures');
  const [address] = (await once(server.stdout!, 'data')) as [Buffer];
  return new KMSClient({
    endpoint: String(address).trim(),
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'thing' },
  });
}

test('rotation and compression at once, beside writers: no call fails, no event is lost or there twice', async () => {
  const work = await workplace();
  await createKey(work);
  const done = await Promise.all(
    Array.from({ length: 18 }, (_, at) => {
      if (at % 6 === 0) return work.kms('audit', 'rotate');
      if (at % 6 === 3) return work.kms('audit', 'rotate', '--compress');
      return work.kms(at % 2 === 0 ? 'create-key' : 'list-keys');
    }),
  );
  expect(done.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(done.map(() => [0, '']));
  const events = everyEvent(work);
  expectWhole(events);
  const count = (name: string): number => events.filter(({ eventName }) => eventName === name).length;
  expect([count('RotateAuditLog'), count('CreateKey') + count('ListKeys')]).toEqual([6, 13]);
  await work.text('audit', 'rotate', '--compress');
  expect(filesOf(work).filter((name) => !name.endsWith('.gz'))).toEqual(['audit.jsonl']);
  expect(await work.json('audit', 'verify', '--all')).toMatchObject({ Valid: true, Problems: [] });
}, 120_000);

test('under the load of a server, the settings rotate the log; who follows it misses nothing', async () => {
  const work = await workplace();
  const KeyId = await createKey(work);
  await work.text('settings', 'put', 'LogMaxSize', '8KiB');
  const client = await clientOf(work);
  const follower = start(work, 'audit', 'tail', '--follow', '--lines', '100');
  let seen = '';
  follower.stdout!.on('data', (piece: Buffer) => (seen += String(piece)));
  await expect.poll(() => seen, { timeout: 20_000 }).toContain('PutSetting');
  const Plaintext = new Uint8Array(8);
  const call = async (): Promise<void> => {
    for (let count = 0; count < 25; count += 1) await client.send(new EncryptCommand({ KeyId, Plaintext }));
  };
  const shell = async (): Promise<void> => {
    for (let count = 0; count < 4; count += 1) await work.text('create-key');
  };
  await Promise.all([...Array.from({ length: 8 }, call), shell()]);
  const events = everyEvent(work);
  expectWhole(events);
  expect(filesOf(work).length).toBeGreaterThan(15);
  expect(events.filter(({ eventName }) => eventName === 'Encrypt')).toHaveLength(200);
  const sequences = (): number[] =>
    seen
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as Event).chain.sequence);
  await expect.poll(() => sequences().length, { timeout: 20_000 }).toBe(events.length);
  expect(sequences()).toEqual(events.map((_, at) => at + 1));
  const verified = await work.json('audit', 'verify', '--all');
  // what opens the keyring may find that the log is to be rotated once more
  const since = everyEvent(work).slice(events.length);
  expect(since.filter(({ eventName }) => eventName !== 'RotateAuditLog')).toEqual([]);
  expect(verified).toMatchObject({ Valid: true, Events: events.length + since.length });
}, 120_000);

test('a compressed file that is there already is not replaced; one that holds the same ends the command', async () => {
  const work = await workplace();
  await createKey(work);
  const aside = String((await work.json('audit', 'rotate'))['PutAside']);
  const bytes = readFileSync(aside);
  writeFileSync(`${aside}.gz`, gzipSync('something else'), { mode: 0o600 });
  const refused = await work.kms('audit', 'rotate', '--max-age', '1d', '--compress');
  expect(refused.exitCode).toBe(253);
  expect(refused.stderr).toContain('is there already, and does not hold what');
  expect(readFileSync(aside)).toEqual(bytes);
  expect(gunzipSync(readFileSync(`${aside}.gz`)).toString()).toBe('something else');
  writeFileSync(`${aside}.gz`, gzipSync(bytes), { mode: 0o600 });
  await work.text('audit', 'rotate', '--max-age', '1d', '--compress');
  expect(existsSync(aside)).toBe(false);
  expect(statSync(`${aside}.gz`).mode & 0o777).toBe(0o600);
  expect(await work.json('audit', 'verify', '--all')).toMatchObject({ Valid: true });
});

test('an old file that expands without end is not read to it', async () => {
  const work = await workplace();
  await createKey(work);
  const aside = String(
    (await work.json('audit', 'rotate', '--compress', '--query', '{PutAside: PutAside}'))['PutAside'],
  );
  for (const piece of ['\0', '\n', 'x\n']) {
    writeFileSync(`${aside}.gz`, gzipSync(piece.repeat(100_000_000 / piece.length)), { mode: 0o600 });
    const started = performance.now();
    const { exitCode, stdout } = await work.kms('audit', 'verify', '--all', '--query', 'length(Problems)');
    expect(exitCode).toBe(1);
    expect(Number(stdout)).toBeLessThan(1_100);
    expect(performance.now() - started).toBeLessThan(20_000);
  }
}, 120_000);

test.each([
  [
    'a link',
    (path: string): void => {
      renameSync(path, `${path}.real`);
      symlinkSync(`${path}.real`, path);
    },
  ],
  ['of mode 666', (path: string): void => chmodSync(path, 0o666)],
])('an old file that is %s is not read', async (_, change) => {
  const work = await workplace();
  await createKey(work);
  const aside = String((await work.json('audit', 'rotate'))['PutAside']);
  change(aside);
  const { exitCode, stdout } = await work.kms(
    'audit',
    'verify',
    '--all',
    '--query',
    'Problems[].Kind',
    '--output',
    'text',
  );
  expect([exitCode, stdout.trim()]).toEqual([1, 'damaged']);
});
