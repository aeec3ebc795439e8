/**
 * Temporary storage for secret bytes: a file without a name, encrypted under a key that only this process has.
 * However the process ends, no name refers to the file, and its remains on the disk cannot be decrypted.
 */
import { createCipheriv } from 'node:crypto';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { readSome, writeAll } from './descriptor.ts';
import { fileError } from './file-error.ts';
import { gathered, type Pieces } from './pieces.ts';

export interface TemporaryFile {
  write(pieces: Pieces): Promise<void>;
  /** From its beginning. */
  read(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** open(2): Linux's flag for a file without a name. Node.js has no constant for it, and its number differs. */
export const O_TMPFILE: { readonly [architecture: string]: number } = { x64: 0o20200000, arm64: 0o20040000 };

const CIPHER = 'aes-256-ctr';
const PIECE = 1 << 20;

interface Wanted {
  readonly random: (length: number) => Uint8Array;
  /** What errors about the folder begin with. */
  readonly subject?: string | undefined;
}

/** @param folder on the file system that has space for it */
export async function temporaryFile(
  folder: string,
  { random, subject = `the folder for temporary files ${folder}` }: Wanted,
): Promise<TemporaryFile> {
  const guard = async <T>(step: () => T | Promise<T>): Promise<T> => {
    try {
      return await step();
    } catch (error) {
      throw fileError(error, subject);
    }
  };
  const fd = await guard(() => openWithoutName(folder) ?? openAndUnlink(folder, random));
  const [key, counter] = [random(32), random(16)];
  // counter mode: the same function encrypts and decrypts
  const cipher = (): ReturnType<typeof createCipheriv> => createCipheriv(CIPHER, key, counter);
  const encryption = cipher();
  let size = 0;
  return {
    async write(pieces) {
      for await (const piece of gathered(pieces)) {
        const sealed = encryption.update(piece);
        await guard(() => writeAll(fd, sealed, size));
        size += sealed.length;
      }
    },
    async *read() {
      const decryption = cipher();
      const buffer = Buffer.alloc(Math.min(PIECE, size));
      for (let at = 0; at < size;) {
        const length = await guard(() => readSome(fd, buffer, at));
        if (length === 0) throw new Error('the temporary file was truncated');
        at += length;
        yield decryption.update(buffer.subarray(0, length));
      }
    },
    close: async () => closeSync(fd),
  };
}

function openWithoutName(folder: string): number | undefined {
  const flag = process.platform === 'linux' ? O_TMPFILE[process.arch] : undefined;
  if (flag === undefined) return undefined;
  try {
    // O_EXCL: it cannot be given a name later. Not all file systems support O_TMPFILE; the fallback reports other errors
    return openSync(folder, flag | constants.O_RDWR | constants.O_EXCL, 0o600);
  } catch {
    return undefined;
  }
}

/** The file has a name while it is empty, and no signal handler can run in between. */
function openAndUnlink(folder: string, random: (length: number) => Uint8Array): number {
  const path = `${folder}/.kms-${Buffer.from(random(12)).toString('hex')}`;
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  unlinkSync(path);
  return fd;
}
