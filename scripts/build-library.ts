/** Builds dist/library/: what `import 'pocket-kms'` loads, as ES modules, and its types. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { rolldown } from 'rolldown';
import { operationTypes } from './operation-types.ts';
import { root } from './root.ts';

/** The types of the library. What they say of operations is in a file of its own. */
const DECLARATIONS: readonly string[] = [
  'index.d.ts',
  'frontends/library/api.d.ts',
  'frontends/library/kms-exception.d.ts',
  'frontends/library/sdk-client.d.ts',
];

const relative = (file: string, to: string): string => (dirname(file) === '.' ? `./${to}` : `../../${to}`);

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
  const library = root('dist/library');
  writeFileSync(join(library, 'operations.d.ts'), await operationTypes());
  for (const file of DECLARATIONS) {
    const text = readFileSync(root(`dist/declarations/src/${file}`), 'utf8')
      .replaceAll(/(?<=from ')(?:\.\.\/\.\.|\.)\/operations\/index\.ts(?=')/g, relative(file, 'operations.ts'))
      .replaceAll(/(?<=from '\.[^']*)\.ts(?=')/g, '.js');
    // these are all that users' compilers read: nothing in them may lead into the sources
    for (const [, target] of text.matchAll(/(?:\bfrom |import\()'(\.[^']*)'/g)) {
      const path = join(dirname(file), target!).replace(/\.js$/, '.d.ts');
      if (!DECLARATIONS.includes(path) && path !== 'operations.d.ts') throw new Error(`${file} refers to ${target}`);
    }
    mkdirSync(dirname(join(library, file)), { recursive: true });
    writeFileSync(join(library, file), text);
  }
  rmSync(root('dist/declarations'), { recursive: true });
}
