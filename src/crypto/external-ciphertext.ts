/**
 * What the external key store proxy encrypts: the four parts of its answer (docs/formats.md has a worked example). All
 * that is needed to decrypt is in them, besides the key and the additional authenticated data of the request:
 *
 *     metadata: version 1 | backing key ID 16        IV 16        ciphertext, as long as the plaintext        tag 16
 *
 * The key of each message is derived with its IV as the nonce. Any malformed or altered part gives `undefined`, without a
 * reason.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { openGcm } from './aes-gcm.ts';
import { concat, fromHex, hex, plain, uint } from './bytes.ts';
import { deriveKey } from './kbkdf.ts';
import type { RandomBytes } from './seal.ts';
import type { Secret } from './secret.ts';

const VERSION = 1;
const BACKING_KEY_ID = 16;
const IV = 16;
const TAG = 16;
const LABEL = 'pocket-kms/1/external-key';

export interface ExternalCiphertext {
  readonly metadata: Uint8Array;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

export interface ExternalEncryption {
  readonly key: Secret;
  /** Of the request; at most 65,535 bytes. */
  readonly aad: Uint8Array;
}

/** @param backingKeyId 32 hex digits: see backingKeyId() of ciphertext-blob.ts */
export function encryptExternal(
  plaintext: Uint8Array,
  { key, aad, backingKeyId }: ExternalEncryption & { readonly backingKeyId: string },
  random: RandomBytes,
): ExternalCiphertext {
  const metadata = concat(Uint8Array.of(VERSION), fromHex(backingKeyId));
  const iv = random(IV);
  const derived = deriveKey(key, { label: LABEL, context: iv });
  const cipher = createCipheriv('aes-256-gcm', derived.expose(), iv, { authTagLength: TAG });
  cipher.setAAD(authenticated(aad, metadata));
  const ciphertext = plain(cipher.update(plaintext));
  cipher.final();
  derived.wipe();
  return { metadata, iv, ciphertext, tag: plain(cipher.getAuthTag()) };
}

/** The backing key that the metadata names, as backingKeyId() of ciphertext-blob.ts writes it. */
export const namedBackingKey = (metadata: Uint8Array): string | undefined =>
  metadata.length === 1 + BACKING_KEY_ID && metadata[0] === VERSION ? hex(metadata.subarray(1)) : undefined;

/** @param parts with metadata that namedBackingKey() could read */
export function decryptExternal(
  { metadata, iv, ciphertext, tag }: ExternalCiphertext,
  { key, aad }: ExternalEncryption,
): Uint8Array | undefined {
  if (iv.length !== IV || tag.length !== TAG) return undefined;
  const derived = deriveKey(key, { label: LABEL, context: iv });
  return openGcm({ derived, iv, aad: authenticated(aad, metadata), ciphertext, tag });
}

/** AWS KMS External Key Store Proxy API Specification, "Encrypt": what is authenticated where there is metadata. */
export const authenticated = (aad: Uint8Array, metadata: Uint8Array): Uint8Array =>
  concat(uint(aad.length, 2), aad, uint(metadata.length, 1), metadata);

/** The ciphertext data integrity value: the specification's Appendix C. */
export const integrityOf = (aad: Uint8Array, { metadata, iv, ciphertext, tag }: ExternalCiphertext): Uint8Array =>
  createHash('sha256').update(aad).update(metadata).update(iv).update(ciphertext).update(tag).digest();
