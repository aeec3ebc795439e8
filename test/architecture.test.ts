/** The house as docs/architecture.md draws it: which room may import which, and which packages; no circles. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';

const PROJECT = join(import.meta.dirname, '..');

interface Room {
  readonly rooms: readonly string[];
  readonly packages: readonly string[];
}

/** Rows `| room | holds | may import | packages |`; `-` is nothing. */
function readTable(): ReadonlyMap<string, Room> {
  const text = readFileSync(join(PROJECT, 'docs/architecture.md'), 'utf8');
  const lines = text.split('\n');
  const from = lines.findIndex((line) => /^\| *room *\|/.test(line)) + 2;
  const to = lines.findIndex((line, at) => at >= from && !line.startsWith('|'));
  const names = (cell: string): readonly string[] =>
    cell
      .split(',')
      .map((name) => name.trim().replaceAll('`', ''))
      .filter((name) => name !== '-');
  return new Map(
    lines.slice(from, to).map((line) => {
      const [, room, , rooms, packages] = line.split('|');
      return [names(room!)[0]!, { rooms: names(rooms!), packages: names(packages!) }];
    }),
  );
}

interface Import {
  readonly from: string;
  /** A path in the project, a package, or a module of Node. */
  readonly to: string;
  /** `import type`: nothing is left of it at run time. */
  readonly erased: boolean;
}

const IMPORT =
  /(?:^|\s)(?:import|export)\s(?<clause>[^'"();]*?)from\s+'(?<static>[^']+)'|\bimport\(\s*'(?<dynamic>[^']+)'\s*\)|^import\s+'(?<bare>[^']+)'/gm;

function importsOf(file: string): readonly Import[] {
  const source = readFileSync(join(PROJECT, file), 'utf8').replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  return Array.from(source.matchAll(IMPORT), ({ groups }) => {
    const name = (groups!['static'] ?? groups!['dynamic'] ?? groups!['bare'])!;
    const to = name.startsWith('.') ? posix.join(posix.dirname(file), name) : name;
    return { from: file, to, erased: groups!['clause']?.startsWith('type ') ?? false };
  });
}

const files = globSync('src/**/*.ts', { cwd: PROJECT })
  .map((file) => file.replaceAll('\\', '/'))
  .toSorted();
const imports = files.flatMap(importsOf);
const isFile = (to: string): boolean => to.startsWith('src/') || to.endsWith('.json');
const roomOf = (file: string): string => (file.split('/').length === 2 ? 'main' : file.split('/')[1]!);
const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
const table = readTable();

test('the table has a row for every room, and no other', () => {
  expect([...table.keys()].toSorted()).toEqual([...new Set(files.map(roomOf))].toSorted());
  expect(imports.length).toBeGreaterThan(300);
});

test('every import leads somewhere', () => {
  expect(imports.filter(({ to }) => isFile(to) && !existsSync(join(PROJECT, to)))).toEqual([]);
});

describe.each([...table])('%s', (room, { rooms, packages }) => {
  const own = imports.filter(({ from }) => roomOf(from) === room);
  const away = own.filter(({ to }) => to.startsWith('src/') && roomOf(to) !== room);
  const outside = own.filter(({ to }) => !isFile(to) && !to.startsWith('node:'));

  test('imports only the rooms that the table allows', () => {
    expect(away.filter(({ to }) => !rooms.includes(roomOf(to)))).toEqual([]);
  });

  test('imports only the packages that the table allows', () => {
    expect(outside.filter(({ to }) => !packages.includes(packageOf(to)))).toEqual([]);
  });

  test('needs everything that the table allows', () => {
    const needed = [away.map(({ to }) => roomOf(to)), outside.map(({ to }) => packageOf(to))];
    expect(needed.map((names) => [...new Set(names)].toSorted())).toEqual([rooms.toSorted(), packages.toSorted()]);
  });
});

/** Nothing with an effect, and nothing that a browser would not have; a hash is a function like any other. */
const PURE: { readonly [room: string]: readonly string[] } = { api: [], policy: ['node:crypto'], texts: [] };

test.each(Object.entries(PURE))('%s is pure: of Node it imports at most %j', (room, allowed) => {
  const used = imports.filter(({ from, to }) => roomOf(from) === room && to.startsWith('node:')).map(({ to }) => to);
  expect([...new Set(used)]).toEqual(allowed);
});

/** Primitives of node:crypto draw their own salts and blinding; so may ours. */
test('outside crypto, only the composition roots name the real clock and random source', () => {
  const real = /\bDate\.now\b|\bnew Date\(\)|\brandomBytes\b|\brandomUUID\b|\bMath\.random\b/;
  const named = files.filter((file) => real.test(readFileSync(join(PROJECT, file), 'utf8')));
  expect(named.filter((file) => roomOf(file) !== 'crypto')).toEqual(['src/index.ts', 'src/main.ts']);
});

/** `keyring` has files of its own, `http` a socket; the tour and the log put aside are in folders of their own. */
const OWN_FILES = new Set(['src/frontends/cli/quickstart.ts', 'src/commands/audit/audit.ts']);

test('files that people name are written by one writer: nobody else can make, replace or open one for writing', () => {
  const writes =
    /^import \{[^}]*\b(?:writeFile|appendFile|createWriteStream|copyFile|cp|rename|link|symlink|truncate|open)(?:Sync)?\b[^}]*\} from 'node:fs(?:\/promises)?'/m;
  const writing = files.filter((file) => writes.test(readFileSync(join(PROJECT, file), 'utf8')));
  expect(writing).toContain('src/files/output.ts');
  const others = writing.filter((file) => !['files', 'keyring', 'http'].includes(roomOf(file)));
  expect(others.filter((file) => !OWN_FILES.has(file))).toEqual([]);
});

/** Dynamic imports count too: a circle is a circle, whenever it is closed. Types may know each other. */
function circles(): readonly string[] {
  const edges = Map.groupBy(
    imports.filter(({ to, erased }) => !erased && to.startsWith('src/')),
    ({ from }) => from,
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    else if (!done.has(file)) {
      for (const { to } of edges.get(file) ?? []) visit(to, [...path, file]);
      done.add(file);
    }
  };
  for (const file of files) visit(file, []);
  return found;
}

test('no circles between files', () => expect(circles()).toEqual([]));
