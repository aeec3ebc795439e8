/**
 * Records as bytes: a JSON part for text, and binary parts for data that must not become a string.
 *
 *     JSON length 4 | JSON | ( part length 4 | part )...
 */
import { concat, readUint, text, uint, utf8 } from '../crypto/bytes.ts';
import { Secret } from '../crypto/secret.ts';

export interface Record<T> {
  readonly body: T;
  readonly parts: readonly Uint8Array[];
}

export function encodeRecord(body: unknown, parts: readonly Uint8Array[] = []): Uint8Array {
  const json = utf8(JSON.stringify(body));
  return concat(uint(json.length, 4), json, ...parts.flatMap((part) => [uint(part.length, 4), part]));
}

export function decodeRecord<T>(bytes: Uint8Array): Record<T> {
  let at = 0;
  const next = (): Uint8Array => {
    const length = readUint(bytes, at, 4);
    at += 4 + length;
    if (at > bytes.length) throw new RangeError('the record is truncated');
    return bytes.subarray(at - length, at);
  };
  const body = JSON.parse(text(next())) as T;
  const parts: Uint8Array[] = [];
  while (at < bytes.length) parts.push(next());
  return { body, parts };
}

/** A part that must be there; it may be empty. */
export function partAt(parts: readonly Uint8Array[], index: number): Uint8Array {
  const part = parts[index];
  if (!part) throw new RangeError(`a record has no part ${index}`);
  return part;
}

/** A secret that must be there. */
export const secretAt = (parts: readonly Uint8Array[], index: number): Secret => new Secret(partAt(parts, index));
