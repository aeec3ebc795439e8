/** The composition root of the command: the real clock, random source, terminal and process. */
import { homedir } from 'node:os';
import manifest from '../package.json' with { type: 'json' };
import { randomSource } from './crypto/random.ts';
import { write } from './frontends/cli/output/stdout.ts';
import { run } from './frontends/cli/run.ts';
import { terminal } from './frontends/cli/terminal.ts';
import { openSession } from './runtime/session.ts';

// An answer that never comes leaves nothing to wait for, and the process would end as if all were well.
process.once('beforeExit', () => {
  process.stderr.write('\nkms: [ERROR]: the command ended without an answer\nhint: this is a defect of kms itself\n');
  process.exit(255);
});

void run({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  home: homedir,
  version: `pocket-kms/${manifest.version} Node.js/${process.versions.node} ${process.platform}/${process.arch}`,
  terminal,
  clock: Date.now,
  random: randomSource(),
  write,
  openSession,
  serve: async (...asked) => (await import('./frontends/http/serve.ts')).serve(...asked),
})
  // everything is written synchronously, so there is nothing to wait for; leaving at once saves the teardown
  .then((status) => process.exit(status));
