/** Folders for drafts with secrets: readable by this user alone, and in memory where the system has a file system there. */
import { mkdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileError } from './file-error.ts';

export interface PrivateFolder {
  readonly path: string;
  readonly isInMemory: boolean;
  /** @returns its path */
  readonly write: (name: string, text: string) => string;
  /** With all that is in it. */
  readonly remove: () => void;
}

/** statfs(2): TMPFS_MAGIC, RAMFS_MAGIC. */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/** @param inMemory where such a file system may be; if none of them is one, the folder is among the temporary files */
export function makePrivateFolder(
  inMemory: readonly (string | undefined)[],
  random: (length: number) => Uint8Array,
): PrivateFolder {
  const usable = inMemory.find(isUsable);
  const parent = usable ?? tmpdir();
  const path = `${parent}/kms-${Buffer.from(random(12)).toString('hex')}`;
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    throw fileError(error, `the folder for temporary files ${parent}`);
  }
  return {
    path,
    isInMemory: usable !== undefined,
    write(name, text) {
      const file = `${path}/${name}`;
      writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** In memory, and such that nobody else can put another folder in the place of one that this user makes there. */
function isUsable(path: string | undefined): path is string {
  if (path === undefined || !path.startsWith('/')) return false;
  try {
    const { uid, mode } = statSync(path);
    const isOwn = uid === process.geteuid?.() || uid === 0;
    const isClosed = (mode & OTHERS_WRITE) === 0 || (mode & STICKY) !== 0;
    return isOwn && isClosed && IN_MEMORY.has(statfsSync(path).type);
  } catch {
    return false;
  }
}
