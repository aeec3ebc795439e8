/** Where a keyring is: a folder with the keyring file and the audit log beside it. */
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  linkSync,
  openSync,
  realpathSync,
  rmSync,
  statSync,
  type Stats,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { EnvironmentError } from '../model/error.ts';
import { hex } from '../crypto/bytes.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { syncFolder } from '../files/folder.ts';
import { removeOldDrafts } from '../files/durable.ts';
import { explainFileError } from '../files/private-file.ts';

export interface KeyringPlace {
  readonly folder: string;
  readonly keyring: string;
  readonly log: string;
}

const KEYRING_FILE = 'keyring.db';
const LOG_FILE = 'audit.jsonl';

/** @param path a folder, or an existing keyring file; absolute */
export function placeAt(path: string): KeyringPlace {
  const isFile = statIfThere(path)?.isFile() ?? false;
  const keyring = isFile ? path : `${path}/${KEYRING_FILE}`;
  return { folder: dirname(keyring), keyring, log: logOf(keyring) };
}

function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw explainFileError(error, `the keyring ${path}`);
  }
}

/** Each keyring file has its own log: the log of a copy beside the keyring has another name. */
const logOf = (keyring: string): string =>
  basename(keyring) === KEYRING_FILE ? inFolder(dirname(keyring), LOG_FILE) : `${keyring}.${LOG_FILE}`;

/** The same for every spelling of the folder. */
export const realKeyring = ({ folder, keyring }: KeyringPlace): string =>
  inFolder(realpathSync.native(folder), basename(keyring));

/** Texts, not join(): its first use in a process costs a millisecond of a call. */
const inFolder = (folder: string, name: string): string => `${folder === '/' ? '' : folder}/${name}`;

/** Removes the permissions of others from the folder and files of the keyring, where this user may. */
export function closePlace({ folder, keyring, log }: KeyringPlace): void {
  close(folder, 0o700);
  const journals = ['-journal', '-wal', '-shm'].map((end) => `${keyring}${end}`);
  for (const file of [keyring, log, `${log}.head`, ...journals]) close(file, 0o600);
}

function close(path: string, mode: number): void {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return; // absent, a link, or not accessible: opening the keyring reports it
  }
  try {
    const stats = fstatSync(fd);
    if (mode === 0o700 ? stats.isDirectory() : stats.isFile()) fchmodSync(fd, mode);
  } catch (error) {
    if (!['EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code!)) throw error;
  } finally {
    closeSync(fd);
  }
}

export const isKeyringAt = ({ keyring }: KeyringPlace): boolean => existsSync(keyring);

export const occupied = ({ keyring }: KeyringPlace): EnvironmentError =>
  new EnvironmentError(`a keyring already exists at ${keyring}`, ['specify another location with --keyring']);

/** Where a new keyring is created before it is moved to its place, so that it is never visible in part. */
export function draftOf(
  place: KeyringPlace,
  { random, clock }: { random: RandomBytes; clock: () => number },
): KeyringPlace {
  removeOldDrafts(place.keyring, clock());
  return { ...place, keyring: `${place.keyring}.new-${hex(random(8))}` };
}

export function removeDraft({ keyring }: KeyringPlace): void {
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${keyring}${end}`, { force: true });
}

/** @returns false if there is a keyring already */
export function movePlace(from: KeyringPlace, to: KeyringPlace): boolean {
  try {
    linkSync(from.keyring, to.keyring); // unlike a rename, a link replaces nothing
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw explainFileError(error, `the keyring ${to.keyring}`);
  } finally {
    removeDraft(from);
  }
}

/** After movePlace(): a step of its own, since a keyring whose name could not be synced is there all the same. */
export function syncPlace({ folder }: KeyringPlace): void {
  try {
    syncFolder(folder);
  } catch (error) {
    throw explainFileError(error, `the folder ${folder}`);
  }
}
