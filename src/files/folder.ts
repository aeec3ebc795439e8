/**
 * Folders that outlast a power cut: a name that was made, changed or removed is on the disk when the folder that it is in
 * is (fsync(2)).
 */
import { constants, mkdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a folder, and those above it that are missing. @param path absolute @param mode less the umask */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  for (const made of makeMissing(path, mode)) await syncFolder(dirname(made));
}

/** Not mkdir's `recursive`, which never ends where the system has no such folder and makes none, as in /proc. */
function makeMissing(path: string, mode: number): readonly string[] {
  try {
    mkdirSync(path, { mode });
    return [path];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return [];
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
  }
  const above = makeMissing(dirname(path), mode);
  mkdirSync(path, { mode });
  return [...above, path];
}

/** A folder that may not be read cannot be synced, and some systems have no way to. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return undefined;
    throw error;
  });
  try {
    await unlessUnsupported(async () => handle?.sync());
  } finally {
    await handle?.close();
  }
}

export async function unlessUnsupported(step: () => unknown): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EROFS'].includes((error as NodeJS.ErrnoException).code!)) throw error;
  }
}
