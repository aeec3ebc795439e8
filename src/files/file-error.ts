/** Errors about files that users name: a row for each error code of the system. */
import { EnvironmentError } from '../model/error.ts';

const MEANINGS: { readonly [code: string]: readonly [message: string, ...hints: string[]] } = {
  EACCES: ['cannot be accessed: permission denied', 'check the permissions of the file and its folder'],
  EPERM: ['cannot be accessed: permission denied', 'check the permissions of the file and its folder'],
  EROFS: ['is on a read-only file system'],
  ENOENT: ['does not exist'],
  ENOTDIR: ['has a path component that is not a folder'],
  EISDIR: ['is a folder'],
  EEXIST: ['already exists'],
  ELOOP: ['has too many symbolic links in its path'],
  ENAMETOOLONG: ['has a name that is too long'],
  ENOSPC: ['cannot be written: the disk is full'],
  EDQUOT: ['cannot be written: the disk quota is reached'],
  EFBIG: ['cannot be written: the file size limit is reached'],
  EBUSY: ['cannot be replaced: it is a mount point', 'redirect standard output to it'],
  ETXTBSY: ['cannot be written: it is a program that is running'],
  EPIPE: ['is a pipe without a reader'],
  ENXIO: ['is a socket, or a device that does not exist'],
  EBADF: ['is not open for this access'],
};

/**
 * @param subject what the message begins with: a name, or words and a name
 * @param advice more lines of hints
 */
export function fileError(error: unknown, subject: string, ...advice: readonly string[]): unknown {
  if (!(error instanceof Error) || error instanceof EnvironmentError || !('syscall' in error)) return error;
  const [message, ...hints] = MEANINGS[String((error as NodeJS.ErrnoException).code)] ?? [
    `cannot be used: ${error.message}`,
  ];
  return new EnvironmentError(`${subject} ${message}`, [...hints, ...advice], { cause: error });
}
