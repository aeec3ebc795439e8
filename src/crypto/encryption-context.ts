/**
 * The encryption context as bytes: one canonical form per set of pairs, whatever their order, and no two sets alike.
 *
 *     count 2 | ( key length 2 | key | value length 2 | value )...     pairs in the order of the keys' UTF-8 bytes
 *
 * Lengths stand before the texts, so {"ab":"c"} and {"a":"bc"} differ. No context and an empty one are the same.
 */
import { KmsError } from '../model/error.ts';
import { uint, utf8 } from './bytes.ts';

export type EncryptionContext = { readonly [key: string]: string };

const MAX_FIELD = 0xffff;

export function encryptionContextBytes(context: EncryptionContext = {}): Uint8Array {
  const texts = Object.entries(context);
  // UTF-8 has no half surrogate pairs: all of them would become the same bytes
  if (texts.some((pair) => pair.some((field) => !field.isWellFormed()))) {
    throw new KmsError('ValidationException', 'EncryptionContext must be well-formed Unicode');
  }
  const pairs = texts.map(([key, value]) => [utf8(key), utf8(value)] as const);
  if (pairs.length > MAX_FIELD || pairs.some((pair) => pair.some((field) => field.length > MAX_FIELD))) {
    throw new KmsError(
      'ValidationException',
      'EncryptionContext is too large: at most 65535 pairs of 65535 bytes each',
    );
  }
  pairs.sort(([a], [b]) => Buffer.compare(a, b));
  // an array, not arguments: there may be more parts than a call takes
  return Buffer.concat([
    uint(pairs.length, 2),
    ...pairs.flatMap(([key, value]) => [uint(key.length, 2), key, uint(value.length, 2), value]),
  ]);
}
