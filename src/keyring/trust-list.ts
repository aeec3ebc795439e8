/**
 * The keyrings that this user trusts: a file for each in the user's configuration folder, named by the keyring's ID, so that
 * processes that add keyrings at the same time do not overwrite each other (ADR 12). An entry has the fingerprint of the
 * root key, because the ID is in clear in the keyring file and can be copied.
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
import { syncFolder } from '../files/folder.ts';
import { checkOwnFile, createPrivateFile, createPrivateFolder, explainFileError } from '../files/private-file.ts';
import { checkFolders } from '../files/parent-folders.ts';
import type { KeyringPlace } from './place.ts';

export interface TrustedKeyring {
  readonly keyringId: string;
  readonly fingerprint: string;
  /** Keyring files that were this keyring when it was trusted. */
  readonly paths: readonly string[];
  /** When, as ISO 8601. */
  readonly since: string;
}

export interface TrustList {
  /** The file of this keyring's entry, there or not. */
  file(keyringId: string): string;
  find(keyringId: string): TrustedKeyring | undefined;
  all(): readonly TrustedKeyring[];
  /** Adds a keyring, or a path to it; the path is no longer that of another one. */
  add(entry: Omit<TrustedKeyring, 'paths'> & { readonly path?: string | undefined }): void;
  /** @returns whether it was there */
  remove(keyringId: string): boolean;
}

const ID = /^[0-9a-f]{32}$/;
const WHAT = 'the trust entry';
/** An entry is some hundred bytes. */
const MAX_BYTES = 1 << 16;

/** @param folder of the user's configuration; absolute */
export function trustList(folder: string): TrustList {
  const file = (keyringId: string): string => {
    if (!ID.test(keyringId)) throw new EnvironmentError('a keyring ID has 32 hexadecimal digits');
    return `${folder}/${keyringId}.json`;
  };
  const find = (keyringId: string): TrustedKeyring | undefined => readEntry(file(keyringId), keyringId);
  const all = (): readonly TrustedKeyring[] => idsIn(folder).flatMap((id) => find(id) ?? []);
  const write = (entry: TrustedKeyring): void => {
    createPrivateFolder(folder);
    // a temporary folder, whose name no other process uses
    const drafts = guard(folder, () => mkdtempSync(`${folder}/.new-`));
    try {
      const draft = `${drafts}/entry`;
      createPrivateFile(draft, Buffer.from(encode(entry)), WHAT);
      guard(file(entry.keyringId), () => {
        renameSync(draft, file(entry.keyringId));
        syncFolder(folder);
      });
    } finally {
      rmSync(drafts, { recursive: true, force: true });
    }
  };
  return {
    file,
    find,
    all,
    add({ path, ...entry }) {
      const known = find(entry.keyringId);
      if (known && known.fingerprint !== entry.fingerprint)
        throw otherFingerprint(entry.keyringId, file(entry.keyringId));
      const paths = new Set(known?.paths);
      if (path !== undefined) {
        paths.add(path);
        for (const id of idsIn(folder)) {
          const other = id === entry.keyringId ? undefined : readable(() => find(id));
          if (other?.paths.includes(path)) write({ ...other, paths: other.paths.filter((one) => one !== path) });
        }
      }
      if (known && paths.size === known.paths.length) return;
      write({ ...entry, since: known?.since ?? entry.since, paths: [...paths] });
    },
    remove(keyringId) {
      const path = file(keyringId);
      if (!lstatSync(path, { throwIfNoEntry: false })) return false;
      guard(path, () => {
        rmSync(path, { force: true });
        syncFolder(folder);
      });
      return true;
    },
  };
}

const otherFingerprint = (keyringId: string, file: string): EnvironmentError =>
  new EnvironmentError(`keyring ${keyringId} is trusted with another fingerprint: ${file}`, [
    'ask its owner for the correct fingerprint',
    `kms keyring trust --remove ${keyringId} removes the old one`,
  ]);

function idsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .map((name) => name.replace(/\.json$/, ''))
      .filter((name) => ID.test(name))
      .toSorted();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw explainFileError(error, `the folder ${folder}`);
  }
}

function readEntry(path: string, keyringId: string): TrustedKeyring | undefined {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(fd);
      checkOwnFile(stats, path, WHAT);
      checkFolders(path, WHAT);
      const entry = stats.size > MAX_BYTES ? undefined : decode(readFileSync(fd, 'utf8'));
      if (entry?.keyringId === keyringId) return entry;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw explainFileError(error, `${WHAT} ${path}`);
  }
  throw new EnvironmentError(`${WHAT} ${path} is malformed`, [`kms keyring trust --remove ${keyringId} removes it`]);
}

/** An entry that cannot be read has no paths. */
function readable(read: () => TrustedKeyring | undefined): TrustedKeyring | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof EnvironmentError) return undefined;
    throw error;
  }
}

function guard<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw explainFileError(error, `${WHAT} ${path}`);
  }
}

const isAbsent = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

const encode = ({ keyringId, fingerprint, paths, since }: TrustedKeyring): string =>
  `${JSON.stringify({ KeyringId: keyringId, Fingerprint: fingerprint, Paths: paths, Since: since }, undefined, 2)}\n`;

function decode(text: string): TrustedKeyring | undefined {
  const value: unknown = parse(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const { KeyringId, Fingerprint, Paths, Since } = value as { readonly [member: string]: unknown };
  if (!isHex(KeyringId) || !isHex(Fingerprint) || typeof Since !== 'string') return undefined;
  if (Number.isNaN(Date.parse(Since)) || !Array.isArray(Paths)) return undefined;
  if (!Paths.every((path): path is string => typeof path === 'string')) return undefined;
  return { keyringId: KeyringId, fingerprint: Fingerprint, paths: Paths, since: Since };
}

const isHex = (value: unknown): value is string => typeof value === 'string' && ID.test(value);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `ID:FINGERPRINT`, both of 32 hexadecimal digits. */
export function parseTrust(text: string): Pick<TrustedKeyring, 'keyringId' | 'fingerprint'> | undefined {
  const [keyringId, fingerprint, ...rest] = text.trim().toLowerCase().split(':');
  return isHex(keyringId) && isHex(fingerprint) && rest.length === 0 ? { keyringId, fingerprint } : undefined;
}

/** A keyring that was found and is not trusted. */
export class UntrustedKeyring extends EnvironmentError {
  readonly keyringId: string | undefined;
  constructor({ keyring }: KeyringPlace, keyringId: string | undefined) {
    const id = keyringId === undefined ? 'its keyring ID cannot be read' : `keyring ID ${keyringId}`;
    super(`the keyring ${keyring} was found here, and this user has neither created nor trusted it (${id})`, [
      'if you trust its origin: kms keyring trust',
      `in one environment, such as a pipeline: POCKET_KMS_TRUST=${keyringId ?? 'ID'}:FINGERPRINT`,
      'to use another keyring: --keyring FOLDER',
    ]);
    this.keyringId = keyringId;
  }
}
