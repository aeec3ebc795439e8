/** Opens and creates the keyring at a place: its store and its log. */
import { checkFileAndFolders, createPrivateFile } from '../files/private-file.ts';
import type { Log } from './log.ts';
import { logFile } from './log-file.ts';
import { isKeyringAt, occupied, type KeyringPlace } from './place.ts';
import { sqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';

export interface OpenedPlace {
  readonly store: Store;
  readonly log: Log;
}

/** @param owner whose files they may be, beside ours: of a project keyring that is trusted */
export function openPlace(place: KeyringPlace, { owner }: { readonly owner?: number | undefined } = {}): OpenedPlace {
  checkFileAndFolders(place.keyring, 'the keyring', { owner });
  return { store: sqliteStore(place.keyring), log: logFile(place.log, { owner }) };
}

/** An empty store where no keyring is yet. */
export function createPlace(place: KeyringPlace): OpenedPlace {
  if (isKeyringAt(place)) throw occupied(place);
  createPrivateFile(place.keyring, new Uint8Array(), 'the keyring');
  checkFileAndFolders(place.keyring, 'the keyring');
  return { store: sqliteStore(place.keyring, { create: true }), log: logFile(place.log) };
}
