/** Creating a keyring in an empty store, and opening one: reading its slots and unwrapping the root key. */
import { CHAIN_START } from '../audit/chain.ts';
import { hex } from '../crypto/bytes.ts';
import { Secret } from '../crypto/secret.ts';
import { EnvironmentError } from '../model/error.ts';
import { barrier, sealTerms } from './barrier.ts';
import { decodeHeader, encodeHeader } from './header.ts';
import { Keyring, type KeyringDeps } from './keyring.ts';
import type { LogEnd } from './log-head.ts';
import { readSlots, slotDigest } from './meta.ts';
import { encodeRoot, HEADER_PATH, ROOT_PATH, TERMS_PATH, type Root, type Settings } from './root.ts';
import { readSlot, slotPath, unwrapSlots, wrapSlot, type NewSlot, type Slot, type UnlockMaterial } from './slot.ts';
import { EMPTY_GROUPS } from './version-tree.ts';

const KEY = 32;
const FIRST_TERM = 1;

/** Gives the material for one of the slots; asked once per opening. */
export type Unlock = (slots: readonly Slot[], keyringId: string) => Promise<UnlockMaterial>;

export interface Creation extends KeyringDeps {
  readonly settings: Settings;
  readonly keyringId: Uint8Array;
  readonly slot: NewSlot;
  readonly material: UnlockMaterial;
}

/** Fills an empty store. */
export async function createKeyring({
  store,
  log,
  random,
  clock,
  settings,
  keyringId,
  slot,
  material,
}: Creation): Promise<Keyring> {
  const keys = { keyringId, rootKey: new Secret(random(KEY)), random };
  const terms = new Map([[FIRST_TERM, new Secret(random(KEY))]]);
  const slotRecord = wrapSlot(slot, { ...keys, material });
  const head: LogEnd = { ...CHAIN_START, size: 0 };
  const root: Root = {
    generation: 0,
    settings,
    head,
    logStart: CHAIN_START,
    slots: { [slot.slot]: slotDigest(slotRecord) },
    groups: EMPTY_GROUPS,
    pending: new Uint8Array(),
  };
  await store.transact(async (tx) => {
    log.create();
    // an old log beside a new keyring must not be continued
    if (log.size() > 0) {
      throw new EnvironmentError(`there is an audit log at ${log.path} already, of another keyring or an earlier one`, [
        'move it to another location',
      ]);
    }
    await tx.put(HEADER_PATH, encodeHeader(keyringId));
    await tx.put(TERMS_PATH, sealTerms(terms, keys));
    await tx.put(slotPath(slot.slot), slotRecord);
    await tx.put(ROOT_PATH, barrier({ ...keys, terms }).seal(ROOT_PATH, 0, encodeRoot(root)));
  });
  return new Keyring({ store, log, random, clock }, { keyringId, rootKey: keys.rootKey });
}

/** A locked keyring: only its slots have been read. */
export interface LockedKeyring {
  readonly id: string;
  readonly slots: readonly Slot[];
  /** undefined: this opens none of the slots. */
  readonly open: (material: UnlockMaterial) => Keyring | undefined;
}

export async function readLocked(deps: KeyringDeps): Promise<LockedKeyring> {
  const { keyringId, slots } = await deps.store.transact(async (tx) => ({
    keyringId: decodeHeader(await tx.get(HEADER_PATH)),
    slots: await readSlots(tx),
  }));
  return {
    id: hex(keyringId),
    slots: slots.map(({ slot }) => slot),
    open(material) {
      const rootKey = unwrapSlots(slots, { keyringId, material });
      return rootKey && new Keyring(deps, { keyringId, rootKey });
    },
  };
}

/** How a process hands the root key to another one: wrapped for a slot that the keyring does not have. */
export interface HandedOver {
  readonly keyringId: Uint8Array;
  readonly record: Uint8Array;
  readonly material: UnlockMaterial;
}

/** The number in its record. */
export const HANDED_OVER_SLOT = 1;

/** @throws EnvironmentError if the material does not unwrap the root key */
export function openHandedOver(deps: KeyringDeps, { keyringId, record, material }: HandedOver): Keyring {
  const slot = readSlot(slotPath(HANDED_OVER_SLOT), record);
  const rootKey = unwrapSlots([{ slot, record }], { keyringId, material });
  if (rootKey) return new Keyring(deps, { keyringId, rootKey });
  throw new EnvironmentError('the root key was not handed over');
}

export async function openKeyring(deps: KeyringDeps, unlock: Unlock): Promise<Keyring> {
  const locked = await readLocked(deps);
  const material = await unlock(locked.slots, locked.id);
  const keyring = locked.open(material);
  if (keyring) return keyring;
  throw new EnvironmentError(
    material.type === 'passphrase'
      ? 'the passphrase does not unlock this keyring'
      : 'the key file does not unlock this keyring',
    ['kms keyring status lists its unlock slots'],
  );
}
