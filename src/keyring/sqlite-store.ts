/**
 * The store driver over one SQLite file: rollback journal, full sync, one transaction at a time across processes.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { EnvironmentError } from '../model/error.ts';
import {
  DAMAGED,
  explainSqliteError,
  isBusy,
  isSqliteError,
  MAX_VALUE_BYTES,
  NOT_OURS,
  Unusable,
  withErrorsExplained,
} from './sqlite-error.ts';
import { replaced, sqliteFiles, type SqliteFiles } from './sqlite-files.ts';
import { Queue, type StoredRow, type Store, type StoreTransaction } from './store.ts';

/** "KMS1": lets file(1) and others recognize the file. */
const APPLICATION_ID = 0x4b4d5331;
/** How long a call waits for others; SQLite's own default is not at all. */
const BUSY_TIMEOUT_MS = 30_000;
/**
 * SQLite's own waits grow to 100 ms, in which a busy server begins and ends a hundred transactions: who looks so rarely
 * seldom finds the moment between two of them. With this timeout it looks after 1, 3 and 8 ms, and then is asked again.
 */
const ONE_WAIT_MS = 8;
/**
 * secure_delete: what is deleted or replaced is overwritten. The rest is for files of others (SQLite's "Defense Against
 * The Dark Arts"; defensive mode is Node's default): nothing in a schema runs, damaged pages are found when they are
 * read, and the file is never mapped.
 */
const PRAGMAS = `
  PRAGMA secure_delete = ON;
  PRAGMA trusted_schema = OFF;
  PRAGMA cell_size_check = ON;
  PRAGMA mmap_size = 0;
  PRAGMA synchronous = EXTRA`;
/** The whole schema, as SQLite keeps it. */
const TABLE = 'CREATE TABLE record (path TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID';
const SCHEMA = `PRAGMA application_id = ${APPLICATION_ID}; ${TABLE}`;
/** What our own statements need, and the statements of a schema before it is checked. */
const LIMITS = {
  length: MAX_VALUE_BYTES,
  sqlLength: 1000,
  column: 100,
  exprDepth: 20,
  compoundSelect: 2,
  attach: 0,
  triggerDepth: 1,
  variableNumber: 10,
};

/**
 * The first SQLite that does not delete the file that a journal names as its super-journal (sqlite-files.ts). Node 24.19 and 26.5 have
 * it, no Node 25 does. bin/kms.js says the same.
 */
const LOWEST_SQLITE = '3.53.3';

/** @throws EnvironmentError for a Node whose SQLite is too old for files of unknown origin */
export function checkSqlite(version: string | undefined): void {
  if (version !== undefined && ordinal(version) >= ordinal(LOWEST_SQLITE)) return;
  throw new EnvironmentError(`SQLite ${LOWEST_SQLITE} or later is required, this Node.js has ${version ?? 'none'}`, [
    'Node.js 24.19 and 26.5, and later versions, include it',
  ]);
}

function ordinal(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return (major * 1000 + minor) * 1000 + patch;
}

/**
 * @param file an existing file, empty if `create`; whoever calls has checked what kind of file it is (files.ts)
 */
export function sqliteStore(file: string, { create = false }: { create?: boolean } = {}): Store {
  checkSqlite(process.versions['sqlite']);
  return withErrorsExplained(file, () => {
    const { db, files } = open(file);
    db.exec(PRAGMAS);
    if (create) db.exec(SCHEMA);
    db.exec(`PRAGMA busy_timeout = ${ONE_WAIT_MS}`);
    return storeOver(db, file, files);
  });
}

function open(file: string): { readonly db: DatabaseSync; readonly files?: SqliteFiles } {
  // process.getBuiltinModule: node:sqlite is loaded only when a store is opened, and never through the ESM loader
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const options = { timeout: BUSY_TIMEOUT_MS, limits: LIMITS };
  if (file === ':memory:') return { db: new DatabaseSync(file, options) };
  for (let attempt = 0; attempt < OPENINGS; attempt += 1) {
    const files = sqliteFiles(file);
    files.checkBeside();
    const db = new DatabaseSync(file, options);
    if (files.areSame()) return { db, files };
    db.close();
  }
  throw replaced(file);
}

/** Reads a value without a lock and without the files beside the database (SQLite's `immutable`). */
export interface FileAsItStands {
  readonly get: (path: string, length: number) => Uint8Array | undefined;
  readonly close: () => void;
}

/** @throws if it is not a keyring, or a transaction is incomplete */
export function openAsItStands(file: string): FileAsItStands {
  checkSqlite(process.versions['sqlite']);
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const url = process.getBuiltinModule('node:url').pathToFileURL(file);
  url.search = 'immutable=1';
  const db = new DatabaseSync(url, { readOnly: true, limits: LIMITS });
  try {
    db.exec(PRAGMAS);
    schemaCheck((sql) => db.prepare(sql))();
  } catch (error) {
    db.close();
    throw error;
  }
  const query = db.prepare('SELECT value FROM record WHERE path = ? AND length(value) = ?');
  return {
    get: (path, length) => query.get(path, length)?.['value'] as Uint8Array | undefined,
    close: () => db.close(),
  };
}

/** A file may be another one after it was opened for writing: an overlay file system copies it then. Once is enough. */
const OPENINGS = 3;

