/** Foreign databases named keyring.db: a file that is not a keyring is reported as such, soon and in bounds. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { sqliteStore } from '../../src/keyring/sqlite-store.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();

const ID = 'PRAGMA application_id = 0x4b4d5331';
const TABLE = 'CREATE TABLE record (path TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID';
const HEADER = "INSERT INTO record VALUES ('~keyring', x'00')";

function database(...statements: readonly string[]): string {
  const path = join(folder(), 'keyring.db');
  writeFileSync(path, '', { mode: 0o600 });
  const db = new DatabaseSync(path, { defensive: false });
  for (const statement of statements) db.exec(statement);
  db.close();
  return path;
}

const rowsOf = async (path: string): Promise<readonly string[]> => {
  const store = sqliteStore(path);
  try {
    return await store.transact(async (tx) => (await Array.fromAsync(tx.rows(''))).map((row) => row.path));
  } finally {
    store.close();
  }
};

/** A row of the schema, written past SQLite's own checks. */
const planted = (type: string, name: string, sql: string): string =>
  `PRAGMA writable_schema = ON; INSERT INTO sqlite_master VALUES ('${type}', '${name}', '${name}', 0, '${sql}')`;
const ENDLESS = 'SELECT 1 AS a UNION ALL SELECT a + 1 FROM n';

test('a keyring’s own database is taken', async () => {
  expect(await rowsOf(database(ID, TABLE, HEADER))).toEqual(['~keyring']);
});

const foreign: readonly [name: string, statements: readonly string[]][] = [
  ['without a table', [ID]],
  ['of another application', ['PRAGMA application_id = 1', TABLE, HEADER]],
  ['of no application', [TABLE, HEADER]],
  ['in UTF-16', ["PRAGMA encoding = 'UTF-16le'", ID, TABLE, HEADER]],
  ['with another table', [ID, TABLE, HEADER, 'CREATE TABLE other (a)']],
  ['with another table first', [ID, 'CREATE TABLE other (a)', TABLE, HEADER]],
  ['with an index', [ID, TABLE, HEADER, 'CREATE INDEX i ON record (value)']],
  ['with a trigger', [ID, TABLE, HEADER, 'CREATE TRIGGER t AFTER DELETE ON record BEGIN SELECT 1; END']],
  ['with a view', [ID, TABLE, HEADER, 'CREATE VIEW v AS SELECT 1']],
  ['with statistics', [ID, TABLE, HEADER, 'CREATE INDEX i ON record (value); ANALYZE; DROP INDEX i']],
  ['with a virtual table', [ID, TABLE, HEADER, 'CREATE VIRTUAL TABLE f USING fts5 (a)']],
  ['whose table has rowids', [ID, 'CREATE TABLE record (path TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT', HEADER]],
  ['whose table is not strict', [ID, TABLE.replace('STRICT, ', ''), HEADER]],
  ['whose table is called in capitals', [ID, TABLE.replace('record', 'RECORD'), HEADER]],
  ['whose table has a check', [ID, TABLE.replace('NOT NULL', 'NOT NULL CHECK (length(value) > 0)'), HEADER]],
  ['whose table has a column more', [ID, TABLE.replace('NOT NULL', 'NOT NULL, more BLOB')]],
  [
    'whose value is computed',
    [ID, 'CREATE TABLE record (path TEXT PRIMARY KEY, value BLOB AS (zeroblob(9)) STORED) STRICT, WITHOUT ROWID'],
  ],
  ['whose table is a virtual one', [ID, 'CREATE VIRTUAL TABLE record USING fts5 (path, value)']],
  ['whose table is a view', [ID, "CREATE VIEW record AS SELECT '~keyring' AS path, x'00' AS value"]],
  [
    'whose table is a view without an end',
    [ID, `CREATE VIEW record AS WITH RECURSIVE n AS (${ENDLESS}) SELECT '~slot/' || a AS path, x'00' AS value FROM n`],
  ],
  [
    'with a view in the place of the schema',
    [
      ID,
      `CREATE VIEW record AS WITH RECURSIVE n AS (${ENDLESS}) SELECT '~slot/' || a AS path, x'00' AS value FROM n`,
      planted(
        'view',
        'sqlite_schema',
        `CREATE VIEW sqlite_schema AS SELECT 'table' type, 'record' name, '${TABLE}' sql`.replaceAll("'", "''"),
      ),
    ],
  ],
  [
    'with a second schema',
    [ID, TABLE, HEADER, planted('view', 'sqlite_master', 'CREATE VIEW sqlite_master AS SELECT 1')],
  ],
  ['with a statement that cannot be read', [ID, TABLE, HEADER, planted('view', 'v', 'CREATE nonsense')]],
  [
    'with an endless statement',
    [ID, TABLE, HEADER, planted('view', 'v', `CREATE VIEW v AS SELECT ${'1,'.repeat(5000)}1`)],
  ],
  [
    'with a deep statement',
    [ID, TABLE, HEADER, planted('view', 'v', `CREATE VIEW v AS SELECT ${'-'.repeat(400)}1`.replaceAll('--', '- -'))],
  ],
];

