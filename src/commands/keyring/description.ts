/** A keyring and its unlock slots in the output of commands. */
import { integer, list, oneOf, string, structure, timestamp } from '../../model/shape.ts';
import type { Keyring } from '../../keyring/keyring.ts';
import { readSlots } from '../../keyring/meta.ts';
import type { KeyringPlace } from '../../keyring/place.ts';
import type { Slot } from '../../keyring/slot.ts';
import type { StoreTransaction } from '../../keyring/store.ts';

export const slotShape = structure({
  Slot: integer(),
  Type: oneOf(['key-file', 'passphrase']),
  Created: timestamp,
  KeyFile: string(),
});

export const keyringShape = {
  Keyring: string(),
  AuditLog: string(),
  KeyringId: string(),
  Fingerprint: string(),
  AccountId: string(),
  Region: string(),
  Slots: list(slotShape),
};

export async function describeKeyring(keyring: Keyring, place: KeyringPlace) {
  return keyring.inspect(async ({ tx, root }) => ({
    Keyring: place.keyring,
    AuditLog: place.log,
    KeyringId: keyring.id,
    Fingerprint: keyring.fingerprint,
    AccountId: root.settings.account,
    Region: root.settings.region,
    Slots: (await slotsIn(tx)).map(describeSlot),
  }));
}

export const slotsIn = async (tx: StoreTransaction): Promise<readonly Slot[]> =>
  (await readSlots(tx)).map(({ slot }) => slot);

export const describeSlot = (slot: Slot) => ({
  Slot: slot.slot,
  Type: slot.type,
  Created: new Date(slot.created),
  ...(slot.type === 'key-file' ? { KeyFile: slot.path } : {}),
});
