/**
 * Builds the command as one file that needs no Node: this Node with the code of the command, its libraries and its code
 * cache as assets (Node.js documentation, "Single executable applications"), and FILE-licenses.txt beside it, which goes
 * with every copy. Usage: build-executable.ts [FILE]
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { bundleCommand } from './bundle.ts';
import { hotCalls } from './hot-call.ts';
import { licensesOf } from './licenses.ts';
import { root } from './root.ts';

const file = resolve(process.argv[2] ?? root('dist/kms'));
const work = mkdtempSync(join(tmpdir(), 'pocket-kms-executable-'));
try {
  const code = join(work, 'dist');
  const modules = await bundleCommand({ folder: code, libraries: 'bundled' });
  // laid out as in the package, so that the same loader leaves the code cache
  cpSync(root('bin'), join(work, 'bin'), { recursive: true });
  hotCalls(join(work, 'bin/kms.js'));
  const configuration = join(work, 'configuration.json');
  writeFileSync(configuration, JSON.stringify(executable(code)));
  mkdirSync(dirname(file), { recursive: true });
  // a program that is running cannot be written to
  rmSync(file, { force: true });
  execFileSync(process.execPath, [`--build-sea=${configuration}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(`${file}-licenses.txt`, licensesOf(modules));
} finally {
  rmSync(work, { recursive: true });
}

function executable(code: string): object {
  const [version] = readdirSync(join(code, 'cache'));
  if (version === undefined) throw new Error('the calls of the hot path left no code cache');
  const files = [code, join(code, 'chunk'), join(code, 'cache', version)].flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(folder, entry.name)),
  );
  return {
    main: root('scripts/executable.cjs'),
    output: file,
    disableExperimentalSEAWarning: true,
    // of the main script: with it, Node neither reads nor writes one in the folder that NODE_COMPILE_CACHE names
    useCodeCache: true,
    // the options of Node in the environment are meant for programs in JavaScript, which this is not for its user
    execArgvExtension: 'none',
    // a call makes less garbage than this, so that none is collected (ADR 8)
    execArgv: ['--min-semi-space-size=16'],
    assets: Object.fromEntries(files.map((path) => [basename(path), path])),
  };
}
