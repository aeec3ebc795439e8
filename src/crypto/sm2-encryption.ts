/** SM2PKE: public-key encryption with SM2 (GM/T 0003.4, GB/T 32918.4), the ciphertext in ASN.1 (GM/T 0009 7.2). */
import { timingSafeEqual, type KeyObject } from 'node:crypto';
import { concat, uint } from './bytes.ts';
import { der, derInteger, readInteger, readSequence, TAG } from './der.ts';
import { sm2Curve, sm2Point, sm2Scalar, sm3, word, type Sm2Curve, type Sm2Point } from './sm2.ts';

const HASH = 32;

/** @param publicKey SPKI, DER */
export async function sm2Encrypt(publicKey: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array> {
  const curve = await sm2Curve();
  const recipient = sm2Point(curve, publicKey);
  if (!recipient) throw new Error('not an SM2 public key');
  for (;;) {
    const k = curve.randomScalar();
    const shared = recipient.multiply(k);
    const mask = keyStream(shared, plaintext.length);
    if (isZero(mask) && mask.length > 0) continue; // GB/T 32918.4 6.1 A5
    const { x, y } = curve.Point.BASE.multiply(k);
    return der(
      TAG.sequence,
      derInteger(x),
      derInteger(y),
      der(TAG.octetString, sm3(word(shared.x), plaintext, word(shared.y))),
      der(TAG.octetString, xor(plaintext, mask)),
    );
  }
}

/** The plaintext, or undefined if this is not a ciphertext for this key. */
export async function sm2Decrypt(key: KeyObject, ciphertext: Uint8Array): Promise<Uint8Array | undefined> {
  const curve = await sm2Curve();
  const values = readSequence(ciphertext);
  const [x, y] = [readInteger(values?.[0]), readInteger(values?.[1])];
  const [hash, body] = [values?.[2], values?.[3]];
  if (values?.length !== 4 || x === undefined || y === undefined) return undefined;
  if (hash?.tag !== TAG.octetString || hash.content.length !== HASH || body?.tag !== TAG.octetString) return undefined;
  const ephemeral = pointOf(curve, { x, y });
  if (!ephemeral) return undefined;
  const shared = ephemeral.multiply(sm2Scalar(curve, key));
  const mask = keyStream(shared, body.content.length);
  if (isZero(mask) && mask.length > 0) return undefined;
  const plaintext = xor(body.content, mask);
  return timingSafeEqual(sm3(word(shared.x), plaintext, word(shared.y)), hash.content) ? plaintext : undefined;
}

/** Parses an untrusted point: it must be on the curve and not infinity. */
function pointOf({ Point }: Sm2Curve, affine: { readonly x: bigint; readonly y: bigint }): Sm2Point | undefined {
  try {
    const point = Point.fromAffine(affine);
    point.assertValidity();
    return point;
  } catch {
    return undefined;
  }
}

/** GB/T 32918.4 5.4.3: SM3 over the shared point and a counter from 1. */
function keyStream({ x, y }: Sm2Point, length: number): Uint8Array {
  const seed = concat(word(x), word(y));
  const blocks = Array.from({ length: Math.ceil(length / HASH) }, (_, index) => sm3(seed, uint(index + 1, 4)));
  return concat(...blocks).subarray(0, length);
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, at) => byte ^ b[at]!);
