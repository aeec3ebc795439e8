/**
 * Requests a second over HTTP, their latency, and the processor time that the server takes for one: our server with and
 * without access keys, over a keyring in a file and in memory, beside a bare node:http server whose answers are as long,
 * and beside moto_server and local-kms where they are installed. Servers are measured in turn, several times, so that other
 * work of the machine disturbs all alike. Of node:http and ours the rates are also given as the client of Node.js sees them,
 * which takes more time than a bare server: the ratios differ.
 * `npm run bench:serve [SECONDS [CONNECTIONS [OPERATION]]]`
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/root.ts';
import {
  ask,
  Connection,
  materialOf,
  measure,
  requestBytes,
  type AccessKey,
  type ClientName,
  type Measured,
} from './http-load.ts';
import { median } from './measure.ts';

const SECONDS = Number(process.argv[2] ?? 3);
const CONNECTIONS = process.argv[3] === undefined ? [1, 16, 64] : [Number(process.argv[3])];
const OPERATION = process.argv[4];
const ROUNDS = 5;
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-bench-'));
const BIN = process.env['BENCH_BIN'] ?? root('bin/kms.js');
const children: ChildProcess[] = [];

interface Target {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  readonly accessKey?: AccessKey | undefined;
}

interface Load {
  readonly name: string;
  readonly operation: string;
  readonly input: object;
}

/** The same calls for every target, on keys of its own. Those that it does not know are left out. */
async function loadsFor({ port, accessKey }: Target): Promise<readonly (Load | undefined)[]> {
  const call = (operation: string, input: object) => ask({ port, operation, input, accessKey });
  const { KeyId, Plaintext, CiphertextBlob, rsa, ecc } = await materialOf(call);
  const all: readonly Load[] = [
    { name: 'Encrypt', operation: 'Encrypt', input: { KeyId, Plaintext } },
    { name: 'Decrypt', operation: 'Decrypt', input: { CiphertextBlob } },
    { name: 'GenerateDataKey', operation: 'GenerateDataKey', input: { KeyId, KeySpec: 'AES_256' } },
    { name: 'DescribeKey', operation: 'DescribeKey', input: { KeyId } },
    {
      name: 'Sign RSA-2048',
      operation: 'Sign',
      input: { KeyId: rsa, Message: Plaintext, SigningAlgorithm: 'RSASSA_PSS_SHA_256' },
    },
    {
      name: 'Sign P-256',
      operation: 'Sign',
      input: { KeyId: ecc, Message: Plaintext, SigningAlgorithm: 'ECDSA_SHA_256' },
    },
    {
      name: 'Sign P-256, digest',
      operation: 'Sign',
      input: { KeyId: ecc, Message: Plaintext, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' },
    },
  ];
  return Promise.all(
    all.map((load) =>
      call(load.operation, load.input).then(
        () => load,
        () => undefined,
      ),
    ),
  );
}

/** In a process of its own, like the others. */
const BARE = `
const { createServer } = require('node:http');
createServer((message, response) => {
  message.on('data', () => {}).on('end', () => {
    const body = 'x'.repeat(Number(message.headers['x-amz-target'].split('.')[1]));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'content-length': body.length });
    response.end(body);
  });
}).listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port); });`;

async function started(name: string, args: readonly string[], ring: string): Promise<Target> {
  const child = spawn(process.execPath, args, { env: envOf(ring), stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let said = '';
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (piece: Buffer) => resolve(piece.toString()));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${said}`)));
  });
  return { name, port: Number(new URL(line.trim()).port), pid: child.pid! };
}

const envOf = (ring: string): NodeJS.ProcessEnv => ({
  ...process.env,
  HOME: folder,
  POCKET_KMS_KEYRING: join(folder, ring),
});

function kms(ring: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    env: envOf(ring),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

const SERVE = ['serve', '--listen', '127.0.0.1:0'];

async function ours(): Promise<readonly Target[]> {
  const unsigned = [BIN, ...SERVE, '--no-verify-signatures'];
  kms('unsigned', 'init');
  kms('signed', 'init');
  const made = JSON.parse(kms('signed', 'identity', 'create-access-key', 'arn:aws:iam::000000000000:root')) as {
    readonly AccessKeyId: string;
    readonly SecretAccessKey: string;
  };
  const accessKey = { id: made.AccessKeyId, secret: made.SecretAccessKey };
  return [
    await started('kms serve', unsigned, 'unsigned'),
    { ...(await started('kms serve, signed', [BIN, ...SERVE], 'signed')), accessKey },
    await started('kms serve --ephemeral', [...unsigned, '--ephemeral'], 'none'),
  ];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Other {
  readonly name: string;
  readonly args: (port: number) => readonly string[];
  readonly env: (port: number) => NodeJS.ProcessEnv;
}

const OTHERS: readonly Other[] = [
  { name: 'moto_server', args: (port) => ['-p', String(port)], env: () => ({}) },
  {
    name: 'local-kms',
    args: () => [],
    env: (port) => ({ PORT: String(port), KMS_DATA_PATH: join(folder, 'local-kms'), KMS_ACCOUNT_ID: '000000000000' }),
  },
];

async function others(): Promise<readonly Target[]> {
  const found: Target[] = [];
  for (const { name, args, env } of OTHERS) {
    const port = await freePort();
    const child = spawn(name, args(port), { env: { ...process.env, ...env(port) }, stdio: 'ignore' });
    const missing = new Promise<boolean>((resolve) => child.once('error', () => resolve(true)));
    const up = answers(port);
    if (!(await Promise.race([missing.then(() => false), up]))) continue;
    children.push(child);
    found.push({ name, port, pid: child.pid! });
  }
  return found;
}

async function answers(port: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await ask({ port, operation: 'ListKeys', input: {} }).catch(() => undefined)) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

interface Subject {
  readonly name: string;
  readonly target: Target;
  readonly client: ClientName;
  readonly operation: string;
  readonly input: object;
}

/** Medians of several rounds. */
async function measureInTurn(subjects: readonly Subject[], connections: number): Promise<readonly Measured[]> {
  const found = subjects.map((): Measured[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, { target, client, operation, input }] of subjects.entries()) {
      const { port, pid, accessKey } = target;
      const request = { port, operation, input, accessKey };
      found[index]!.push(await measure({ request, client, connections, pid, seconds: SECONDS / ROUNDS }));
    }
  }
  return found.map((rounds) => ({
    rate: median(rounds.map(({ rate }) => rate)),
    p50: median(rounds.map(({ p50 }) => p50)),
    p99: median(rounds.map(({ p99 }) => p99)),
    cpu: rounds.some(({ cpu }) => cpu === undefined) ? undefined : median(rounds.map(({ cpu }) => cpu!)),
  }));
}

const print = (name: string, { rate, p50, p99, cpu }: Measured, bare: Measured): void => {
  const cells = [
    `${(rate / bare.rate).toFixed(2)} x`,
    `${rate.toFixed(0)}/s`,
    `p50 ${p50.toFixed(2)} ms`,
    `p99 ${p99.toFixed(2)} ms`,
    `${(p99 / p50).toFixed(1)} x p50`,
    cpu === undefined ? '' : `CPU ${cpu.toFixed(3)} ms`,
  ];
  process.stdout.write(`    ${cells.map((cell) => cell.padStart(12)).join(' ')}  ${name}\n`);
};

/** The bare server answers with as many bytes as the name of the operation says. */
async function answerLength({ port, accessKey }: Target, { operation, input }: Load): Promise<string> {
  const connection = new Connection(port);
  const { body } = await connection.send(requestBytes({ port, operation, input, accessKey }));
  connection.close();
  return String(body.length);
}

try {
  const bare = await started('node:http', ['-e', BARE], 'none');
  const targets = [...(await ours()), ...(await others())];
  const loads = await Promise.all(targets.map(loadsFor));
  for (const [index, first] of loads[0]!.entries()) {
    if (!first) throw new Error('our server knows every operation');
    if (OPERATION !== undefined && first.operation !== OPERATION) continue;
    process.stdout.write(`${first.name}\n`);
    const reference = {
      name: bare.name,
      target: bare,
      operation: await answerLength(targets[0]!, first),
      input: first.input,
    };
    const known = targets.flatMap((target, at) => {
      const load = loads[at]![index];
      return load ? [{ ...load, name: target.name, target }] : [];
    });
    for (const connections of CONNECTIONS) {
      process.stdout.write(`  ${connections} connection${connections === 1 ? '' : 's'}\n`);
      for (const [client, subjects] of [
        ['lean', [reference, ...known]],
        ['ordinary', [reference, known[0]!]],
      ] as const) {
        const measured = await measureInTurn(
          subjects.map((subject) => ({ ...subject, client })),
          connections,
        );
        for (const [at, { name }] of subjects.entries())
          print(client === 'lean' ? name : `${name}, client of Node.js`, measured[at]!, measured[0]!);
      }
    }
  }
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
