/** RSAES-OAEP (RFC 8017 7.1): Encrypt and Decrypt with RSA keys, and the wrapping of imported key material. */
import { constants, privateDecrypt, publicEncrypt, type KeyObject } from 'node:crypto';
import { publicKeyObject } from './key-object.ts';

/** Of OAEP and of its MGF1; the label is empty. */
export type OaepHash = 'sha1' | 'sha256';

const padding = constants.RSA_PKCS1_OAEP_PADDING;

/** @param publicKey SPKI, DER; @param plaintext no longer than checkPlaintext() allows */
export const oaepEncrypt = (publicKey: Uint8Array, oaepHash: OaepHash, plaintext: Uint8Array): Uint8Array =>
  publicEncrypt({ key: publicKeyObject(publicKey), padding, oaepHash }, plaintext);

/** The plaintext, or undefined if this is not a ciphertext for this key and hash. */
export function oaepDecrypt(key: KeyObject, oaepHash: OaepHash, ciphertext: Uint8Array): Uint8Array | undefined {
  // as long as the modulus (RFC 8017 7.1.2, step 1): OpenSSL takes one without the zeros that it begins with
  if (ciphertext.length * 8 !== key.asymmetricKeyDetails?.modulusLength) return undefined;
  try {
    return privateDecrypt({ key, padding, oaepHash }, ciphertext);
  } catch {
    return undefined;
  }
}
