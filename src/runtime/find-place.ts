/** Where the keyring is: named, in a parent folder, or at the default location (README, "Where the keyring is"). */
import { lstatSync, type Stats } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { isOfOthers } from '../files/parent-folders.ts';
import { placeAt, type KeyringPlace } from '../keyring/place.ts';
import { dataFolder, type UserFolders } from './user-folders.ts';

export interface PlaceSource extends UserFolders {
  readonly cwd: string;
  /** Of `--keyring`. */
  readonly named?: string | undefined;
}

export interface FoundPlace extends KeyringPlace {
  /**
   * `named`: by an option or the environment. `project`: in the current folder or a parent, so it may come from another
   * person. `own`: the default location, where a keyring is created with the first key.
   */
  readonly kind: 'named' | 'project' | 'own';
  /** How it was found, for people. */
  readonly foundBy: string;
  /** Project folders of other users in folders such as /tmp, which are ignored. */
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
  return { ...placeAt(dataFolder(source)), kind: 'own', foundBy: 'the user keyring', passedOver };
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

/** Finds links too, even dangling ones. A folder without search permission has no keyring of this user. */
function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const STICKY_FOR_ALL = 0o1002;
const isOpenToAll = ({ mode }: Stats): boolean => (mode & STICKY_FOR_ALL) === STICKY_FOR_ALL;
