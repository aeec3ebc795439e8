/**
 * The key spec table: key material, key usages and algorithms of each KeySpec of AWS KMS. It is loaded by every command,
 * so it imports no cryptography. Sources: AWS KMS Developer Guide,
 * Key spec reference, and the public API model for what is newer (Edwards25519, ML-DSA, ML-KEM).
 */
import { partitionOf } from '../model/arn.ts';
import type {
  EncryptionAlgorithmName,
  KeySpecName,
  KeyUsage,
  MacAlgorithmName,
  MessageType,
  SigningAlgorithmName,
} from '../model/enumeration.ts';
import { CryptoError } from './crypto-error.ts';

export interface EncryptionAlgorithm {
  readonly name: EncryptionAlgorithmName;
  /** In bytes. */
  readonly maxPlaintext: number;
  /** Hash of OAEP and of its MGF1; the label is empty. */
  readonly hash?: 'sha1' | 'sha256';
}

export type SignatureScheme = 'pss' | 'pkcs1' | 'ecdsa' | 'ed25519' | 'ed25519ph' | 'sm2dsa' | 'ml-dsa';

export interface SigningAlgorithm {
  readonly name: SigningAlgorithmName;
  readonly scheme: SignatureScheme;
  /** In the words of node:crypto. */
  readonly hash: 'sha256' | 'sha384' | 'sha512' | 'sm3' | 'shake256';
  /** Length in bytes of the Message where it is a DIGEST or an EXTERNAL_MU. */
  readonly digestLength: number;
  readonly messageTypes: readonly MessageType[];
}

export interface MacAlgorithm {
  readonly name: MacAlgorithmName;
  readonly hash: 'sha224' | 'sha256' | 'sha384' | 'sha512';
  /** Of the tag, in bytes. */
  readonly length: number;
}

export interface KeyAgreementAlgorithm {
  readonly name: 'ECDH';
}

export interface EncapsulationAlgorithm {
  readonly name: 'ML_KEM';
  /** Of the encapsulated shared secret, in bytes. */
  readonly ciphertextLength: number;
}

/** Algorithms by key usage, in the order in which DescribeKey and GetPublicKey list them. */
export interface Algorithms {
  readonly ENCRYPT_DECRYPT?: readonly EncryptionAlgorithm[];
  readonly SIGN_VERIFY?: readonly SigningAlgorithm[];
  readonly GENERATE_VERIFY_MAC?: readonly MacAlgorithm[];
  readonly KEY_AGREEMENT?: readonly KeyAgreementAlgorithm[];
  readonly ENCAPSULATE_DECAPSULATE?: readonly EncapsulationAlgorithm[];
}

type AlgorithmFor<U extends KeyUsage> = NonNullable<Algorithms[U]>[number];

/** A key pair in the words of node:crypto: its type, and what distinguishes keys of that type. */
export interface KeyPairKind {
  readonly type: 'rsa' | 'ec' | 'ed25519' | `ml-dsa-${44 | 65 | 87}` | `ml-kem-${512 | 768 | 1024}`;
  readonly modulusLength?: number;
  readonly namedCurve?: 'prime256v1' | 'secp384r1' | 'secp521r1' | 'secp256k1' | 'SM2';
}

/**
 * Whether one operation with the private key takes so long that a server should not make its other callers wait for it:
 * some tenths of a millisecond and more. Of OpenSSL's, the curves with code of their own are fast; RSA-2048 takes less time
 * than a second transaction and the messages to a thread. Public keys of RSA are fast, whatever their size.
 */
export const isSlow = ({ type, namedCurve, modulusLength = 0 }: KeyPairKind): boolean =>
  type === 'rsa' ? modulusLength > 2048 : type !== 'ed25519' && namedCurve !== 'prime256v1';

interface KeyMaterialKind {
  /** What `UpdateAlias` keeps apart and `DescribeKey` tells apart. */
  readonly type: 'symmetric' | 'hmac' | 'asymmetric';
  /** Length of symmetric material, in bytes. */
  readonly bytes?: number;
  /** The key pair of an asymmetric key; absent from symmetric ones. */
  readonly keyPair?: KeyPairKind;
}

interface KeySpecFacts extends KeyMaterialKind {
  readonly algorithms: Algorithms;
  /** What Sign and Verify take as Message with some algorithm of this spec. */
  readonly messageTypes: readonly MessageType[];
  /** Whether a KMS key of this spec can have imported material (origin EXTERNAL). */
  readonly importable: boolean;
  readonly multiRegion: boolean;
  /** Whether it is a DataKeyPairSpec too. */
  readonly dataKeyPair: boolean;
  /** Where it exists: everywhere, in China Regions only, or everywhere but there. */
  readonly regions: 'all' | 'china' | 'not china';
}

