/** The license notices of the libraries that are in a bundle, and of Node.js, as the licenses ask for with every copy. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const NOTICE = /^(licen[cs]e|copying|notice|copyright)/i;
const PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** @param modules the paths of the modules in the bundle @throws for a package whose license is unknown */
export function licensesOf(modules: Iterable<string>): string {
  const folders = new Set(Array.from(modules, (path) => PACKAGE.exec(path)?.[0]).filter((path) => path !== undefined));
  const notices = Array.from(folders, noticesIn).toSorted();
  const node = section(`Node.js ${process.versions.node}`, [licenseOfNode()]);
  return ['This kms contains the following.\n', node, ...new Set(notices)].join('\n');
}

/** Where the packages of Node.js have it: beside `bin`, in that of npm for one platform only. */
const OF_NODE = ['../LICENSE', `../node_modules/node-${process.platform}-${process.arch}/LICENSE`];

function licenseOfNode(): string {
  const folder = dirname(process.execPath);
  const file = OF_NODE.map((path) => join(folder, path)).find((path) => existsSync(path));
  if (file === undefined) throw new Error(`there is no LICENSE of Node.js near ${folder}`);
  return readFileSync(file, 'utf8').trim();
}

function noticesIn(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const files = readdirSync(folder).filter((file) => NOTICE.test(file));
  const texts = files.toSorted().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (texts.length === 0) {
    if (license === undefined) throw new Error(`${name} has no license`);
    texts.push('Its package has no file with the text of its license.');
  }
  return section(`${name} ${version} (${license ?? 'see below'})`, texts);
}

const section = (title: string, texts: readonly string[]): string =>
  `${'-'.repeat(80)}\n${title}\n\n${texts.join('\n\n')}\n`;
