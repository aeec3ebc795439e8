/**
 * DeriveSharedSecret: cofactor ECDH (SP 800-56A 5.7.1.2; the cofactor of all these curves is 1), x coordinate alone.
 */
import { diffieHellman, type KeyObject } from 'node:crypto';
import { hasNamedCurve } from './ec-key.ts';
import { publicKeyObject } from './key-object.ts';
import type { KeyPairKind } from './key-spec.ts';
import { sm2Curve, sm2Point, sm2Scalar, word } from './sm2.ts';

export interface KeyAgreement {
  readonly curve: KeyPairKind['namedCurve'];
  /** The private key. */
  readonly key: KeyObject;
  /** SPKI, DER; from the caller, not validated yet. */
  readonly peerPublicKey: Uint8Array;
}

/** The secret, or undefined where the peer's public key is invalid or on another curve, without the reason. */
export const deriveSharedSecret = async (agreement: KeyAgreement): Promise<Uint8Array | undefined> =>
  agreement.curve === 'SM2' ? sm2Ecdh(agreement) : ecdh(agreement);

function ecdh({ curve, key: privateKey, peerPublicKey }: KeyAgreement): Uint8Array | undefined {
  const publicKey = parsePeer(peerPublicKey);
  return publicKey && hasNamedCurve(publicKey, curve) ? diffieHellman({ privateKey, publicKey }) : undefined;
}

/** OpenSSL rejects points that are not on the curve, and these curves have cofactor 1. */
function parsePeer(spki: Uint8Array): KeyObject | undefined {
  try {
    return publicKeyObject(spki);
  } catch {
    return undefined;
  }
}

async function sm2Ecdh({ key, peerPublicKey }: KeyAgreement): Promise<Uint8Array | undefined> {
  const curve = await sm2Curve();
  const peer = sm2Point(curve, peerPublicKey);
  return peer && word(peer.multiply(sm2Scalar(curve, key)).x);
}
