/**
 * A disk that may lose its power: files and folders as a program left them, and as they were last made durable. What was
 * written and not synced may be lost, wholly or in part and in any order; so may a name that was made, changed or
 * removed, until its folder is synced (fsync(2): syncing a file does not sync the entry in its folder).
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

type Change =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly size: number };

interface File {
  readonly type: 'file';
  mode: number;
  now: Buffer;
  durable: Buffer;
  pending: Change[];
}

/** Names that change at once, as a rename within one folder does. */
type Naming = readonly (readonly [name: string, node: Node | undefined])[];

interface Folder {
  readonly type: 'folder';
  mode: number;
  now: Map<string, Node>;
  durable: Map<string, Node>;
  pending: Naming[];
}

interface Link {
  readonly type: 'link';
  readonly target: string;
}

export type Node = File | Folder | Link;

export const newFile = (mode: number): File => ({
  type: 'file',
  mode,
  now: Buffer.alloc(0),
  durable: Buffer.alloc(0),
  pending: [],
});
export const newFolder = (mode: number): Folder => ({
  type: 'folder',
  mode,
  now: new Map(),
  durable: new Map(),
  pending: [],
});

/** What of the changes that were not synced has reached the disk; called for each of them, in their order. */
export type Survival = (change: Change | Naming) => boolean | Change;

export const nothing: Survival = () => false;
export const everything: Survival = () => true;

const SECTOR = 512;

/** From 0 to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Any subset, seeded; of a write perhaps the first few sectors only. */
export function someOf(seed: number): Survival {
  const next = randomNumbers(seed);
  return (change) => {
    const chance = next();
    if (!('kind' in change) || change.kind !== 'write' || change.bytes.length <= SECTOR) return chance < 0.5;
    if (chance < 0.4) return true;
    if (chance < 0.8) return false;
    const kept = Math.floor(next() * (change.bytes.length / SECTOR)) * SECTOR;
    return { ...change, bytes: change.bytes.subarray(0, kept) };
  };
}

export class Disk {
  readonly #root: Folder;
  readonly #path: string;

  /** @param path of the folder that it begins as; everything in it is durable */
  constructor(path: string) {
    this.#path = path;
    this.#root = readNode(path) as Folder;
  }

  /** The names from the disk's folder to this path; undefined: it is elsewhere. */
  namesOf(path: string): readonly string[] | undefined {
    if (path === this.#path) return [];
    return path.startsWith(`${this.#path}/`) ? path.slice(this.#path.length + 1).split('/') : undefined;
  }

  find(names: readonly string[]): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of names) node = node?.type === 'folder' ? node.now.get(name) : undefined;
    return node;
  }

  /** @param changes in one folder, at once */
  name(folder: readonly string[], changes: Naming): void {
    const node = this.find(folder);
    if (node?.type !== 'folder') throw new Error(`${folder.join('/')} is not a folder`);
    node.pending.push(changes);
    apply(node.now, changes);
  }

