/** Builds dist/: the hot path as one small CommonJS file, and what is loaded on demand as chunks beside it (ADR 4). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { rolldown, type OutputChunk, type OutputOptions } from 'rolldown';
import { buildLibrary } from './build-library.ts';
import { root } from './root.ts';

const OUTPUT: OutputOptions = {
  dir: root('dist'),
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: 'chunk/[name].cjs',
  minify: true,
};

const bundle = await rolldown({
  input: { kms: root('src/main.ts') },
  platform: 'node',
  // libraries stay where npm puts them: the hot path loads none of them
  external: (id) => !id.startsWith('.') && !isAbsolute(id),
  onLog(level, { message }) {
    if (level === 'warn') throw new Error(message);
  },
});

/** The modules of the hot path: what the entry and the family of Encrypt and Decrypt reach by static imports. */
async function hotModules(): Promise<ReadonlySet<string>> {
  const { output } = await bundle.generate(OUTPUT);
  const chunks = new Map(output.filter((file) => file.type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
  const reached = new Set<OutputChunk>();
  const reach = (chunk: OutputChunk | undefined): void => {
    if (!chunk || reached.has(chunk)) return;
    reached.add(chunk);
    for (const name of chunk.imports) reach(chunks.get(name));
  };
  reach(chunks.get('kms.cjs'));
  reach(chunks.get('chunk/encryption.cjs'));
  return new Set(Array.from(reached).flatMap((chunk) => chunk.moduleIds));
}

const hot = await hotModules();
rmSync(root('dist'), { recursive: true, force: true });
await bundle.write({
  ...OUTPUT,
  // without this, what chunks share with the hot path would be small files of its own, each read by every call
  codeSplitting: { groups: [{ name: 'hot', test: (id) => hot.has(id) }] },
});
await bundle.close();
await buildLibrary();

/**
 * bin/load.js compiles the hot file itself, so it stands there wrapped, as Node wraps modules. V8 keeps texts above
 * 128 KiB apart from the young ones, which it would otherwise copy in the first collection, a millisecond of a call:
 * hence the blanks at its end.
 */
const LARGE_OBJECT = 132 * 1024;
const hotFile = root('dist/kms.cjs');
const code = readFileSync(hotFile, 'utf8').replace('require("./chunk/rolldown-runtime.cjs")', inlined);
const text = `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
if (/[^\x00-\x7f]/.test(text)) throw new Error('dist/kms.cjs must be ASCII: it is read as Latin-1');
writeFileSync(hotFile, text.padEnd(LARGE_OBJECT));

/** The bundler's own few lines, which it would have every call read as one file more. */
function inlined(): string {
  return `((exports) => {${readFileSync(root('dist/chunk/rolldown-runtime.cjs'), 'utf8')}\nreturn exports})({})`;
}

/** One call of the hot path, whose end leaves the code cache of this Node beside the file. */
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-build-'));
try {
  const env = { PATH: process.env['PATH'], HOME: folder };
  const kms = (...words: string[]): string =>
    execFileSync(process.execPath, [root('bin/kms.js'), ...words], { env, encoding: 'utf8' });
  const made = JSON.parse(kms('create-key', '--quiet')) as { KeyMetadata: { KeyId: string } };
  kms('encrypt', '--key-id', made.KeyMetadata.KeyId, '--plaintext', 'aGVsbG8=');
} finally {
  rmSync(folder, { recursive: true });
}
