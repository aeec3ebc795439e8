/**
 * The only writer of files that users name. A regular file is written to a temporary file, synced and renamed (fsync(2),
 * rename(2)); a device, a pipe and an open descriptor are written directly.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { EnvironmentError } from '../model/error.ts';
import { writeAll } from './descriptor.ts';
import { fileError } from './file-error.ts';
import { syncFolder } from './folder.ts';
import { undoneBySignals } from './interruption.ts';
import { whileLocked } from './lock.ts';
import { outputTarget, type OutputTarget } from './output-target.ts';
import { gathered, type Pieces } from './pieces.ts';

export interface OutputOptions {
  readonly random: (length: number) => Uint8Array;
  /** Of a new file, less the umask: 0o600 where it holds plaintext or secrets. A file that is replaced keeps its own. */
  readonly mode: number;
  /** Whether a regular file that is there already is replaced, or refused with a hint. */
  readonly existing: 'replace' | { readonly hint: string };
}

export interface OutputFile {
  readonly target: OutputTarget;
  /**
   * Writes all of it or, for a regular file, nothing.
   * @param check of a regular file, directly before it is replaced: throws where it must not be. No other process that
   * checks replaces the file in between
   * @returns how many bytes
   */
  write(pieces: Pieces, check?: () => void): Promise<number>;
}

/**
 * Determines the kind of output before anything is read, prompted for or opened, so that an unusable output is refused
 * first.
 * @param name a path; `-` is standard output
 */
export function outputTo(name: string, options: OutputOptions): OutputFile {
  const target = outputTarget(name);
  if (target.kind === 'file' && target.stats && options.existing !== 'replace') {
    throw existsAlready(name, options.existing);
  }
  return {
    target,
    async write(pieces, check) {
      const guard = guardOf(name);
      switch (target.kind) {
        case 'descriptor':
          return writeInto(target.fd, pieces, guard);
        case 'device':
          return writeDevice(target, pieces, guard);
        case 'file':
          return writeFile(target, pieces, { ...options, name, guard, check });
      }
    },
  };
}

/** A hint for files that no option replaces. */
export const REFUSED = { hint: 'specify another file, or remove it first' };

const existsAlready = (name: string, { hint }: typeof REFUSED): EnvironmentError =>
  new EnvironmentError(`${name} already exists`, [hint]);

/** Converts system errors about the output; errors of the source of the pieces pass unchanged. */
type Guard = <T>(step: () => T | Promise<T>) => Promise<T>;

const guardOf =
  (name: string): Guard =>
  async (step) => {
    try {
      return await step();
    } catch (error) {
      throw fileError(error, name === '-' ? 'standard output' : name);
    }
  };

async function writeInto(fd: number, pieces: Pieces, guard: Guard): Promise<number> {
  let count = 0;
  for await (const piece of gathered(pieces)) {
    await guard(() => writeAll(fd, piece));
    count += piece.length;
  }
  return count;
}

async function writeDevice(
  { path, stats }: Extract<OutputTarget, { kind: 'device' }>,
  pieces: Pieces,
  guard: Guard,
): Promise<number> {
  // opening a pipe waits for its reader; a signal ends the wait
  const fd = await guard(() => openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NOCTTY));
  try {
    const opened = fstatSync(fd, { bigint: true });
    if (opened.ino !== stats.ino || opened.dev !== stats.dev || opened.isFile()) {
      throw new EnvironmentError(`${path} was replaced while it was being opened`);
    }
    const count = await writeInto(fd, pieces, guard);
    await guard(() => unlessUnsupported(() => fsyncSync(fd)));
    return count;
  } finally {
    closeSync(fd);
  }
}

interface Writing extends OutputOptions {
  readonly name: string;
  readonly guard: Guard;
  readonly check: (() => void) | undefined;
}

async function writeFile(
  { path, stats }: Extract<OutputTarget, { kind: 'file' }>,
  pieces: Pieces,
  { random, mode, existing, name, guard, check }: Writing,
): Promise<number> {
  const folder = dirname(path);
  const draft = `${folder}/.kms-${Buffer.from(random(12)).toString('hex')}`;
  const remove = (): void => rmSync(draft, { force: true });
  return undoneBySignals(remove, async () => {
    const fd = openDraft(draft, { mode: stats ? 0o600 : mode, name });
    try {
      const count = await writeInto(fd, pieces, guard);
      await guard(async () => {
        if (stats) keepOwnerAndMode(fd, stats);
        fsyncSync(fd);
        if (check) await whileLocked(path, () => (check(), renameSync(draft, path)));
        else if (existing === 'replace') renameSync(draft, path);
        else moveToFreeName(draft, path, { name, ...existing });
        syncFolder(folder);
      });
      return count;
    } catch (error) {
      remove();
      throw error;
    } finally {
      closeSync(fd);
    }
  });
}

function openDraft(path: string, { mode, name }: { mode: number; name: string }): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode);
  } catch (error) {
    const advice =
      'files are written to a temporary file in the same folder and renamed; to avoid this, redirect standard output';
    throw fileError(error, `${name} cannot be written: its folder ${dirname(path)}`, advice);
  }
}

/** If the group cannot be kept, the file's group gets the permissions of others. */
function keepOwnerAndMode(fd: number, stats: { uid: bigint; gid: bigint; mode: bigint }): void {
  const made = fstatSync(fd);
  const [uid, gid, mode] = [Number(stats.uid), Number(stats.gid), Number(stats.mode) & 0o777];
  const change = (user: number): boolean => {
    try {
      fchownSync(fd, user, gid);
      return true;
    } catch {
      return false;
    }
  };
  const isKept = made.gid === gid || change(made.uid);
  if (made.uid !== uid) change(uid);
  fchmodSync(fd, isKept ? mode : (mode & 0o707) | ((mode & 0o007) << 3));
}

/** Unlike a rename, a link replaces nothing. */
function moveToFreeName(draft: string, path: string, { name, hint }: { name: string; hint: string }): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? existsAlready(name, { hint }) : error;
  }
  unlinkSync(draft);
}

async function unlessUnsupported(step: () => unknown): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EROFS'].includes((error as NodeJS.ErrnoException).code!)) throw error;
  }
}
