/** Runs a program with the standard streams of this process, and forwards signals. */
import { constants } from 'node:os';
import { EnvironmentError } from '../../model/error.ts';
import type { Environment } from '../command/capabilities.ts';

/** The exit status of shells for a program that does not exist. */
export const NOT_FOUND = 127;

interface Started {
  readonly program: string;
  readonly args: readonly string[];
  /** Beside what is in `env`, and before it. */
  readonly values: ReadonlyMap<string, string>;
  readonly env: Environment['env'];
}

/**
 * Runs a program to its end; gives its exit status, 128 + the signal's number if one ended it. A terminal sends SIGINT and
 * SIGQUIT to the program too, so this process goes on, as in system(3); it forwards those that it may get alone.
 */
export async function runProgram({ program, args, values, env: inherited }: Started): Promise<number> {
  const { spawn } = await import('node:child_process');
  const env = Object.assign(Object.create(null), inherited) as NodeJS.ProcessEnv;
  for (const [name, value] of values) env[name] = value;
  let pass: (signal: NodeJS.Signals) => void = () => {};
  const forward = (signal: NodeJS.Signals): void => pass(signal);
  const ignore = (): void => {};
  for (const signal of FORWARDED) process.on(signal, forward);
  for (const signal of IGNORED) process.on(signal, ignore);
  try {
    return await new Promise((resolve, reject) => {
      const fail = ({ code, syscall }: NodeJS.ErrnoException): void => {
        // messages of Node.js would quote the values
        if (code === 'ENOENT') return resolve(NOT_FOUND);
        const failure = START_FAILURES[code ?? ''] ?? syscall ?? code;
        reject(new EnvironmentError(`${program} cannot be started: ${failure}`));
      };
      try {
        const child = spawn(program, args, { stdio: 'inherit', env });
        pass = (signal) => void child.kill(signal);
        child.on('error', fail);
        child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
      } catch (error) {
        fail(error as NodeJS.ErrnoException);
      }
    });
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
    for (const signal of IGNORED) process.off(signal, ignore);
  }
}

const FORWARDED = ['SIGTERM', 'SIGHUP'] as const;
const IGNORED = ['SIGINT', 'SIGQUIT'] as const;

const START_FAILURES: { readonly [code: string]: string } = {
  E2BIG: 'its arguments and environment are too large',
  EACCES: 'permission denied',
  ENOEXEC: 'it is not an executable file',
  EAGAIN: 'there are too many processes',
  ENOMEM: 'there is not enough memory',
};
