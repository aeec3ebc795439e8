/**
 * `kms batch` through pipes beside processes of one call: time a call, and whether memory stays the same. Another built
 * checkout can be measured beside it, with its own keyring: `npm run bench:batch [LINES] [MANY LINES] [CHECKOUT]`
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { root } from '../scripts/root.ts';
import { measure, median, printRatios, type Measured } from './measure.ts';

const ROUNDS = 5;
const LITTLE = 10_000;
/** In a checkout without groups each call is a commit. */
const FEW = 500;
/** Requests of a program that waits for each answer. */
const ASKED = 500;
const SINGLE = 9;
const PER = 1000;
const lines = Number(process.argv[2] ?? 20_000);
const many = Number(process.argv[3] ?? 1_000_000);
const checkout = process.argv[4];
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-batch-'));
const preload = `--require=${root('bench/peak-memory.cjs')}`;
const line = `${JSON.stringify({ Operation: 'Encrypt', Input: { KeyId: 'alias/bench', Plaintext: 'aGVsbG8=' } })}\n`;

interface Kms {
  readonly name: string;
  readonly bin: string;
  readonly env: NodeJS.ProcessEnv;
}

/** With a keyring of its own, and a key. */
function kmsAt(name: string, top: string): Kms {
  const bin = join(top, 'bin/kms.js');
  const env = { PATH: process.env['PATH'], HOME: mkdtempSync(join(folder, 'home-')), TZ: 'UTC' };
  const kms = (...args: string[]): string => execFileSync(process.execPath, [bin, ...args], { env, encoding: 'utf8' });
  kms('init');
  const id = kms('create-key', '--query', 'KeyMetadata.KeyId', '--output', 'text').trim();
  kms('create-alias', '--alias-name', 'alias/bench', '--target-key-id', id);
  return { name, bin, env };
}

interface Run {
  readonly milliseconds: number;
  /** The largest resident set, in MiB. */
  readonly peak: number;
}

/** As many answers as requests must come. */
async function run({ name, bin, env }: Kms, count: number): Promise<Run> {
  const start = performance.now();
  const child = spawn(process.execPath, [bin, 'batch'], { env: { ...env, NODE_OPTIONS: preload } });
  let answers = 0;
  child.stdout.on('data', (piece: Buffer) => {
    for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) answers += 1;
  });
  let errors = '';
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
  Readable.from(requests(count)).pipe(child.stdin);
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0 || answers !== count)
    throw new Error(`${name}: ${answers} answers, exit status ${status}: ${errors}`);
  return { milliseconds: performance.now() - start, peak: Number(/maxRSS (\d+)/.exec(errors)![1]) / 1024 };
}

function* requests(count: number): Generator<string> {
  const together = 500;
  for (let rest = count; rest > 0; rest -= together) yield line.repeat(Math.min(rest, together));
}

/** A program that writes a request only after the answer to the one before. */
async function conversation({ bin, env }: Kms): Promise<number> {
  const child = spawn(process.execPath, [bin, 'batch'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const read = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ask = async (): Promise<void> => {
    child.stdin.write(line);
    if ((await read.next()).done) throw new Error('kms batch has ended');
  };
  await ask();
  const start = performance.now();
  for (let count = 0; count < ASKED; count += 1) await ask();
  const milliseconds = performance.now() - start;
  child.stdin.end();
  await once(child, 'close');
  return milliseconds;
}

try {
  const ours = kmsAt('kms batch', root('.'));
  const theirs = checkout === undefined ? [] : [kmsAt(`kms batch of ${checkout}`, checkout)];
  const times = new Map<Kms, number[]>([ours, ...theirs].map((kms) => [kms, []]));
  const asked: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [kms, measured] of times) {
      const count = kms === ours ? lines : FEW;
      measured.push(((await run(kms, count)).milliseconds * PER) / count);
    }
    asked.push(((await conversation(ours)) * PER) / ASKED);
  }
  const args = [ours.bin, 'encrypt', '--key-id', 'alias/bench', '--plaintext', 'aGVsbG8='];
  const [single] = measure([{ name: 'one by one', program: process.execPath, args, env: ours.env }], SINGLE);
  const batches = Array.from(times, ([{ name }, measured]): Measured => ({ name, median: median(measured) }));
  process.stdout.write(`time of ${PER} calls of Encrypt\n`);
  printRatios([
    ...batches,
    { name: 'kms batch, each request after the answer to the one before', median: median(asked) },
    { name: 'kms encrypt, a process each', median: single!.median * PER },
  ]);
  process.stdout.write(`kms batch: ${((1000 * PER) / batches[0]!.median).toFixed(0)} calls/s, all durable\n`);
  const little = await run(ours, LITTLE);
  const much = await run(ours, many);
  process.stdout.write(
    `peak memory: ${little.peak.toFixed(0)} MiB for ${LITTLE} lines, ${much.peak.toFixed(0)} MiB for ${many} lines: ${(much.peak / little.peak).toFixed(2)} x\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
