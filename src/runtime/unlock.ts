/** Unlocking: where key files and passphrases are looked for, and in which order (docs/threat-model.md). */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { EnvironmentError } from '../model/error.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { createPrivateFile, readSecret, readSecretFile } from '../files/private-file.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { LockedKeyring } from '../keyring/open.ts';
import {
  keyFileMaterial,
  MAX_SLOTS,
  newKeyFile,
  passphraseMaterial,
  type KeyFileSlot,
  type NewSlot,
  type UnlockMaterial,
} from '../keyring/slot.ts';
import type { Trace } from '../pipeline/trace.ts';
import type { NewUnlocking } from './new-keyring.ts';
import { configFolder, type UserFolders } from './user-folders.ts';

export interface UnlockOptions extends UserFolders {
  readonly cwd: string;
  readonly keyFile?: string | undefined;
  readonly passphraseFile?: string | undefined;
  readonly passphraseFd?: number | undefined;
  /** Asks on the terminal; undefined where there is none. */
  ask():
    | {
        passphrase(): Promise<Uint8Array>;
        newPassphrase(): Promise<Uint8Array>;
        secret(message: string): Promise<Uint8Array>;
      }
    | undefined;
  /** Of `--debug`. */
  readonly trace?: Trace | undefined;
}

/** A key file or passphrase that may open the keyring. */
interface Candidate {
  /** How it was found. */
  readonly source: string;
  /**
   * What happens if it does not open the keyring. `option`: it was named for this call, so that is the error. `setting`:
   * it was named for many, so the next one is tried, but it must be there. `found`: the next one is tried, whatever is
   * wrong with this one.
   */
  readonly kind: 'option' | 'setting' | 'found';
  /** What was tried, for the error. */
  readonly subject: string;
  readonly read: () => UnlockMaterial | Promise<UnlockMaterial>;
}

export interface ToUnlock {
  readonly locked: LockedKeyring;
  /** Why the path of a slot is not followed; undefined: it is. */
  readonly whyNot: (path: string) => string | undefined;
}

/** @throws EnvironmentError that lists what was tried */
export async function unlock(options: UnlockOptions, { locked, whyNot }: ToUnlock): Promise<Keyring> {
  const tried: string[] = [];
  for (const { source, kind, subject, read } of candidates(options, { locked, whyNot })) {
    let material: UnlockMaterial;
    try {
      material = await read();
    } catch (error) {
      if (kind !== 'found' || !(error instanceof EnvironmentError)) throw error;
      tried.push(error.message, ...error.hints);
      continue;
    }
    const keyring = locked.open(material);
    if (keyring) {
      options.trace?.('unlock', `${material.type} by ${source}`);
      return keyring;
    }
    const message = `${subject} does not unlock this keyring`;
    if (kind === 'option') throw new EnvironmentError(message, ['kms keyring status lists its unlock slots']);
    tried.push(message);
  }
  throw new EnvironmentError('the keyring is locked', [...tried, ...slotHints(locked, whyNot)]);
}

const slotHints = ({ slots }: LockedKeyring, whyNot: ToUnlock['whyNot']): readonly string[] =>
  slots.map((slot) => {
    if (slot.type === 'passphrase')
      return `slot ${slot.slot} is opened by a passphrase: --passphrase-file, --passphrase-fd, or a terminal`;
    const reason = whyNot(slot.path);
    return reason === undefined
      ? `slot ${slot.slot} is opened by the key file ${slot.path}: restore the file, or specify its location with --key-file`
      : `slot ${slot.slot} names the key file ${slot.path}, which is not used: ${reason}; specify it with --key-file`;
  });

const keyFileAt = (path: string): UnlockMaterial => keyFileMaterial(readSecretFile(path, 'the key file'), path);
const passphraseAt = (path: string): UnlockMaterial =>
  passphraseMaterial(readSecretFile(path, 'the passphrase file', { pipe: true }));

