/**
 * The ID of a keyring that nobody has trusted yet. Its file is read as it stands (SQLite's `immutable`): without a lock,
 * a journal or a write-ahead log, and only if its schema is the one that we make.
 */
import { lstatSync } from 'node:fs';
import { hex } from '../crypto/bytes.ts';
import { decodeHeader, HEADER_LENGTH } from './header.ts';
import { HEADER_PATH } from './root.ts';
import { openAsItStands } from './sqlite-store.ts';

/** @returns undefined for what is no keyring, or cannot be read without SQLite's recovery */
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
