/** Symmetric backing keys: 256 bits of key material, and the key material ID that names one. */
import { createHmac } from 'node:crypto';
import { hex } from './bytes.ts';
import type { RandomBytes } from './seal.ts';
import { Secret } from './secret.ts';

const BACKING_KEY = 32;

export const newBackingKey = (random: RandomBytes): Secret => new Secret(random(BACKING_KEY));

/**
 * 64 hex digits; always the same for the same material under the same key ID, so importing it again is recognized. The
 * material is the key of the MAC, so the ID does not reveal it.
 */
export const keyMaterialId = (keyId: string, material: Secret): string =>
  hex(createHmac('sha256', material.expose()).update('pocket-kms/1/key material ID\0').update(keyId).digest());
