/** Builds dist/library/: what `import 'pocket-kms'` loads, as ES modules, and its types. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './root.ts';

export async function buildLibrary(): Promise<void> {
  const bundle = await rolldown({
    input: { index: root('src/index.ts') },
    platform: 'node',
    logLevel: 'silent',
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
  });
  await bundle.write({
    dir: root('dist/library'),
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk/[name].js',
  });
  await bundle.close();
  execFileSync(process.execPath, [root('node_modules/typescript/bin/tsc'), '-p', root('tsconfig.library.json')], {
    stdio: 'inherit',
  });
  const declarations = root('dist/declarations/src/index.d.ts');
  // one file is all that users' compilers read: nothing in it may lead into the sources
  if (/\bfrom '\.|import\('\./.test(readFileSync(declarations, 'utf8'))) {
    throw new Error('the types of src/index.ts refer to other files');
  }
  copyFileSync(declarations, root('dist/library/index.d.ts'));
  rmSync(root('dist/declarations'), { recursive: true });
}