/** @param files undefined: the database is in memory */
export function storeOver(db: DatabaseSync, name: string, files?: SqliteFiles): Store {
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
  const checkSchema = schemaCheck(statement);
  return {
    transact: <T>(work: (tx: StoreTransaction) => Promise<T>) =>
      queue.run(async () => {
        files?.checkBeside();
        try {
          // IMMEDIATE: a deferred transaction that turns into a writer fails at once, whatever the busy timeout
          patiently(() => db.exec('BEGIN IMMEDIATE'));
          files?.checkOpened();
          checkSchema();
          const result = await work(tx);
          patiently(() => db.exec('COMMIT'));
          files?.checkSame();
          return result;
        } catch (error) {
          if (db.isTransaction) db.exec('ROLLBACK');
          files?.checkSame(); // if a file was replaced, this is the cause of every error
          throw explainSqliteError(name, error);
        }
      }),
    setLongLived() {
      stays = true;
      setJournal(db, 'WAL');
    },
    close() {
      // if the file was replaced, the file at its path must not be changed
      if (stays && !files?.areReplaced) setJournal(db, 'DELETE');
      db.close();
    },
  };
}

/**
 * Before anything is read of a schema that is new to us: the file is a keyring's, and has our one table and nothing
 * else. A view that is called like the table could give rows for ever.
 */
function schemaCheck(statement: (sql: string) => StatementSync): () => void {
  let known: unknown;
  const pragma = (name: string): unknown => statement(`PRAGMA ${name}`).get()?.[name];
  return () => {
    const version = pragma('schema_version');
    if (version === known) return;
    // not sqlite_schema: a file can have a view of that name. One row more than there may be is enough to tell
    const found = statement('SELECT type, name, tbl_name, sql FROM sqlite_master LIMIT 2').all();
    const [type, name, table, sql] = Object.values(found[0] ?? {});
    const isOurs = found.length === 1 && type === 'table' && name === 'record' && table === 'record' && sql === TABLE;
    if (!isOurs || pragma('application_id') !== APPLICATION_ID || pragma('encoding') !== 'UTF-8')
      throw new Unusable(NOT_OURS);
    known = version;
  };
}

/** How long to wait for others when the journal is changed: it works only while nobody else has the file open. */
const JOURNAL_TIMEOUT_MS = 100;

/**
 * With a write-ahead log a commit waits for the disk once instead of three times, but the first and the last process to
 * have the file open pay for it; so it is for a process that stays. Where it cannot be
 * changed, everything works as it was.
 */
function setJournal(db: DatabaseSync, mode: 'WAL' | 'DELETE'): void {
  db.exec(`PRAGMA busy_timeout = ${JOURNAL_TIMEOUT_MS}`);
  try {
    db.exec(`PRAGMA journal_mode = ${mode}`);
  } catch (error) {
    if (!isSqliteError(error)) throw error;
  }
  db.exec(`PRAGMA busy_timeout = ${ONE_WAIT_MS}`);
}

/** Waits for others in short waits. A transaction whose COMMIT had to wait is still open, and can be committed again. */
function patiently(step: () => void): void {
  for (let waited = 0; ; waited += ONE_WAIT_MS) {
    try {
      return step();
    } catch (error) {
      if (!isBusy(error) || waited >= BUSY_TIMEOUT_MS) throw error;
    }
  }
}

/** A damaged file may hold another type in spite of STRICT: as bytes it fails at its seal, like all that is changed. */
const VALUE = "ifnull(CAST(value AS BLOB), x'') AS value";

function transactionOver(statement: (sql: string) => StatementSync): StoreTransaction {
  let writes = 0;
  return {
    // data_version tells of the commits of other connections alone
    version: async () => `${String(statement('PRAGMA data_version').get()?.['data_version'])}/${writes}`,
    get: async (path) =>
      statement(`SELECT ${VALUE} FROM record WHERE path = ?`).get(path)?.['value'] as Uint8Array | undefined,
    put: async (path, value) => {
      writes += 1;
      statement(
        'INSERT INTO record (path, value) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET value = excluded.value',
      ).run(path, value);
    },
    delete: async (path) => {
      writes += 1;
      statement('DELETE FROM record WHERE path = ?').run(path);
    },
    async *rows(prefix: string, after = ''): AsyncGenerator<StoredRow> {
      let [bound, from] = after >= prefix ? (['>', after] as const) : (['>=', prefix] as const);
      let last = '';
      for (let atMost = FIRST_PAGE; ; atMost = Math.min(atMost * PAGE_GROWTH, LARGEST_PAGE)) {
        // one lower bound alone: with two, SQLite starts at the first and reads everything up to the second
        const page = statement(
          `SELECT path, ${VALUE} FROM record WHERE path ${bound} ? AND path < ? ORDER BY path LIMIT ?`,
        );
        const { rows, isCut } = readPage(page.iterate(from, `${prefix}\u{10ffff}`, atMost), { last, atMost });
        yield* rows;
        if (!isCut) return;
        last = rows.at(-1)!.path;
        [bound, from] = ['>', last];
      }
    },
  };
}

/** Rows are fetched in pages: a small one first, for those who look at the first row alone. */
const [FIRST_PAGE, PAGE_GROWTH, LARGEST_PAGE] = [8, 2, 1024];
const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * A page ends early after a few megabytes, so that rows of any size need no more memory than the largest of them. In a
 * damaged file a page of the tree may come again and again: rows are in order, or the file is damaged.
 */
function readPage(
  found: Iterable<{ readonly [column: string]: unknown }>,
  { last, atMost }: { last: string; atMost: number },
): { readonly rows: readonly StoredRow[]; readonly isCut: boolean } {
  const rows: StoredRow[] = [];
  let bytes = 0;
  let before = last;
  for (const { path, value } of found) {
    if (typeof path !== 'string' || path <= before) throw new Unusable(DAMAGED);
    before = path;
    rows.push({ path, value: value as Uint8Array });
    bytes += (value as Uint8Array).length;
    if (rows.length >= atMost || bytes >= PAGE_BYTES) return { rows, isCut: true };
  }
  return { rows, isCut: false };
}
