/**
 * SM2: its curve, its keys, and its signature SM2DSA (GM/T 0003, GB/T 32918). OpenSSL has SM2, but node:crypto reaches
 * neither its encryption nor its user ID, so the curve's arithmetic is @noble/curves' and the hash node:crypto's SM3.
 * Names of values as in GB/T 32918.
 */
import { createHash, type KeyObject } from 'node:crypto';
import { concat, fromHex, hex, uint, utf8 } from './bytes.ts';
import { der, derInteger, readInteger, readSequence, TAG } from './der.ts';
import { toPkcs8 } from './key-object.ts';

/** GB/T 32918.5. */
const CURVE = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
};

/** AlgorithmIdentifier of an SM2 key: id-ecPublicKey, then sm2p256v1 (1.2.156.10197.1.301) as named curve. */
const ALGORITHM = fromHex('06072a8648ce3d020106082a811ccf5501822d');

/** GM/T 0009: the default user ID, which is the one that KMS uses for RAW messages. */
const USER_ID = '1234567812345678';

export async function sm2Curve() {
  const { ecdh, weierstrass } = await import('@noble/curves/abstract/weierstrass.js');
  const Point = weierstrass(CURVE);
  const { randomSecretKey } = ecdh(Point).utils;
  return { Point, Fn: Point.Fn, randomScalar: (): bigint => Point.Fn.fromBytes(randomSecretKey()) };
}

export type Sm2Curve = Awaited<ReturnType<typeof sm2Curve>>;
export type Sm2Point = InstanceType<Sm2Curve['Point']>;

export const sm3 = (...parts: readonly Uint8Array[]): Uint8Array =>
  createHash('sm3')
    .update(concat(...parts))
    .digest();

/** A field element or scalar: 32 bytes, big-endian. */
export const word = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0'));

const number = (bytes: Uint8Array): bigint => BigInt(`0x${hex(bytes)}`);

/** The scalar of a private key that this program made (PKCS #8 around RFC 5915). */
export function sm2Scalar({ Fn }: Sm2Curve, key: KeyObject): bigint {
  const pkcs8 = toPkcs8(key);
  try {
    const outer = readSequence(pkcs8)?.[2];
    const inner = outer && readSequence(outer.content)?.[1];
    if (inner?.tag !== TAG.octetString) throw new Error('not an SM2 private key');
    return Fn.fromBytes(inner.content);
  } finally {
    pkcs8.fill(0);
  }
}

/** The point of a public key, or undefined if the bytes are not the SPKI of a point on this curve. */
export function sm2Point({ Point }: Sm2Curve, spki: Uint8Array): Sm2Point | undefined {
  const [algorithm, key] = readSequence(spki) ?? [];
  if (algorithm?.tag !== TAG.sequence || Buffer.compare(algorithm.content, ALGORITHM) !== 0) return undefined;
  if (key?.tag !== TAG.bitString || key.content[0] !== 0) return undefined;
  try {
    return Point.fromBytes(key.content.subarray(1));
  } catch {
    return undefined;
  }
}

/** What is signed of a RAW message: SM3(Z || M), Z = SM3(ENTL || ID || a || b || xG || yG || xA || yA). */
export function sm2Digest(publicKey: Sm2Point, message: Uint8Array): Uint8Array {
  const id = utf8(USER_ID);
  const { a, b, Gx, Gy } = CURVE;
  const words = [a, b, Gx, Gy, publicKey.x, publicKey.y].map(word);
  return sm3(sm3(uint(id.length * 8, 2), id, ...words), message);
}

/** GB/T 32918.2 6.1; the signature is SEQUENCE { INTEGER r, INTEGER s }. */
export function sm2Sign({ Point, Fn, randomScalar }: Sm2Curve, d: bigint, digest: Uint8Array): Uint8Array {
  const e = Fn.create(number(digest));
  for (;;) {
    const k = randomScalar();
    const r = Fn.add(e, Fn.create(Point.BASE.multiply(k).x));
    const s = Fn.mul(Fn.inv(Fn.add(1n, d)), Fn.sub(k, Fn.mul(r, d)));
    if (r !== 0n && s !== 0n && Fn.add(r, k) !== 0n) return der(TAG.sequence, derInteger(r), derInteger(s));
  }
}

/** GB/T 32918.2 7.1. */
export function sm2Verify(
  { Point, Fn }: Sm2Curve,
  publicKey: Sm2Point,
  { digest, signature }: { readonly digest: Uint8Array; readonly signature: Uint8Array },
): boolean {
  const values = readSequence(signature);
  const [r, s] = [readInteger(values?.[0]), readInteger(values?.[1])];
  if (values?.length !== 2 || !r || !s || r >= CURVE.n || s >= CURVE.n) return false;
  const t = Fn.add(r, s);
  if (t === 0n) return false;
  const point = Point.BASE.mulAddUnsafe(s, publicKey, t);
  return !point.is0() && Fn.add(Fn.create(number(digest)), Fn.create(point.x)) === r;
}
