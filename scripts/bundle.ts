/** Bundles the command: the hot path as one small CommonJS file, and what is loaded on demand as chunks beside it (ADR 4). */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { rolldown, type OutputChunk, type OutputOptions, type RolldownBuild } from 'rolldown';
import { root } from './root.ts';

/**
 * The hot files, each with what it has of the chunks that a call of Encrypt or Decrypt loads: reading and printing it,
 * asking an agent, and making the call where there is no agent. What the last two share is in the first.
 */
const HOT = {
  kms: ['kms', 'encryption-shapes'],
  'agent-client': ['client'],
  engine: ['session', 'random', 'encryption'],
} as const;
type HotFile = keyof typeof HOT;

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
    chunkFileNames: ({ name }) => (Object.hasOwn(HOT, name) ? '[name].cjs' : 'chunk/[name].cjs'),
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
        {
          external: NATIVE,
          resolve: { alias: { 'jsonc-parser': root('node_modules/jsonc-parser/lib/esm/main.js') } },
        }),
    onLog(level, { message, code }) {
      // that modules share a file in spite of an import() is what HOT is for
      if (level === 'warn' && code !== 'INEFFECTIVE_DYNAMIC_IMPORT') throw new Error(message);
    },
  });
  const hot = await hotModules(bundle, output);
  refuseVariables(hot.keys());
  const { output: written } = await bundle.write({
    ...output,
    // without this, what chunks share with the hot path would be small files of its own, each read by every call
    codeSplitting: { groups: Object.keys(HOT).map((name) => ({ name, test: (id) => hot.get(id) === name })) },
  });
  await bundle.close();
  const runtime = readFileSync(join(folder, 'chunk/rolldown-runtime.cjs'), 'utf8');
  const hotCode = Object.keys(HOT).map((name) => readFileSync(join(folder, `${name}.cjs`), 'utf8'));
  for (const file of written) if (file.type === 'chunk') wrap(join(folder, file.fileName), { runtime, hotCode });
  const modules = written.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  const others: readonly string[] = (
    await Promise.all(Object.entries(BESIDE).map((entry) => bundleBeside(folder, entry, libraries)))
  ).flat();
  return [...modules, ...others];
}

/** A thread of the worker pool, and a process that calls a token: each is one file that needs no other one of ours. */
const BESIDE = {
  worker: 'src/runtime/worker.ts',
  'token-process': 'src/key-managers/hsm/pkcs11/token-process.ts',
} as const;

