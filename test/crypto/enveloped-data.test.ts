import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { envelopedData } from '../../src/crypto/enveloped-data.ts';
import { temporaryFolders } from '../support/folder.ts';

const temporaryFolder = temporaryFolders();

const keys = (modulusLength: number, publicExponent = 65_537) => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  return {
    spki: publicKey.export({ format: 'der', type: 'spki' }),
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }),
  };
};
const RSA = keys(2048);

/** test/vectors/attestation/README.md: its content has 48 bytes, and its key 2,048 bits. */
const RECORDED = readFileSync(join(import.meta.dirname, '../vectors/attestation/recipient.hex'), 'utf8').trim();

test('it has the bytes of an answer of AWS KMS, but for key identifier, wrapped key, IV and ciphertext', () => {
  const made = Buffer.from(envelopedData(RSA.spki, randomBytes(40), randomBytes)).toString('hex');
  const masked = (text: string): string =>
    [
      [33, 32],
      [131, 256],
      [415, 16],
      [435, 48],
    ].reduce(
      (bytes, [at, length]) => bytes.slice(0, at! * 2) + '-'.repeat(length! * 2) + bytes.slice((at! + length!) * 2),
      text,
    );
  expect(masked(made)).toBe(masked(RECORDED));
});

test.each([
  [1, RSA],
  [15, RSA],
  [16, RSA],
  [32, RSA],
  [1_217, RSA],
  [4_096, RSA],
  [32, keys(3072)],
  [32, keys(4096, 3)],
])('openssl opens %i bytes', (length, { spki, pem }) => {
  const folder = temporaryFolder();
  const plaintext = randomBytes(length);
  writeFileSync(join(folder, 'key.pem'), pem);
  writeFileSync(join(folder, 'answer'), envelopedData(spki, plaintext, randomBytes));
  const args = ['cms', '-decrypt', '-inform', 'DER', '-in', 'answer', '-inkey', 'key.pem', '-out', 'opened'];
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  expect(readFileSync(join(folder, 'opened')).equals(plaintext)).toBe(true);
});
