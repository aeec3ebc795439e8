/**
 * Requests per second and their latency over HTTP: our server over a keyring in a file, beside a bare node:http server
 * whose answers are as long, and beside moto_server where it is installed. `npm run bench:serve [SECONDS]`
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/root.ts';

const SECONDS = Number(process.argv[2] ?? 3);
const CONNECTIONS = [1, 8, 64];
/** The answers are measured, not the signatures. */
const UNSIGNED = ['--listen', '127.0.0.1:0', '--no-verify-signatures'];
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-bench-'));
const children: ChildProcess[] = [];

interface Target {
  readonly name: string;
  readonly port: number;
}

interface Exchange {
  readonly status: number;
  readonly body: string;
}

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/kms/aws4_request, SignedHeaders=host;x-amz-date, Signature=00';

function send(port: number, agent: Agent, { operation, body }: { operation: string; body: string }): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${operation}`,
      'content-length': Buffer.byteLength(body),
      authorization: AUTHORIZATION,
    };
    const call = request({ port, host: '127.0.0.1', method: 'POST', path: '/', headers, agent }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve({ status: response.statusCode!, body: Buffer.concat(pieces).toString() }));
    });
    call.on('error', reject).end(body);
  });
}

const once = new Agent({ keepAlive: false });

async function ask(port: number, operation: string, input: object): Promise<{ readonly [member: string]: unknown }> {
  const { status, body } = await send(port, once, { operation, body: JSON.stringify(input) });
  if (status !== 200) throw new Error(`${operation}: ${status} ${body}`);
  return JSON.parse(body) as { readonly [member: string]: unknown };
}

interface Load {
  readonly name: string;
  readonly operation: string;
  readonly input: object;
}

/** The same calls for every target, on keys of its own. */
async function loadsFor(port: number): Promise<readonly Load[]> {
  const key = async (input: object = {}): Promise<string> =>
    ((await ask(port, 'CreateKey', input))['KeyMetadata'] as { KeyId: string }).KeyId;
  const KeyId = await key();
  const Plaintext = Buffer.alloc(32, 1).toString('base64');
  const { CiphertextBlob } = await ask(port, 'Encrypt', { KeyId, Plaintext });
  const [rsa, ecc] = [
    await key({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }),
    await key({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
  ];
  const load = (name: string, operation: string, input: object): Load => ({ name, operation, input });
  return [
    load('Encrypt', 'Encrypt', { KeyId, Plaintext }),
    load('Decrypt', 'Decrypt', { CiphertextBlob }),
    load('GenerateDataKey', 'GenerateDataKey', { KeyId, KeySpec: 'AES_256' }),
    load('Sign RSA-2048', 'Sign', { KeyId: rsa, Message: Plaintext, SigningAlgorithm: 'RSASSA_PSS_SHA_256' }),
    load('Sign P-256', 'Sign', { KeyId: ecc, Message: Plaintext, SigningAlgorithm: 'ECDSA_SHA_256' }),
    load('DescribeKey', 'DescribeKey', { KeyId }),
  ];
}

interface Result {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
}

async function drive(port: number, { operation, input }: Load, connections: number): Promise<Result> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const body = JSON.stringify(input);
  const times: number[] = [];
  const worker = async (until: number, keep: boolean): Promise<void> => {
    while (performance.now() < until) {
      const start = performance.now();
      const { status, body: answer } = await send(port, agent, { operation, body });
      if (status !== 200) throw new Error(`${operation}: ${status} ${answer}`);
      if (keep) times.push(performance.now() - start);
    }
  };
  const together = (seconds: number, keep: boolean): Promise<unknown> => {
    const until = performance.now() + seconds * 1000;
    return Promise.all(Array.from({ length: connections }, () => worker(until, keep)));
  };
  await together(SECONDS / 4, false); // warms the code and the connections
  const start = performance.now();
  await together(SECONDS, true);
  const rate = times.length / ((performance.now() - start) / 1000);
  agent.destroy();
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? 0;
  return { rate, p50: at(0.5), p99: at(0.99) };
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

async function started(name: string, program: string, args: readonly string[]): Promise<Target> {
  const env = { ...process.env, HOME: folder, POCKET_KMS_KEYRING: join(folder, 'ring') };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (piece: Buffer) => resolve(piece.toString()));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
  return { name, port: Number(new URL(line.trim()).port) };
}

async function motoServer(): Promise<Target | undefined> {
  if (spawnSync('moto_server', ['--help']).status !== 0) return undefined;
  const free = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
  children.push(spawn('moto_server', ['-p', String(free)], { stdio: 'ignore' }));
  for (let tries = 0; tries < 100; tries += 1) {
    const up = await ask(free, 'ListKeys', {}).catch(() => undefined);
    if (up) return { name: 'moto_server', port: free };
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return undefined;
}

const print = (name: string, { rate, p50, p99 }: Result, bare: Result): void => {
  const cells = [
    `${(rate / bare.rate).toFixed(2)} x`,
    `${rate.toFixed(0)}/s`,
    `p50 ${p50.toFixed(2)} ms`,
    `p99 ${p99.toFixed(2)} ms`,
  ];
  process.stdout.write(`    ${cells.map((cell) => cell.padStart(12)).join(' ')}  ${name}\n`);
};

try {
  const bin = root('bin/kms.js');
  const env = { ...process.env, HOME: folder, POCKET_KMS_KEYRING: join(folder, 'ring') };
  spawnSync(process.execPath, [bin, 'init'], { env });
  const bare = await started('node:http', process.execPath, ['-e', BARE]);
  const targets = [await started('kms serve', process.execPath, [bin, 'serve', ...UNSIGNED])];
  targets.push(await started('kms serve --ephemeral', process.execPath, [bin, 'serve', '--ephemeral', ...UNSIGNED]));
  const moto = await motoServer();
  if (moto) targets.push(moto);
  const loads = await Promise.all(targets.map(({ port }) => loadsFor(port)));
  for (const [index, { name }] of loads[0]!.entries()) {
    process.stdout.write(`${name}\n`);
    const { operation, input } = loads[0]![index]!;
    const { body } = await send(targets[0]!.port, once, { operation, body: JSON.stringify(input) });
    for (const connections of CONNECTIONS) {
      process.stdout.write(`  ${connections} connection${connections === 1 ? '' : 's'}\n`);
      const reference = await drive(bare.port, { name, operation: String(body.length), input }, connections);
      print('node:http', reference, reference);
      for (const [at, target] of targets.entries()) {
        print(target.name, await drive(target.port, loads[at]![index]!, connections), reference);
      }
    }
  }
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
