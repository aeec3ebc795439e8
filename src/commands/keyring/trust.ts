/** `kms keyring trust`: the list of trusted keyrings. */
import { resolve } from 'node:path';
import { EnvironmentError } from '../../model/error.ts';
import { fileName } from '../../model/members.ts';
import { boolean, list, string, structure, timestamp } from '../../model/shape.ts';
import { closePlace, isKeyringAt, placeAt, realKeyring, type KeyringPlace } from '../../keyring/place.ts';
import { parseTrust, type TrustedKeyring } from '../../keyring/trust-list.ts';
import type { Keyring } from '../../keyring/keyring.ts';
import type { Clock, KeyringLocation, OtherKeyrings, TrustAccess } from '../../runtime/capabilities.ts';
import { logCommand, localCommand, type EventDeps } from '../command/local-command.ts';

const entryShape = structure({ KeyringId: string(), Fingerprint: string(), Since: timestamp, Paths: list(string()) });

export const trust = localCommand({
  name: 'KeyringTrust',
  command: 'keyring trust',
  input: structure({ Target: fileName, List: boolean, Remove: string({ pattern: '[0-9a-fA-F]{32}' }) }),
  output: structure({ Trusted: list(entryShape), Removed: list(entryShape) }),
  positionals: ['Target'],
  async run(
    { Target, List = false, Remove },
    session: TrustAccess & KeyringLocation & Pick<OtherKeyrings, 'openByHand'> & EventDeps,
  ) {
    if ([Target, List || undefined, Remove].filter((given) => given !== undefined).length > 1) {
      throw new EnvironmentError('--list, --remove and a keyring to trust cannot be combined');
    }
    const { list } = session.trust;
    if (List) return { Trusted: list.all().map(describe) };
    if (Remove !== undefined) return { Removed: [remove(session, Remove.toLowerCase())] };
    const pair = Target === undefined ? undefined : parseTrust(Target);
    return {
      Trusted: [describe(pair ? add(session, pair) : await trustPlace(session, placeOf(Target) ?? session.place))],
    };
  },
});

const describe = ({ keyringId, fingerprint, since, paths }: TrustedKeyring) => ({
  KeyringId: keyringId,
  Fingerprint: fingerprint,
  Since: new Date(since),
  Paths: paths,
});

function remove({ trust: { list } }: TrustAccess, keyringId: string) {
  if (!list.remove(keyringId)) throw new EnvironmentError(`keyring ${keyringId} is not trusted`);
  return { KeyringId: keyringId };
}

type Pair = Pick<TrustedKeyring, 'keyringId' | 'fingerprint'>;

/** Unlike elsewhere, a list that cannot be written is an error, unless the environment trusts the keyring. */
function add({ trust, clock }: TrustAccess & Clock, { keyringId, fingerprint }: Pair, path?: string): TrustedKeyring {
  const since = new Date(clock()).toISOString();
  try {
    trust.list.add({ keyringId, fingerprint, path, since });
    return trust.list.find(keyringId)!;
  } catch (error) {
    const known = trust.fingerprints(keyringId);
    if (!(error instanceof EnvironmentError) || (known && !known.includes(fingerprint))) throw error;
    if (known) return { keyringId, fingerprint, since, paths: [] };
    const { message, hints, cause } = error;
    const setting = `in one environment: POCKET_KMS_TRUST=${keyringId}:${fingerprint}`;
    throw new EnvironmentError(message, [...hints, setting], { cause });
  }
}

/** A keyring's folder or file, or the folder of a project that has one. */
function placeOf(target: string | undefined): KeyringPlace | undefined {
  if (target === undefined) return undefined;
  const path = resolve(target);
  const project = placeAt(`${path}/.kms`);
  return isKeyringAt(placeAt(path)) || !isKeyringAt(project) ? placeAt(path) : project;
}

/** Unlocks the keyring without following the paths of its slots, and removes the permissions of others from its files. */
async function trustPlace(
  session: TrustAccess & Pick<OtherKeyrings, 'openByHand'> & EventDeps,
  place: KeyringPlace,
): Promise<TrustedKeyring> {
  if (isKeyringAt(place)) closePlace(place);
  const keyring = await session.openByHand(place);
  const { id, fingerprint } = keyring;
  const entry = add(session, { keyringId: id, fingerprint }, realKeyring(place));
  await beginLog(keyring, session);
  return entry;
}

/** A clone of a project has the keyring but no log: begins a new one, which has the end of the original. */
async function beginLog(keyring: Keyring, session: EventDeps): Promise<void> {
  const isMissing = await keyring.inspect(async ({ log }) => !log.exists());
  if (!isMissing) return;
  await keyring.restartLog(
    async (tx, { follows }) => logCommand(tx, session, { eventName: 'BeginAuditLog', details: { follows } }),
    { isElsewhere: true },
  );
}
