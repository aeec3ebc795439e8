/** A keyring in a folder, as the command has it: a SQLite file and the log beside it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { openKeyring } from '../../src/keyring/open.ts';
import type { Log } from '../../src/keyring/log.ts';
import { logFile } from '../../src/keyring/log-file.ts';
import { keyFileMaterial } from '../../src/keyring/slot.ts';
import { sqliteStore } from '../../src/keyring/sqlite-store.ts';
import type { Store } from '../../src/keyring/store.ts';
import { fixture, type Fixture } from './fixture.ts';

export interface KeyringFile extends Fixture {
  readonly keyringPath: string;
  readonly logPath: string;
  /** The same keyring, opened as another process does. */
  reopen(below?: { readonly store?: Store; readonly log?: Log; readonly clock?: () => number }): Promise<Keyring>;
}

export async function keyringFile(
  folder: string,
  { seed = 'file', log }: { seed?: string; log?: Log } = {},
): Promise<KeyringFile> {
  const [keyringPath, logPath] = [join(folder, 'keyring.db'), join(folder, 'audit.jsonl')];
  writeFileSync(keyringPath, '', { mode: 0o600 });
  const home = await fixture(seed, {
    store: sqliteStore(keyringPath, { create: true }),
    log: log ?? logFile(logPath),
  });
  return {
    ...home,
    keyringPath,
    logPath,
    reopen: ({ store = sqliteStore(keyringPath), log = logFile(logPath), clock = () => home.now } = {}) =>
      openKeyring({ store, log, random: home.random, clock }, async () => keyFileMaterial(home.keyFile, '/test/key')),
  };
}
