/**
 * Whole-process start-up of the built command against `node -e 0` of the same node, against `aws kms encrypt` on
 * moto_server where both are installed: `npm run bench:start [ROUNDS]`.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/root.ts';
import { measure, printRatios, type Subject } from './measure.ts';

const rounds = Number(process.argv[2] ?? 41);
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-bench-'));
const env = { PATH: process.env['PATH'], HOME: folder, TZ: 'UTC' };
const node = process.execPath;
const bin = root('bin/kms.js');
const kms = (...args: string[]): string => execFileSync(node, [bin, ...args], { env, encoding: 'utf8' }).trim();
const encryptArgs = (keyId: string): string[] => ['encrypt', '--key-id', keyId, '--plaintext', 'aGVsbG8='];

/** @returns the options that use it */
function keyringWithKeyFile(): readonly string[] {
  const options = ['--keyring', join(folder, 'key-file'), '--key-file', join(folder, 'other.key')];
  kms('init', ...options);
  const id = kms('create-key', '--query', 'KeyMetadata.KeyId', '--output', 'text', ...options);
  kms('create-alias', '--alias-name', 'alias/bench', '--target-key-id', id, ...options);
  return options;
}

const isInstalled = (program: string, args: readonly string[]): boolean => spawnSync(program, args).status === 0;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function comesUp(endpoint: string): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    const answer = await fetch(endpoint).catch(() => undefined);
    if (answer) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('moto_server does not answer');
}

/** Fewer rounds: aws takes a second or more. */
async function printAws(ours: Subject): Promise<void> {
  process.stdout.write('\naws kms encrypt on moto_server, whole process\n');
  if (!isInstalled('aws', ['--version']) || !isInstalled('moto_server', ['--help'])) {
    process.stdout.write('  not measured: aws and moto_server are not both installed\n');
    return;
  }
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const moto: ChildProcess = spawn('moto_server', ['-p', String(port)], { stdio: 'ignore' });
  try {
    await comesUp(endpoint);
    const credentials = { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any', AWS_DEFAULT_REGION: 'us-east-1' };
    const awsEnv = { ...process.env, ...credentials };
    const words = ['--endpoint-url', endpoint, 'kms'];
    const created = execFileSync('aws', [...words, 'create-key', '--output', 'json'], {
      env: awsEnv,
      encoding: 'utf8',
    });
    const { KeyMetadata } = JSON.parse(created) as { KeyMetadata: { KeyId: string } };
    const aws = {
      name: 'aws kms encrypt',
      program: 'aws',
      args: [...words, ...encryptArgs(KeyMetadata.KeyId)],
      env: awsEnv,
    };
    printRatios(measure([ours, aws], Math.max(3, Math.ceil(rounds / 8))));
  } finally {
    moto.kill();
  }
}

/** A keyring with a passphrase, through an agent and without one. */
function withPassphrase(): { readonly subjects: readonly Subject[]; readonly end: () => void } {
  const passphrase = join(folder, 'passphrase');
  const runtime = join(folder, 'run');
  writeFileSync(passphrase, 'correct horse battery staple', { mode: 0o600 });
  mkdirSync(runtime, { mode: 0o700 });
  const own = { ...env, POCKET_KMS_KEYRING: join(folder, 'ring'), XDG_RUNTIME_DIR: runtime };
  const from = ['--passphrase-file', passphrase];
  const run = (...args: string[]): string => execFileSync(node, [bin, ...args], { env: own, encoding: 'utf8' }).trim();
  run('init', ...from);
  const args = [bin, ...encryptArgs(run('create-key', ...from, '--query', 'KeyMetadata.KeyId', '--output', 'text'))];
  run('unlock', ...from);
  return {
    subjects: [
      { name: 'kms encrypt, agent', program: node, args, env: own },
      { name: 'kms encrypt, passphrase', program: node, args: [...args, ...from], env: own },
    ],
    end: () => void run('lock'),
  };
}

try {
  kms('init');
  const id = kms('create-key', '--query', 'KeyMetadata.KeyId', '--output', 'text');
  kms('create-alias', '--alias-name', 'alias/bench', '--target-key-id', id);
  const text = ['--output', 'text'];
  const blob = kms(...encryptArgs('alias/bench'), '--query', 'CiphertextBlob', ...text);
  const subject = (name: string, args: readonly string[]): Subject => ({ name, program: node, args, env });
  const encrypt = subject('kms encrypt', [bin, ...encryptArgs('alias/bench')]);
  const { subjects, end } = withPassphrase();
  printRatios(
    measure(
      [
        subject('node -e 0', ['-e', '0']),
        subject('node, crypto and sqlite loaded', ['-e', "require('node:crypto'); require('node:sqlite')"]),
        subject('kms --version', [bin, '--version']),
        encrypt,
        ...subjects,
        { name: 'kms encrypt, single executable', program: root('dist/kms'), args: encryptArgs('alias/bench'), env },
        subject('kms encrypt --key-file', [bin, ...encryptArgs('alias/bench'), ...keyringWithKeyFile()]),
        subject('kms encrypt --query --output text', [
          bin,
          ...encryptArgs('alias/bench'),
          '--query',
          'CiphertextBlob',
          ...text,
        ]),
        subject('kms decrypt', [bin, 'decrypt', '--ciphertext-blob', blob]),
        subject('kms describe-key', [bin, 'describe-key', '--key-id', 'alias/bench']),
      ],
      rounds,
    ),
  );
  end();
  await printAws(encrypt);
} finally {
  rmSync(folder, { recursive: true });
}
