/**
 * The store driver over one SQLite file: rollback journal, full sync, one transaction at a time across processes
 * (spec/start-up-and-storage.md 2.4).
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { EnvironmentError } from '../api/error.ts';
import { Queue, type Row, type Store, type StoreTransaction } from './store.ts';

/** "KMS1": lets file(1) and others recognise the file. */
const APPLICATION_ID = 0x4b4d5331;
/** How long a call waits for others; SQLite's own default is not at all. */
const BUSY_TIMEOUT_MS = 30_000;
/** secure_delete: what is deleted or replaced is overwritten. trusted_schema: a planted view or trigger runs nothing. */
const PRAGMAS = 'PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; PRAGMA synchronous = FULL';
const SCHEMA = `
  PRAGMA application_id = ${APPLICATION_ID};
  CREATE TABLE record (path TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID`;

/**
 * @param file an existing file, empty if `create`; whoever calls has checked what kind of file it is (files.ts)
 */
export function sqliteStore(file: string, { create = false }: { create?: boolean } = {}): Store {
  // process.getBuiltinModule: node:sqlite is loaded only when a store is opened, and never through the ESM loader
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  return described(file, () => {
    const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    db.exec(create ? PRAGMAS + SCHEMA.replace(/^/, ';') : PRAGMAS);
    return storeOver(db, file);
  });
}

export function storeOver(db: DatabaseSync, name: string): Store {
  const queue = new Queue();
  let stays = false;
  const statements = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const prepared = db.prepare(sql);
    statements.set(sql, prepared);
    return prepared;
  };
  const tx = transactionOver(statement);
  return {
    transact: <T>(work: (tx: StoreTransaction) => Promise<T>) =>
      queue.run(async () => {
        // IMMEDIATE: a deferred transaction that turns into a writer fails at once, whatever the busy timeout
        described(name, () => db.exec('BEGIN IMMEDIATE'));
        try {
          const result = await work(tx);
          described(name, () => db.exec('COMMIT'));
          return result;
        } catch (error) {
          if (db.isTransaction) db.exec('ROLLBACK');
          throw explain(name, error);
        }
      }),
    stay() {
      stays = true;
      setJournal(db, 'WAL');
    },
    close() {
      if (stays) setJournal(db, 'DELETE');
      db.close();
    },
  };
}

/** How long to wait for others when the journal is changed: it works only while nobody else has the file open. */
const JOURNAL_TIMEOUT_MS = 100;

/**
 * With a write-ahead log a commit waits for the disk once instead of three times, but the first and the last process to
 * have the file open pay for it; so it is for a process that stays (spec/start-up-and-storage.md 2.1). Where it cannot be
 * changed, everything works as it was.
 */
function setJournal(db: DatabaseSync, mode: 'WAL' | 'DELETE'): void {
  db.exec(`PRAGMA busy_timeout = ${JOURNAL_TIMEOUT_MS}`);
  try {
    db.exec(`PRAGMA journal_mode = ${mode}`);
  } catch (error) {
    if (!isSqliteError(error)) throw error;
  }
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
}

/** A damaged file may hold another type in spite of STRICT: as bytes it fails at its seal, like all that is changed. */
const VALUE = "ifnull(CAST(value AS BLOB), x'') AS value";

function transactionOver(statement: (sql: string) => StatementSync): StoreTransaction {
  return {
    get: async (path) =>
      statement(`SELECT ${VALUE} FROM record WHERE path = ?`).get(path)?.['value'] as Uint8Array | undefined,
    put: async (path, value) =>
      void statement(
        'INSERT INTO record (path, value) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET value = excluded.value',
      ).run(path, value),
    delete: async (path) => void statement('DELETE FROM record WHERE path = ?').run(path),
    async *rows(prefix: string, after = ''): AsyncGenerator<Row> {
      let [bound, from] = after >= prefix ? (['>', after] as const) : (['>=', prefix] as const);
      for (let atMost = FIRST_PAGE; ; atMost = Math.min(atMost * PAGE_GROWTH, LARGEST_PAGE)) {
        // one lower bound alone: with two, SQLite starts at the first and reads everything up to the second
        const page = statement(
          `SELECT path, ${VALUE} FROM record WHERE path ${bound} ? AND path < ? ORDER BY path LIMIT ?`,
        );
        const found = page.iterate(from, `${prefix}\u{10ffff}`, atMost) as Iterable<unknown> as Iterable<Row>;
        const { rows, isCut } = readPage(found, atMost);
        yield* rows;
        if (!isCut) return;
        [bound, from] = ['>', rows.at(-1)!.path];
      }
    },
  };
}

/** Rows are fetched in pages: a small one first, for those who look at the first row alone. */
const [FIRST_PAGE, PAGE_GROWTH, LARGEST_PAGE] = [4, 8, 1000];
const PAGE_BYTES = 4 * 1024 * 1024;

/** A page ends early after a few megabytes, so that rows of any size need no more memory than the largest of them. */
function readPage(found: Iterable<Row>, atMost: number): { readonly rows: readonly Row[]; readonly isCut: boolean } {
  const rows: Row[] = [];
  let bytes = 0;
  for (const row of found) {
    rows.push(row);
    bytes += row.value.length;
    if (rows.length >= atMost || bytes >= PAGE_BYTES) return { rows, isCut: true };
  }
  return { rows, isCut: false };
}

function described<T>(name: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw explain(name, error);
  }
}

/** SQLite's primary result codes (https://sqlite.org/rescode.html) as what they mean for a keyring. */
const MEANINGS = new Map<number, readonly [message: string, ...hints: string[]]>([
  [1, ['is not a keyring, or is damaged', 'kms keyring restore FILE brings a backup back']], // SQLITE_ERROR: no such table
  [5, ['is in use by another process that does not finish', 'see which process holds it, and try again']], // BUSY
  [8, ['cannot be written', 'the folder and the file must be writable: every call is logged']], // READONLY
  [10, ['cannot be read or written', 'see whether the disk is full or failing']], // IOERR
  [11, ['is damaged', 'kms keyring restore FILE brings a backup back']], // CORRUPT
  [13, ['cannot be written: the disk is full']], // FULL
  [14, ['cannot be opened', 'the folder and the file must be readable and writable']], // CANTOPEN
  [26, ['is not a keyring']], // NOTADB
]);

function explain(name: string, error: unknown): unknown {
  if (!isSqliteError(error)) return error;
  const [message, ...hints] = MEANINGS.get(error.errcode & 0xff) ?? [`cannot be used: ${error.message}`];
  return new EnvironmentError(`${name} ${message}`, hints, { cause: error });
}

const isSqliteError = (error: unknown): error is Error & { errcode: number } =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
