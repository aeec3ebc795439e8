/** A shell command on a pseudo-terminal, and what a person would see there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BIN, SCRIPT, type Workplace } from './command.ts';

/** For a shell. */
export const KMS = `"${process.execPath}" "${BIN}"`;

export interface Seen {
  readonly screen: string;
  readonly status: number | null;
}

/** Runs a shell command on a new pseudo-terminal; keys are typed one after the other, each a while after the last. */
export async function onTerminal(
  work: Workplace,
  command: string,
  { env = {}, keys = [] }: { env?: NodeJS.ProcessEnv; keys?: readonly string[] } = {},
): Promise<Seen> {
  const child = spawn(SCRIPT, ['-qec', `stty cols 100; ${command}`, '/dev/null'], {
    cwd: work.folder,
    env: { ...work.env, TERM: 'xterm', SHELL: '/bin/sh', ...env },
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (screen += piece));
  for (const key of keys) {
    const before = screen.length;
    const until = Date.now() + 3000; // a shell that was interrupted may have thrown away what was typed
    while (screen.length === before && Date.now() < until) await new Promise((resolve) => void setTimeout(resolve, 20));
    await new Promise((resolve) => void setTimeout(resolve, 300));
    child.stdin.write(key);
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { screen: screen.replaceAll('\r\n', '\n'), status };
}
