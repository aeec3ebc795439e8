/** Encrypt and Decrypt with an asymmetric KMS key: calls the primitive of an algorithm's row. */
import type { KeyObject } from 'node:crypto';
import type { EncryptionAlgorithm } from './key-spec.ts';
import { oaepDecrypt, oaepEncrypt } from './rsa-encryption.ts';
import { sm2Decrypt, sm2Encrypt } from './sm2-encryption.ts';

/** @param publicKey SPKI, DER; @param plaintext one that checkPlaintext() has passed */
export const encryptAsymmetric = async (
  publicKey: Uint8Array,
  { hash }: EncryptionAlgorithm,
  plaintext: Uint8Array,
): Promise<Uint8Array> => (hash ? oaepEncrypt(publicKey, hash, plaintext) : sm2Encrypt(publicKey, plaintext));

/** The plaintext, or undefined if this is not a ciphertext for this key and algorithm. */
export const decryptAsymmetric = async (
  privateKey: KeyObject,
  { hash }: EncryptionAlgorithm,
  ciphertext: Uint8Array,
): Promise<Uint8Array | undefined> =>
  hash ? oaepDecrypt(privateKey, hash, ciphertext) : sm2Decrypt(privateKey, ciphertext);
