/** The layers as docs/architecture.md draws them: which may import which, and which packages; no cycles. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';

const PROJECT = join(import.meta.dirname, '..');

interface Layer {
  readonly layers: readonly string[];
  readonly packages: readonly string[];
}

/** Rows `| layer | holds | may import | packages |`; `-` is nothing. */
function readTable(): ReadonlyMap<string, Layer> {
  const text = readFileSync(join(PROJECT, 'docs/architecture.md'), 'utf8');
  const lines = text.split('\n');
  const from = lines.findIndex((line) => /^\| *layer *\|/.test(line)) + 2;
  const to = lines.findIndex((line, at) => at >= from && !line.startsWith('|'));
  const names = (cell: string): readonly string[] =>
    cell
      .split(',')
      .map((name) => name.trim().replaceAll('`', ''))
      .filter((name) => name !== '-');
  return new Map(
    lines.slice(from, to).map((line) => {
      const [, layer, , layers, packages] = line.split('|');
      return [names(layer!)[0]!, { layers: names(layers!), packages: names(packages!) }];
    }),
  );
}

interface Import {
  readonly from: string;
  /** A path in the project, a package, or a module of Node. */
  readonly to: string;
  readonly isType: boolean;
}

const IMPORT =
  /(?:^|\s)(?:import|export)\s(?<clause>[^'"();]*?)from\s+'(?<static>[^']+)'|\b(?:import|createRequire\([\w.]+\))\(\s*'(?<dynamic>[^']+)'\s*\)|^import\s+'(?<bare>[^']+)'/gm;
/** One that IMPORT does not read: its name is made up at run time, or comes in another way. */
const UNREAD =
  /\b(?:import\((?!\s*'[^']+'\s*\))|(?<!createRequire\([\w.]+\))\brequire\(|createRequire\((?![\w.]+\)\(\s*'[^']+'\s*\))).*/g;
const withoutComments = (source: string): string => source.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');

function importsOf(file: string): readonly Import[] {
  const source = withoutComments(readFileSync(join(PROJECT, file), 'utf8'));
  return Array.from(source.matchAll(IMPORT), ({ groups }) => {
    const name = (groups!['static'] ?? groups!['dynamic'] ?? groups!['bare'])!;
    const to = name.startsWith('.') ? posix.join(posix.dirname(file), name) : name;
    return { from: file, to, isType: /^type\b/.test(groups!['clause'] ?? '') };
  });
}

const files = globSync('src/**/*.ts', { cwd: PROJECT })
  .map((file) => file.replaceAll('\\', '/'))
  .toSorted();
const imports = files.flatMap(importsOf);
const isFile = (to: string): boolean => to.startsWith('src/') || to.endsWith('.json');
const layerOf = (file: string): string => {
  const [, first, second] = file.split('/');
  if (second === undefined) return 'main';
  return first === 'frontends' ? `${first}/${second}` : first!;
};
const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
const table = readTable();

test('the table has a row for every layer, and no other', () => {
  expect([...table.keys()].toSorted()).toEqual([...new Set(files.map(layerOf))].toSorted());
  expect(imports.length).toBeGreaterThan(300);
});

test('every import is one that is read here', () => {
  const unread = files.flatMap((file) => {
    const source = withoutComments(readFileSync(join(PROJECT, file), 'utf8'));
    return [...source.matchAll(UNREAD)].map(([found]) => `${file}: ${found}`);
  });
  expect(unread).toEqual([]);
});

test('every import leads somewhere', () => {
  expect(imports.filter(({ to }) => isFile(to) && !existsSync(join(PROJECT, to)))).toEqual([]);
});

describe.each([...table])('%s', (layer, { layers, packages }) => {
  const own = imports.filter(({ from }) => layerOf(from) === layer);
  const away = own.filter(({ to }) => to.startsWith('src/') && layerOf(to) !== layer);
  const outside = own.filter(({ to }) => !isFile(to) && !to.startsWith('node:'));

  test('imports only the layers that the table allows', () => {
    expect(away.filter(({ to }) => !layers.includes(layerOf(to)))).toEqual([]);
  });

  test('imports only the packages that the table allows', () => {
    expect(outside.filter(({ to }) => !packages.includes(packageOf(to)))).toEqual([]);
  });

  test('needs everything that the table allows', () => {
    const needed = [away.map(({ to }) => layerOf(to)), outside.map(({ to }) => packageOf(to))];
    expect(needed.map((names) => [...new Set(names)].toSorted())).toEqual([layers.toSorted(), packages.toSorted()]);
  });
});

/** Nothing with an effect, and nothing that a browser would not have; a hash is a function like any other. */
const PURE: { readonly [layer: string]: readonly string[] } = {
  model: [],
  policy: [],
  analysis: [],
  lint: ['node:crypto'],
  texts: [],
};

test.each(Object.entries(PURE))('%s is pure: of Node it imports at most %j', (layer, allowed) => {
  const used = imports.filter(({ from, to }) => layerOf(from) === layer && to.startsWith('node:')).map(({ to }) => to);
  expect([...new Set(used)]).toEqual(allowed);
});

test('shapes of operations need neither keys nor state: a command line loads them for calls that an agent makes', () => {
  const shapes = files.filter((file) => /-shapes\./.test(file));
  expect(shapes.length).toBeGreaterThan(20);
  const reached = new Set(shapes);
  // a Set goes on with what is added to it
  for (const file of reached) {
    for (const { from, to, isType } of imports) if (from === file && !isType) reached.add(to);
  }
  expect(
    [...reached]
      .filter((file) => !['model', 'operations'].includes(layerOf(file)) && !file.startsWith('node:'))
      .toSorted(),
  ).toEqual(['src/keyring/key-uses.ts']);
});

/** Examples in texts for people are none of these. */
const codeOf = (file: string): string =>
  readFileSync(join(PROJECT, file), 'utf8').replaceAll(/^\s*(?:\/\/|\/?\*|bad:|good:|why:).*$/gm, '');

test('crypto has errors of its own: it knows no name or text of AWS', () => {
  const named = files.filter((file) => layerOf(file) === 'crypto' && /\bKmsError\b|\w+Exception\b/.test(codeOf(file)));
  expect(named).toEqual([]);
});

/** Primitives of node:crypto draw their own salts and blinding; so may ours. */
test('outside crypto, only the composition roots name the real clock and random source', () => {
  const real = /\bDate\.now\b|\bnew Date\(\)|\brandomBytes\b|\brandomUUID\b|\bMath\.random\b/;
  const named = files.filter((file) => real.test(readFileSync(join(PROJECT, file), 'utf8')));
  expect(named.filter((file) => layerOf(file) !== 'crypto')).toEqual(['src/index.ts', 'src/main.ts']);
});

/** `keyring` has files of its own, `frontends/http` a socket, `frontends/agent` that and a file beside it; the tour and the log put aside are in folders of their own. */
const OWN_FILES = new Set(['src/commands/quickstart/quickstart.ts', 'src/commands/audit/audit.ts']);

test('files that people name are written by one writer: no other module can create, replace or open one for writing', () => {
  const writes =
    /^import \{[^}]*\b(?:writeFile|appendFile|createWriteStream|copyFile|cp|rename|link|symlink|truncate|open)(?:Sync)?\b[^}]*\} from 'node:fs(?:\/promises)?'/m;
  const writing = files.filter((file) => writes.test(readFileSync(join(PROJECT, file), 'utf8')));
  expect(writing).toContain('src/files/output.ts');
  const others = writing.filter(
    (file) => !['files', 'keyring', 'frontends/agent', 'frontends/http'].includes(layerOf(file)),
  );
  expect(others.filter((file) => !OWN_FILES.has(file))).toEqual([]);
});

test.each([
  ['the form of an account ID', /\\d\{12\}|\[0-9\]\{12\}/, ['src/model/account.ts']],
  ['the account of a new keyring', /'0{12}'/, ['src/model/account.ts']],
  ['the Region of a new keyring', /'us-east-1'/, ['src/model/region.ts']],
  ['what any Region looks like', /\{1,63\}/, ['src/model/region.ts']],
  ['how base64 is written', /toString\('base64'\)/, ['src/model/base64.ts']],
  ['what an object is', /value !== null && !Array/, ['src/model/json-object.ts']],
  ['the ARN of a KMS resource', /arn:\$\{[^`]*:kms:/, []],
  ['the ARN of an account root', /:iam::\$\{\w+\}:root/, ['src/commands/quickstart/quickstart.ts']],
] as const)('%s is known in one place', (_, pattern, places) => {
  expect(files.filter((file) => pattern.test(codeOf(file)))).toEqual(places);
});

/** Other texts with colons: an ID of a principal, a time, a line of trust, a condition key, an IPv6 address, an env file's value, PATH. */
const OTHER_COLONS = `audit/event audit/request-parameters frontends/cli/input/paramfile keyring/trust-list
  lint/rules/condition-keys policy/operands commands/env/stored-value frontends/agent/program-on-path`;

test('ARNs are taken apart in one place', () => {
  const others = new Set(OTHER_COLONS.split(/\s+/).map((name) => `src/${name}.ts`));
  const splitting = files.filter((file) => codeOf(file).includes("split(':')"));
  expect(splitting.filter((file) => !others.has(file))).toEqual(['src/model/arn.ts']);
});

test('the name of an exported type means one thing: no other module declares it, for itself either', () => {
  const declared = /^(export )?(?:abstract )?(?:type|interface|class|enum) (\w+)/gm;
  const places = new Map<string, { readonly file: string; readonly isExported: boolean }[]>();
  for (const file of files) {
    for (const [, exported, name] of codeOf(file).matchAll(declared)) {
      const known = places.get(name!) ?? [];
      places.set(name!, [...known, { file, isExported: exported !== undefined }]);
    }
  }
  expect(places.get('KmsError')).toEqual([{ file: 'src/model/error.ts', isExported: true }]);
  const shared = [...places].filter(([, all]) => all.length > 1 && all.some(({ isExported }) => isExported));
  expect(shared.map(([name, all]) => `${name}: ${all.map(({ file }) => file).join(', ')}`)).toEqual([]);
});

/** Dynamic imports and types count too: a cycle is a cycle, whenever it is closed. */
function cycles(nodeOf: (file: string) => string): readonly string[] {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    if (!to.startsWith('src/') || nodeOf(from) === nodeOf(to)) continue;
    edges.set(nodeOf(from), (edges.get(nodeOf(from)) ?? new Set()).add(nodeOf(to)));
  }
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) found.push([...path.slice(path.indexOf(node)), node].join(' -> '));
    else if (!done.has(node)) {
      for (const to of edges.get(node) ?? []) visit(to, [...path, node]);
      done.add(node);
    }
  };
  for (const node of edges.keys()) visit(node, []);
  return found;
}

test('no cycles between files', () => expect(cycles((file) => file)).toEqual([]));

test('no cycles between folders: neither a layer nor a folder in one imports what imports it', () => {
  expect(cycles((file) => posix.dirname(file))).toEqual([]);
});
