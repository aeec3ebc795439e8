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

/** Runs a program to its end; gives its exit status, 128 + the signal's number if one ended it. */
export async function runProgram({ program, args, values, env: inherited }: Started): Promise<number> {
  const { spawn } = await import('node:child_process');
  const env = Object.assign(Object.create(null), inherited) as NodeJS.ProcessEnv;
  for (const [name, value] of values) env[name] = value;
  return new Promise((resolve, reject) => {
    const fail = ({ code, syscall }: NodeJS.ErrnoException): void => {
      // messages of Node.js would quote the values
      if (code === 'ENOENT') resolve(NOT_FOUND);
      else
        reject(new EnvironmentError(`${program} cannot be started: ${START_FAILURES[code ?? ''] ?? syscall ?? code}`));
    };
    try {
      const child = spawn(program, args, { stdio: 'inherit', env });
      const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
      process
        .on('SIGTERM', pass)
        .on('SIGHUP', pass)
        .on('SIGINT', () => {}); // a terminal sends SIGINT to the child too
      child.on('error', fail);
      child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    } catch (error) {
      fail(error as NodeJS.ErrnoException);
    }
  });
}

const START_FAILURES: { readonly [code: string]: string } = {
  E2BIG: 'its arguments and environment are too large',
  EACCES: 'permission denied',
  ENOEXEC: 'it is not an executable file',
  EAGAIN: 'there are too many processes',
  ENOMEM: 'there is not enough memory',
};
