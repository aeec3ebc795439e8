/**
 * The barrier: seals all records on their way to the store. A record opens only in its keyring, at its path, and with the
 * current version of the version tree, so it cannot be changed, exchanged, copied or restored without detection.
 *
 *     format 1 | term 2 | version 6 | sealed (crypto/seal.ts)
 */
import { createHmac } from 'node:crypto';
import { EnvironmentError } from '../model/error.ts';
import { concat, readUint, uint, utf8 } from '../crypto/bytes.ts';
import { deriveKey } from '../crypto/kbkdf.ts';
import { open, seal, type RandomBytes, type SealKind } from '../crypto/seal.ts';
import { Secret } from '../crypto/secret.ts';

const FORMAT = 1;
const HEADER = 1 + 2 + 6;
const NOTHING = new Uint8Array();
/** Keyed hashes that a barrier keeps: a call needs those of a few paths, the same ones again and again. */
const REMEMBERED = 4_096;

export interface Barrier {
  readonly keyringId: Uint8Array;
  /** The newest term, whose domain key seals. The older ones only open. */
  readonly term: number;
  /** MACs of the audit log. */
  readonly auditKey: Secret;
  seal(path: string, version: number, plaintext: Uint8Array): Uint8Array;
  /** @param version the version that the tree expects, or undefined for a record that the log anchors */
  open(path: string, version: number | undefined, sealed: Uint8Array): Uint8Array;
  /** Bytes that callers store for the keyring, sealed under a name: see Transaction.sealToken(). */
  sealToken(token: TokenName, plaintext: Uint8Array): Uint8Array;
  /** The plaintext, or undefined if sealToken() did not make it under this name. */
  openToken(token: TokenName, sealed: Uint8Array): Uint8Array | undefined;
  /** A keyed hash: the handle of a path in the version tree, and the form of users' names in paths. */
  keyedHash(text: string): Uint8Array;
}

/** The kind of a token and the name that it is bound to. */
export interface TokenName {
  readonly kind: Extract<SealKind, 'sessionToken' | 'importToken' | 'grantToken' | 'pageMarker' | 'logHead'>;
  /** A token does not open under another name. */
  readonly name: string;
}

export interface BarrierKeys {
  readonly keyringId: Uint8Array;
  readonly rootKey: Secret;
  /** Domain keys by term. */
  readonly terms: ReadonlyMap<number, Secret>;
  readonly random: RandomBytes;
}

export function barrier({ keyringId, rootKey, terms, random }: BarrierKeys): Barrier {
  const term = Math.max(...terms.keys());
  const indexKey = deriveKey(rootKey, { label: 'pocket-kms/1/index', context: keyringId });
  const hashes = new Map<string, Uint8Array>();
  const aadOf = (header: Uint8Array, path: string): Uint8Array => concat(keyringId, header, utf8(path));
  return {
    keyringId,
    term,
    auditKey: deriveKey(rootKey, { label: 'pocket-kms/1/audit', context: keyringId }),
    seal(path, version, plaintext) {
      const header = concat(uint(FORMAT, 1), uint(term, 2), uint(version, 6));
      return concat(
        header,
        seal(plaintext, { key: terms.get(term)!, kind: 'record', aad: aadOf(header, path) }, random),
      );
    },
    open(path, version, sealed) {
      if (sealed.length < HEADER || sealed[0] !== FORMAT) throw damaged(path, 'is not a record');
      const header = sealed.subarray(0, HEADER);
      const key = terms.get(readUint(sealed, 1, 2));
      const plaintext = key && open(sealed.subarray(HEADER), { key, kind: 'record', aad: aadOf(header, path) });
      if (!plaintext) throw damaged(path, 'was changed, or was moved from another path');
      const found = readUint(sealed, 3, 6);
      if (version !== undefined && found !== version) {
        throw damaged(path, `is an earlier version (version ${found}, expected ${version})`);
      }
      return plaintext;
    },
    sealToken({ kind, name }, plaintext) {
      const header = uint(term, 2);
      return concat(header, seal(plaintext, { key: terms.get(term)!, kind, aad: aadOf(header, name) }, random));
    },
    openToken({ kind, name }, sealed) {
      const header = sealed.subarray(0, 2);
      const key = header.length === 2 ? terms.get(readUint(sealed, 0, 2)) : undefined;
      return key && open(sealed.subarray(2), { key, kind, aad: aadOf(header, name) });
    },
    keyedHash(text) {
      const known = hashes.get(text);
      if (known) return known;
      const hash = createHmac('sha256', indexKey.expose()).update(text).digest().subarray(0, 16);
      if (hashes.size >= REMEMBERED) hashes.clear();
      hashes.set(text, hash);
      return hash;
    },
  };
}

export const damaged = (path: string, what: string): EnvironmentError =>
  new EnvironmentError(`the keyring was tampered with or is damaged: record ${path} ${what}`, [
    'kms keyring verify lists all problems',
    'kms keyring restore FILE restores a backup',
  ]);

/** The terms record: the domain keys, sealed under the root key. */
export function sealTerms(
  terms: ReadonlyMap<number, Secret>,
  { keyringId, rootKey, random }: Omit<BarrierKeys, 'terms'>,
): Uint8Array {
  const rows = [...terms].map(([term, key]) => concat(uint(term, 2), key.expose()));
  return seal(concat(NOTHING, ...rows), { key: rootKey, kind: 'terms', aad: keyringId }, random);
}

export function openTerms(
  sealed: Uint8Array,
  { keyringId, rootKey }: Pick<BarrierKeys, 'keyringId' | 'rootKey'>,
): Map<number, Secret> {
  const bytes = open(sealed, { key: rootKey, kind: 'terms', aad: keyringId });
  if (!bytes || bytes.length % 34 !== 0) throw damaged('~terms', 'was changed');
  const terms = new Map<number, Secret>();
  for (let at = 0; at < bytes.length; at += 34) {
    terms.set(readUint(bytes, at, 2), new Secret(bytes.slice(at + 2, at + 34)));
  }
  bytes.fill(0);
  return terms;
}
