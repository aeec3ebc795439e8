/** GenerateMac and VerifyMac: HMAC (RFC 2104) with SHA-2, the tag never truncated. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { MacAlgorithm } from './key-spec.ts';
import type { Secret } from './secret.ts';

export const mac = (key: Secret, { hash }: MacAlgorithm, message: Uint8Array): Uint8Array =>
  createHmac(hash, key.expose()).update(message).digest();

export interface Tagged {
  readonly message: Uint8Array;
  readonly tag: Uint8Array;
}

export const verifyMac = (key: Secret, algorithm: MacAlgorithm, { message, tag }: Tagged): boolean =>
  tag.length === algorithm.length && timingSafeEqual(tag, mac(key, algorithm, message));