async function bundleBeside(
  folder: string,
  [name, source]: readonly [string, string],
  libraries: BundleOptions['libraries'],
): Promise<readonly string[]> {
  const bundle = await rolldown({
    input: { [name]: root(source) },
    platform: 'node',
    external: libraries === 'external' ? isExternal : NATIVE,
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

/** Of native code, which one file cannot have in it. */
const NATIVE = ['koffi'];

const isExternal = (id: string): boolean => !id.startsWith('.') && !isAbsolute(id);

/** The hot file of each module that the chunks of HOT reach by static imports. */
async function hotModules(bundle: RolldownBuild, options: OutputOptions): Promise<ReadonlyMap<string, HotFile>> {
  const { output } = await bundle.generate(options);
  const chunks = output.filter((file) => file.type === 'chunk');
  const reached = (names: readonly string[]): ReadonlySet<string> => {
    const modules = new Set<string>();
    const reach = (chunk: OutputChunk | undefined): void => {
      if (!chunk || chunk.moduleIds.every((id) => modules.has(id))) return;
      for (const id of chunk.moduleIds) modules.add(id);
      for (const imported of chunk.imports) reach(chunks.find(({ fileName }) => fileName === imported));
    };
    for (const name of names) {
      const chunk = chunks.find((one) => one.name === name);
      if (!chunk) throw new Error(`there is no chunk ${name}`);
      reach(chunk);
    }
    return modules;
  };
  const [first, client, engine] = [reached(HOT.kms), reached(HOT['agent-client']), reached(HOT.engine)];
  const fileOf = (id: string): HotFile =>
    first.has(id) || (client.has(id) && engine.has(id)) ? 'kms' : client.has(id) ? 'agent-client' : 'engine';
  return new Map([...first, ...client, ...engine].map((id) => [id, fileOf(id)]));
}

/** The bundler's own few lines, which it would have every call read as one file more. */
const RUNTIME = /require\("\.\/chunk\/rolldown-runtime\.cjs"\)/;
const inlined = (runtime: string): string => `((exports) => {${runtime}\nreturn exports})({})`;

/**
 * The loaders compile the files themselves, so they are wrapped as Node.js wraps modules, and in ASCII: they are read as
 * Latin-1. V8 keeps texts above 128 KiB apart from the young ones, which it would otherwise copy in the first collection, a
 * millisecond of a call: hence the blanks at the end of the hot ones.
 */
const LARGE_OBJECT = 132 * 1024;

interface Others {
  readonly runtime: string;
  /** Of all hot files. */
  readonly hotCode: readonly string[];
}

function wrap(file: string, { runtime, hotCode }: Others): void {
  const name = basename(file, '.cjs');
  const isHot = Object.hasOwn(HOT, name);
  const code = readFileSync(file, 'utf8');
  const own = isHot ? exportedOnDemand(code, askedOf(name, hotCode)).replace(RUNTIME, () => inlined(runtime)) : code;
  const text = `(function (exports, require, module, __filename, __dirname) {${ascii(own)}\n})`;
  writeFileSync(file, text.length > LARGE_OBJECT / 2 ? text.padEnd(LARGE_OBJECT) : text);
}

const ascii = (code: string): string =>
  code.replaceAll(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** exportedOnDemand() looks at each export once. */
function refuseVariables(modules: Iterable<string>): void {
  for (const id of modules) {
    if (isAbsolute(id) && /^export (?:let|var) /m.test(readFileSync(id, 'utf8'))) {
      throw new Error(`${id} exports a variable`);
    }
  }
}

/** The exports of a hot file that the others use, and perhaps more. */
function askedOf(name: string, hotCode: readonly string[]): ReadonlySet<string> {
  const file = `require\\("\\./${name}\\.cjs"\\)`;
  const members = (text: string, pattern: string): readonly string[] =>
    Array.from(text.matchAll(new RegExp(pattern, 'g')), ([, member]) => member!);
  return new Set(
    hotCode.flatMap((text) => [
      ...members(text, `${file}\\)\\.then\\(\\w+=>\\w+\\.([\\w$]+)`),
      ...members(text, `([\\w$]+)=${file}`).flatMap((variable) =>
        members(text, `\\b${variable.replaceAll('$', '\\$')}\\.([\\w$]+)`),
      ),
    ]),
  );
}

/**
 * What other files import from a hot one, as objects that the first of them makes: hundreds of assignments to `exports` take
 * half a millisecond, and most calls load no chunk. Chunks have `module.all()`, hot files only what they use.
 */
function exportedOnDemand(text: string, asked: ReadonlySet<string>): string {
  const at = text.search(/exports\.[\w$]+=|Object\.defineProperty\(exports,"/);
  if (at === -1) return text;
  const members: string[] = [];
  const some: string[] = [];
  const rest = text
    .slice(at)
    .replaceAll(
      /exports\.([\w$]+)=([\w$.]+|`[^`$\\]*`)[,;]|Object\.defineProperty\(exports,"([\w$]+)",\{enumerable:!0,get:function\(\)\{return ?([\w$]+|`[^`$\\]*`)\}\}\)[,;]/g,
      (_, name: string | undefined, value: string, other: string, returned: string) => {
        const member = name === undefined ? `${other}:${returned}` : `${name}:${value}`;
        members.push(member);
        if (asked.has(name ?? other)) some.push(member);
        return '';
      },
    );
  if (rest.trim() !== '') throw new Error('the exports of a hot file have another form');
  const objectOf = (list: readonly string[]): string => `{__proto__:null,${list.join(',')}}`;
  const all = `let $all;module.all=()=>$all??=${objectOf(members)};`;
  const own = `let $some;Object.defineProperty(module,"exports",{get:()=>$some??=${objectOf(some)}});`;
  return `${text.slice(0, at)}${all}${own}`;
}
