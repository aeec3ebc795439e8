/** Key derivation: SP 800-108r1 KBKDF in counter mode with HMAC-SHA-256, one block (256 bits). */
import { createHmac } from 'node:crypto';
import { Secret } from './secret.ts';
import { uint } from './bytes.ts';

export interface Derivation {
  /** The purpose of the derived key; each has its own label. */
  readonly label: string;
  readonly context: Uint8Array;
}

/** SP 800-108r1 4.1: K(1) = PRF(key, [1]32 || Label || 0x00 || Context || [256]32). */
export function deriveKey(key: Secret, { label, context }: Derivation): Secret {
  const mac = createHmac('sha256', key.expose()).update(`\0\0\0\x01${label}\0`).update(context).update(LENGTH);
  return new Secret(mac.digest());
}

const LENGTH = uint(256, 4);
