/** Random UUIDs, version 4 (RFC 9562 5.4), from a given source of randomness. */
import { hex } from './bytes.ts';
import type { RandomBytes } from './seal.ts';

export function uuid(random: RandomBytes): string {
  const bytes = random(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidText(bytes);
}

/** 16 bytes as a UUID is written: 8-4-4-4-12 digits. */
export const uuidText = (bytes: Uint8Array): string =>
  `${hex(bytes, 0, 4)}-${hex(bytes, 4, 6)}-${hex(bytes, 6, 8)}-${hex(bytes, 8, 10)}-${hex(bytes, 10)}`;
