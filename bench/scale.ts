/**
 * Whether calls get slower as a keyring grows: 1, 1,000 and 100,000 keys, made through the store, and how long it takes to
 * go through all of them. `npm run bench:scale`
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import { newBackingKey, keyMaterialId } from '../src/crypto/backing-key.ts';
import { readSecretFile } from '../src/keyring/files.ts';
import { putAlias } from '../src/keyring/alias.ts';
import { openKeyring } from '../src/keyring/open.ts';
import { addKey, type KmsKey } from '../src/keyring/kms-key.ts';
import { openPlace, placeAt } from '../src/keyring/place.ts';
import { keyFileMaterial } from '../src/keyring/slot.ts';
import { defaultKeyPolicy } from '../src/policy/default-policy.ts';
import { root } from '../scripts/root.ts';
import { measure, peakMemory, printRatios, type Subject } from './measure.ts';

const SIZES = [1, 1_000, 100_000];
const BATCH = 1_000;
const rounds = Number(process.argv[2] ?? 21);
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-scale-'));
const bin = root('bin/kms.js');
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

interface Ring {
  readonly env: NodeJS.ProcessEnv;
  readonly keyId: string;
  readonly bytes: number;
}

async function fill(size: number): Promise<Ring> {
  const env = { PATH: process.env['PATH'], HOME: join(folder, String(size)), TZ: 'UTC' };
  const made = JSON.parse(execFileSync(process.execPath, [bin, 'init'], { env, encoding: 'utf8' })) as {
    Keyring: string;
    Slots: { KeyFile: string }[];
  };
  const place = placeAt(made.Keyring);
  const keyFile = made.Slots[0]!.KeyFile;
  const keyring = await openKeyring({ ...openPlace(place), random, clock: Date.now }, async () =>
    keyFileMaterial(readSecretFile(keyFile, 'the key file'), keyFile),
  );
  const home = { account: '000000000000', region: 'us-east-1' };
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

try {
  const rings: Ring[] = [];
  for (const size of SIZES) {
    const start = Date.now();
    const ring = await fill(size);
    rings.push(ring);
    const mebibytes = (ring.bytes / 2 ** 20).toFixed(1);
    process.stdout.write(`${size} keys: ${mebibytes} MiB, made in ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
  }
  const calls = {
    'encrypt by alias': (): string[] => ['encrypt', '--key-id', 'alias/key-0', '--plaintext', 'aGVsbG8='],
    'describe-key': ({ keyId }: Ring): string[] => ['describe-key', '--key-id', keyId],
  };
  for (const [name, args] of Object.entries(calls)) {
    process.stdout.write(`\n${name}, whole process, against the keyring of 1 key\n`);
    const subjects = rings.map((ring, index): Subject => ({
      name: `${SIZES[index]} keys`,
      program: process.execPath,
      args: [bin, ...args(ring)],
      env: ring.env,
    }));
    printRatios(measure(subjects, rounds));
    const peaks = subjects.map((subject) => `${peakMemory(subject).toFixed(0)} MiB (${subject.name})`);
    process.stdout.write(`  largest resident set: ${peaks.join(', ')}\n`);
  }
  const wholes = [
    ['list-keys'],
    ['list-aliases'],
    ['lint', '--all', '--format', 'concise'],
    ['keyring', 'verify'],
    ['ls'],
  ];
  for (const words of wholes) {
    process.stdout.write(`\nkms ${words.join(' ')}\n`);
    for (const [index, { env }] of rings.entries()) {
      const start = process.hrtime.bigint();
      execFileSync(process.execPath, [bin, ...words], { env, maxBuffer: 2 ** 30 });
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      process.stdout.write(`  ${String(SIZES[index]).padStart(7)} keys: ${seconds.toFixed(2)} s\n`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
