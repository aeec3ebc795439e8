/** The configuration of a file: policylint.json in its folder or above it, up to the repository that it is in. */
import { existsSync, lstatSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const CONFIG_NAME = 'policylint.json';

/** @returns its path as people would write it from here */
export function configAbove(file: string): string | undefined {
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    const path = join(folder, CONFIG_NAME);
    if (isOwn(path, folder)) return relative(process.cwd(), path) || path;
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) return undefined;
  }
}

/** It suppresses findings: not one that others left in a folder that everyone can write, such as /tmp. */
function isOwn(path: string, folder: string): boolean {
  const file = lstatSync(path, { throwIfNoEntry: false });
  if (!file?.isFile()) return false;
  const isShared = (statSync(folder).mode & 0o002) !== 0;
  return !isShared || file.uid === process.getuid?.();
}
