/** Where a keyring is: a folder with the keyring file and the audit log beside it. */
import { existsSync, linkSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EnvironmentError } from '../api/error.ts';
import { hex } from '../crypto/bytes.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { checkKeyringFile, createPrivateFile, explainFileError } from './files.ts';
import { logFile, type Log } from './log-file.ts';
import { sqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';

export interface Place {
  readonly folder: string;
  readonly keyring: string;
  readonly log: string;
}

const KEYRING_FILE = 'keyring.db';
const LOG_FILE = 'audit.jsonl';

/** @param path a folder, or an existing keyring file; absolute */
export function placeAt(path: string): Place {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  const folder = isFile ? dirname(path) : path;
  return { folder, keyring: isFile ? path : `${folder}/${KEYRING_FILE}`, log: `${folder}/${LOG_FILE}` };
}

/** The place of a keyring file that is still to be made: a backup. */
export function fileAt(path: string): Place {
  const keyring = resolve(path);
  return { folder: dirname(keyring), keyring, log: `${dirname(keyring)}/${LOG_FILE}` };
}

export const isKeyringAt = ({ keyring }: Place): boolean => existsSync(keyring);

export interface Opened {
  readonly store: Store;
  readonly log: Log;
}

export function openPlace(place: Place): Opened {
  checkKeyringFile(place.keyring);
  return { store: sqliteStore(place.keyring), log: logFile(place.log) };
}

export const occupied = ({ keyring }: Place): EnvironmentError =>
  new EnvironmentError(`there is a keyring at ${keyring} already`, ['name another place with --keyring']);

/** Where a new keyring is made before it is moved to its place whole: nobody ever sees half of one. */
export const draftOf = (place: Place, random: RandomBytes): Place => ({
  ...place,
  keyring: `${place.keyring}.new-${hex(random(8))}`,
});

/** @returns false if there is a keyring already */
export function movePlace(from: Place, to: Place): boolean {
  try {
    linkSync(from.keyring, to.keyring); // unlike a rename, a link replaces nothing
    return true;
  } catch (error) {
    if (isKeyringAt(to)) return false;
    throw explainFileError(error, `the keyring ${to.keyring}`);
  } finally {
    rmSync(from.keyring, { force: true });
  }
}

/** An empty store where no keyring is yet. */
export function createPlace(place: Place): Opened {
  if (isKeyringAt(place)) throw occupied(place);
  createPrivateFile(place.keyring, new Uint8Array(), 'the keyring');
  checkKeyringFile(place.keyring);
  return { store: sqliteStore(place.keyring, { create: true }), log: logFile(place.log) };
}
