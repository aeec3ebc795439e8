/**
 * Entries that this user's configuration has: a JSON file for each in a folder, named by what the entry is about, so that
 * processes that add entries at the same time do not overwrite each other. What others own or can write is refused.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { EnvironmentError } from '../model/error.ts';
import { syncFolder } from './folder.ts';
import { checkFolders } from './parent-folders.ts';
import { checkOwnFile, createPrivateFile, createPrivateFolder, explainFileError } from './private-file.ts';

/** What the entries of a folder are. */
export interface EntryRules<T> {
  /** For messages: `the trust entry`. */
  readonly what: string;
  /** A file name without its ending; nothing that leads out of the folder fits. */
  readonly name: { readonly pattern: RegExp; readonly explanation: string };
  readonly nameOf: (entry: T) => string;
  readonly encode: (entry: T) => { readonly [member: string]: unknown };
  /** undefined: malformed */
  readonly decode: (value: unknown) => T | undefined;
  /** The command that removes an entry. */
  readonly removal: (name: string) => string;
}

export interface EntryFolder<T> {
  /** The file of an entry, there or not. */
  readonly file: (name: string) => string;
  readonly find: (name: string) => T | undefined;
  /** In the order of their names. */
  readonly all: () => readonly T[];
  /** All that can be read. */
  readonly readable: () => readonly T[];
  /** Atomically; an entry with its name is replaced. */
  readonly write: (entry: T) => void;
  /** @returns whether it was there */
  readonly remove: (name: string) => boolean;
}

/** An entry is some hundred bytes, and a certificate or two. */
const MAX_BYTES = 1 << 16;

/** @param folder absolute; made by the first write */
export function entryFolder<T>(folder: string, rules: EntryRules<T>): EntryFolder<T> {
  const { what, name: names } = rules;
  const file = (name: string): string => {
    if (!names.pattern.test(name)) throw new EnvironmentError(names.explanation);
    return `${folder}/${name}.json`;
  };
  const guard = <R>(path: string, step: () => R): R => {
    try {
      return step();
    } catch (error) {
      throw explainFileError(error, `${what} ${path}`);
    }
  };
  const find = (name: string): T | undefined => readEntry(file(name), name, rules);
  return {
    file,
    find,
    all: () => namesIn(folder, rules).flatMap((name) => find(name) ?? []),
    readable: () => namesIn(folder, rules).flatMap((name) => unlessRefused(() => find(name)) ?? []),
    write(entry) {
      const path = file(rules.nameOf(entry));
      createPrivateFolder(folder);
      // a temporary folder, whose name no other process uses
      const drafts = guard(folder, () => mkdtempSync(`${folder}/.new-`));
      try {
        const draft = `${drafts}/entry`;
        createPrivateFile(draft, Buffer.from(`${JSON.stringify(rules.encode(entry), undefined, 2)}\n`), what);
        guard(path, () => {
          renameSync(draft, path);
          syncFolder(folder);
        });
      } finally {
        rmSync(drafts, { recursive: true, force: true });
      }
    },
    remove(name) {
      const path = file(name);
      if (!lstatSync(path, { throwIfNoEntry: false })) return false;
      guard(path, () => {
        rmSync(path, { force: true });
        syncFolder(folder);
      });
      return true;
    },
  };
}

function namesIn<T>(folder: string, { name }: EntryRules<T>): readonly string[] {
  try {
    return readdirSync(folder)
      .map((file) => file.replace(/\.json$/, ''))
      .filter((file) => name.pattern.test(file))
      .toSorted();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw explainFileError(error, `the folder ${folder}`);
  }
}

function readEntry<T>(path: string, name: string, { what, decode, nameOf, removal }: EntryRules<T>): T | undefined {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(fd);
      checkOwnFile(stats, path, what);
      checkFolders(path, what);
      const entry = stats.size > MAX_BYTES ? undefined : decode(parse(readFileSync(fd, 'utf8')));
      if (entry !== undefined && nameOf(entry) === name) return entry;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw explainFileError(error, `${what} ${path}`);
  }
  throw new EnvironmentError(`${what} ${path} is malformed`, [`${removal(name)} removes it`]);
}

function unlessRefused<R>(read: () => R): R | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof EnvironmentError) return undefined;
    throw error;
  }
}

const isAbsent = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
