/** Starts the command line in this process. */
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { write } from './cli/output/stdout.ts';
import { run } from './cli/run.ts';
import { terminal } from './cli/terminal.ts';

export async function start(banner: string): Promise<void> {
  const status = await run({
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    home: homedir,
    version: banner,
    terminal,
    clock: Date.now,
    random: (length) => new Uint8Array(randomBytes(length)),
    write,
  });
  // everything is written synchronously, so there is nothing to wait for; and leaving at once saves the teardown
  process.exit(status);
}
