/**
 * The encryption context as bytes: a canonical and injective encoding of a set of pairs.
 *
 *     count 2 | ( key length 2 | key | value length 2 | value )...     pairs in the order of the keys' UTF-8 bytes
 *
 * Lengths precede the texts, so {"ab":"c"} and {"a":"bc"} differ. No context and an empty one are the same.
 */
import { CryptoError } from './crypto-error.ts';
import { uint, utf8 } from './bytes.ts';

export type EncryptionContext = { readonly [key: string]: string };

const MAX_FIELD = 0xffff;
const NO_PAIRS = uint(0, 2);

/** @throws CryptoError for a context that cannot be encoded */
export function encryptionContextBytes(context: EncryptionContext = {}): Uint8Array {
  const texts = Object.entries(context);
  if (texts.length === 0) return NO_PAIRS;
  // UTF-8 has no half surrogate pairs: all of them would become the same bytes
  if (texts.some((pair) => pair.some((field) => !field.isWellFormed()))) {
    throw new CryptoError({ code: 'context-not-unicode' });
  }
  const pairs = texts.map(([key, value]) => [utf8(key), utf8(value)] as const);
  if (pairs.length > MAX_FIELD || pairs.some((pair) => pair.some((field) => field.length > MAX_FIELD))) {
    throw new CryptoError({ code: 'context-too-large' });
  }
  pairs.sort(([a], [b]) => Buffer.compare(a, b));
  // an array, not arguments: there may be more parts than a call takes
  return Buffer.concat([
    uint(pairs.length, 2),
    ...pairs.flatMap(([key, value]) => [uint(key.length, 2), key, uint(value.length, 2), value]),
  ]);
}
