/** Builds dist/: the hot path as one small CommonJS file, and what is loaded on demand as chunks beside it (ADR 4). */
import { rmSync } from 'node:fs';
import { rolldown } from 'rolldown';
import { root } from './root.ts';

/** commander loads node:child_process when it is loaded itself, for subcommands that are programs; we have none. */
const withoutChildProcess = {
  name: 'without-child-process',
  resolveId: (source: string, importer: string | undefined) =>
    source === 'node:child_process' && importer?.includes('node_modules/commander/')
      ? root('scripts/nothing.ts')
      : null,
};

rmSync(root('dist'), { recursive: true, force: true });
const bundle = await rolldown({
  input: { kms: root('src/main.ts') },
  platform: 'node',
  plugins: [withoutChildProcess],
});
await bundle.write({
  dir: root('dist'),
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: 'chunk/[name].cjs',
  minify: true,
  exports: 'named',
});
await bundle.close();
