/**
 * A server under mixed load for a while: its memory and its descriptors must not grow, no call may fail, and its audit
 * log, which another process rotates meanwhile, must verify. `npm run soak:serve [SECONDS]`, 600 by default; ends with 1
 * if anything is wrong. It reads /proc, so it needs Linux.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/root.ts';
import { median } from './measure.ts';
import { ask, Connection, materialOf, requestBytes, type Call } from './http-load.ts';

const SECONDS = Number(process.argv[2] ?? 600);
const CONNECTIONS = 16;
/** A signature is good for five minutes; requests are prepared anew before. */
const RENEWED_MS = 60_000;
/**
 * What may come to the memory between the second and the last quarter: to the resident set the garbage that is there just
 * then, to the heap that is in use after a collection what V8 compiles and learns.
 */
const GROWTH = { part: 0.15, megabytes: 40 } as const;
const HEAP_MEGABYTES = 1;
/** Of two counts of the server's descriptors: a log that was rotated, a database that is being checked. */
const DESCRIPTORS = 4;

const WARMING_MS = 3_000;
/** In which the server notices that its clients have gone. */
const SETTLING_MS = 1_000;

const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-soak-'));
const env = { ...process.env, HOME: folder, POCKET_KMS_KEYRING: join(folder, 'ring') };
const BIN = root('bin/kms.js');

function kms(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`kms ${args.join(' ')}: ${stderr}`);
  return stdout;
}

interface Sample {
  /** Of the resident set. */
  readonly megabytes: number;
  /** In use, in megabytes. */
  readonly heap: number;
  readonly descriptors: number;
}

