/** Everything that must hold before a change goes in, one step after the other; stops at the first that does not. */
import { spawnSync } from 'node:child_process';
import { root } from './root.ts';

/** npm scripts of package.json. Tests come last, so that their counts are the last line. */
const STEPS = [
  'check:format',
  'check:lint',
  'check:types',
  'check:unused',
  'check:references',
  'build',
  'check:generated',
  'check:package',
  'test',
] as const;

for (const step of STEPS) {
  process.stdout.write(`\n== ${step}\n`);
  const { status } = spawnSync('npm', ['run', '--silent', step], { cwd: root('.'), stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(`verify: ${step} failed\n`);
    process.exit(1);
  }
}
