/** Errors about files that users name: a row for each error code of the system. */
import { EnvironmentError } from '../model/error.ts';

const MEANINGS: { readonly [code: string]: readonly [message: string, ...hints: string[]] } = {
  EACCES: ['may not be used', 'see the permissions of the file and its folder'],
  EPERM: ['may not be used', 'see the permissions of the file and its folder'],
  EROFS: ['is on a read-only file system'],
  ENOENT: ['does not exist'],
  ENOTDIR: ['is below something that is not a folder'],
  EISDIR: ['is a folder'],
  EEXIST: ['exists already'],
  ELOOP: ['leads through too many symbolic links'],
  ENAMETOOLONG: ['has too long a name'],
  ENOSPC: ['cannot be written: the disk is full'],
  EDQUOT: ['cannot be written: the disk quota is reached'],
  EFBIG: ['cannot be written: the file size limit is reached'],
  EBUSY: ['cannot be replaced: something is mounted on it', 'redirect standard output into it'],
  ETXTBSY: ['cannot be written: it is a program that runs'],
  EPIPE: ['has no reader any more'],
  ENXIO: ['is a socket, or a device that is not there'],
  EBADF: ['is not open, or not for this'],
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
