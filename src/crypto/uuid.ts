/** Random UUIDs, version 4 (RFC 9562 5.4), from a given source of randomness. */
import type { RandomBytes } from './seal.ts';

export function uuid(random: RandomBytes): string {
  const bytes = random(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  let digits = '';
  for (const octet of bytes) digits += OCTETS[octet];
  return dashed(digits);
}

/** In hex. Every call has two new UUIDs; a buffer in hex takes three times as long. */
const OCTETS = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

/** 32 hex digits as a UUID is written: 8-4-4-4-12. */
export const dashed = (digits: string): string =>
  `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
