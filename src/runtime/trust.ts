/**
 * Whether a keyring may be used, from its location and the list of trusted keyrings (ADR 12). The ID is looked up before a
 * prompt, a path or a key derivation; the fingerprint is compared once the keyring is unlocked.
 */
import { EnvironmentError } from '../model/error.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { realKeyring, type KeyringPlace } from '../keyring/place.ts';
import { parseTrust, trustList, UntrustedKeyring, type TrustList } from '../keyring/trust-list.ts';
import type { FoundPlace } from './find-place.ts';
import { configFolder, type UserFolders } from './user-folders.ts';

/** The trust in a keyring, by its ID. */
export interface TrustDecision {
  /** The paths that its slots name are followed. */
  readonly isTrusted: boolean;
  /** Those that its root key may have; undefined: any. */
  readonly fingerprints: readonly string[] | undefined;
  /** It is recorded once it is unlocked, because it is at the default location. */
  readonly isToBeRecorded: boolean;
  /** For people. */
  readonly reason: string;
}

export interface TrustDecisions {
  readonly list: TrustList;
  /** @throws UntrustedKeyring, or EnvironmentError if this is not the keyring that was there */
  decide(place: FoundPlace, keyringId: string): TrustDecision;
  /** Those that the environment or the list has for this ID, wherever it is; undefined: none. */
  fingerprints(keyringId: string): readonly string[] | undefined;
  /** Whether its fingerprint is one of those, or it was made by this process. */
  isTrusted(keyring: Pick<Keyring, 'id' | 'fingerprint'>): boolean;
  /** Whether a keyring at this location can be trusted, as far as is known without its ID. */
  mayTrust(place: FoundPlace): boolean;
  /** Trusts a keyring that this process has made, or used first; where the list cannot be written, for this process. */
  remember(keyring: Pick<Keyring, 'id' | 'fingerprint'>, place?: KeyringPlace): void;
  /** The keyring that was to be made is not. */
  forget(keyringId: string): void;
}

export interface TrustOptions extends UserFolders {
  readonly clock: () => number;
  /** A line for the person at a terminal. */
  readonly note: (line: string) => void;
}

export function trustDecisions(options: TrustOptions): TrustDecisions {
  const { env, clock, note } = options;
  const list = trustList(`${configFolder(options)}/trusted`);
  const made = new Map<string, string>();
  /** Of keyrings that this process has made, and of the environment: these come before the list. */
  const settings = (keyringId: string): readonly string[] => {
    const here = made.get(keyringId);
    return here === undefined ? settingsFor(keyringId, env) : [here];
  };
  const fingerprints = (keyringId: string): readonly string[] | undefined => {
    const set = settings(keyringId);
    const entry = set.length > 0 ? undefined : list.find(keyringId);
    return entry ? [entry.fingerprint] : set.length > 0 ? set : undefined;
  };
  return {
    list,
    fingerprints,
    isTrusted: ({ id, fingerprint }) => fingerprints(id)?.includes(fingerprint) === true,
    decide(place, keyringId) {
      const set = settings(keyringId);
      const known = { isTrusted: true, isToBeRecorded: false };
      if (set.length > 0) return { ...known, fingerprints: set, reason: SETTING };
      const entry = list.find(keyringId);
      const reason = entry && `${list.file(keyringId)}, since ${entry.since}`;
      const fingerprints = entry && [entry.fingerprint];
      if (place.kind === 'own' && !entry?.paths.includes(place.keyring)) {
        const isToBeRecorded = !isRecordedAt(list, place, keyringId);
        return { ...known, fingerprints, isToBeRecorded, reason: reason ?? 'first use of the user keyring' };
      }
      if (reason !== undefined) return { ...known, fingerprints, reason };
      if (place.kind === 'project') throw new UntrustedKeyring(place, keyringId);
      const named = `nothing: ${place.foundBy} specifies it, so it is used, but key file paths in its unlock slots are not used`;
      return { ...known, isTrusted: false, fingerprints, reason: named };
    },
    mayTrust: (place) => Boolean(env[SETTING]) || list.all().some(({ paths }) => paths.includes(realKeyring(place))),
    remember({ id: keyringId, fingerprint }, place) {
      made.set(keyringId, fingerprint);
      try {
        const path = place && realKeyring(place);
        list.add({ keyringId, fingerprint, path, since: new Date(clock()).toISOString() });
      } catch (error) {
        if (!(error instanceof EnvironmentError)) throw error;
        note(`trust in the keyring cannot be recorded: ${error.message}`);
      }
    },
    forget(keyringId) {
      made.delete(keyringId);
      try {
        list.remove(keyringId);
      } catch (error) {
        if (!(error instanceof EnvironmentError)) throw error;
      }
    },
  };
}

const SETTING = 'POCKET_KMS_TRUST';

/** The fingerprints that the environment has for this keyring: they come before those of the list. */
function settingsFor(keyringId: string, env: UserFolders['env']): readonly string[] {
  const text = env[SETTING];
  if (!text) return [];
  return text.split(',').flatMap((part) => {
    const pair = parseTrust(part);
    if (!pair) {
      throw new EnvironmentError(`${SETTING} must be a comma-separated list of ID:FINGERPRINT pairs`, [
        'kms keyring status shows the ID and the fingerprint of a keyring',
      ]);
    }
    return pair.keyringId === keyringId ? [pair.fingerprint] : [];
  });
}

/** @throws EnvironmentError if another keyring is recorded at this place */
function isRecordedAt(list: TrustList, place: KeyringPlace, keyringId: string): boolean {
  const path = realKeyring(place);
  const there = list.all().find(({ paths }) => paths.includes(path));
  if (!there || there.keyringId === keyringId) return there !== undefined;
  throw new EnvironmentError(
    `the keyring ${place.keyring} was replaced: its ID is ${keyringId}, not ${there.keyringId}`,
    ['if you trust its origin: kms keyring trust', `kms keyring trust --remove ${there.keyringId} removes the old one`],
  );
}

/** @throws EnvironmentError for a root key that is not the one that is trusted */
export function checkFingerprint(
  { id, fingerprint }: Keyring,
  { keyring }: KeyringPlace,
  { fingerprints }: Pick<TrustDecision, 'fingerprints'>,
): void {
  if (!fingerprints || fingerprints.includes(fingerprint)) return;
  throw new EnvironmentError(
    `the keyring ${keyring} is not the one that you trust: its ID is the same (${id}), but its fingerprint is ${fingerprint}, not ${fingerprints.join(' or ')}`,
    [
      'the keyring may have been replaced: ask its owner for the fingerprint',
      `kms keyring trust --remove ${id} removes the old one`,
    ],
  );
}
