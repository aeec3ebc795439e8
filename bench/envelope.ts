/**
 * `kms envelope encrypt | kms envelope decrypt` of little and of much data, beside `openssl enc` and `cat`: throughput,
 * and whether memory stays the same. What comes out is compared by SHA-256. `npm run bench:envelope [MEBIBYTES]`
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/root.ts';

const MEBIBYTE = 2 ** 20;
const LITTLE = 16;
const much = Number(process.argv[2] ?? 2048);
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-envelope-'));
const preload = `--require=${root('bench/peak-memory.cjs')}`;
// the drafts lie in the temporary folder: in ours, so that they go with it
const env = { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, TZ: 'UTC' };
const bin = root('bin/kms.js');
const kms = (...args: string[]): string => execFileSync(process.execPath, [bin, ...args], { env, encoding: 'utf8' });

interface Pipeline {
  readonly name: string;
  /** For `sh -c`, with what it calls $0, $1 ... */
  readonly command: string;
  readonly words: readonly string[];
}

interface Run {
  readonly seconds: number;
  /** The largest resident set of any of its processes, in MiB; undefined where nobody told. */
  readonly peak: number | undefined;
}

/** Feeds the pipeline and reads it; throws unless the same bytes come out. */
async function run({ name, command, words }: Pipeline, mebibytes: number): Promise<Run> {
  const block = randomBytes(MEBIBYTE);
  const [sent, got] = [createHash('sha256'), createHash('sha256')];
  const start = performance.now();
  const child = spawn('sh', ['-c', command, ...words], { env: { ...env, NODE_OPTIONS: preload } });
  let errors = '';
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
  child.stdout.on('data', (piece: Buffer) => got.update(piece));
  const ended = once(child, 'close');
  child.stdin.on('error', () => {}); // its exit status tells
  for (let count = 0; count < mebibytes && child.exitCode === null; count += 1) {
    const piece = Buffer.from(block);
    piece.writeUInt32LE(count); // no two blocks alike
    sent.update(piece);
    if (!child.stdin.write(piece)) await Promise.race([once(child.stdin, 'drain'), ended]);
  }
  child.stdin.end();
  const [status] = (await ended) as [number | null];
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${name} exited ${status}: ${errors}`);
  if (sent.digest('hex') !== got.digest('hex')) throw new Error(`${name}: other bytes came out than went in`);
  const peaks = [...errors.matchAll(/maxRSS (\d+)/g)].map(([, kibibytes]) => Number(kibibytes) / 1024);
  return { seconds, peak: peaks.length > 0 ? Math.max(...peaks) : undefined };
}

try {
  kms('init');
  const keyId = kms('create-key', '--query', 'KeyMetadata.KeyId', '--output', 'text').trim();
  const envelope: Pipeline = {
    name: 'kms envelope',
    command: '"$0" "$1" envelope encrypt --key-ids "$2" | "$0" "$1" envelope decrypt',
    words: [process.execPath, bin, keyId],
  };
  const cat: Pipeline = { name: 'cat', command: 'cat | cat', words: [] };
  const cipher = 'openssl enc -aes-256-ctr -pbkdf2 -pass pass:bench';
  const openssl: Pipeline = { name: 'openssl enc', command: `${cipher} | ${cipher} -d`, words: [] };
  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  if (!hasOpenssl) process.stdout.write('openssl enc is not measured: it is not installed\n');

  const little = await run(envelope, LITTLE);
  process.stdout.write(`${much} MiB there and back, throughput against cat\n`);
  let base = 0;
  for (const pipeline of [cat, ...(hasOpenssl ? [openssl] : []), envelope]) {
    const { seconds, peak } = await run(pipeline, much);
    const rate = much / seconds;
    if (pipeline === cat) base = rate;
    process.stdout.write(`  ${(rate / base).toFixed(3)} x ${rate.toFixed(0).padStart(6)} MiB/s  ${pipeline.name}\n`);
    if (pipeline !== envelope) continue;
    const [few, many] = [little.peak!, peak!];
    process.stdout.write(
      `peak memory: ${few.toFixed(0)} MiB for ${LITTLE} MiB, ${many.toFixed(0)} MiB for ${much} MiB: ${(many / few).toFixed(2)} x\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
