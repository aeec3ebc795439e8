/** A socket that only its owner can open, from its creation on. */
import { linkSync, lstatSync, renameSync, rmSync, type BigIntStats } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { EnvironmentError } from '../../model/error.ts';
import { explainFileError } from '../../files/private-file.ts';
import { checkFolders } from '../../files/parent-folders.ts';
import { started } from './listen.ts';

/** bind(2) makes a socket with all rights but these, so it is made with mode 0600 (unix(7)). */
const UMASK = 0o177;
const MODE = 0o600;

/**
 * Replaces the socket of a killed server of this user, and nothing else.
 * @throws EnvironmentError
 */
export async function listenOn(server: Server, path: string): Promise<void> {
  try {
    checkFolders(path, 'the socket');
  } catch (error) {
    throw explainFileError(error, `the folder ${dirname(path)} of the socket`);
  }
  await removeStale(path);
  await started(server, path, () => {
    // bound before listen() returns, and the umask is the whole process's: nothing runs in between
    const umask = process.umask(UMASK);
    try {
      server.listen(path);
    } finally {
      process.umask(umask);
    }
  });
  const stats = statsOf(path);
  if (stats?.isSocket() && (stats.mode & 0o777n) === BigInt(MODE)) return;
  server.close();
  throw new EnvironmentError(
    `the socket ${path} is accessible to other users: its file system does not support permissions, or it was replaced`,
  );
}

async function removeStale(path: string): Promise<void> {
  const stats = statsOf(path);
  if (!stats) return;
  if (!stats.isSocket()) throw new EnvironmentError(`${path} exists and is not a socket`);
  if (stats.uid !== BigInt(process.geteuid?.() ?? 0))
    throw new EnvironmentError(`the socket ${path} belongs to another user`);
  if (await isServed(path)) throw served(path);
  // taken away before it is looked at again: by now it may be another one, of a server that has just started
  const aside = `${path}.${process.pid}`;
  renameSync(path, aside);
  const taken = statsOf(aside);
  if (taken?.ino !== stats.ino || taken.mtimeNs !== stats.mtimeNs) {
    linkSync(aside, path);
    rmSync(aside);
    throw served(path);
  }
  rmSync(aside);
}

const statsOf = (path: string): BigIntStats | undefined => lstatSync(path, { bigint: true, throwIfNoEntry: false });

const served = (path: string): EnvironmentError => new EnvironmentError(`another process is listening on ${path}`);

/** Only a refused connection shows that no process listens: a full backlog gives another error (connect(2)). */
const isServed = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
