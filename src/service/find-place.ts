/** Where the keyring is: named, or found upward from here, or the user's own (README, "Where the keyring is"). */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { placeAt, type Place } from '../keyring/place.ts';

export interface PlaceSource {
  readonly cwd: string;
  readonly home: string;
  readonly env: { readonly [name: string]: string | undefined };
  /** Of `--keyring`. */
  readonly named?: string | undefined;
}

export interface FoundPlace extends Place {
  /** The user's own place: a keyring is made there when the first key is. */
  readonly usual: boolean;
}

const PROJECT_FOLDER = '.kms';

export function findPlace({ cwd, home, env, named }: PlaceSource): FoundPlace {
  const chosen = named ?? env['POCKET_KMS_KEYRING'] ?? projectFolder(cwd);
  if (chosen !== undefined && chosen !== '')
    return { ...placeAt(isAbsolute(chosen) ? chosen : resolve(cwd, chosen)), usual: false };
  const data = env['XDG_DATA_HOME'] || `${home}/.local/share`;
  return { ...placeAt(`${data}/pocket-kms`), usual: true };
}

function projectFolder(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = `${folder}/${PROJECT_FOLDER}`;
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}
