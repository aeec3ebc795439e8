/** The composition root of the command: the real clock, random source, terminal and process. */
import manifest from '../package.json' with { type: 'json' };

const banner = `pocket-kms/${manifest.version} Node.js/${process.versions.node} ${process.platform}/${process.arch}`;

if (process.argv[2] === '--version') {
  // nothing else is loaded for it
  process.getBuiltinModule('node:fs').writeSync(1, `${banner}\n`);
} else {
  void import('./start.ts').then(({ start }) => start(banner));
}
