/** The commands that only a command line has, in the process it runs in; loaded for a line that names no operation. */
import { resolve } from 'node:path';
import type { AnyLocalCommand } from '../../commands/command-deps.ts';
import type { GlobalValues } from './input/global-option.ts';
import type { GuardedProcess } from './process.ts';
import type { Ran } from './quickstart.ts';

export async function loadLocalCommands(
  process: GuardedProcess,
  { profile }: Pick<GlobalValues, 'profile'>,
): Promise<readonly AnyLocalCommand[]> {
  const { env, home, terminal } = process;
  const { localCommands } = await import('./local-commands.ts');
  const where = { source: { env, home: home() }, profile, terminal: terminal.isTerminal(0) };
  return localCommands(where, {
    again: (words, folder) => runAgain(process, words, folder),
    pause: () => pause(process),
  });
}

/** A command line inside this one, whose home is this folder and which has no terminal: for the guided tour. */
async function runAgain(process: GuardedProcess, argv: readonly string[], folder: string): Promise<Ran> {
  const { PATH, TZ } = process.env;
  const written: { fd: number; text: string }[] = [];
  const status = await process.run({
    ...process,
    argv,
    env: { PATH, TZ, HOME: folder, POCKET_KMS_KEYRING: resolve(folder, 'keyring') },
    cwd: folder,
    home: () => folder,
    terminal: { ...process.terminal, isTerminal: () => false, columns: () => undefined, color: () => false },
    write: (fd, text) => void written.push({ fd, text }),
  });
  const textOf = (pieces: typeof written): string => pieces.map(({ text }) => text).join('');
  return { status, stdout: textOf(written.filter(({ fd }) => fd === 1)), shown: textOf(written) };
}

async function pause({ terminal }: GuardedProcess): Promise<void> {
  if (terminal.isTerminal(0) && terminal.isTerminal(1)) await (await import('./prompt.ts')).waitForEnter();
}
