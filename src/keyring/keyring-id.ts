/**
 * The ID of a keyring that nobody has trusted yet. Its file is read as it stands (SQLite's `immutable`): without a lock,
 * a journal or a write-ahead log, and only if its schema is the one that we make.
 */
import { lstatSync } from 'node:fs';
import { hex } from '../crypto/bytes.ts';
import { decodeHeader, HEADER_LENGTH } from './header.ts';
import { HEADER_PATH } from './root.ts';
import { TABLE } from './sqlite-store.ts';

/** @returns undefined for what is no keyring, or cannot be read without SQLite's recovery */
export function readKeyringId(file: string): string | undefined {
  try {
    if (!lstatSync(file).isFile()) return undefined;
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const url = process.getBuiltinModule('node:url').pathToFileURL(file);
    url.search = 'immutable=1';
    const db = new DatabaseSync(url, { readOnly: true });
    try {
      db.exec('PRAGMA trusted_schema = OFF');
      const schema = db.prepare('SELECT sql FROM sqlite_schema LIMIT 2').all();
      if (schema.length !== 1 || schema[0]!['sql'] !== TABLE) return undefined;
      const query = db.prepare('SELECT value FROM record WHERE path = ? AND length(value) = ?');
      return hex(decodeHeader(query.get(HEADER_PATH, HEADER_LENGTH)?.['value'] as Uint8Array | undefined));
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}
