/**
 * Key material of every key spec: generation, import, and the public key of a key pair. A key pair's secret
 * is its PKCS #8 in DER, ML-DSA and ML-KEM as seed; symmetric and HMAC material is the bytes themselves.
 */
import {
  checkPrimeSync,
  createECDH,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { hex } from './bytes.ts';
import { der, readDer, readSequence, TAG } from './der.ts';
import { hasNamedCurve } from './ec-key.ts';
import { jwkMember, privateKeyObject, toPkcs8, toSpki } from './key-object.ts';
import type { KeyPairKind, KeySpec } from './key-spec.ts';
import type { RandomBytes } from './seal.ts';
import { Secret } from './secret.ts';

/** Context-specific tag 0. */
const SEED = 0x80;

export interface KeyMaterial {
  readonly secret: Secret;
  /** SPKI, DER; of key pairs. */
  readonly publicKey?: Uint8Array;
}

/** Key material of a key pair, as it can be sent to another thread. */
export interface KeyPairBytes {
  /** PKCS #8, DER: a secret. */
  readonly privateKey: Uint8Array;
  /** SPKI, DER. */
  readonly publicKey: Uint8Array;
}

/** Key material of any kind, as it can be sent to another thread. */
export interface KeyMaterialBytes {
  readonly secret: Uint8Array;
  /** SPKI, DER; of key pairs. */
  readonly publicKey?: Uint8Array;
}

/** OpenSSL generates key pairs from its own random source. */
export async function generateKeyMaterial(spec: KeySpec, random: RandomBytes): Promise<KeyMaterial> {
  if (spec.keyPair) return keyPairMaterial(await generateKeyPairBytes(spec.keyPair));
  return { secret: new Secret(random(spec.bytes ?? 0)) };
}

export async function generateKeyPairBytes(kind: KeyPairKind): Promise<KeyPairBytes> {
  const { secret, publicKey } = pairMaterial(await newPrivateKey(kind));
  return { privateKey: secret.expose(), publicKey };
}

export const keyPairMaterial = ({ privateKey, publicKey }: KeyPairBytes): Required<KeyMaterial> => ({
  secret: new Secret(privateKey),
  publicKey,
});

export const keyMaterialOf = ({ secret, ...rest }: KeyMaterialBytes): KeyMaterial => ({
  ...rest,
  secret: new Secret(secret),
});

async function newPrivateKey({ type, ...options }: KeyPairKind): Promise<KeyObject> {
  const make = promisify(generateKeyPair) as (type: string, options: object) => Promise<{ privateKey: KeyObject }>;
  return (await make(type, options)).privateKey;
}

const pairMaterial = (key: KeyObject): Required<KeyMaterial> => ({
  secret: new Secret(key.asymmetricKeyType?.startsWith('ml-') ? seedForm(toPkcs8(key)) : toPkcs8(key)),
  publicKey: toSpki(createPublicKey(key)),
});

/** RFC 9881 and RFC 9935: the private key as `seed [0]`, where older versions of node write the expanded key too. */
function seedForm(pkcs8: Uint8Array): Uint8Array {
  const [version, algorithm, key] = readSequence(pkcs8) ?? [];
  const choice = key && readDer(key.content)?.[0];
  const seed = choice?.tag === TAG.sequence ? readDer(choice.content)?.[0] : choice;
  if (!version || !algorithm || !seed) throw new Error('a private key without its seed');
  return der(
    TAG.sequence,
    der(version.tag, version.content),
    der(algorithm.tag, algorithm.content),
    der(TAG.octetString, der(SEED, seed.content)),
  );
}

/** @param pkcs8 the secret of a key pair; @returns SPKI, DER */
export const publicKeyOf = (pkcs8: Secret): Uint8Array => toSpki(createPublicKey(privateKeyObject(pkcs8)));

/**
 * Imported material in its canonical encoding, or undefined if it does not fit the key spec: wrong
 * length, type, curve, or modulus, more than two primes, explicit curve parameters, inconsistent.
 * Equal keys in different encodings give equal secrets.
 */
export function importKeyMaterial(spec: KeySpec, bytes: Uint8Array): KeyMaterial | undefined {
  if (!spec.keyPair) return bytes.length === spec.bytes ? { secret: new Secret(bytes) } : undefined;
  const key = parsePrivateKey(bytes);
  if (!key || key.asymmetricKeyType !== spec.keyPair.type) return undefined;
  const sound = VALIDATORS[spec.keyPair.type]?.(key, spec.keyPair);
  return sound && pairMaterial(sound);
}

function parsePrivateKey(pkcs8: Uint8Array): KeyObject | undefined {
  try {
    return privateKeyObject(new Secret(pkcs8));
  } catch {
    return undefined;
  }
}

/** By key pair type: the canonical key, or undefined if the key is not valid. */
const VALIDATORS: { readonly [type: string]: (key: KeyObject, kind: KeyPairKind) => KeyObject | undefined } = {
  rsa: (key, { modulusLength }) =>
    key.asymmetricKeyDetails?.modulusLength === modulusLength && isSoundRsaKey(key) ? key : undefined,
  ec: (key, { namedCurve }) => (hasNamedCurve(key, namedCurve) ? withOwnPoint(key, namedCurve!) : undefined),
  ed25519: (key) => key,
};

/** RFC 8017 3.2: two primes, and the numbers belong together. */
function isSoundRsaKey(key: KeyObject): boolean {
  const jwk = key.export({ format: 'jwk' }) as { readonly [member: string]: string };
  if ('oth' in jwk) return false; // more than two primes
  const number = (member: string): bigint => BigInt(`0x${hex(Buffer.from(jwk[member]!, 'base64url')) || '0'}`);
  const [n, e, d, p, q] = [number('n'), number('e'), number('d'), number('p'), number('q')];
  if (p * q !== n || p === q || e < 3n || !checkPrimeSync(p) || !checkPrimeSync(q)) return false;
  const [p1, q1] = [p - 1n, q - 1n];
  return (
    (e * d) % p1 === 1n &&
    (e * d) % q1 === 1n &&
    number('dp') === d % p1 &&
    number('dq') === d % q1 &&
    (number('qi') * q) % p === 1n
  );
}

/** The public point is computed; that of the encoding is ignored. */
function withOwnPoint(key: KeyObject, namedCurve: string): KeyObject | undefined {
  const ecdh = createECDH(namedCurve);
  const jwk = key.export({ format: 'jwk' });
  try {
    ecdh.setPrivateKey(jwkMember(key, 'd')); // throws where it is not in [1, n - 1]
  } catch {
    return undefined;
  }
  const point = ecdh.getPublicKey(); // 4, x, y
  const half = (point.length - 1) / 2;
  const coordinate = (from: number): string => point.subarray(from, from + half).toString('base64url');
  return createPrivateKey({ key: { ...jwk, x: coordinate(1), y: coordinate(1 + half) }, format: 'jwk' });
}
