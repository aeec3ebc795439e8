/**
 * Wrapping of key material for ImportKeyMaterial: the wrapping algorithms of GetParametersForImport, their wrapping keys,
 * and unwrapping.
 */
import { createDecipheriv, type KeyObject } from 'node:crypto';
import { CryptoError } from './crypto-error.ts';
import { concat, fromHex } from './bytes.ts';
import { importKeyMaterial, type KeyMaterialBytes } from './key-material.ts';
import { isSlow, KEY_SPECS, type KeySpec } from './key-spec.ts';
import type { KeySpecName } from '../model/enumeration.ts';
import { oaepDecrypt, type OaepHash } from './rsa-encryption.ts';
import { Secret } from './secret.ts';
import { sm2Decrypt } from './sm2-encryption.ts';

export interface WrappingAlgorithm {
  /** Whether a wrapping key of this spec can carry material of a KMS key of that one. */
  readonly fits: (wrappingKey: KeySpec, material: KeySpec) => boolean;
  /** The material, or undefined if it was not wrapped under this key with this algorithm. */
  readonly unwrap: (privateKey: KeyObject, wrapped: Uint8Array) => Promise<Uint8Array | undefined>;
}

export interface Wrapping {
  readonly wrappingAlgorithm: string;
  readonly wrappingKeySpec: string;
  /** Of the KMS key that the material is for. */
  readonly material: KeySpec;
}

/** @throws CryptoError for a combination that KMS does not offer, RSAES_PKCS1_V1_5 among them */
export function wrappingOf({ wrappingAlgorithm, wrappingKeySpec, material }: Wrapping): WrappingAlgorithm {
  const algorithm = WRAPPING_ALGORITHMS.get(wrappingAlgorithm);
  const key = KEY_SPECS[wrappingKeySpec as KeySpecName];
  if (algorithm?.fits(key, material)) return algorithm;
  throw new CryptoError({ code: 'wrapping-not-offered', spec: material.name, wrappingAlgorithm, wrappingKeySpec });
}

/** Key material as ImportKeyMaterial gets it. */
export interface WrappedMaterial {
  /** The wrapping key. */
  readonly key: KeyObject;
  readonly wrappingAlgorithm: string;
  readonly wrappingKeySpec: string;
  /** Of the KMS key that the material is for. */
  readonly keySpec: KeySpecName;
  readonly wrapped: Uint8Array;
}

/** In its canonical encoding; or it was not wrapped under this key with this algorithm, or does not fit the key spec. */
export type UnwrappedMaterial = KeyMaterialBytes | 'not-wrapped' | 'not-fitting';

export async function unwrapKeyMaterial({
  key,
  wrapped,
  keySpec,
  ...wrapping
}: WrappedMaterial): Promise<UnwrappedMaterial> {
  const material = KEY_SPECS[keySpec];
  const bytes = await wrappingOf({ ...wrapping, material }).unwrap(key, wrapped);
  if (!bytes) return 'not-wrapped';
  const read = importKeyMaterial(material, bytes);
  const secret = read?.secret.expose();
  if (secret !== bytes) bytes.fill(0); // another encoding than the canonical one, or none
  return read && secret ? { ...read, secret } : 'not-fitting';
}

/** The primes of RSA are tested: tens of milliseconds. Of other private keys the public key is computed. */
export const unwrappingTakesLong = (wrappingKeySpec: string, { keyPair }: KeySpec): boolean =>
  isSlow(KEY_SPECS[wrappingKeySpec as KeySpecName].keyPair!) ||
  (keyPair !== undefined && (keyPair.type === 'rsa' || isSlow(keyPair)));

const isRsa = ({ keyPair }: KeySpec): boolean => keyPair?.type === 'rsa';

/** The material itself under OAEP: never an RSA key, and not P-521 under the smallest modulus. */
const oaep = (hash: OaepHash): WrappingAlgorithm => ({
  fits: (key, material) =>
    isRsa(key) &&
    !isRsa(material) &&
    !(material.keyPair?.namedCurve === 'secp521r1' && key.keyPair?.modulusLength === 2048),
  unwrap: async (privateKey, wrapped) => oaepDecrypt(privateKey, hash, wrapped),
});

/** An AES-256 key under OAEP, then the material under that key. */
const rsaAes = (hash: OaepHash): WrappingAlgorithm => ({
  fits: isRsa,
  unwrap: async (privateKey, wrapped) => {
    const modulusBytes = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
    const aesKey = oaepDecrypt(privateKey, hash, wrapped.subarray(0, modulusBytes));
    if (aesKey?.length === 32) return unwrapPadded(new Secret(aesKey), wrapped.subarray(modulusBytes));
    return undefined;
  },
});

const sm2: WrappingAlgorithm = {
  fits: (key) => key.keyPair?.namedCurve === 'SM2',
  unwrap: sm2Decrypt,
};

const WRAPPING_ALGORITHMS: ReadonlyMap<string, WrappingAlgorithm> = new Map(
  Object.entries({
    RSAES_OAEP_SHA_1: oaep('sha1'),
    RSAES_OAEP_SHA_256: oaep('sha256'),
    RSA_AES_KEY_WRAP_SHA_1: rsaAes('sha1'),
    RSA_AES_KEY_WRAP_SHA_256: rsaAes('sha256'),
    SM2PKE: sm2,
  }),
);

/** AES key wrap with padding (RFC 5649, section 3), alternative initial value A65959A6. */
function unwrapPadded(key: Secret, wrapped: Uint8Array): Uint8Array | undefined {
  try {
    const decipher = createDecipheriv('id-aes256-wrap-pad', key.expose(), fromHex('a65959a6'));
    return concat(decipher.update(wrapped), decipher.final());
  } catch {
    return undefined;
  }
}
