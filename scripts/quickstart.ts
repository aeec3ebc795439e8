/** The first minute: `kms quickstart` of this checkout. */
import { spawnSync } from 'node:child_process';
import { root } from './root.ts';

const { status } = spawnSync(process.execPath, [root('bin/kms.js'), 'quickstart', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
