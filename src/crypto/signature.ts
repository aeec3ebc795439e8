/**
 * Sign and Verify, for every signing algorithm and message type, with node:crypto where possible. It hashes the message
 * itself, so messages that the caller has hashed (DIGEST, EXTERNAL_MU) are signed with raw RSA, @noble/curves or
 * @noble/post-quantum.
 */
import {
  constants,
  privateEncrypt,
  publicDecrypt,
  sign as signHashed,
  timingSafeEqual,
  verify as verifyHashed,
} from 'node:crypto';
import type { KeyObject, SignKeyObjectInput } from 'node:crypto';
import { concat, fromHex } from './bytes.ts';
import { jwkMember, publicKeyObject } from './key-object.ts';
import {
  isSlow,
  type KeyPairKind,
  type KeySpec,
  type Message,
  type SignatureScheme,
  type SigningAlgorithm,
} from './key-spec.ts';
import type { MessageType } from '../model/enumeration.ts';
import { pssEncode, pssVerify } from './pss.ts';
import { sm2Curve, sm2Digest, sm2Point, sm2Scalar, sm2Sign, sm2Verify } from './sm2.ts';

export interface Signing extends Message {
  readonly algorithm: SigningAlgorithm;
}

type Maybe<T> = T | Promise<T>;

interface Signer {
  /** Whether one of it is so slow that a server should not make its other callers wait for it. */
  readonly takesLong: (use: 'sign' | 'verify', kind: KeyPairKind) => boolean;
  sign(key: KeyObject, signing: Signing): Maybe<Uint8Array>;
  /** @param key SPKI, DER */
  verify(key: Uint8Array, signing: Signing, signature: Uint8Array): Maybe<boolean>;
}

/** Some tenths of a millisecond and more. */
export const takesLong = (use: 'sign' | 'verify', signing: Signing, { keyPair }: KeySpec): boolean =>
  keyPair !== undefined && signerOf(signing).takesLong(use, keyPair);

/** @param key of the key spec whose checkMessage() has passed `signing` */
export const sign = async (key: KeyObject, signing: Signing): Promise<Uint8Array> =>
  signerOf(signing).sign(key, signing);

/** @param key SPKI, DER; of the key spec whose checkMessage() has passed `signing` */
export const verify = async (key: Uint8Array, signing: Signing, signature: Uint8Array): Promise<boolean> =>
  signerOf(signing).verify(key, signing, signature);

function signerOf({ algorithm, messageType }: Signing): Signer {
  const signer = SIGNERS[algorithm.scheme][messageType];
  if (!signer) throw new Error(`${algorithm.name} does not sign ${messageType}`);
  return signer;
}

/** A malformed signature is invalid like any other. An invalid key is an error, so it is parsed first. */
function holds(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}

const takesLongByNode: Signer['takesLong'] = (use, kind) => isSlow(kind) && (kind.type !== 'rsa' || use === 'sign');

const always = (): boolean => true;

/** By node:crypto, which hashes the message; null where the hash is part of the scheme. */
const byNode = (
  hashOf: (algorithm: SigningAlgorithm) => string | null,
  options: Omit<SignKeyObjectInput, 'key'> = {},
): Signer => ({
  takesLong: takesLongByNode,
  sign: (key, { algorithm, message }) => signHashed(hashOf(algorithm), message, { key, ...options }),
  verify: (spki, { algorithm, message }, signature) => {
    const key = { key: publicKeyObject(spki), ...options };
    return holds(() => verifyHashed(hashOf(algorithm), message, key, signature));
  },
});

const hashing = (options: Omit<SignKeyObjectInput, 'key'> = {}): Signer => byNode(({ hash }) => hash, options);
const whole: Signer = byNode(() => null);

/** DigestInfo up to the digest (RFC 8017 9.2, note 1). */
const DIGEST_INFO: { readonly [hash: string]: string } = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

const digestInfo = ({ algorithm, message }: Signing): Uint8Array =>
  concat(fromHex(DIGEST_INFO[algorithm.hash]!), message);

const pkcs1Digest: Signer = {
  takesLong: takesLongByNode,
  sign: (key, signing) => privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(signing)),
  verify: (spki, signing, signature) => {
    const key = publicKeyObject(spki);
    return holds(() => {
      const found = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
      return timingSafeEqual(found, digestInfo(signing)); // throws where the lengths differ
    });
  },
};

const pssOptions = (key: KeyObject, { algorithm: { hash } }: Signing) => {
  const modulusBits = key.asymmetricKeyDetails?.modulusLength;
  if (modulusBits === undefined) throw new Error('not an RSA key');
  return { hash, modulusBits };
};

const pssDigest: Signer = {
  takesLong: takesLongByNode,
  sign: (key, signing) => {
    const encoded = pssEncode(signing.message, pssOptions(key, signing));
    return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
  },
  verify: (spki, signing, signature) => {
    const key = publicKeyObject(spki);
    const options = pssOptions(key, signing);
    return holds(() => {
      const encoded = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
      return pssVerify(signing.message, encoded, options);
    });
  },
};

/** A secret member of a private key, which is wiped afterwards. */
function withMember<T>(key: KeyObject, member: 'd' | 'priv', work: (bytes: Uint8Array) => T): T {
  const bytes = jwkMember(key, member);
  try {
    return work(bytes);
  } finally {
    bytes.fill(0);
  }
}

