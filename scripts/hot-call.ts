/** A call of the hot path in a home of its own, whose end leaves the code cache of this Node beside the code (ADR 8). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @param program what loads the code */
export function hotCall(program: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-build-'));
  try {
    const env = { PATH: process.env['PATH'], HOME: folder };
    const kms = (...words: string[]): string =>
      execFileSync(process.execPath, [program, ...words], { env, encoding: 'utf8' });
    const made = JSON.parse(kms('create-key', '--quiet')) as { KeyMetadata: { KeyId: string } };
    kms('encrypt', '--key-id', made.KeyMetadata.KeyId, '--plaintext', 'aGVsbG8=');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
