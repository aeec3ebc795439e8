/** Streams data through the library, from a file or standard input to an output, which is written completely or not at all. */
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { fileError } from '../../files/file-error.ts';
import type { OutputFile } from '../../files/output.ts';
import type { RandomSource } from '../../runtime/capabilities.ts';
import type { Progress, StandardStreams } from '../command/capabilities.ts';

/** Standard input or output, in place of a path. */
export const STANDARD = '-';

const MEBIBYTE = 2 ** 20;
/** Each frame is kept in memory until its tag has authenticated it; the SDKs make frames of 4 KiB. */
export const MAX_FRAME = 16 * MEBIBYTE;
/** Header and signature. */
const MAX_REST = MEBIBYTE;

type ByteStream = AsyncIterable<Uint8Array>;

interface Transfer {
  readonly from: string;
  /** The message for errors of the library: `cannot be encrypted`. */
  readonly meaning: string;
  readonly output: OutputFile;
  readonly session: Progress & RandomSource & StandardStreams;
  /** Begins the library's work; what it throws later must find a listener. */
  readonly begin: () => Duplex;
  /** Told how many bytes were read; throws where that is enough. */
  readonly onRead?: (length: number) => void;
}

/**
 * Reads all of it through the library; `take` gets what comes out, and its end only when nothing failed. Shows how far
 * it is.
 */
export async function transfer<T>(
  { from, meaning, session, begin, onRead }: Transfer,
  take: (pieces: ByteStream) => Promise<T>,
): Promise<T> {
  const { finished } = await import('node:stream/promises');
  const { once } = await import('node:events');
  const { PassThrough } = await import('node:stream');
  const { stream: source, size } = await sourceOf(from, session);
  return session.progress('bytes', async (meter) => {
    if (size !== undefined) meter.expect(size);
    try {
      const through = begin();
      through.on('error', () => {}); // it may emit an error after the end
      const out = new PassThrough({ highWaterMark: MEBIBYTE });
      // the library's streams are not destroyed before they end: their inner streams would throw uncaught errors
      through.pipe(out);
      const feed = async (): Promise<void> => {
        for await (const piece of source as AsyncIterable<Buffer>) {
          meter.advance(piece.length);
          onRead?.(piece.length);
          if (!through.write(piece)) await Promise.race([once(through, 'drain'), ended]);
        }
        through.end();
      };
      const ended = finished(through);
      const all = Promise.all([feed(), ended]);
      let hasFailed = false;
      out.on('error', () => {});
      all.catch((error: unknown) => {
        hasFailed = true;
        out.destroy(error as Error);
      });
      async function* whole(): ByteStream {
        try {
          yield* out;
        } finally {
          if (hasFailed || out.readableEnded) await all; // the cause, whatever the end looked like
        }
      }
      return await take(whole());
    } catch (error) {
      throw explain(error, { from, meaning });
    } finally {
      source.destroy();
    }
  });
}

async function sourceOf(
  from: string,
  { stdin }: StandardStreams,
): Promise<{ readonly stream: Readable; readonly size: number | undefined }> {
  if (from === STANDARD) return { stream: stdin(), size: undefined };
  const { open } = await import('node:fs/promises');
  try {
    const handle = await open(from);
    const stats = await handle.stat();
    if (!stats.isDirectory())
      return { stream: handle.createReadStream(), size: stats.isFile() ? stats.size : undefined };
    await handle.close();
  } catch (error) {
    throw fileError(error, from);
  }
  throw new EnvironmentError(`${from} is a folder`);
}

/** The plaintext is kept in a temporary file until the end of the message has authenticated it. */
export async function transferAuthenticated(work: Transfer & { readonly to: string }): Promise<number> {
  const { temporaryFile } = await import('../../files/temporary-file.ts');
  const { target } = work.output;
  const folder = target.kind === 'file' ? dirname(target.path) : tmpdir();
  const subject = target.kind === 'file' ? `${work.to} cannot be written: its folder ${folder}` : undefined;
  const kept = await temporaryFile(folder, { random: work.session.random, subject });
  let silent = 0;
  async function* heard(pieces: ByteStream): ByteStream {
    for await (const piece of pieces) {
      silent = 0;
      yield piece;
    }
  }
  const onRead = (length: number): void => {
    silent += length;
    // the library would gather it in memory
    if (silent > MAX_FRAME + MAX_REST) throw new Error('the file has data after the end of the message');
  };
  try {
    await transfer({ ...work, onRead }, (pieces) => kept.write(heard(pieces)));
    return await work.output.write(kept.read());
  } finally {
    await kept.close();
  }
}

export const inputName = (from: string): string => (from === STANDARD ? 'standard input' : from);

/** Errors of calls are reported as they are; errors of the library give no reason why a message is invalid. */
function explain(error: unknown, { from, meaning }: Pick<Transfer, 'from' | 'meaning'>): unknown {
  if (error instanceof KmsError || error instanceof EnvironmentError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const subject = inputName(from);
  if (code !== undefined && /^E[A-Z0-9]+$/.test(code)) return fileError(error, subject);
  return new EnvironmentError(`${subject} ${meaning}: ${message}`, [], { cause: error });
}
