/** The configuration of a file: policylint.json in its folder or above it, up to the repository that it is in. */
import { existsSync, lstatSync, statSync, type Stats } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileError } from '../../files/file-error.ts';
import { isOfOthers } from '../../files/parent-folders.ts';
import { EnvironmentError } from '../../model/error.ts';
import { visible } from '../../model/visible.ts';
import type { Notes } from '../command/capabilities.ts';

export const CONFIG_NAME = 'policylint.json';

/** @returns finds the configuration of a file: its path as people would write it from here. Each folder is looked at once. */
export function configSearch({ say }: Notes): (file: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  const above = (folder: string): string | undefined => {
    if (known.has(folder)) return known.get(folder);
    const path = join(folder, CONFIG_NAME);
    const isLast = (): boolean => existsSync(join(folder, '.git')) || dirname(folder) === folder;
    const found = isUsable(path, say) ? relative(process.cwd(), path) : isLast() ? undefined : above(dirname(folder));
    known.set(folder, found);
    return found;
  };
  return (file) => above(dirname(resolve(file)));
}

/**
 * It suppresses findings: one of another user would suppress those about a policy of that user, or about all that is below a
 * folder in which others can create files, such as /tmp.
 */
function isUsable(path: string, say: Notes['say']): boolean {
  const entry = statusOf(path, lstatSync);
  if (!entry) return false;
  const isForeign = isOfOthers(entry);
  const file = !isForeign && entry.isSymbolicLink() ? statusOf(path, statSync) : entry;
  if (isForeign || (file && isOfOthers(file))) {
    say(`${visible(path)} is not used: it belongs to another user; --config uses it`);
    return false;
  }
  if (!file?.isFile()) throw new EnvironmentError(`${path} is not a file`);
  return true;
}

type Status = (path: string, options: { readonly throwIfNoEntry: false }) => Stats | undefined;

function statusOf(path: string, read: Status): Stats | undefined {
  try {
    return read(path, { throwIfNoEntry: false });
  } catch (error) {
    throw fileError(error, path);
  }
}
