/** The time and the trust roots of the keyring, for commands that work without a keyring too. */
import { attestationRoots } from '../../keyring/attestation-root.ts';
import { isKeyringAt } from '../../keyring/place.ts';
import { keyringTime } from '../../keyring/root.ts';
import type { Clock, KeyringAccess, KeyringLocation } from '../../runtime/capabilities.ts';

export type KeyringView = KeyringLocation & KeyringAccess & Clock;

/** Without a keyring: the time of the system. Milliseconds since 1970. */
export async function currentTime(session: KeyringView): Promise<number> {
  if (!isKeyringAt(session.place)) return session.clock();
  const keyring = await session.open();
  return keyringTime(await keyring.inspect(async ({ root }) => root.settings), session.clock());
}

/** Certificates, DER. */
export async function trustRoots(session: KeyringView): Promise<readonly Uint8Array[]> {
  if (!isKeyringAt(session.place)) return [];
  const keyring = await session.open();
  return (await keyring.transact(attestationRoots)).map(({ certificate }) => certificate);
}
