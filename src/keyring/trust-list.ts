/**
 * The keyrings that this user trusts: a file for each in the user's configuration folder, named by the keyring's ID, so that
 * processes that add keyrings at the same time do not overwrite each other (ADR 12). An entry has the fingerprint of the
 * root key, because the ID is in clear in the keyring file and can be copied.
 */
import { entryFolder } from '../files/entry-folder.ts';
import { EnvironmentError } from '../model/error.ts';
import { isObject } from '../model/json-object.ts';
import type { KeyringPlace } from './place.ts';

export interface TrustedKeyring {
  readonly keyringId: string;
  readonly fingerprint: string;
  /** Keyring files that were this keyring when it was trusted. */
  readonly paths: readonly string[];
  /** When, as ISO 8601. */
  readonly since: string;
}

export interface TrustList {
  /** The file of this keyring's entry, there or not. */
  file(keyringId: string): string;
  find(keyringId: string): TrustedKeyring | undefined;
  all(): readonly TrustedKeyring[];
  /** Adds a keyring, or a path to it; the path is no longer that of another one. */
  add(entry: Omit<TrustedKeyring, 'paths'> & { readonly path?: string | undefined }): void;
  /** @returns whether it was there */
  remove(keyringId: string): boolean;
}

const ID = /^[0-9a-f]{32}$/;

/** @param folder of the user's configuration; absolute */
export function trustList(folder: string): TrustList {
  const entries = entryFolder<TrustedKeyring>(folder, {
    what: 'the trust entry',
    name: { pattern: ID, explanation: 'a keyring ID has 32 hexadecimal digits' },
    nameOf: ({ keyringId }) => keyringId,
    encode,
    decode,
    removal: (keyringId) => `kms keyring trust --remove ${keyringId}`,
  });
  const { file, find, all, remove } = entries;
  return {
    file,
    find,
    all,
    remove,
    add({ path, ...entry }) {
      const known = find(entry.keyringId);
      if (known && known.fingerprint !== entry.fingerprint)
        throw otherFingerprint(entry.keyringId, file(entry.keyringId));
      const paths = new Set(known?.paths);
      if (path !== undefined) {
        paths.add(path);
        for (const other of entries.readable()) {
          if (other.keyringId !== entry.keyringId && other.paths.includes(path))
            entries.write({ ...other, paths: other.paths.filter((one) => one !== path) });
        }
      }
      if (known && paths.size === known.paths.length) return;
      entries.write({ ...entry, since: known?.since ?? entry.since, paths: [...paths] });
    },
  };
}

const otherFingerprint = (keyringId: string, file: string): EnvironmentError =>
  new EnvironmentError(`keyring ${keyringId} is trusted with another fingerprint: ${file}`, [
    'ask its owner for the correct fingerprint',
    `kms keyring trust --remove ${keyringId} removes the old one`,
  ]);

const encode = ({ keyringId, fingerprint, paths, since }: TrustedKeyring) => ({
  KeyringId: keyringId,
  Fingerprint: fingerprint,
  Paths: paths,
  Since: since,
});

function decode(value: unknown): TrustedKeyring | undefined {
  if (!isObject(value)) return undefined;
  const { KeyringId, Fingerprint, Paths, Since } = value;
  if (!isHex(KeyringId) || !isHex(Fingerprint) || typeof Since !== 'string') return undefined;
  if (Number.isNaN(Date.parse(Since)) || !Array.isArray(Paths)) return undefined;
  if (!Paths.every((path): path is string => typeof path === 'string')) return undefined;
  return { keyringId: KeyringId, fingerprint: Fingerprint, paths: Paths, since: Since };
}

const isHex = (value: unknown): value is string => typeof value === 'string' && ID.test(value);

/** `ID:FINGERPRINT`, both of 32 hexadecimal digits. */
export function parseTrust(text: string): Pick<TrustedKeyring, 'keyringId' | 'fingerprint'> | undefined {
  const [keyringId, fingerprint, ...rest] = text.trim().toLowerCase().split(':');
  return isHex(keyringId) && isHex(fingerprint) && rest.length === 0 ? { keyringId, fingerprint } : undefined;
}

/** A keyring that was found and is not trusted. */
export class UntrustedKeyring extends EnvironmentError {
  readonly keyringId: string | undefined;
  constructor({ keyring }: KeyringPlace, keyringId: string | undefined) {
    const id = keyringId === undefined ? 'its keyring ID cannot be read' : `keyring ID ${keyringId}`;
    super(`the keyring ${keyring} was found here, and this user has neither created nor trusted it (${id})`, [
      'if you trust its origin: kms keyring trust',
      `in one environment, such as a pipeline: POCKET_KMS_TRUST=${keyringId ?? 'ID'}:FINGERPRINT`,
      'to use another keyring: --keyring FOLDER',
    ]);
    this.keyringId = keyringId;
  }
}
