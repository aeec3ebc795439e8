/** Bundles the sessions' command once, before any test runs. */
import { isAbsolute, join } from 'node:path';
import { rolldown } from 'rolldown';

export const SESSION_MAIN = join(import.meta.dirname, '../../node_modules/.cache/pocket-kms/session-main.cjs');

export async function setup(): Promise<void> {
  const bundle = await rolldown({
    input: { 'session-main': join(import.meta.dirname, 'session-main.ts') },
    platform: 'node',
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    logLevel: 'silent',
  });
  await bundle.write({
    dir: join(SESSION_MAIN, '..'),
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunk/[name].cjs',
  });
  await bundle.close();
}
