/** Signed JSON Web Tokens (RFC 7519, RFC 7515), and the public keys that verify them (RFC 7517, RFC 7518, RFC 8037). */
import { constants, createPublicKey, verify, type KeyObject, type webcrypto } from 'node:crypto';
import { isObject } from '../model/json-object.ts';

/** A public key as an identity provider publishes it; nothing else of what it publishes. */
export interface WebKey {
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
  readonly key: webcrypto.JsonWebKey;
}

export interface WebToken {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly claims: { readonly [name: string]: unknown };
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** How a signature is verified, and which keys it is for. */
interface Algorithm {
  /** undefined: the algorithm includes its digest. */
  readonly digest: string | undefined;
  readonly fits: (key: KeyObject) => boolean;
  readonly options?:
    | { readonly padding: number; readonly saltLength?: number }
    | { readonly dsaEncoding: 'ieee-p1363' };
}

/** RFC 7518 3.3: "A key of size 2048 bits or larger MUST be used". RFC 8017 3.1: with the exponent 1 everyone signs. */
const isRsa = ({
  asymmetricKeyType,
  asymmetricKeyDetails: { modulusLength = 0, publicExponent = 0n } = {},
}: KeyObject) => asymmetricKeyType === 'rsa' && modulusLength >= 2048 && publicExponent >= 3n;

const pkcs1 = (digest: string): Algorithm => ({
  digest,
  fits: isRsa,
  options: { padding: constants.RSA_PKCS1_PADDING },
});

const pss = (digest: string): Algorithm => ({
  digest,
  fits: isRsa,
  options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
});

const ecdsa = (digest: string, curve: string): Algorithm => ({
  digest,
  fits: ({ asymmetricKeyType, asymmetricKeyDetails }) =>
    asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === curve,
  options: { dsaEncoding: 'ieee-p1363' },
});

const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ['RS256', pkcs1('sha256')],
  ['RS384', pkcs1('sha384')],
  ['RS512', pkcs1('sha512')],
  ['PS256', pss('sha256')],
  ['PS384', pss('sha384')],
  ['PS512', pss('sha512')],
  ['ES256', ecdsa('sha256', 'prime256v1')],
  ['ES384', ecdsa('sha384', 'secp384r1')],
  ['ES512', ecdsa('sha512', 'secp521r1')],
  ['EdDSA', { digest: undefined, fits: ({ asymmetricKeyType }) => asymmetricKeyType === 'ed25519' }],
]);

/** @returns undefined for what is no signed token; its signature is not verified yet */
export function readWebToken(token: string): WebToken | undefined {
  const [header, claims, signature, ...more] = token.split('.');
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0) return undefined;
  const head = jsonOf(header);
  const body = jsonOf(claims);
  const bytes = bytesOf(signature);
  if (!head || !body || !bytes) return undefined;
  const { alg, kid, typ, crit } = head;
  if (typeof alg !== 'string' || (kid !== undefined && typeof kid !== 'string')) return undefined;
  // other types of tokens are no identity tokens, and critical members must be understood (RFC 7515 4.1.11)
  if (crit !== undefined || (typ !== undefined && !(typeof typ === 'string' && /^jwt$/i.test(typ)))) return undefined;
  return { alg, kid, claims: body, signed: Buffer.from(`${header}.${claims}`), signature: bytes };
}

/** Whether one of the keys made the signature: that of the token's key ID; without one, the only key. */
export function isSignedBy({ alg, kid, signed, signature }: WebToken, keys: readonly WebKey[]): boolean {
  const algorithm = ALGORITHMS.get(alg);
  const [candidate, ...others] = kid === undefined ? keys : keys.filter((key) => key.kid === kid);
  if (!algorithm || !candidate || others.length > 0) return false;
  if (candidate.alg !== undefined && candidate.alg !== alg) return false;
  const key = createPublicKey({ key: candidate.key, format: 'jwk' });
  return algorithm.fits(key) && verify(algorithm.digest, signed, { key, ...algorithm.options }, signature);
}

/** @returns a text that says why it is no set of public keys that verify tokens */
export function readWebKeys(text: string): readonly WebKey[] | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (!isObject(parsed) || !Array.isArray(parsed['keys'])) return 'it has no list "keys"';
  const keys: WebKey[] = [];
  for (const member of parsed['keys'] as readonly unknown[]) {
    if (!isObject(member)) return 'a key is not an object';
    if (member['d'] !== undefined || member['k'] !== undefined) return 'it has a private or secret key';
    if (member['use'] !== undefined && member['use'] !== 'sig') continue;
    const key = publicKeyOf(member);
    if (typeof key === 'string') return key;
    if (key) keys.push(key);
  }
  if (keys.length === 0) return 'it has no key that verifies tokens';
  if (keys.length > 1 && new Set(keys.map(({ kid }) => kid ?? '')).size < keys.length)
    return 'two keys have the same key ID';
  return keys;
}

/** @returns undefined for a key of an algorithm that is not used here */
function publicKeyOf(member: { readonly [name: string]: unknown }): WebKey | string | undefined {
  const { kid, alg } = member;
  if (kid !== undefined && typeof kid !== 'string') return 'a key ID is not a text';
  if (alg !== undefined && typeof alg !== 'string') return 'an algorithm is not a text';
  let key: KeyObject;
  try {
    key = createPublicKey({ key: member, format: 'jwk' });
  } catch {
    return undefined;
  }
  const used = [...ALGORITHMS].some(([name, { fits }]) => (alg === undefined || alg === name) && fits(key));
  return used ? { kid, alg, key: key.export({ format: 'jwk' }) } : undefined;
}

function jsonOf(part: string): { readonly [name: string]: unknown } | undefined {
  const bytes = bytesOf(part);
  if (!bytes) return undefined;
  try {
    const parsed: unknown = JSON.parse(bytes.toString());
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const bytesOf = (part: string): Buffer | undefined =>
  /^[\w-]+$/.test(part) ? Buffer.from(part, 'base64url') : undefined;
