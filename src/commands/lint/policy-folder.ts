/** The files of a folder that may hold policies. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../../model/error.ts';
import { fileError } from '../../files/file-error.ts';
import { CONFIG_NAME } from './config-search.ts';

const NAMES = /\.(?:jsonc?|ya?ml|template|tf|tofu|tfstate)$/;
/** Dependencies; folders and files whose names begin with a dot are left out too (.git, .terraform). */
const SKIPPED = new Set(['node_modules']);
const [MAX_FILES, MAX_DEPTH] = [20_000, 32];

/** In the order of their names. Links are not followed: they may lead out of the folder, or back into it. */
export function policyFilesIn(folder: string, depth = 0): readonly string[] {
  if (depth > MAX_DEPTH) return [];
  const files: string[] = [];
  for (const entry of entriesOf(folder)) {
    if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...policyFilesIn(path, depth + 1));
    else if (entry.isFile() && NAMES.test(entry.name) && entry.name !== CONFIG_NAME) files.push(path);
    if (files.length > MAX_FILES) throw new EnvironmentError(`${folder} has more than ${MAX_FILES} files to check`);
  }
  return files;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw fileError(error, folder);
  }
}