test.each(foreign)('a database %s is refused', { timeout: 10_000 }, async (_, statements) => {
  await expect(rowsOf(database(...statements))).rejects.toMatchObject({
    name: 'EnvironmentError',
    message: expect.stringMatching(/keyring\.db is (not a keyring, or is damaged|damaged|not a keyring)$/),
  });
});

test('a schema that changes while the keyring is open is refused', async () => {
  const path = database(ID, TABLE, HEADER);
  const store = sqliteStore(path);
  await store.transact((tx) => tx.get('~keyring'));
  const db = new DatabaseSync(path);
  db.exec('CREATE TABLE other (a)');
  await expect(store.transact((tx) => tx.get('~keyring'))).rejects.toThrow('is not a keyring, or is damaged');
  db.exec('DROP TABLE other');
  db.close();
  await store.transact((tx) => tx.get('~keyring'));
  store.close();
});

describe('values', () => {
  const LARGE = 256 * 1024 * 1024 + 1;

  test('of more than 256 MiB are not read', async () => {
    const path = database(ID, TABLE, `INSERT INTO record VALUES ('~keyring', zeroblob(${LARGE}))`);
    const store = sqliteStore(path);
    const message = expect.stringContaining('a value of more than 268435456 bytes');
    await expect(store.transact((tx) => tx.get('~keyring'))).rejects.toMatchObject({ message });
    await expect(store.transact((tx) => Array.fromAsync(tx.rows('')))).rejects.toMatchObject({ message });
    store.close();
  });

  test('nor written, and nothing is lost', async () => {
    const path = database(ID, TABLE, HEADER);
    const store = sqliteStore(path);
    const work = store.transact(async (tx) => {
      await tx.put('a', utf8('small'));
      await tx.put('b', new Uint8Array(LARGE));
    });
    await expect(work).rejects.toMatchObject({ name: 'EnvironmentError' });
    expect(await rowsOf(path)).toEqual(['~keyring']);
    store.close();
  });
});

describe('a tree of pages that leads back', () => {
  const PAGE = 4096;
  const count = 400;

  /** A database whose root page names its first leaf as every leaf. */
  function circular(): string {
    const rows = Array.from({ length: count }, (_, at) => `('k/${String(at).padStart(5, '0')}', zeroblob(100))`);
    const path = database(ID, TABLE, `INSERT INTO record VALUES ${rows.join(', ')}`);
    const bytes = readFileSync(path);
    const root = bytes.subarray(PAGE, 2 * PAGE); // page 2: the table's root
    expect(root[0]).toBe(0x02); // an interior page of an index tree, which a table without rowids is
    const cells = root.readUInt16BE(3);
    expect(cells).toBeGreaterThan(5);
    const first = root.readUInt32BE(root.readUInt16BE(12));
    for (let cell = 0; cell < cells; cell += 1) root.writeUInt32BE(first, root.readUInt16BE(12 + 2 * cell));
    root.writeUInt32BE(first, 8);
    writeFileSync(path, bytes);
    return path;
  }

  test('ends as damage', { timeout: 10_000 }, async () => {
    await expect(rowsOf(circular())).rejects.toMatchObject({
      name: 'EnvironmentError',
      message: expect.stringMatching(/is damaged$/),
    });
  });
});