  /** The disk after a power cut. */
  after(survival: Survival): Image {
    return imageOf(this.#root, survival);
  }
}

export function change(file: File, made: Change): void {
  file.pending.push(made);
  file.now = changed(file.now, made);
}

export function sync(node: Node): void {
  if (node.type === 'link') return;
  if (node.type === 'file') node.durable = node.now;
  else node.durable = new Map(node.now);
  node.pending = [];
}

/** Never in place: what is durable may be the same bytes. */
function changed(bytes: Buffer, made: Change): Buffer {
  const size = made.kind === 'truncate' ? made.size : Math.max(bytes.length, made.at + made.bytes.length);
  const next = Buffer.alloc(size);
  bytes.copy(next);
  if (made.kind === 'write') made.bytes.copy(next, made.at);
  return next;
}

function apply(entries: Map<string, Node>, changes: Naming): void {
  for (const [name, node] of changes) {
    if (node) entries.set(name, node);
    else entries.delete(name);
  }
}

function readNode(path: string): Node {
  const stats = lstatSync(path);
  const mode = stats.mode & 0o7777;
  if (stats.isSymbolicLink()) return { type: 'link', target: readlinkSync(path) };
  if (stats.isFile()) {
    const bytes = readFileSync(path);
    return { type: 'file', mode, now: bytes, durable: bytes, pending: [] };
  }
  if (!stats.isDirectory()) throw new Error(`${path} is neither file nor folder`);
  const entries = readdirSync(path).map((name) => [name, readNode(join(path, name))] as const);
  return { type: 'folder', mode, now: new Map(entries), durable: new Map(entries), pending: [] };
}

/** Files and folders by path, as they can be made anew. Two paths to one object are two names of one file. */
export type Image = ReadonlyMap<string, ImageNode>;

type ImageNode =
  | { readonly type: 'file'; readonly mode: number; readonly bytes: Buffer }
  | { readonly type: 'folder'; readonly mode: number }
  | Link;

function imageOf(root: Folder, survival: Survival): Image {
  const image = new Map<string, ImageNode>();
  const files = new Map<File, ImageNode>();
  const visit = (node: Node, path: string): void => {
    if (node.type === 'link') {
      image.set(path, node);
    } else if (node.type === 'file') {
      const known = files.get(node) ?? { type: 'file', mode: node.mode, bytes: survivingBytes(node, survival) };
      files.set(node, known);
      image.set(path, known);
    } else {
      image.set(path, { type: 'folder', mode: node.mode });
      const entries = new Map(node.durable);
      for (const naming of node.pending) if (survival(naming) !== false) apply(entries, naming);
      for (const [name, child] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) visit(child, join(path, name));
    }
  };
  visit(root, '.');
  return image;
}

function survivingBytes({ durable, pending }: File, survival: Survival): Buffer {
  let bytes = durable;
  for (const made of pending) {
    const survives = survival(made);
    if (survives !== false) bytes = changed(bytes, survives === true ? made : survives);
  }
  return bytes;
}

/** The same for the same content, whatever the order of the paths that led to it. */
export function fingerprint(image: Image): string {
  const hash = createHash('sha256');
  for (const [path, node] of image) {
    hash.update(`${path}\0${node.type}\0${node.type === 'link' ? node.target : node.mode}\0`);
    if (node.type === 'file') hash.update(`${node.bytes.length}\0`).update(node.bytes);
  }
  return hash.digest('hex');
}

/**
 * What is looked at by opening it, not byte by byte: the keyring's own files, and entries of the trust list, which get
 * the keyring's path when it is there.
 */
export const isOpened = (path: string, keyring: string): boolean =>
  path.startsWith(keyring) ||
  path === keyring.replace(/[^/]+$/, 'audit.jsonl') ||
  path === keyring.replace(/[^/]+$/, 'audit.jsonl.head') ||
  path.includes('/pocket-kms/trusted/');

/** The first path that is not the same in both. */
export function differenceOf(one: Image, other: Image): string | undefined {
  return [...new Set([...one.keys(), ...other.keys()])].find((path) => {
    const [a, b] = [one, other].map((image) => new Map([...image].filter(([name]) => name === path)));
    return fingerprint(a!) !== fingerprint(b!);
  });
}

export const readImage = (path: string): Image => new Disk(path).after(everything);

/** Makes the folder be what the image says; what is in it is removed. */
export function writeImage(image: Image, path: string): void {
  rmSync(path, { recursive: true, force: true });
  const made = new Map<ImageNode, string>();
  for (const [name, node] of image) {
    const at = join(path, name);
    const same = node.type === 'file' ? made.get(node) : undefined;
    if (same !== undefined) {
      linkSync(same, at);
      continue;
    }
    made.set(node, at);
    if (node.type === 'link') symlinkSync(node.target, at);
    else if (node.type === 'folder') mkdirSync(at);
    else writeFileSync(at, node.bytes);
    if (node.type !== 'link') chmodSync(at, node.mode);
  }
}