function sampleOf({ pid, heap }: Pick<Subject, 'pid' | 'heap'>): Sample {
  const [, kilobytes] = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return { megabytes: Number(kilobytes) / 1024, heap: heap(), descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Mixed {
  readonly operation: string;
  readonly input: object;
  /** How many of each hundred calls. */
  readonly share: number;
}

async function mixOf(call: Call): Promise<readonly Mixed[]> {
  const { KeyId, Plaintext, CiphertextBlob, rsa, ecc } = await materialOf(call);
  const message = { Message: Plaintext, MessageType: 'DIGEST' };
  return [
    { share: 35, operation: 'Encrypt', input: { KeyId, Plaintext } },
    { share: 25, operation: 'Decrypt', input: { CiphertextBlob } },
    { share: 15, operation: 'GenerateDataKey', input: { KeyId, KeySpec: 'AES_256' } },
    { share: 10, operation: 'DescribeKey', input: { KeyId } },
    { share: 5, operation: 'Sign', input: { KeyId: rsa, ...message, SigningAlgorithm: 'RSASSA_PSS_SHA_256' } },
    { share: 5, operation: 'Sign', input: { KeyId: ecc, ...message, SigningAlgorithm: 'ECDSA_SHA_256' } },
    { share: 2, operation: 'GenerateDataKeyPair', input: { KeyId, KeyPairSpec: 'ECC_NIST_P256' } },
    { share: 2, operation: 'UpdateKeyDescription', input: { KeyId, Description: 'under load' } },
    { share: 1, operation: 'ListKeys', input: {} },
  ];
}

interface Outcome {
  calls: number;
  readonly failures: Map<string, number>;
}

/** The server, and the heap that it has in use, in megabytes, as it last told. */
interface Subject {
  readonly port: number;
  readonly pid: number;
  readonly heap: () => number;
}

async function soak({ port, pid, heap }: Subject): Promise<readonly string[]> {
  const made = JSON.parse(kms('identity', 'create-access-key', 'arn:aws:iam::000000000000:root')) as {
    readonly AccessKeyId: string;
    readonly SecretAccessKey: string;
  };
  const accessKey = { id: made.AccessKeyId, secret: made.SecretAccessKey };
  const mix = await mixOf((operation, input) => ask({ port, operation, input, accessKey }));
  const prepare = (): readonly Buffer[] =>
    mix.flatMap(({ share, ...call }) =>
      Array.from({ length: share }, () => requestBytes({ port, ...call, accessKey })),
    );
  let requests = prepare();
  const outcome: Outcome = { calls: 0, failures: new Map() };
  const fail = (text: string): void => void outcome.failures.set(text, (outcome.failures.get(text) ?? 0) + 1);
  const drive = async (until: number): Promise<void> => {
    let connection = new Connection(port);
    for (let at = 0; performance.now() < until; at += 1) {
      const bytes = requests[Math.floor(Math.random() * requests.length)]!;
      const { status, body } = await connection
        .send(bytes)
        .catch((error: Error) => ({ status: 0, body: error.message }));
      if (status === 200) outcome.calls += 1;
      else fail(`${status} ${body.slice(0, 200)}`);
      if (status !== 0 && at % 500 < 499) continue;
      // clients come and go
      connection.close();
      connection = new Connection(port);
    }
    connection.close();
  };
  const load = (until: number): readonly Promise<void>[] => Array.from({ length: CONNECTIONS }, () => drive(until));
  await Promise.all(load(performance.now() + WARMING_MS)); // threads are started, too
  await pause(SETTLING_MS);
  const before = sampleOf({ pid, heap });
  const until = performance.now() + SECONDS * 1000;
  const samples: Sample[] = [];
  const watch = async (): Promise<void> => {
    let [renewed, rotated] = [performance.now(), false];
    while (performance.now() < until) {
      await pause(1_000);
      const sample = sampleOf({ pid, heap });
      samples.push(sample);
      if (samples.length % 10 === 0) {
        const memory = `${sample.megabytes.toFixed(0)} MB, heap ${sample.heap.toFixed(1)} MB`;
        const time = String(samples.length).padStart(5);
        process.stdout.write(`${time} s  ${outcome.calls} calls, ${memory}, ${sample.descriptors} descriptors\n`);
      }
      if (performance.now() - renewed > RENEWED_MS) [requests, renewed] = [prepare(), performance.now()];
      if (!rotated && samples.length > SECONDS / 2) {
        rotated = true;
        kms('audit', 'rotate');
      }
    }
  };
  await Promise.all([watch(), ...load(until)]);
  await pause(SETTLING_MS);
  const after = sampleOf({ pid, heap });
  const quarter = Math.floor(samples.length / 4);
  const inTurn = (of: (sample: Sample) => number): readonly [early: number, late: number] => [
    median(samples.slice(quarter, 2 * quarter).map(of)),
    median(samples.slice(3 * quarter).map(of)),
  ];
  const [early, late] = inTurn((one) => one.megabytes);
  const [heapEarly, heapLate] = inTurn((one) => one.heap);
  process.stdout.write(
    `${outcome.calls} calls, ${(outcome.calls / SECONDS).toFixed(0)}/s; memory ${early.toFixed(0)} MB, then ${late.toFixed(0)} MB; ` +
      `heap ${heapEarly.toFixed(1)} MB, then ${heapLate.toFixed(1)} MB; descriptors ${before.descriptors}, then ${after.descriptors}\n`,
  );
  const wrong = Array.from(outcome.failures, ([text, times]) => `${times} calls failed: ${text}`);
  if (late - early > Math.max(GROWTH.megabytes, early * GROWTH.part)) wrong.push('the memory grows');
  if (heapLate - heapEarly > HEAP_MEGABYTES) wrong.push('the heap grows');
  if (after.descriptors > before.descriptors + DESCRIPTORS) wrong.push('descriptors are left open');
  if (outcome.calls === 0) wrong.push('no call was answered');
  return wrong;
}

kms('init');
const child = spawn(
  process.execPath,
  [
    '--expose-gc',
    `--require=${root('bench/heap-in-use.cjs')}`,
    BIN,
    'serve',
    '--listen',
    '127.0.0.1:0',
    '--verify-signatures',
    '--credentials-file',
    join(folder, 'credentials'),
  ],
  {
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  },
);
// the address, and the heap
const [said, told] = [child.stdio[1] as Readable, child.stdio[3] as Readable];
try {
  const line = await new Promise<string>((resolve, reject) => {
    said.once('data', (piece: Buffer) => resolve(piece.toString()));
    child.once('exit', (code) => reject(new Error(`kms serve ended with ${code}`)));
  });
  let heap = 0;
  told.on('data', (piece: Buffer) => (heap = Number(piece.toString().trim().split('\n').at(-1)) / 2 ** 20));
  const wrong = [...(await soak({ port: Number(new URL(line.trim()).port), pid: child.pid!, heap: () => heap }))];
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const code = await ended;
  if (code !== 0) wrong.push(`kms serve ended with ${code}`);
  kms('audit', 'verify');
  kms('keyring', 'verify');
  for (const text of wrong) process.stdout.write(`wrong: ${text}\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
