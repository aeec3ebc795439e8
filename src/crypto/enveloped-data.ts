/**
 * CMS EnvelopedData (RFC 5652 6) for one RSA key, as AWS KMS returns it in CiphertextForRecipient: a recorded answer in
 * tests/kmstool-enclaves/cms_test.c of aws/aws-nitro-enclaves-sdk-c has these versions, algorithms and indefinite lengths.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { concat, fromHex } from './bytes.ts';
import { der, derInteger, TAG } from './der.ts';
import { oaepEncrypt } from './rsa-encryption.ts';
import type { RandomBytes } from './seal.ts';

const SET = 0x31;
const NULL = der(0x05);
/** [0], primitive and constructed. */
const TAG_0 = 0x80;
const EXPLICIT_0 = 0xa0;
const EXPLICIT_1 = 0xa1;

const oid = (digits: string, ...parameters: readonly Uint8Array[]): Uint8Array =>
  der(TAG.sequence, der(TAG.oid, fromHex(digits)), ...parameters);

const ENVELOPED_DATA = der(TAG.oid, fromHex('2a864886f70d010703'));
const DATA = der(TAG.oid, fromHex('2a864886f70d010701'));
const SHA_256 = oid('608648016503040201', NULL);
/** RFC 4055 4.1; the default of the third parameter, an empty label, is left out. */
const RSAES_OAEP = oid(
  '2a864886f70d010107',
  der(TAG.sequence, der(EXPLICIT_0, SHA_256), der(EXPLICIT_1, oid('2a864886f70d010108', SHA_256))),
);
const aes256Cbc = (iv: Uint8Array): Uint8Array => oid('60864801650304012a', der(TAG.octetString, iv));

const VERSION_2 = derInteger(2n);
const KEY_BYTES = 32;
const IV_BYTES = 16;

/** X.690 8.1.3.6: until two zero bytes. */
const indefinite = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  concat(Uint8Array.of(tag, 0x80), ...parts, Uint8Array.of(0, 0));

/** @param publicKey RSA; SPKI, DER */
export function envelopedData(publicKey: Uint8Array, plaintext: Uint8Array, random: RandomBytes): Uint8Array {
  const key = random(KEY_BYTES);
  const iv = random(IV_BYTES);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const ciphertext = concat(cipher.update(plaintext), cipher.final());
  // how AWS names the key is not known; it has 32 bytes
  const keyIdentifier = createHash('sha256').update(publicKey).digest();
  const recipient = der(
    TAG.sequence,
    VERSION_2,
    der(TAG_0, keyIdentifier),
    RSAES_OAEP,
    der(TAG.octetString, oaepEncrypt(publicKey, 'sha256', key)),
  );
  key.fill(0);
  const content = indefinite(
    TAG.sequence,
    DATA,
    aes256Cbc(iv),
    indefinite(EXPLICIT_0, der(TAG.octetString, ciphertext)),
  );
  const enveloped = indefinite(TAG.sequence, VERSION_2, der(SET, recipient), content);
  return indefinite(TAG.sequence, ENVELOPED_DATA, indefinite(EXPLICIT_0, enveloped));
}
