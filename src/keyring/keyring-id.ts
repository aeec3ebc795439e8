/**
 * The ID of a keyring that is not trusted yet. Its file is read without lock, journal and write-ahead log (SQLite's
 * `immutable`), and only if it has the expected schema.
 */
import { lstatSync } from 'node:fs';
import { hex } from '../crypto/bytes.ts';
import { decodeHeader, HEADER_LENGTH } from './header.ts';
import { HEADER_PATH } from './root.ts';
import { openAsItStands } from './sqlite-store.ts';

/** @returns undefined if it is not a keyring, or cannot be read without SQLite's recovery */
export function readKeyringId(file: string): string | undefined {
  try {
    if (!lstatSync(file).isFile()) return undefined;
    const { get, close } = openAsItStands(file);
    try {
      return hex(decodeHeader(get(HEADER_PATH, HEADER_LENGTH)));
    } finally {
      close();
    }
  } catch {
    return undefined;
  }
}
