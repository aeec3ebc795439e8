/** Calls of the hot path in a home of their own, whose ends leave the code cache of this Node beside the code (ADR 8). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './root.ts';

/** @param program what loads the code */
export function hotCalls(program: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-build-'));
  try {
    const env = { PATH: process.env['PATH'], HOME: folder };
    const agent = { ...env, XDG_RUNTIME_DIR: folder };
    const kms = (variables: NodeJS.ProcessEnv, words: readonly string[], options: readonly string[] = []): string =>
      execFileSync(process.execPath, [...options, program, ...words], { env: variables, encoding: 'utf8' });
    const made = JSON.parse(kms(env, ['create-key', '--quiet'])) as { KeyMetadata: { KeyId: string } };
    const encrypt = ['encrypt', '--key-id', made.KeyMetadata.KeyId, '--plaintext', 'aGVsbG8='];
    const { CiphertextBlob } = JSON.parse(kms(env, encrypt)) as { CiphertextBlob: string };
    const calls = [encrypt, ['decrypt', '--ciphertext-blob', CiphertextBlob]];
    const again = ['--require', root('scripts/keep-again.cjs')];
    for (const call of calls) kms(env, call, again);
    if (process.platform !== 'linux') return;
    kms(agent, ['unlock']);
    try {
      kms(agent, encrypt);
      for (const call of calls) kms(agent, call, again);
    } finally {
      kms(agent, ['lock']);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
