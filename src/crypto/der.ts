/**
 * A minimal DER reader and writer, for structures that node:crypto does not parse: those of SM2, and the
 * AlgorithmIdentifier of a key. Strict (X.690 10.1): definite, shortest lengths; shortest integers.
 */
import { concat, fromHex, hex, uint } from './bytes.ts';

export const TAG = { integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, sequence: 0x30 } as const;

export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** The values that stand one after another in `bytes`, or undefined where they are not DER. */
export function readDer(bytes: Uint8Array): readonly DerValue[] | undefined {
  const values: DerValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [tag, first] = [bytes[at]!, bytes[at + 1]];
    if (first === undefined || (tag & 0x1f) === 0x1f) return undefined; // no tags of several bytes
    at += 2;
    let length = first;
    if (first & 0x80) {
      const width = first & 0x7f;
      if (width < 1 || width > 3 || at + width > bytes.length) return undefined;
      length = Number.parseInt(hex(bytes.subarray(at, at + width)), 16);
      at += width;
      if (length < (width === 1 ? 0x80 : 1 << (8 * (width - 1)))) return undefined; // could be shorter
    }
    if (at + length > bytes.length) return undefined;
    values.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return values;
}

/** What a SEQUENCE that is all of `bytes` holds. */
export function readSequence(bytes: Uint8Array): readonly DerValue[] | undefined {
  const values = readDer(bytes);
  return values?.length === 1 && values[0]!.tag === TAG.sequence ? readDer(values[0]!.content) : undefined;
}

/** A non-negative INTEGER. */
export function readInteger(value: DerValue | undefined): bigint | undefined {
  if (value?.tag !== TAG.integer || value.content.length === 0) return undefined;
  const [first, second] = value.content;
  if (first! & 0x80) return undefined;
  if (first === 0 && second !== undefined && !(second & 0x80)) return undefined;
  return BigInt(`0x${hex(value.content)}`);
}

export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(...parts);
  if (content.length < 0x80) return concat(Uint8Array.of(tag, content.length), content);
  const width = content.length < 0x100 ? 1 : 2; // all contents are shorter than 64 KiB
  return concat(Uint8Array.of(tag, 0x80 | width), uint(content.length, width), content);
}

export function derInteger(value: bigint): Uint8Array {
  const digits = value.toString(16);
  const bytes = fromHex(digits.length % 2 ? `0${digits}` : digits);
  return der(TAG.integer, bytes[0]! & 0x80 ? concat(Uint8Array.of(0), bytes) : bytes);
}
