/** Where the keyring is: named, or found upward from here, or the user's own (README, "Where the keyring is"). */
import { lstatSync, type Stats } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { isOfOthers } from '../keyring/folders.ts';
import { placeAt, type KeyringPlace } from '../keyring/place.ts';
import { dataFolder, type UserFolders } from './user-folders.ts';

export interface PlaceSource extends UserFolders {
  readonly cwd: string;
  /** Of `--keyring`. */
  readonly named?: string | undefined;
}

export interface FoundPlace extends KeyringPlace {
  /**
   * `named`: by hand, for this call or this environment. `project`: found upward from here, so whoever made the folders
   * chose it. `own`: the user's own place, where a keyring is made when the first key is.
   */
  readonly kind: 'named' | 'project' | 'own';
  /** How it was found, for people. */
  readonly foundBy: string;
  /** Project folders that other users put into folders like /tmp: they do not count. */
  readonly passedOver: readonly string[];
}

export const PROJECT_FOLDER = '.kms';

export function findPlace(source: PlaceSource): FoundPlace {
  const { cwd, env, named } = source;
  const setting = env['POCKET_KMS_KEYRING'];
  const chosen = named ?? setting;
  if (chosen) {
    const place = placeAt(isAbsolute(chosen) ? chosen : resolve(cwd, chosen));
    return {
      ...place,
      kind: 'named',
      foundBy: named === undefined ? 'POCKET_KMS_KEYRING' : '--keyring',
      passedOver: [],
    };
  }
  const { found, passedOver } = chosen === undefined ? projectFolder(cwd) : { passedOver: [] };
  if (found !== undefined)
    return { ...placeAt(found), kind: 'project', foundBy: `the folder ${PROJECT_FOLDER} here or above`, passedOver };
  return { ...placeAt(dataFolder(source)), kind: 'own', foundBy: 'your own place', passedOver };
}

/** Where `kms init --project` makes a keyring. */
export const projectPlace = (cwd: string): KeyringPlace => placeAt(resolve(cwd, PROJECT_FOLDER));

function projectFolder(from: string): { readonly found?: string; readonly passedOver: readonly string[] } {
  const passedOver: string[] = [];
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = resolve(folder, PROJECT_FOLDER);
    const stats = statsOf(candidate);
    if (stats && isOfOthers(stats) && isOpenToAll(lstatSync(folder))) passedOver.push(candidate);
    else if (stats) return { found: candidate, passedOver };
    if (dirname(folder) === folder) return { passedOver };
  }
}

/** A link is found too, wherever it leads. A folder that may not be searched has none of ours. */
function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const STICKY_FOR_ALL = 0o1002;
const isOpenToAll = ({ mode }: Stats): boolean => (mode & STICKY_FOR_ALL) === STICKY_FOR_ALL;
