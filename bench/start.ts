/** Whole-process start-up of the built command against `node -e 0` of the same node: `npm run bench:start [ROUNDS]`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/root.ts';
import { measure, printRatios } from './measure.ts';

const rounds = Number(process.argv[2] ?? 41);
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-bench-'));
const env = { PATH: process.env['PATH'], HOME: folder, TZ: 'UTC' };
const node = process.execPath;
const bin = root('bin/kms.js');
const kms = (...args: string[]): string => execFileSync(node, [bin, ...args], { env, encoding: 'utf8' }).trim();

try {
  kms('init');
  const id = kms('create-key', '--query', 'KeyMetadata.KeyId', '--output', 'text');
  kms('create-alias', '--alias-name', 'alias/bench', '--target-key-id', id);
  const text = ['--output', 'text'];
  const blob = kms(
    'encrypt',
    '--key-id',
    'alias/bench',
    '--plaintext',
    'aGVsbG8=',
    '--query',
    'CiphertextBlob',
    ...text,
  );
  const subject = (name: string, args: readonly string[]) => ({ name, program: node, args, env });
  printRatios(
    measure(
      [
        subject('node -e 0', ['-e', '0']),
        subject('node, crypto and sqlite loaded', ['-e', "require('node:crypto'); require('node:sqlite')"]),
        subject('kms --version', [bin, '--version']),
        subject('kms encrypt', [bin, 'encrypt', '--key-id', 'alias/bench', '--plaintext', 'aGVsbG8=']),
        subject('kms encrypt --query --output text', [
          bin,
          'encrypt',
          '--key-id',
          'alias/bench',
          '--plaintext',
          'aGVsbG8=',
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
} finally {
  rmSync(folder, { recursive: true });
}
