/** The records about the keyring itself, outside the version tree: the header, the unlock slots, the terms, the root. */
import { createHash } from 'node:crypto';
import { hex } from '../crypto/bytes.ts';
import { damaged } from './barrier.ts';
import { HEADER_PATH, isMetaPath, ROOT_PATH, TERMS_PATH, type Root } from './root.ts';
import { readSlot, SLOTS_PATH, slotPath, type SlotRecord } from './slot.ts';
import type { StoreTransaction } from './store.ts';

/**
 * Far more than a keyring ever gets (slot.ts). A keyring of an earlier version, which had no limit, still opens; a file
 * that somebody filled with slots is not read to its end.
 */
const MAX_SLOT_RECORDS = 1000;

/** All unlock slots, in the order of their numbers. @throws EnvironmentError for an invalid one */
export async function readSlots(tx: Pick<StoreTransaction, 'rows'>): Promise<readonly SlotRecord[]> {
  const slots: SlotRecord[] = [];
  for await (const { path, value } of tx.rows(SLOTS_PATH)) {
    if (slots.length === MAX_SLOT_RECORDS)
      throw damaged(path, `exceeds the maximum of ${MAX_SLOT_RECORDS} unlock slots`);
    slots.push({ slot: readSlot(path, value), record: value });
  }
  return slots.toSorted((a, b) => a.slot.slot - b.slot.slot);
}

/** Compares the records outside the version tree with the root: none is missing, added or changed. */
export async function checkMeta(tx: Pick<StoreTransaction, 'rows'>, { slots }: Pick<Root, 'slots'>): Promise<void> {
  const expected = new Set([
    HEADER_PATH,
    TERMS_PATH,
    ROOT_PATH,
    ...Object.keys(slots).map((slot) => slotPath(Number(slot))),
  ]);
  for await (const { path, value } of tx.rows('~')) {
    if (!isMetaPath(path) || !expected.delete(path)) throw damaged(path, 'is not part of the keyring');
    if (path.startsWith(SLOTS_PATH) && slots[path.slice(SLOTS_PATH.length)] !== slotDigest(value))
      throw damaged(path, 'was changed');
  }
  for (const path of expected) throw damaged(path, 'is missing');
}

/** The hash of a slot's record in the root. */
export const slotDigest = (record: Uint8Array): string => hex(createHash('sha256').update(record).digest());
