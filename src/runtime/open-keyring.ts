/** Opening and creating keyrings: finding, trust, unlocking, and comparing the fingerprint before use. */
import { rmSync, statSync } from 'node:fs';
import { DEFAULT_REGION } from '../model/region.ts';
import { DEFAULT_ACCOUNT } from '../model/account.ts';
import { EnvironmentError } from '../model/error.ts';
import { hex } from '../crypto/bytes.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { isOfOthers } from '../files/parent-folders.ts';
import { newKeyringId } from '../keyring/header.ts';
import { readKeyringId } from '../keyring/keyring-id.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { createKeyring, openKeyring, readLocked } from '../keyring/open.ts';
import { createPlace, openPlace } from '../keyring/open-place.ts';
import {
  draftOf,
  isKeyringAt,
  movePlace,
  syncPlace,
  occupied,
  removeDraft,
  type KeyringPlace,
} from '../keyring/place.ts';
import { UntrustedKeyring } from '../keyring/trust-list.ts';
import type { FoundPlace } from './find-place.ts';
import type { NewKeyring } from './new-keyring.ts';
import { whyNotFollowed } from './slot-path.ts';
import { checkFingerprint, type TrustDecisions } from './trust.ts';
import { defaultKeyFile, keysFolder, newSlot, unlock, type UnlockOptions } from './unlock.ts';

export interface OpenOptions extends UnlockOptions {
  readonly clock: () => number;
  readonly random: RandomBytes;
  /** For completion: opens only trusted keyrings, and records nothing. */
  readonly onlyTrusted?: boolean | undefined;
  /** A line for the person at a terminal. */
  readonly note: (line: string) => void;
}

export interface OpenKeyringDeps {
  readonly options: OpenOptions;
  readonly trust: TrustDecisions;
}

const absent = ({ keyring }: KeyringPlace): EnvironmentError =>
  new EnvironmentError(`there is no keyring at ${keyring}`, ['kms init creates one']);

/** @throws UntrustedKeyring before anything but the keyring's ID is read */
export async function openFound(place: FoundPlace, { options, trust }: OpenKeyringDeps): Promise<Keyring> {
  const owner = admit(place, { options, trust });
  const opened = openPlace(place, { owner });
  try {
    const locked = await readLocked({ ...opened, random: options.random, clock: options.clock });
    const known = trust.decide(place, locked.id);
    const ownKeys = keysFolder(options);
    const whyNot = (path: string): string | undefined =>
      known.isTrusted ? whyNotFollowed(path, { place, ownKeys }) : 'the keyring is not trusted (kms keyring trust)';
    const keyring = await unlock(options, { locked, whyNot });
    checkFingerprint(keyring, place, known);
    if (known.isToBeRecorded && !options.onlyTrusted) trust.remember(keyring, place);
    return keyring;
  } catch (error) {
    opened.store.close();
    throw error;
  }
}

/**
 * Before a keyring is opened for writing.
 * @returns another user who may own the files: root in a container uses the checkout of another user
 * @throws UntrustedKeyring
 */
export function admit(place: FoundPlace, { options, trust }: OpenKeyringDeps): number | undefined {
  for (const folder of place.passedOver) options.note(`ignored ${folder}, which belongs to another user`);
  if (!isKeyringAt(place)) throw absent(place);
  const owner = ownerOf(place);
  if (place.kind === 'project' || (place.kind === 'named' && (options.onlyTrusted || isOfOthers({ uid: owner })))) {
    const id = readKeyringId(place.keyring);
    const isTrusted = id === undefined ? trust.mayTrust(place) : trust.decide(place, id).isTrusted;
    if (isTrusted) return owner;
    if (place.kind === 'project' || options.onlyTrusted) throw new UntrustedKeyring(place, id);
  }
  return undefined;
}

const ownerOf = ({ folder }: KeyringPlace): number => statSync(folder).uid;

/**
 * Unlocks a keyring whose slots are not followed: with the named key file or passphrase, or that in the configuration folder.
 * @throws EnvironmentError where another fingerprint is trusted
 */
export async function openByHand(place: KeyringPlace, { options, trust }: OpenKeyringDeps): Promise<Keyring> {
  if (!isKeyringAt(place)) throw absent(place);
  const opened = openPlace(place, { owner: ownerOf(place) });
  try {
    const locked = await readLocked({ ...opened, random: options.random, clock: options.clock });
    const fingerprints = trust.fingerprints(locked.id);
    const keyring = await unlock(options, { locked, whyNot: () => 'the keyring is not trusted yet' });
    checkFingerprint(keyring, place, { fingerprints });
    return keyring;
  } catch (error) {
    opened.store.close();
    throw error;
  }
}

/**
 * Makes a keyring and trusts it: before it is there, so that nobody finds one that is not trusted; at the user's own
 * place afterwards, where the first use of it is trusted and others may be making one at the same time.
 */
export async function createAt(
  place: KeyringPlace & Partial<Pick<FoundPlace, 'kind'>>,
  { account = DEFAULT_ACCOUNT, region = DEFAULT_REGION, unlocking }: NewKeyring,
  { options, trust }: OpenKeyringDeps,
): Promise<Keyring> {
  if (isKeyringAt(place)) throw occupied(place);
  const { random, clock } = options;
  const keyringId = newKeyringId(random);
  const wanted = {
    ...unlocking,
    keyFile: unlocking.keyFile ?? options.keyFile,
    passphraseFile: unlocking.passphraseFile ?? options.passphraseFile,
    passphraseFd: unlocking.passphraseFd ?? options.passphraseFd,
  };
  const made = await newSlot(options, { keyringId: hex(keyringId), slot: 1, clock, random }, wanted);
  const settings = { account, region, created: clock() };
  const draft = draftOf(place, { random, clock });
  let keyring: Keyring;
  let isMade = false;
  try {
    keyring = await createKeyring({ ...createPlace(draft), random, clock, settings, keyringId, ...made });
    keyring.close();
    // by its ID alone: of several processes that create one here, only the one that does has its location recorded
    if (place.kind !== 'own') trust.remember(keyring);
    if (!movePlace(draft, place)) throw occupied(place);
    isMade = true;
    syncPlace(place);
  } catch (error) {
    removeDraft(draft);
    if (isMade) throw error;
    trust.forget(hex(keyringId));
    if ('path' in made.slot) rmSync(made.slot.path, { force: true }); // a key file without a keyring
    throw error;
  }
  trust.remember(keyring, place);
  return openKeyring({ ...openPlace(place), random, clock }, async () => made.material);
}

/** For the first key at the default location. */
export async function openOrCreate(
  place: FoundPlace,
  { region }: { readonly region: string | undefined },
  deps: OpenKeyringDeps,
): Promise<Keyring> {
  if (place.kind !== 'own' || isKeyringAt(place)) return openFound(place, deps);
  const { options } = deps;
  const keyring = await createAt(place, { region, unlocking: {} }, deps).catch((error: unknown) => {
    if (isKeyringAt(place)) return undefined; // another process created it meanwhile
    throw error;
  });
  if (!keyring) return openFound(place, deps);
  options.note(`created a new keyring: ${place.keyring}`);
  options.note(`its key file is ${defaultKeyFile(options, keyring.id)}: keep a copy of both`);
  return keyring;
}
