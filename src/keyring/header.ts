/** The header record: file type and keyring ID, in clear and not authenticated by itself. */
import { EnvironmentError } from '../model/error.ts';
import { concat, utf8 } from '../crypto/bytes.ts';
import type { RandomBytes } from '../crypto/seal.ts';

const MAGIC = utf8('pocket-kms keyring 1\n');
const KEYRING_ID = 16;
export const HEADER_LENGTH = MAGIC.length + KEYRING_ID;

export const newKeyringId = (random: RandomBytes): Uint8Array => random(KEYRING_ID);

export const encodeHeader = (keyringId: Uint8Array): Uint8Array => concat(MAGIC, keyringId);

/** @throws EnvironmentError for bytes that are not a header */
export function decodeHeader(header: Uint8Array | undefined): Uint8Array {
  if (header?.length !== HEADER_LENGTH || Buffer.compare(header.subarray(0, MAGIC.length), MAGIC) !== 0) {
    throw new EnvironmentError('the file is not a pocket-kms keyring, or has an unsupported format version');
  }
  return header.subarray(MAGIC.length);
}
