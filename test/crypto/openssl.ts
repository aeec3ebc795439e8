/**
 * The openssl command line as an independent implementation: one run in a directory of its own. Where it is not
 * installed the tests that need it fail: they are no proof of anything unless they run.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Run {
  readonly ok: boolean;
  readonly out: Uint8Array;
}

/** @param args a line of arguments, with the names of `files` as they are; the answer is standard output */
export function openssl(args: string, files: { readonly [name: string]: Uint8Array } = {}): Run {
  const cwd = mkdtempSync(join(tmpdir(), 'openssl-'));
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(cwd, name), bytes);
    const { error, status, stdout } = spawnSync('openssl', args.split(' '), { cwd });
    if (error) throw new Error('these tests need the openssl command line', { cause: error });
    return { ok: status === 0, out: stdout };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** The output of a run that has to succeed. */
export function opensslOut(args: string, files: { readonly [name: string]: Uint8Array } = {}): Uint8Array {
  const run = openssl(args, files);
  if (!run.ok) throw new Error(`openssl ${args} failed`);
  return run.out;
}

export const vectors = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../vectors/${path}`, import.meta.url), 'utf8'));
