/** Where the keyring is: named, or found upward from here, or the user's own (README, "Where the keyring is"). */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { placeAt, type Place } from '../keyring/place.ts';
import { dataFolder, type UserFolders } from './user-folders.ts';

export interface PlaceSource extends UserFolders {
  readonly cwd: string;
  /** Of `--keyring`. */
  readonly named?: string | undefined;
}

export interface FoundPlace extends Place {
  /** The user's own place: a keyring is made there when the first key is. */
  readonly usual: boolean;
}

const PROJECT_FOLDER = '.kms';

export function findPlace(source: PlaceSource): FoundPlace {
  const { cwd, env, named } = source;
  const chosen = named ?? env['POCKET_KMS_KEYRING'] ?? projectFolder(cwd);
  if (chosen !== undefined && chosen !== '')
    return { ...placeAt(isAbsolute(chosen) ? chosen : resolve(cwd, chosen)), usual: false };
  return { ...placeAt(dataFolder(source)), usual: true };
}

function projectFolder(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = `${folder}/${PROJECT_FOLDER}`;
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}