const nist = () => import('@noble/curves/nist.js');
const CURVES = {
  prime256v1: async () => (await nist()).p256,
  secp384r1: async () => (await nist()).p384,
  secp521r1: async () => (await nist()).p521,
  secp256k1: async () => (await import('@noble/curves/secp256k1.js')).secp256k1,
} as const;

const curveOf = (key: KeyObject) => CURVES[key.asymmetricKeyDetails?.namedCurve as keyof typeof CURVES]();

// The service does not normalize or require a low s; FIPS 186-5 has no such rule.
const ECDSA = { prehash: false, lowS: false, format: 'der' } as const;

const ecdsaDigest: Signer = {
  takesLong: always,
  sign: async (key, { message }) => {
    const curve = await curveOf(key);
    return withMember(key, 'd', (d) => curve.sign(message, d, { ...ECDSA, extraEntropy: true }));
  },
  verify: async (spki, { message }, signature) => {
    const key = publicKeyObject(spki);
    const curve = await curveOf(key);
    const point = concat(Uint8Array.of(4), jwkMember(key, 'x'), jwkMember(key, 'y'));
    return holds(() => curve.verify(signature, message, point, ECDSA));
  },
};

/** Ed25519ph (RFC 8032 5.1). KMS hashes the given digest once more: it is the message (public model, Sign). */
const ed25519ph: Signer = {
  takesLong: always,
  sign: async (key, { message }) => {
    const curve = await import('@noble/curves/ed25519.js');
    return withMember(key, 'd', (d) => curve.ed25519ph.sign(message, d));
  },
  verify: async (spki, { message }, signature) => {
    const key = jwkMember(publicKeyObject(spki), 'x');
    const curve = await import('@noble/curves/ed25519.js');
    // RFC 8032 5.1.7, not ZIP 215, which accepts more signatures
    return holds(() => curve.ed25519ph.verify(signature, message, key, { zip215: false }));
  },
};

const sm2 = (digestOf: typeof sm2Digest): Signer => ({
  takesLong: always,
  sign: async (key, { message }) => {
    const curve = await sm2Curve();
    const scalar = sm2Scalar(curve, key);
    return sm2Sign(curve, scalar, digestOf(curve.Point.BASE.multiply(scalar), message));
  },
  verify: async (key, { message }, signature) => {
    const curve = await sm2Curve();
    const point = sm2Point(curve, key);
    if (!point) throw new Error('not an SM2 public key');
    return sm2Verify(curve, point, { digest: digestOf(point, message), signature });
  },
});

const EXTERNAL_MU = { externalMu: true };

/** The parameter set of an ML-DSA key. */
async function mlDsaOf(key: KeyObject) {
  const { ml_dsa44, ml_dsa65, ml_dsa87 } = await import('@noble/post-quantum/ml-dsa.js');
  const set = { 'ml-dsa-44': ml_dsa44, 'ml-dsa-65': ml_dsa65, 'ml-dsa-87': ml_dsa87 }[String(key.asymmetricKeyType)];
  if (!set) throw new Error('not an ML-DSA key');
  return set;
}

/** FIPS 204 6.2 and 6.3 with mu given: the signatures are those of the RAW message. */
const mlDsaExternalMu: Signer = {
  takesLong: always,
  sign: async (key, { message }) => {
    const set = await mlDsaOf(key);
    const { secretKey } = withMember(key, 'priv', set.keygen);
    try {
      return set.internal.sign(message, secretKey, EXTERNAL_MU);
    } finally {
      secretKey.fill(0);
    }
  },
  verify: async (spki, { message }, signature) => {
    const key = publicKeyObject(spki);
    const set = await mlDsaOf(key);
    const bytes = jwkMember(key, 'pub');
    return holds(() => set.internal.verify(signature, message, bytes, EXTERNAL_MU));
  },
};

// AWS KMS Developer Guide, Key spec reference: the salt is as long as the digest, and Verify takes no other
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

/** RFC 8017 8.1.2 and 8.2.2, step 1: a signature without its leading zeros is invalid, even if the library accepts it. */
const ofModulusLength = (signer: Signer): Signer => ({
  ...signer,
  verify: (spki, signing, signature) =>
    signature.length * 8 === publicKeyObject(spki).asymmetricKeyDetails?.modulusLength &&
    signer.verify(spki, signing, signature),
});

const SIGNERS: { readonly [S in SignatureScheme]: { readonly [M in MessageType]?: Signer } } = {
  pkcs1: {
    RAW: ofModulusLength(hashing({ padding: constants.RSA_PKCS1_PADDING })),
    DIGEST: ofModulusLength(pkcs1Digest),
  },
  pss: { RAW: ofModulusLength(hashing(PSS)), DIGEST: ofModulusLength(pssDigest) },
  ecdsa: { RAW: hashing(), DIGEST: ecdsaDigest },
  ed25519: { RAW: whole },
  ed25519ph: { DIGEST: ed25519ph },
  sm2dsa: { RAW: sm2(sm2Digest), DIGEST: sm2((_, digest) => digest) },
  'ml-dsa': { RAW: whole, EXTERNAL_MU: mlDsaExternalMu },
};
