/** Errors of SQLite, as what they mean for a keyring. */
import { EnvironmentError } from '../model/error.ts';
import { replaced } from './sqlite-files.ts';

/** The largest value is the root while it holds the lines of many events. Larger values are refused. */
export const MAX_VALUE_BYTES = 256 * 1024 * 1024;

export function withErrorsExplained<T>(name: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw explainSqliteError(name, error);
  }
}

type Meaning = readonly [message: string, ...hints: string[]];
const BACKUP = 'kms keyring restore FILE restores a backup';
export const NOT_OURS: Meaning = ['is not a keyring, or is damaged', BACKUP];
export const DAMAGED: Meaning = ['is damaged', BACKUP];

/** Data that SQLite accepts and this driver does not. */
export class Unusable extends Error {
  readonly meaning: Meaning;

  constructor(meaning: Meaning) {
    super(meaning[0]);
    this.meaning = meaning;
  }
}

const BUSY = 5;

/** SQLite's primary result codes (https://sqlite.org/rescode.html) as what they mean for a keyring. */
const MEANINGS = new Map<number, Meaning>([
  [1, NOT_OURS], // SQLITE_ERROR: a schema that cannot be read
  [BUSY, ['is locked by another process', 'find the process that has it open, and try again']],
  [8, ['cannot be written', 'the folder and the file must be writable: every call is logged']], // READONLY
  [10, ['cannot be read or written', 'check the disk for errors and free space']], // IOERR
  [11, DAMAGED], // CORRUPT
  [13, ['cannot be written: the disk is full']], // FULL
  [14, ['cannot be opened', 'the folder and the file must be readable and writable']], // CANTOPEN
  [18, [`contains, or would contain, a value of more than ${MAX_VALUE_BYTES} bytes`]], // TOOBIG
  [26, ['is not a keyring']], // NOTADB
]);

/** SQLITE_READONLY_DBMOVED: SQLite itself has found that the file is no longer at its path. */
const DBMOVED = 1032;

export function explainSqliteError(name: string, error: unknown): unknown {
  if (!isSqliteError(error) && !(error instanceof Unusable)) return error;
  if ('errcode' in error && error.errcode === DBMOVED) return replaced(name);
  const [message, ...hints] =
    'meaning' in error ? error.meaning : (MEANINGS.get(error.errcode & 0xff) ?? [`cannot be used: ${error.message}`]);
  return new EnvironmentError(`${name} ${message}`, hints, { cause: error });
}

export const isSqliteError = (error: unknown): error is Error & { errcode: number } =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';

export const isBusy = (error: unknown): boolean => isSqliteError(error) && (error.errcode & 0xff) === BUSY;