export interface KeySpec extends KeySpecFacts {
  readonly name: KeySpecName;
}

const oaep = (modulus: number): readonly EncryptionAlgorithm[] => [
  // RFC 8017 7.1.1: mLen <= k - 2hLen - 2
  { name: 'RSAES_OAEP_SHA_1', maxPlaintext: modulus / 8 - 2 * 20 - 2, hash: 'sha1' },
  { name: 'RSAES_OAEP_SHA_256', maxPlaintext: modulus / 8 - 2 * 32 - 2, hash: 'sha256' },
];

type Sha2 = 256 | 384 | 512;

const hashed = (
  name: 'ECDSA' | 'RSASSA_PKCS1_V1_5' | 'RSASSA_PSS',
  scheme: SignatureScheme,
  bits: Sha2,
): SigningAlgorithm => ({
  name: `${name}_SHA_${bits}`,
  scheme,
  hash: `sha${bits}`,
  digestLength: bits / 8,
  messageTypes: ['RAW', 'DIGEST'],
});

const rsaSigning: readonly SigningAlgorithm[] = [
  hashed('RSASSA_PKCS1_V1_5', 'pkcs1', 256),
  hashed('RSASSA_PKCS1_V1_5', 'pkcs1', 384),
  hashed('RSASSA_PKCS1_V1_5', 'pkcs1', 512),
  hashed('RSASSA_PSS', 'pss', 256),
  hashed('RSASSA_PSS', 'pss', 384),
  hashed('RSASSA_PSS', 'pss', 512),
];

const ecdh: readonly KeyAgreementAlgorithm[] = [{ name: 'ECDH' }];

const everywhere = {
  messageTypes: [],
  importable: true,
  multiRegion: true,
  dataKeyPair: false,
  regions: 'all',
} as const;

const hmac = (bits: 224 | Sha2): KeySpecFacts => ({
  ...everywhere,
  type: 'hmac',
  bytes: bits / 8,
  algorithms: { GENERATE_VERIFY_MAC: [{ name: `HMAC_SHA_${bits}`, hash: `sha${bits}`, length: bits / 8 }] },
});

/** Values that all older asymmetric key specs have. */
const pair = {
  ...everywhere,
  type: 'asymmetric',
  messageTypes: ['RAW', 'DIGEST'],
  dataKeyPair: true,
} as const;

const rsa = (modulusLength: number): KeySpecFacts => ({
  ...pair,
  keyPair: { type: 'rsa', modulusLength },
  algorithms: { ENCRYPT_DECRYPT: oaep(modulusLength), SIGN_VERIFY: rsaSigning },
});

const ecc = (namedCurve: NonNullable<KeyPairKind['namedCurve']>, hash: Sha2, more: Algorithms): KeySpecFacts => ({
  ...pair,
  keyPair: { type: 'ec', namedCurve },
  algorithms: { SIGN_VERIFY: [hashed('ECDSA', 'ecdsa', hash)], ...more },
});

// Material of the post-quantum specs cannot be imported, and ML-DSA has no data key pairs.
const mlDsa = (set: 44 | 65 | 87): KeySpecFacts => ({
  ...pair,
  keyPair: { type: `ml-dsa-${set}` },
  algorithms: {
    SIGN_VERIFY: [
      {
        name: 'ML_DSA_SHAKE_256',
        scheme: 'ml-dsa',
        hash: 'shake256',
        digestLength: 64, // FIPS 204 6.2: the message representative mu
        messageTypes: ['RAW', 'EXTERNAL_MU'],
      },
    ],
  },
  messageTypes: ['RAW', 'EXTERNAL_MU'],
  importable: false,
  dataKeyPair: false,
});

const mlKem = (set: 512 | 768 | 1024, ciphertextLength: number): KeySpecFacts => ({
  ...pair,
  keyPair: { type: `ml-kem-${set}` },
  algorithms: { ENCAPSULATE_DECAPSULATE: [{ name: 'ML_KEM', ciphertextLength }] },
  messageTypes: [],
  importable: false,
  regions: 'not china',
});

