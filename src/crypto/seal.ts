/**
 * Sealing: AES-256-GCM under a key derived for this one message, the construction that AWS KMS uses for Encrypt and
 * that we use for every record too. With derived keys the number of messages under one key needs no limit
 * (SP 800-38D 8.3 would otherwise cap it at 2^32).
 *
 *     nonce 16 | IV 12 | ciphertext | tag 16
 *
 * Each kind of sealed data has a label, which is part of the key derivation, so data of one kind cannot be opened as
 * another.
 */
import { createCipheriv } from 'node:crypto';
import { openGcm } from './aes-gcm.ts';
import { deriveKey } from './kbkdf.ts';
import type { Secret } from './secret.ts';

const NONCE = 16;
const IV = 12; // SP 800-38D 8.2.1: 96-bit IV
const TAG = 16;
export const SEAL_OVERHEAD = NONCE + IV + TAG;

export type RandomBytes = (length: number) => Uint8Array;

/** Every kind of sealed data, with its label of the derivation (SP 800-108r1 4). */
export const SEAL_LABELS = {
  ciphertext: 'pocket-kms/1/encrypt',
  slot: 'pocket-kms/1/slot',
  terms: 'pocket-kms/1/terms',
  record: 'pocket-kms/1/record',
  sessionToken: 'pocket-kms/1/session-token',
  importToken: 'pocket-kms/1/import-token',
  grantToken: 'pocket-kms/1/grant-token',
  pageMarker: 'pocket-kms/1/page-marker',
  envValue: 'pocket-kms/1/env-value',
  logHead: 'pocket-kms/1/log-head',
} as const;

export type SealKind = keyof typeof SEAL_LABELS;

export interface Sealing {
  readonly key: Secret;
  readonly kind: SealKind;
  /** Additional authenticated data. */
  readonly aad: Uint8Array;
}

export function seal(plaintext: Uint8Array, sealing: Sealing, random: RandomBytes): Uint8Array {
  const sealed = new Uint8Array(SEAL_OVERHEAD + plaintext.length);
  sealInto(sealed, { ...sealing, plaintext }, random);
  return sealed;
}

/**
 * @param sealed as long as plaintext and SEAL_OVERHEAD together. Nonce and IV are used in place: V8 keeps a small array in
 *   its heap, and moves it when node:crypto is given it, which takes a tenth of the time of the cipher.
 */
export function sealInto(
  sealed: Uint8Array,
  { plaintext, key, kind, aad }: Sealing & { readonly plaintext: Uint8Array },
  random: RandomBytes,
): void {
  sealed.set(random(NONCE));
  sealed.set(random(IV), NONCE);
  const derived = deriveKey(key, { label: SEAL_LABELS[kind], context: sealed.subarray(0, NONCE) });
  const iv = sealed.subarray(NONCE, NONCE + IV);
  const cipher = createCipheriv('aes-256-gcm', derived.expose(), iv, { authTagLength: TAG });
  cipher.setAAD(aad);
  sealed.set(cipher.update(plaintext), NONCE + IV);
  cipher.final();
  derived.wipe();
  sealed.set(cipher.getAuthTag(), sealed.length - TAG);
}

/** The plaintext, or undefined if this key and AAD did not seal it; no reason is given. */
export function open(sealed: Uint8Array, { key, kind, aad }: Sealing): Uint8Array | undefined {
  if (sealed.length < SEAL_OVERHEAD) return undefined;
  return openGcm({
    derived: deriveKey(key, { label: SEAL_LABELS[kind], context: sealed.subarray(0, NONCE) }),
    iv: sealed.subarray(NONCE, NONCE + IV),
    aad,
    ciphertext: sealed.subarray(NONCE + IV, sealed.length - TAG),
    tag: sealed.subarray(sealed.length - TAG),
  });
}
