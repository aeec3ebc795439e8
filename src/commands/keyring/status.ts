/** `kms keyring status`: describes a keyring, locked or unlocked. */
import { EnvironmentError } from '../../model/error.ts';
import { boolean, integer, string, structure, timestamp } from '../../model/shape.ts';
import { attestationRoots } from '../../keyring/attestation-root.ts';
import { openPlace } from '../../keyring/open-place.ts';
import { isKeyringAt } from '../../keyring/place.ts';
import { UntrustedKeyring } from '../../keyring/trust-list.ts';
import type { KeyringLocation, TrustAccess, UnattendedAccess } from '../../runtime/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { describeKeyring, describeSlot, keyringShape, slotsIn } from './description.ts';

export const status = localCommand({
  name: 'KeyringStatus',
  command: 'keyring status',
  input: structure({}),
  output: structure({
    ...keyringShape,
    FoundBy: string(),
    TrustedBy: string(),
    Locked: boolean,
    Reason: string(),
    Generation: integer(),
    Term: integer(),
    Events: integer(),
    Created: timestamp,
    AttestationTrustRoots: integer(),
  }),
  async run(_, session: KeyringLocation & UnattendedAccess & TrustAccess) {
    const { place } = session;
    try {
      const keyring = await session.openUnattended();
      const known = await describeKeyring(keyring, place);
      const more = await keyring.inspect(async ({ root, barrier, end }) => ({
        Generation: root.generation,
        Term: barrier.term,
        Events: end().sequence,
        Created: new Date(root.settings.created),
      }));
      const how = { FoundBy: place.foundBy, TrustedBy: session.trust.reason(keyring.id) };
      const roots = await keyring.transact(attestationRoots);
      const trusted = roots.length > 0 ? { AttestationTrustRoots: roots.length } : {};
      return { ...known, ...how, Locked: false, ...more, ...trusted };
    } catch (error) {
      if (!(error instanceof EnvironmentError) || !isKeyringAt(place)) throw error;
      if (error instanceof UntrustedKeyring) {
        const { keyringId: KeyringId, message: Reason } = error;
        return { Keyring: place.keyring, KeyringId, FoundBy: place.foundBy, Locked: true, Reason };
      }
      const { store } = openPlace(place);
      const slots = await store.transact(slotsIn);
      store.close();
      return {
        Keyring: place.keyring,
        AuditLog: place.log,
        Slots: slots.map(describeSlot),
        FoundBy: place.foundBy,
        Locked: true,
        Reason: error.message,
      };
    }
  },
});