const FACTS = {
  SYMMETRIC_DEFAULT: {
    ...everywhere,
    type: 'symmetric',
    bytes: 32,
    algorithms: { ENCRYPT_DECRYPT: [{ name: 'SYMMETRIC_DEFAULT', maxPlaintext: 4096 }] },
  },
  HMAC_224: hmac(224),
  HMAC_256: hmac(256),
  HMAC_384: hmac(384),
  HMAC_512: hmac(512),
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  ECC_NIST_P256: ecc('prime256v1', 256, { KEY_AGREEMENT: ecdh }),
  ECC_NIST_P384: ecc('secp384r1', 384, { KEY_AGREEMENT: ecdh }),
  ECC_NIST_P521: ecc('secp521r1', 512, { KEY_AGREEMENT: ecdh }),
  ECC_SECG_P256K1: ecc('secp256k1', 256, {}),
  ECC_NIST_EDWARDS25519: {
    ...pair,
    keyPair: { type: 'ed25519' },
    algorithms: {
      // The two message types are not interchangeable (public model, Sign).
      SIGN_VERIFY: [
        { name: 'ED25519_SHA_512', scheme: 'ed25519', hash: 'sha512', digestLength: 64, messageTypes: ['RAW'] },
        { name: 'ED25519_PH_SHA_512', scheme: 'ed25519ph', hash: 'sha512', digestLength: 64, messageTypes: ['DIGEST'] },
      ],
    },
  },
  SM2: {
    ...pair,
    keyPair: { type: 'ec', namedCurve: 'SM2' },
    algorithms: {
      ENCRYPT_DECRYPT: [{ name: 'SM2PKE', maxPlaintext: 1024 }],
      SIGN_VERIFY: [
        { name: 'SM2DSA', scheme: 'sm2dsa', hash: 'sm3', digestLength: 32, messageTypes: ['RAW', 'DIGEST'] },
      ],
      KEY_AGREEMENT: ecdh,
    },
    // China Regions import symmetric material only and have no multi-Region keys.
    importable: false,
    multiRegion: false,
    regions: 'china',
  },
  ML_DSA_44: mlDsa(44),
  ML_DSA_65: mlDsa(65),
  ML_DSA_87: mlDsa(87),
  ML_KEM_512: mlKem(512, 768),
  ML_KEM_768: mlKem(768, 1088),
  ML_KEM_1024: mlKem(1024, 1568),
} as const satisfies { readonly [N in KeySpecName]: KeySpecFacts };

export const KEY_SPECS = Object.fromEntries(
  Object.entries(FACTS).map(([name, facts]) => [name, { name, ...facts }]),
) as { readonly [N in KeySpecName]: KeySpec };

export const usagesOf = (spec: KeySpec): readonly KeyUsage[] => Object.keys(spec.algorithms) as KeyUsage[];

/** @param member the one that names the spec */
export function checkRegion({ name, regions }: KeySpec, region: string, member = 'KeySpec'): void {
  const china = partitionOf(region) === 'aws-cn';
  if (regions === 'all' || china === (regions === 'china')) return;
  throw new CryptoError({ code: 'spec-not-in-region', spec: name, member });
}

/** The row of an algorithm that a request names. */
export function algorithmOf<U extends KeyUsage>(spec: KeySpec, usage: U, name: string): AlgorithmFor<U> {
  const rows: readonly AlgorithmFor<U>[] = spec.algorithms[usage] ?? [];
  const row = rows.find((algorithm) => algorithm.name === name);
  if (row) return row;
  throw new CryptoError({ code: 'algorithm-of-other-spec', spec: spec.name, algorithm: name });
}

/** @throws CryptoError when the plaintext is longer than algorithm and key allow */
export function checkPlaintext(spec: KeySpec, algorithm: EncryptionAlgorithm, plaintext: Uint8Array): void {
  const { name, maxPlaintext } = algorithm;
  if (plaintext.length <= maxPlaintext) return;
  throw new CryptoError({ code: 'plaintext-too-long', spec: spec.name, algorithm: name, max: maxPlaintext });
}

export interface Message {
  readonly message: Uint8Array;
  readonly messageType: MessageType;
}

/**
 * Whether the key spec, then the algorithm, takes this message type, and the length of what is not RAW. AWS names the
 * key spec where no algorithm of it would do, and the algorithm otherwise.
 */
export function checkMessage(spec: KeySpec, algorithm: SigningAlgorithm, { message, messageType }: Message): void {
  if (!spec.messageTypes.includes(messageType)) {
    throw new CryptoError({ code: 'message-type-of-other-spec', spec: spec.name, messageType });
  }
  if (!algorithm.messageTypes.includes(messageType)) {
    throw new CryptoError({ code: 'message-type-of-other-algorithm', algorithm: algorithm.name, messageType });
  }
  if (messageType !== 'RAW' && message.length !== algorithm.digestLength) {
    throw new CryptoError({ code: 'digest-length', algorithm: algorithm.name });
  }
}
