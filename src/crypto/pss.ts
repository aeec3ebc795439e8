/**
 * EMSA-PSS (RFC 8017 9.1) over a digest that the caller has computed, for which node:crypto has no function.
 * Hash and MGF1 hash are the same, the salt as long as the digest.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { concat, uint } from './bytes.ts';

const TRAILER = 0xbc;

export interface PssOptions {
  readonly hash: string;
  readonly modulusBits: number;
}

const digestOf = (hash: string, ...parts: readonly Uint8Array[]): Uint8Array =>
  createHash(hash)
    .update(concat(...parts))
    .digest();

/** RFC 8017 9.1.1; the encoded message is as long as the modulus. */
export function pssEncode(digest: Uint8Array, { hash, modulusBits }: PssOptions): Uint8Array {
  const salt = randomBytes(digest.length);
  const h = digestOf(hash, new Uint8Array(8), digest, salt);
  const padding = new Uint8Array(Math.ceil(modulusBits / 8) - 2 * digest.length - 2);
  const db = mask(concat(padding, Uint8Array.of(1), salt), h, hash);
  db[0]! &= topBits(modulusBits);
  return concat(db, h, Uint8Array.of(TRAILER));
}

/** RFC 8017 9.1.2. */
export function pssVerify(digest: Uint8Array, encoded: Uint8Array, { hash, modulusBits }: PssOptions): boolean {
  const length = digest.length;
  const dbLength = encoded.length - length - 1;
  if (dbLength < length + 1 || encoded.at(-1) !== TRAILER) return false;
  const maskedDb = encoded.subarray(0, dbLength);
  const h = encoded.subarray(dbLength, -1);
  if (maskedDb[0]! & ~topBits(modulusBits) & 0xff) return false;
  const db = mask(maskedDb, h, hash);
  db[0]! &= topBits(modulusBits);
  const saltAt = dbLength - length;
  if (db.subarray(0, saltAt - 1).some((byte) => byte !== 0) || db[saltAt - 1] !== 1) return false;
  return timingSafeEqual(digestOf(hash, new Uint8Array(8), digest, db.subarray(saltAt)), h);
}

/** The bits that the first of modulusBits - 1 may use; 0x7f for a modulus of whole bytes. */
const topBits = (modulusBits: number): number => 0xff >> (8 * Math.ceil(modulusBits / 8) - (modulusBits - 1));

/** `bytes` under MGF1 (RFC 8017 B.2.1). */
function mask(bytes: Uint8Array, seed: Uint8Array, hash: string): Uint8Array {
  const count = Math.ceil(bytes.length / seed.length);
  const stream = concat(...Array.from({ length: count }, (_, index) => digestOf(hash, seed, uint(index, 4))));
  return bytes.map((byte, at) => byte ^ stream[at]!);
}
