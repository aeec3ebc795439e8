/**
 * The kind of output that a name stands for: an open descriptor, a device or pipe, or a regular file, existing or new.
 * A symbolic link is followed once, and only if this user or root made it. Others plant links,
 * files and pipes in folders like /tmp; what proc_sys_fs(5) says of protected_symlinks, protected_regular and
 * protected_fifos holds here whatever the system's settings are.
 */
import {
  accessSync,
  constants,
  fstatSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  type BigIntStats,
} from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { EnvironmentError } from '../model/error.ts';
import { fileError } from './file-error.ts';

export type OutputTarget =
  | { readonly kind: 'descriptor'; readonly fd: number }
  /** An output that is written to and never replaced. */
  | { readonly kind: 'device'; readonly path: string; readonly stats: BigIntStats }
  /** @property stats undefined: it is not there yet */
  | { readonly kind: 'file'; readonly path: string; readonly stats: BigIntStats | undefined };

const STANDARD_OUTPUT = '-';

export function outputTarget(name: string): OutputTarget {
  if (name === STANDARD_OUTPUT) return { kind: 'descriptor', fd: 1 };
  if (name === '' || name.includes('\0')) throw new EnvironmentError('the output path is empty or contains NUL');
  try {
    return targetAt(name, undefined);
  } catch (error) {
    throw fileError(error, name);
  }
}

function targetAt(name: string, link: string | undefined): OutputTarget {
  const folder = folderOf(name);
  const fd = descriptorNamed(folder, basename(name));
  if (fd !== undefined) return openDescriptor(fd, name);
  const path = join(folder, basename(name));
  const stats = statsOf(path);
  if (stats?.isDirectory() || name.endsWith('/')) throw new EnvironmentError(`${name} is a folder`, ['specify a file']);
  if (stats?.isSymbolicLink()) {
    if (link !== undefined) {
      throw new EnvironmentError(`${link} is a symbolic link to another symbolic link, ${path}`, [
        'specify the file that it points to',
      ]);
    }
    return targetAt(readLink(path, stats), name);
  }
  if (stats?.isSocket()) throw new EnvironmentError(`${name} is a socket`);
  if (stats && isPlanted(stats, statSync(folder, { bigint: true }))) {
    throw new EnvironmentError(`${name} belongs to another user, in a folder that other users can write to`, [
      'specify another file, or remove it first',
    ]);
  }
  if (stats && !stats.isFile()) return { kind: 'device', path, stats };
  if (stats) accessSync(path, constants.W_OK); // a rename would replace a file that may only be read
  return { kind: 'file', path, stats };
}

/** Real, so that what is made and moved there later is in the same folder. */
function folderOf(name: string): string {
  const folder = dirname(name);
  try {
    return realpathSync(folder);
  } catch (error) {
    throw fileError(error, `the folder ${folder}`);
  }
}

function statsOf(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

const OTHERS_WRITE = 0o002n;
const GROUP_WRITES = 0o020n;
const STICKY = 0o1000n;

const isForeign = ({ uid }: BigIntStats): boolean => {
  const user = process.geteuid?.();
  return user !== undefined && uid !== BigInt(user) && uid !== 0n;
};

/** Another user may have created it to receive secrets. */
const isPlanted = (stats: BigIntStats, folder: BigIntStats): boolean =>
  isForeign(stats) &&
  stats.uid !== folder.uid &&
  ((folder.mode & OTHERS_WRITE) !== 0n || ((folder.mode & STICKY) !== 0n && (folder.mode & GROUP_WRITES) !== 0n));

function readLink(path: string, stats: BigIntStats): string {
  if (isForeign(stats)) {
    throw new EnvironmentError(`${path} is a symbolic link of another user`, ['specify the file that it points to']);
  }
  const text = readlinkSync(path);
  const now = statsOf(path);
  if (now?.ino !== stats.ino || now.ctimeNs !== stats.ctimeNs) {
    throw new EnvironmentError(`${path} was changed while it was being opened`);
  }
  return isAbsolute(text) ? text : `${dirname(path)}/${text}`;
}

const STANDARD_NAMES: { readonly [path: string]: number } = { '/dev/stdin': 0, '/dev/stdout': 1, '/dev/stderr': 2 };

/** `/dev/stdout`, `/dev/fd/1`, `/proc/self/fd/1`, `/proc/thread-self/fd/1` and what these resolve to. */
function descriptorNamed(folder: string, name: string): number | undefined {
  const standard = STANDARD_NAMES[join(folder, name)];
  if (standard !== undefined || !/^\d{1,9}$/.test(name)) return standard;
  const found = /^(?:\/dev|(\/proc\/\d+)(?:\/task\/\d+)?)\/fd$/.exec(folder);
  if (!found || (found[1] !== undefined && found[1] !== realpathSync('/proc/self'))) return undefined;
  return Number(name);
}

function openDescriptor(fd: number, name: string): OutputTarget {
  const stats = attempt(() => fstatSync(fd));
  if (!stats || stats.isDirectory() || isInternal(fd)) {
    throw new EnvironmentError(`${name}: descriptor ${fd} is not open for writing`);
  }
  return { kind: 'descriptor', fd };
}

/** A descriptor that Node.js opened for itself (event loop, pipe with both ends here), to which users do not refer. */
function isInternal(fd: number): boolean {
  const link = linkOf(fd);
  if (fd <= 2 || link === undefined) return false;
  if (link.startsWith('anon_inode:')) return true;
  return (
    link.startsWith('pipe:') &&
    readdirSync('/proc/self/fd').some((other) => linkOf(Number(other)) === link && isForReading(Number(other)))
  );
}

const linkOf = (fd: number): string | undefined => attempt(() => readlinkSync(`/proc/self/fd/${fd}`));

/** proc_pid_fdinfo(5): the flags that it was opened with, in octal; the last two bits are the access mode. */
const isForReading = (fd: number): boolean =>
  /^flags:\s*\d*[04]$/m.test(attempt(() => readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')) ?? '');

function attempt<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch {
    return undefined;
  }
}
