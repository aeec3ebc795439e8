/** Bundles the command: the hot path as one small CommonJS file, and what is loaded on demand as chunks beside it (ADR 4). */
import * as crypto from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { rolldown, type OutputChunk, type OutputOptions, type RolldownBuild } from 'rolldown';
import { root } from './root.ts';

const AGENT_CLIENT =
  /src\/(?:frontends\/agent\/(?:agent-file|client|connection|frame|message|value)|runtime\/unlock-options)\.ts$/;

interface BundleOptions {
  /** Where it goes. */
  readonly folder: string;
  /** Whether libraries are bundled too, or stay where npm puts them: the hot path loads none of them. */
  readonly libraries: 'bundled' | 'external';
}

/** @returns the paths of the modules in it */
export async function bundleCommand({ folder, libraries }: BundleOptions): Promise<readonly string[]> {
  const output: OutputOptions = {
    dir: folder,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunk/[name].cjs',
    minify: true,
    // one program has no files beside it that an import could look for
    ...(libraries === 'bundled' ? { dynamicImportInCjs: false } : {}),
  };
  const bundle = await rolldown({
    input: { kms: root('src/main.ts') },
    platform: 'node',
    ...(libraries === 'external'
      ? { external: isExternal }
      : // its CommonJS form hides from a bundler what it requires
        { resolve: { alias: { 'jsonc-parser': root('node_modules/jsonc-parser/lib/esm/main.js') } } }),
    onLog(level, { message }) {
      if (level === 'warn') throw new Error(message);
    },
  });
  const hot = await hotModules(bundle, output);
  const { output: written } = await bundle.write({
    ...output,
    // without this, what chunks share with the hot path would be small files of its own, each read by every call
    codeSplitting: {
      groups: [
        { name: 'hot', test: (id) => hot.has(id) },
        // what a call through the agent loads: one file
        { name: 'agent-client', test: (id) => AGENT_CLIENT.test(id) && !hot.has(id) },
      ],
    },
  });
  await bundle.close();
  wrapHotFile(folder);
  const modules = written.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  return [...modules, ...(await bundleWorker(folder, libraries))];
}

/** A thread of the worker pool: one file that needs no other one of ours. */
async function bundleWorker(folder: string, libraries: BundleOptions['libraries']): Promise<readonly string[]> {
  const bundle = await rolldown({
    input: { worker: root('src/runtime/worker.ts') },
    platform: 'node',
    ...(libraries === 'external' ? { external: isExternal } : {}),
  });
  const { output } = await bundle.write({
    dir: join(folder, 'chunk'),
    format: 'cjs',
    entryFileNames: '[name].cjs',
    minify: true,
    codeSplitting: false,
  });
  await bundle.close();
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
}

const isExternal = (id: string): boolean => !id.startsWith('.') && !isAbsolute(id);

/** What a call loads: the entry, the session, and the family of Encrypt and Decrypt. */
const HOT = ['kms.cjs', 'chunk/session.cjs', 'chunk/random.cjs', 'chunk/encryption.cjs'];

/** The modules of the hot path: what these reach by static imports. */
async function hotModules(bundle: RolldownBuild, options: OutputOptions): Promise<ReadonlySet<string>> {
  const { output } = await bundle.generate(options);
  const chunks = new Map(output.filter((file) => file.type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
  const reached = new Set<OutputChunk>();
  const reach = (chunk: OutputChunk | undefined): void => {
    if (!chunk || reached.has(chunk)) return;
    reached.add(chunk);
    for (const name of chunk.imports) reach(chunks.get(name));
  };
  for (const name of HOT) {
    if (!chunks.has(name)) throw new Error(`there is no chunk ${name}`);
    reach(chunks.get(name));
  }
  return new Set(Array.from(reached).flatMap((chunk) => chunk.moduleIds));
}

/**
 * bin/kms.js compiles the hot file itself, so it stands there wrapped, as Node wraps modules. V8 keeps texts above
 * 128 KiB apart from the young ones, which it would otherwise copy in the first collection, a millisecond of a call:
 * hence the blanks at its end.
 */
const LARGE_OBJECT = 132 * 1024;

/** The bundler's own few lines, which it would have every call read as one file more. */
const RUNTIME = 'require("./chunk/rolldown-runtime.cjs")';
const inlined = (folder: string): string =>
  `((exports) => {${readFileSync(join(folder, 'chunk/rolldown-runtime.cjs'), 'utf8')}\nreturn exports})({})`;

function wrapHotFile(folder: string): void {
  const file = join(folder, 'kms.cjs');
  const code = cryptoOnUse(exportedOnDemand(readFileSync(file, 'utf8').replace(RUNTIME, () => inlined(folder))));
  const text = `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
  if (/[^\x00-\x7f]/.test(text)) throw new Error('kms.cjs must be ASCII: it is read as Latin-1');
  writeFileSync(file, text.padEnd(LARGE_OBJECT));
}

/**
 * A call through the agent needs no node:crypto, which takes four milliseconds to load: its members are looked up at
 * their first use, and are members of a plain object from then on.
 */
function cryptoOnUse(text: string): string {
  const [required, name] = /([\w$]+)=require\("node:crypto"\)/.exec(text) ?? [];
  if (required === undefined || name === undefined) throw new Error('kms.cjs does not require node:crypto');
  const used = Object.keys(crypto).filter((member) => text.includes(`${name}.${member}`));
  const onUse = `((o)=>{for(let k of ${JSON.stringify(used)})Object.defineProperty(o,k,{configurable:!0,get(){let value=process.getBuiltinModule("node:crypto")[k];Object.defineProperty(o,k,{value});return value}});return o})({})`;
  return text.replace(required, () => `${name}=${onUse}`);
}

/**
 * What chunks import from the hot file, as one object that the first of them makes: hundreds of assignments to `exports`
 * take half a millisecond, and most calls load no chunk.
 */
function exportedOnDemand(text: string): string {
  const at = text.search(/exports\.[\w$]+=/);
  const members: string[] = [];
  const rest = text
    .slice(at)
    .replaceAll(
      /exports\.([\w$]+)=([\w$.]+|`[^`$\\]*`)[,;]|Object\.defineProperty\(exports,"([\w$]+)",\{enumerable:!0,get:function\(\)(\{return [\w$]+\})\}\)[,;]/g,
      (_, name: string | undefined, value: string, live: string, body: string) => {
        members.push(name === undefined ? `get ${live}()${body}` : `${name}:${value}`);
        return '';
      },
    );
  if (members.length < 100 || rest.trim() !== '') throw new Error('the exports of kms.cjs have another form');
  const made = `let $exports;Object.defineProperty(module,"exports",{get:()=>$exports??={${members.join(',')}}});`;
  return `${text.slice(0, at)}${made}`;
}
