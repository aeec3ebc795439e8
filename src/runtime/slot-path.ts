/**
 * Checks whether the path of a key file in an unlock slot is followed. The path may come from another person with the
 * keyring file, so it must not lead to a file that came with the keyring, or that depends on the process.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, sep } from 'node:path';
import { realFolder } from '../files/parent-folders.ts';
import { placeAt, type KeyringPlace } from '../keyring/place.ts';
import { PROJECT_FOLDER } from './find-place.ts';

/** Folders whose content depends on the process: `/proc/self/cwd`, `/dev/fd/3`. */
const SYSTEM = ['/proc', '/dev', '/sys'];

export interface SlotPathRules {
  readonly place: KeyringPlace;
  /** The user's folder of key files: always followed. */
  readonly ownKeys: string;
}

/** @returns why the path is not followed; undefined: it is, or there is nothing */
export function whyNotFollowed(path: string, { place, ownKeys }: SlotPathRules): string | undefined {
  if (!isAbsolute(path)) return 'it is not absolute';
  if (!existsSync(path)) return undefined;
  const way = wayTo(path);
  if (!way) return 'its path cannot be resolved';
  const { folder, through } = way;
  if (through.some((step) => SYSTEM.some((root) => isIn(step, root))))
    return 'its path leads through /proc, /dev or /sys';
  if (dirname(path) === ownKeys) return undefined;
  if (existsSync(ownKeys) && isIn(folder, realFolder(`${ownKeys}/key`).folder)) return undefined;
  const tree = treesOf(place).find((root) => isIn(folder, root));
  return tree === undefined ? undefined : `it is in ${tree}, which also contains the keyring`;
}

function wayTo(path: string): ReturnType<typeof realFolder> | undefined {
  try {
    return realFolder(path);
  } catch {
    return undefined;
  }
}

/** The keyring's folder, and what holds it if that is a project's. A keyring file of another name, a backup, has none. */
function treesOf({ folder, keyring }: KeyringPlace): readonly string[] {
  const own = realFolder(keyring).folder;
  const projects = [own, folder].filter((path) => basename(path) === PROJECT_FOLDER);
  const isOwn = keyring === placeAt(folder).keyring;
  return [...(isOwn ? [own] : []), ...projects.map((path) => realFolder(path).folder)];
}

const isIn = (path: string, root: string): boolean =>
  path === root || path.startsWith(root === sep ? sep : `${root}${sep}`);
