/**
 * The old files of an audit log, beside it: those that were put aside when a new one began. They are named by the number of
 * the last event that the keyring knew then, and may be compressed.
 */
import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { createHash } from 'node:crypto';
import { EnvironmentError } from '../model/error.ts';
import { createFromPieces, removeDurably } from '../files/durable.ts';
import { explainFileError } from '../files/private-file.ts';
import { OwnFile, piecesOf, statsOf } from './own-file.ts';

export interface OldLog {
  /** Its name in the folder. */
  readonly file: string;
  readonly path: string;
  /** The number in its name. */
  readonly sequence: number;
  readonly isCompressed: boolean;
}

export interface LogLocation {
  /** Of the log that is in use. */
  readonly path: string;
  /** Another user who may own the files. */
  readonly owner?: number | undefined;
}

const COMPRESSED = '.gz';

/** The oldest first. Of one that was compressed and is still there, that one. */
export function oldLogs({ path }: LogLocation): readonly OldLog[] {
  const [folder, stem] = [dirname(path), basename(path).replace(/\.jsonl$/, '-')];
  const found: { readonly log: OldLog; readonly alternative: number }[] = [];
  const names = new Set(namesIn(folder));
  for (const file of names) {
    if (!file.startsWith(stem)) continue;
    const [, sequence, alternative = '0', end] =
      /^(\d{1,15})(?:-(\d{1,9}))?\.jsonl(\.gz)?$/.exec(file.slice(stem.length)) ?? [];
    const isCompressed = end === COMPRESSED;
    if (sequence === undefined || (isCompressed && names.has(file.slice(0, -COMPRESSED.length)))) continue;
    const log = { file, path: `${folder}/${file}`, sequence: Number(sequence), isCompressed };
    found.push({ log, alternative: Number(alternative) });
  }
  return found
    .toSorted((a, b) => a.log.sequence - b.log.sequence || a.alternative - b.alternative)
    .map(({ log }) => log);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw explainFileError(error, `the folder ${folder}`);
  }
}

/** What an old log holds, decompressed. A file that another process compresses meanwhile is read all the same. */
export async function* piecesOfOldLog(log: OldLog, location: LogLocation): AsyncGenerator<Uint8Array> {
  const isThere = log.isCompressed || statsOf(log.path) !== undefined;
  const path = isThere ? log.path : log.path + COMPRESSED;
  if (log.isCompressed || !isThere) yield* decompressed(path, location);
  else yield* filePieces(path, location);
}

async function* decompressed(path: string, location: LogLocation): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  pipeline(Readable.from(filePieces(path, location)), gunzip, () => {}); // the error comes with the pieces
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    throw new EnvironmentError(
      `the compressed audit log ${path} is damaged: ${(error as Error).message}`,
      ['kms audit verify --all shows the problems'],
      { cause: error },
    );
  }
}

/** Each in a buffer of its own. */
function* filePieces(path: string, { owner }: LogLocation): Generator<Uint8Array> {
  const file = new OwnFile(path, 'the audit log', owner);
  try {
    const { fd } = file;
    if (fd === undefined) throw new EnvironmentError(`the audit log ${path} is missing`);
    for (const piece of piecesOf(fd)) yield Uint8Array.from(piece);
  } catch (error) {
    throw explainFileError(error, `the audit log ${path}`);
  } finally {
    file.close();
  }
}

/**
 * Compresses an old log. The file as it was goes only when the compressed one is on the disk and holds the same: killed
 * anywhere, either of them is whole, and the next time does what is left.
 * @returns the path of the compressed file
 */
export async function compressOldLog(log: OldLog, location: LogLocation): Promise<string> {
  const path = log.path + COMPRESSED;
  try {
    await compress(log, path, location);
  } catch (error) {
    // another process that compresses it too was faster, anywhere: it has removed what it had compressed, and compared
    if (statsOf(log.path) || !statsOf(path)) throw error;
  }
  return path;
}

async function compress(log: OldLog, path: string, location: LogLocation): Promise<void> {
  if (!statsOf(path)) {
    const gzip = createGzip();
    pipeline(Readable.from(filePieces(log.path, location)), gzip, () => {});
    try {
      await createFromPieces(path, gzip, location.owner);
    } catch (error) {
      // another process was faster
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw explainFileError(error, `the file ${path}`);
    }
  }
  if (!statsOf(log.path)) return;
  const [before, after] = [
    await digestOf(filePieces(log.path, location)),
    await digestOf(decompressed(path, location)),
  ];
  if (before !== after) {
    throw new EnvironmentError(`${path} is there already, and does not hold what ${log.file} does`, [
      'move it to another location',
    ]);
  }
  removeDurably(log.path);
}

async function digestOf(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
