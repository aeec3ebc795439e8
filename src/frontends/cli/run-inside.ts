/** Runs a command line inside this process, for `kms quickstart`. */
import { resolve } from 'node:path';
import type { LineResult } from '../../commands/command/capabilities.ts';
import type { GuardedProcess } from './process.ts';

/** Its home is this folder; it has no terminal, and its output is captured. */
export async function runInside(process: GuardedProcess, argv: readonly string[], folder: string): Promise<LineResult> {
  const { PATH, TZ } = process.env;
  const written: { fd: number; text: string }[] = [];
  const status = await process.run({
    ...process,
    argv,
    env: { PATH, TZ, HOME: folder, POCKET_KMS_KEYRING: resolve(folder, 'keyring') },
    cwd: folder,
    home: () => folder,
    terminal: { ...process.terminal, isTerminal: () => false, columns: () => undefined, color: () => false },
    write: (fd, text) => written.push({ fd, text }) > 0,
  });
  const textOf = (pieces: typeof written): string => pieces.map(({ text }) => text).join('');
  return { status, stdout: textOf(written.filter(({ fd }) => fd === 1)), shown: textOf(written) };
}
