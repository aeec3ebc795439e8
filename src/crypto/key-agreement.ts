/**
 * DeriveSharedSecret: cofactor ECDH (SP 800-56A 5.7.1.2; the cofactor of all these curves is 1), x coordinate alone.
 */
import { diffieHellman, type KeyObject } from 'node:crypto';
import { CryptoError } from './crypto-error.ts';
import { hasNamedCurve } from './ec-key.ts';
import { privateKeyObject, publicKeyObject } from './key-object.ts';
import type { KeySpec } from './key-spec.ts';
import { Secret } from './secret.ts';
import { sm2Curve, sm2Point, sm2Scalar, word } from './sm2.ts';

export interface KeyAgreement {
  readonly spec: KeySpec;
  /** PKCS #8, DER. */
  readonly privateKey: Secret;
  /** SPKI, DER; from the caller, not validated yet. */
  readonly peerPublicKey: Uint8Array;
}

/** @throws CryptoError where the peer's public key is invalid or on another curve, without the reason */
export async function deriveSharedSecret(agreement: KeyAgreement): Promise<Secret> {
  const shared = await (agreement.spec.keyPair?.namedCurve === 'SM2' ? sm2Ecdh(agreement) : ecdh(agreement));
  if (shared) return shared;
  throw new CryptoError({ code: 'not-a-peer-key' });
}

async function ecdh({ spec, privateKey, peerPublicKey }: KeyAgreement): Promise<Secret | undefined> {
  const publicKey = parsePeer(peerPublicKey);
  if (!publicKey || !hasNamedCurve(publicKey, spec.keyPair?.namedCurve)) return undefined;
  return new Secret(diffieHellman({ privateKey: privateKeyObject(privateKey), publicKey }));
}

/** OpenSSL rejects points that are not on the curve, and these curves have cofactor 1. */
function parsePeer(spki: Uint8Array): KeyObject | undefined {
  try {
    return publicKeyObject(spki);
  } catch {
    return undefined;
  }
}

async function sm2Ecdh({ privateKey, peerPublicKey }: KeyAgreement): Promise<Secret | undefined> {
  const curve = await sm2Curve();
  const peer = sm2Point(curve, peerPublicKey);
  return peer && new Secret(word(peer.multiply(sm2Scalar(curve, privateKey)).x));
}
