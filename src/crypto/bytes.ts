/** Small operations on bytes: text, hex, concatenation, big-endian integers. */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export const utf8 = (text: string): Uint8Array => encoder.encode(text);
export const text = (bytes: Uint8Array): string => decoder.decode(bytes);

/** Of an octet, in hex. */
const OCTETS = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));
/** Of longer ones a Buffer makes text faster. */
const SHORT = 16;

export function hex(bytes: Uint8Array, from = 0, to = bytes.length): string {
  if (to - from > SHORT) return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('hex');
  let digits = '';
  for (let at = from; at < to; at += 1) digits += OCTETS[bytes[at]!];
  return digits;
}
export const fromHex = (digits: string): Uint8Array => Buffer.from(digits, 'hex');

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The same bytes as a plain Uint8Array: a Buffer's slice() would be a view, not a copy. */
export const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);

/** An unsigned big-endian integer of `width` bytes; at most 6 (48 bits), which a double holds exactly. */
export function uint(value: number, width: 1 | 2 | 4 | 6): Uint8Array {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value, 0, width);
  return bytes;
}

/** @throws RangeError where the bytes end before */
export function readUint(bytes: Uint8Array, at: number, width: 1 | 2 | 4 | 6): number {
  if (at + width > bytes.length) throw new RangeError(`there are no ${width} bytes at ${at}`);
  let value = 0;
  for (let index = at; index < at + width; index += 1) value = value * 256 + bytes[index]!;
  return value;
}