/** Lazily: most calls use only the first. */
function* candidates(options: UnlockOptions, { locked: { id, slots }, whyNot }: ToUnlock): Generator<Candidate> {
  const { cwd, env, keyFile, passphraseFile, passphraseFd } = options;
  if (keyFile !== undefined) {
    const read = (): UnlockMaterial => keyFileAt(resolve(cwd, keyFile));
    yield { source: '--key-file', kind: 'option', subject: 'the key file', read };
  }
  if (passphraseFile !== undefined) {
    const read = (): UnlockMaterial => passphraseAt(resolve(cwd, passphraseFile));
    yield { source: '--passphrase-file', kind: 'option', subject: 'the passphrase', read };
  }
  if (passphraseFd !== undefined) {
    const read = (): UnlockMaterial => passphraseFrom(passphraseFd);
    yield { source: '--passphrase-fd', kind: 'option', subject: 'the passphrase', read };
  }
  const keySetting = env['POCKET_KMS_KEY_FILE'];
  if (keySetting) {
    const path = resolve(cwd, keySetting);
    yield {
      source: 'POCKET_KMS_KEY_FILE',
      kind: 'setting',
      subject: `the key file ${path} of POCKET_KMS_KEY_FILE`,
      read: () => keyFileAt(path),
    };
  }
  const passphraseSetting = env['POCKET_KMS_PASSPHRASE_FILE'];
  if (passphraseSetting) {
    const path = resolve(cwd, passphraseSetting);
    yield {
      source: 'POCKET_KMS_PASSPHRASE_FILE',
      kind: 'setting',
      subject: `the passphrase in ${path} of POCKET_KMS_PASSPHRASE_FILE`,
      read: () => passphraseAt(path),
    };
  }
  const seen = new Set<string>();
  const found = function* (source: string, path: string): Generator<Candidate> {
    if (seen.has(path) || !existsSync(path)) return;
    seen.add(path);
    yield { source, kind: 'found', subject: `the key file ${path}`, read: () => keyFileAt(path) };
  };
  // systemd's LoadCredential= hands a unit its secrets in this folder
  const credentials = env['CREDENTIALS_DIRECTORY'];
  if (credentials) yield* found('CREDENTIALS_DIRECTORY', `${credentials}/pocket-kms-key`);
  const keyFileSlots = slots.filter((slot): slot is KeyFileSlot => slot.type === 'key-file');
  for (const { path } of keyFileSlots)
    if (whyNot(path) === undefined) yield* found('the key file that the slot names', path);
  yield* found('the key file of the configuration', defaultKeyFile(options, id));
  const prompts = slots.some(({ type }) => type === 'passphrase') ? options.ask() : undefined;
  if (prompts) {
    const read = async (): Promise<UnlockMaterial> => passphraseMaterial(await prompts.passphrase());
    yield { source: 'a passphrase from the terminal', kind: 'option', subject: 'the passphrase', read };
  }
}

function passphraseFrom(fd: number): UnlockMaterial {
  try {
    return passphraseMaterial(readSecret(fd, `file descriptor ${fd} of --passphrase-fd`));
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    throw new EnvironmentError(`file descriptor ${fd} of --passphrase-fd cannot be read`, [], { cause: error });
  }
}

export const keysFolder = (folders: UserFolders): string => `${configFolder(folders)}/keys`;

/** In another folder than the keyring, so that a copy of the keyring's folder does not include its key. */
export const defaultKeyFile = (folders: UserFolders, keyringId: string): string =>
  `${keysFolder(folders)}/${keyringId}.key`;

export interface SlotToMake {
  readonly keyringId: string;
  readonly slot: number;
  readonly clock: () => number;
  readonly random: RandomBytes;
}

/** Material for a new slot, and what its record says; a key file is made. */
export async function newSlot(
  options: UnlockOptions,
  { keyringId, slot, clock, random }: SlotToMake,
  unlocking: NewUnlocking,
): Promise<{ readonly slot: NewSlot; readonly material: UnlockMaterial }> {
  const created = new Date(clock()).toISOString();
  const { passphraseFile, passphraseFd, askPassphrase, keyFile } = unlocking;
  const given = [keyFile, passphraseFile, passphraseFd, askPassphrase || undefined].filter(
    (given) => given !== undefined,
  );
  if (given.length > 1) throw new EnvironmentError('a slot has either a key file or a passphrase');
  if (passphraseFile !== undefined)
    return { slot: { slot, created }, material: passphraseAt(resolve(options.cwd, passphraseFile)) };
  if (passphraseFd !== undefined) return { slot: { slot, created }, material: passphraseFrom(passphraseFd) };
  if (askPassphrase) {
    const prompts = options.ask();
    if (!prompts) {
      throw new EnvironmentError('there is no terminal to prompt for a passphrase', [
        'use --passphrase-file or --passphrase-fd',
      ]);
    }
    return { slot: { slot, created }, material: passphraseMaterial(await prompts.newPassphrase()) };
  }
  const bytes = newKeyFile(random);
  const places = keyFile === undefined ? freeKeyFiles(options, keyringId, slot) : [resolve(options.cwd, keyFile)];
  const path = createFirstFree(places, bytes);
  return { slot: { slot, created, path }, material: keyFileMaterial(bytes, path) };
}

/** Paths for a key file in the configuration folder, the default first. */
function* freeKeyFiles(folders: UserFolders, keyringId: string, slot: number): Generator<string> {
  const defaultPath = defaultKeyFile(folders, keyringId);
  if (!existsSync(defaultPath)) yield defaultPath;
  for (let number = slot; number < slot + MAX_SLOTS; number += 1) yield defaultPath.replace(/\.key$/, `-${number}.key`);
}

/** Another process may make a key file at the same time: the next place is taken then. */
function createFirstFree(places: Iterable<string>, bytes: Uint8Array): string {
  let taken: unknown;
  for (const path of places) {
    try {
      createPrivateFile(path, bytes, 'the key file');
      return path;
    } catch (error) {
      if (!(error instanceof EnvironmentError) || !isTaken(error.cause)) throw error;
      taken = error;
    }
  }
  throw taken;
}

const isTaken = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
