/** `kms serve` as a process: its start, its signals, and its sudden end. */
import { CreateKeyCommand, DescribeKeyCommand, EncryptCommand, KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BIN, createKey, workplace, type Workplace } from '../e2e/command.ts';

interface Served {
  readonly url: string;
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly said: () => string;
  readonly kms: KMSClient;
}

async function served(work: Workplace, ...args: string[]): Promise<Served> {
  const child = spawn(process.execPath, [BIN, 'serve', ...args], { cwd: work.folder, env: work.env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const first = new Promise<string>((resolve) =>
    child.stdout.once('data', (piece: Buffer) => resolve(piece.toString())),
  );
  const line = await Promise.race([first, ended.then(({ code }) => `exit ${code}: ${said}`)]);
  const url = line.trim();
  const kms = new KMSClient({
    endpoint: url.startsWith('http') ? url : 'http://localhost',
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'thing' },
    maxAttempts: 1,
  });
  return { url, child, ended, said: () => said, kms };
}

const ANYWHERE = ['--listen', '127.0.0.1:0'];

describe('start', () => {
  test('prints its address, and says who is served', async () => {
    const work = await workplace();
    const { url, said, kms } = await served(work, ...ANYWHERE);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(said()).toContain('any credentials are taken');
    const id = await createKey(work);
    const { Keys } = await kms.send(new ListKeysCommand({}));
    expect(Keys!.map(({ KeyId }) => KeyId)).toEqual([id]);
  });

  test('on a socket file', async () => {
    const work = await workplace();
    const path = join(work.folder, 'kms.sock');
    const { url, child, ended } = await served(work, '--socket', path);
    expect(url).toBe(`unix:${path}`);
    const status = await new Promise((resolve) =>
      request({ socketPath: path, path: '/ping' }, (response) => resolve(response.statusCode)).end(),
    );
    expect(status).toBe(200);
    child.kill('SIGTERM');
    await ended;
    expect(existsSync(path)).toBe(false);
  });

  test('in memory alone: no keyring is needed, and none is left', async () => {
    const work = await workplace({ init: false });
    const { kms } = await served(work, ...ANYWHERE, '--ephemeral', '--account-id', '444455556666');
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    expect(KeyMetadata!.Arn).toContain(':444455556666:');
    expect(existsSync(work.keyring)).toBe(false);
  });

  test.each([
    [['--listen', '0.0.0.0:0'], 'the connection in clear'],
    [['--listen', '0.0.0.0:0', '--allow-plain-http'], 'the keyring has none'],
    [['--listen', 'nowhere'], 'is no address'],
    [['--tls-cert', 'x'], 'go together'],
    [['--tls-cert', 'x', '--tls-key', 'y'], 'cannot be read'],
    [['--socket', 'x', '--listen', '127.0.0.1:0'], 'not both'],
  ])('%j is refused', async (args, text) => {
    const work = await workplace();
    const { exitCode, stderr } = await work.kms('serve', ...args);
    expect([exitCode, stderr]).toEqual([253, expect.stringContaining(text)]);
  });

  test('an access key that is made while it runs is asked for from then on', async () => {
    const work = await workplace();
    const { kms, url } = await served(work, ...ANYWHERE);
    await kms.send(new ListKeysCommand({}));
    const made = await work.json('identity', 'create-access-key', 'arn:aws:iam::111122223333:root');
    await expect(kms.send(new ListKeysCommand({}))).rejects.toThrow('security token');
    const credentials = {
      accessKeyId: made['AccessKeyId'] as string,
      secretAccessKey: made['SecretAccessKey'] as string,
    };
    const signed = new KMSClient({ endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1 });
    await signed.send(new ListKeysCommand({}));
    const listed = await work.text('identity', 'list-access-keys');
    expect(listed).toContain(credentials.accessKeyId);
    expect(listed).not.toContain(credentials.secretAccessKey);
    await work.text('identity', 'delete-access-key', credentials.accessKeyId);
    await work.text('identity', 'create-access-key', 'arn:aws:iam::111122223333:user/Alice');
    await expect(signed.send(new ListKeysCommand({}))).rejects.toThrow('security token');
  });
});

describe('end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s finishes what runs', async (signal) => {
    const work = await workplace();
    const { child, ended, kms } = await served(work, ...ANYWHERE);
    await kms.send(new ListKeysCommand({}));
    const slow = kms.send(new CreateKeyCommand({ KeySpec: 'RSA_4096', KeyUsage: 'SIGN_VERIFY' }));
    const begun = performance.now();
    while (performance.now() - begun < 100) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    const { KeyMetadata } = await slow;
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(readdirSync(dirname(work.keyring)).toSorted()).toEqual(['audit.jsonl', 'keyring.db']);
    await work.json('describe-key', '--key-id', KeyMetadata!.KeyId!);
  });

  test('killed under load: every answer is in the log and in the keyring', { timeout: 120_000 }, async () => {
    const work = await workplace();
    const keys = new Set<string>();
    const requests = new Set<string>();
    for (let round = 0; round < 4; round += 1) {
      const { child, ended, kms } = await served(work, ...ANYWHERE);
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
      const caller = async (): Promise<void> => {
        for (;;) {
          const made = await kms.send(new CreateKeyCommand({ Description: `round ${round}` }));
          keys.add(made.KeyMetadata!.KeyId!);
          requests.add(made.$metadata.requestId!);
          const used = await kms.send(new EncryptCommand({ KeyId: KeyMetadata!.KeyId, Plaintext: Buffer.from('x') }));
          requests.add(used.$metadata.requestId!);
        }
      };
      const callers = Array.from({ length: 8 }, () => caller().catch(() => undefined));
      const enough = keys.size + 20;
      while (keys.size < enough) await new Promise((resolve) => setTimeout(resolve, 10));
      child.kill('SIGKILL');
      await ended;
      await Promise.all(callers);
    }
    expect(keys.size).toBeGreaterThan(50);
    const check = await work.json('audit', 'verify');
    expect(check).toMatchObject({ Valid: true });
    const logged = new Set(work.events().map((event) => event['requestID']));
    expect([...requests].filter((id) => !logged.has(id))).toEqual([]);
    const { Keys } = (await work.json('list-keys')) as { Keys: { KeyId: string }[] };
    const kept = new Set(Keys.map(({ KeyId }) => KeyId));
    expect([...keys].filter((id) => !kept.has(id))).toEqual([]);
    expect(await work.json('keyring', 'verify')).toMatchObject({ Problems: [] });
    const { kms } = await served(work, ...ANYWHERE);
    await kms.send(new DescribeKeyCommand({ KeyId: [...keys].at(-1)! }));
  });
});
