/** Encapsulate and Decapsulate: ML-KEM (FIPS 203). */
import { decapsulate as open, encapsulate as make } from 'node:crypto';
import { privateKeyObject, publicKeyObject } from './key-object.ts';
import type { EncapsulationAlgorithm } from './key-spec.ts';
import { Secret } from './secret.ts';

export interface Encapsulation {
  /** 32 bytes. */
  readonly sharedSecret: Secret;
  readonly ciphertext: Uint8Array;
}

/** @param publicKey SPKI, DER */
export function encapsulate(publicKey: Uint8Array): Encapsulation {
  const { sharedKey, ciphertext } = make(publicKeyObject(publicKey));
  return { sharedSecret: new Secret(sharedKey), ciphertext };
}

/**
 * The shared secret, or undefined if the ciphertext has another length than that of the key spec. An invalid ciphertext of
 * that length gives a pseudorandom secret (FIPS 203 6.3, implicit rejection), not an error.
 */
export const decapsulate = (
  privateKey: Secret,
  { ciphertextLength }: EncapsulationAlgorithm,
  ciphertext: Uint8Array,
): Secret | undefined =>
  ciphertext.length === ciphertextLength ? new Secret(open(privateKeyObject(privateKey), ciphertext)) : undefined;
