/**
 * Whether calls get slower as a keyring or its log grows: 1, 1,000 and 100,000 keys, made through the store, and how long it
 * takes to go through all of them; 1, 100,000 and 1,000,000 events of calls, made through the library.
 * `npm run bench:scale -- [ROUNDS] [keys] [events]`
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import { newBackingKey, keyMaterialId } from '../src/crypto/backing-key.ts';
import { readSecretFile } from '../src/files/private-file.ts';
import { putAlias } from '../src/keyring/alias.ts';
import { openKeyring } from '../src/keyring/open.ts';
import { addKey, type KmsKey } from '../src/keyring/kms-key.ts';
import type { Keyring } from '../src/keyring/keyring.ts';
import { openPlace } from '../src/keyring/open-place.ts';
import { placeAt, type KeyringPlace } from '../src/keyring/place.ts';
import { keyFileMaterial } from '../src/keyring/slot.ts';
import { findOperation } from '../src/operations/index.ts';
import type { CallOrigin } from '../src/pipeline/call-origin.ts';
import { createKms } from '../src/pipeline/invoke.ts';
import { callerOf } from '../src/policy/principal.ts';
import { defaultKeyPolicy } from '../src/policy/default-policy.ts';
import { root } from '../scripts/root.ts';
import { measure, peakMemory, printRatios, type Subject } from './measure.ts';

const SIZES = [1, 1_000, 100_000];
const EVENTS = [1, 100_000, 1_000_000];
const BATCH = 1_000;
const ACCOUNT = '000000000000';
const [, , ...words] = process.argv;
const rounds = Number(words.find((word) => /^\d+$/.test(word)) ?? 21);
const parts = ['keys', 'events'].filter((part) => words.includes(part));
const measures = (part: string): boolean => parts.length === 0 || parts.includes(part);
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-scale-'));
const bin = root('bin/kms.js');
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

interface Ring {
  readonly env: NodeJS.ProcessEnv;
  readonly keyId: string;
  readonly bytes: number;
}

interface OpenedRing {
  readonly env: NodeJS.ProcessEnv;
  readonly place: KeyringPlace;
  readonly keyring: Keyring;
}

async function newRing(name: string): Promise<OpenedRing> {
  const env = { PATH: process.env['PATH'], HOME: join(folder, name), TZ: 'UTC' };
  const made = JSON.parse(execFileSync(process.execPath, [bin, 'init'], { env, encoding: 'utf8' })) as {
    Keyring: string;
    Slots: { KeyFile: string }[];
  };
  const place = placeAt(made.Keyring);
  const keyFile = made.Slots[0]!.KeyFile;
  const keyring = await openKeyring({ ...openPlace(place), random, clock: Date.now }, async () =>
    keyFileMaterial(readSecretFile(keyFile, 'the key file'), keyFile),
  );
  return { env, place, keyring };
}

async function fill(size: number): Promise<Ring> {
  const { env, place, keyring } = await newRing(`keys-${size}`);
  const home = { account: ACCOUNT, region: 'us-east-1' };
  let last = '';
  for (let done = 0; done < size; done += BATCH) {
    await keyring.transact(async (tx) => {
      for (let index = done; index < Math.min(size, done + BATCH); index += 1) {
        const keyId = randomUUID();
        const secret = newBackingKey(random);
        const now = Date.now();
        const key: KmsKey = {
          ...home,
          keyId,
          created: now,
          description: '',
          state: 'Enabled',
          spec: 'SYMMETRIC_DEFAULT',
          usage: 'ENCRYPT_DECRYPT',
          origin: 'AWS_KMS',
          manager: 'CUSTOMER',
          multiRegion: false,
          policy: defaultKeyPolicy(home),
          tags: [],
          backingKeys: [{ id: keyMaterialId(keyId, secret), created: now, secret }],
        };
        await addKey(tx, key);
        putAlias(tx, { ...home, name: `alias/key-${index}`, targetKeyId: keyId, created: now, updated: now });
        last = keyId;
      }
    });
  }
  keyring.close();
  return { env, keyId: last, bytes: statSync(place.keyring).size };
}

/** A keyring with one key and so many calls in its log, 64 in a transaction. */
async function logged(events: number): Promise<Ring> {
  const { env, place, keyring } = await newRing(`events-${events}`);
  const kms = createKms({ keyring, clock: Date.now, random });
  const origin: CallOrigin = {
    caller: callerOf(`arn:aws:iam::${ACCOUNT}:root`),
    region: 'us-east-1',
    sourceIp: '127.0.0.1',
    userAgent: 'bench',
  };
  const { output } = await kms.invoke((await findOperation('CreateKey'))!, {}, origin);
  const { KeyId } = (output as { KeyMetadata: { KeyId: string } }).KeyMetadata;
  const alias = { AliasName: 'alias/key-0', TargetKeyId: KeyId };
  if (events > 1) await kms.invoke((await findOperation('CreateAlias'))!, alias, origin);
  const encrypt = (await findOperation('Encrypt'))!;
  const input = { KeyId, Plaintext: random(32) };
  for (let done = 2; done < events; done += 64) {
    await Promise.all(Array.from({ length: Math.min(64, events - done) }, () => kms.invoke(encrypt, input, origin)));
  }
  await keyring.anchor();
  keyring.close();
  return { env, keyId: KeyId, bytes: statSync(place.log).size };
}

