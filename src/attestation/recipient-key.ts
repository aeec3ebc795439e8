/** The public key of an attestation document, under which AWS KMS encrypts its answer. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { toSpki } from '../crypto/key-object.ts';
import { problem, type Problem } from './problem.ts';

const MIN_BITS = 2_048;
/** An exponent of many digits costs as much as a private key: larger ones than this are no keys that anybody generates. */
const MAX_EXPONENT = 2n ** 32n;

export interface RecipientKey {
  readonly spki: Uint8Array;
  readonly bits: number;
  /** SHA-256 of the SPKI, in lower-case hex. */
  readonly fingerprint: string;
}

export function recipientKeyOf(bytes: Uint8Array | undefined): RecipientKey | Problem {
  if (bytes === undefined || bytes.length === 0) return problem('no-public-key', 'it has no public key');
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(bytes), format: 'der', type: 'spki' });
  } catch {
    return problem('public-key', 'its public key is not a SubjectPublicKeyInfo in DER');
  }
  if (key.asymmetricKeyType !== 'rsa') return problem('public-key', 'its public key is not an RSA key');
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < MIN_BITS) return problem('public-key', `its RSA key has fewer than ${MIN_BITS} bits`);
  // RFC 8017 3.1: an odd exponent of at least 3; with 1 the key encrypts nothing
  if (publicExponent < 3n || publicExponent % 2n === 0n || publicExponent >= MAX_EXPONENT) {
    return problem('public-key', 'the exponent of its RSA key is not an odd number from 3 to 4294967295');
  }
  if (!isOdd(key)) return problem('public-key', 'the modulus of its RSA key is even');
  const spki = toSpki(key);
  // bytes behind the key, and lengths that could be shorter
  if (Buffer.compare(spki, bytes) !== 0) return problem('public-key', 'its public key is not one key in DER');
  return { spki, bits: modulusLength, fingerprint: createHash('sha256').update(spki).digest('hex') };
}

/** With an even modulus OpenSSL cannot encrypt. */
const isOdd = (key: KeyObject): boolean =>
  (Buffer.from(key.export({ format: 'jwk' }).n!, 'base64url').at(-1)! & 1) === 1;