type Rings = readonly (readonly [title: string, ring: Ring])[];

/** Whole processes, against the first ring. */
function compare(name: string, args: (ring: Ring) => readonly string[], rings: Rings): void {
  process.stdout.write(`\n${name}, whole process, against ${rings[0]![0]}\n`);
  const subjects = rings.map(([title, ring]): Subject => ({
    name: title,
    program: process.execPath,
    args: [bin, ...args(ring)],
    env: ring.env,
  }));
  printRatios(measure(subjects, rounds));
  const peaks = subjects.map((subject) => `${peakMemory(subject).toFixed(0)} MiB (${subject.name})`);
  process.stdout.write(`  largest resident set: ${peaks.join(', ')}\n`);
}

/** How long each takes once: what goes through everything. */
function once(commands: readonly (readonly string[])[], rings: Rings): void {
  for (const words of commands) {
    process.stdout.write(`\nkms ${words.join(' ')}\n`);
    for (const [title, { env }] of rings) {
      const start = process.hrtime.bigint();
      execFileSync(process.execPath, [bin, ...words], { env, maxBuffer: 2 ** 30 });
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      process.stdout.write(`  ${title.padStart(16)}: ${seconds.toFixed(2)} s\n`);
    }
  }
}

async function make(sizes: readonly number[], what: string, one: (size: number) => Promise<Ring>): Promise<Rings> {
  const rings: [string, Ring][] = [];
  for (const size of sizes) {
    const start = Date.now();
    const ring = await one(size);
    const title = `${size} ${what}`;
    rings.push([title, ring]);
    const mebibytes = (ring.bytes / 2 ** 20).toFixed(1);
    process.stdout.write(`${title}: ${mebibytes} MiB, made in ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
  }
  return rings;
}

const encryptByAlias = (): readonly string[] => ['encrypt', '--key-id', 'alias/key-0', '--plaintext', 'aGVsbG8='];
const ofKey =
  (...command: readonly string[]) =>
  ({ keyId }: Ring): readonly string[] => [...command, '--key-id', keyId];

async function growKeys(): Promise<void> {
  const rings = await make(SIZES, 'keys', fill);
  compare('encrypt by alias', encryptByAlias, rings);
  compare('describe-key', ofKey('describe-key'), rings);
  once(
    [['list-keys'], ['list-aliases'], ['lint', '--all', '--format', 'concise'], ['keyring', 'verify'], ['ls']],
    rings,
  );
}

async function growLog(): Promise<void> {
  const rings = await make(EVENTS, 'events', logged);
  compare('encrypt', ofKey('encrypt', '--plaintext', 'aGVsbG8='), rings);
  compare('describe-key', ofKey('describe-key'), rings);
  compare('get-key-last-usage', ofKey('get-key-last-usage'), rings);
  compare('keyring status', () => ['keyring', 'status'], rings);
  compare('audit tail', () => ['audit', 'tail'], rings);
  compare('audit tail --key-id', ofKey('audit', 'tail'), rings);
  compare('show', ({ keyId }) => ['show', keyId, '--output', 'json'], rings);
  once(
    [
      ['audit', 'verify'],
      ['audit', 'lookup-events', '--max-results', '1'],
      ['audit', 'rotate'],
      ['audit', 'verify', '--all'],
    ],
    rings,
  );
}

try {
  if (measures('keys')) await growKeys();
  if (measures('events')) await growLog();
} finally {
  rmSync(folder, { recursive: true });
}
