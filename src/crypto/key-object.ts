/** Key objects of node:crypto from the encodings in which key pairs are kept: PKCS #8 and SPKI, both DER. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Secret } from './secret.ts';

/** The same bytes, not a copy: node:crypto's types ask for a Buffer. */
const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/**
 * Parsing an encoding takes as long as using the key. A long-running process uses a key again while its record is cached;
 * the key object is cached as long as the bytes are.
 */
const known = new WeakMap<object, KeyObject>();

function once(encoding: object, read: () => KeyObject): KeyObject {
  const key = known.get(encoding) ?? read();
  known.set(encoding, key);
  return key;
}

/** @throws where the bytes are not a private key */
export const privateKeyObject = (pkcs8: Secret): KeyObject =>
  once(pkcs8, () => createPrivateKey({ key: view(pkcs8.expose()), format: 'der', type: 'pkcs8' }));

/** @throws where the bytes are not a public key */
export const publicKeyObject = (spki: Uint8Array): KeyObject =>
  once(spki, () => createPublicKey({ key: view(spki), format: 'der', type: 'spki' }));

export const toPkcs8 = (key: KeyObject): Uint8Array => key.export({ format: 'der', type: 'pkcs8' });
export const toSpki = (key: KeyObject): Uint8Array => key.export({ format: 'der', type: 'spki' });

/** A member of a key's JWK as bytes: `d` or `priv` of a private key, `x`, `y` or `pub` of a public one. */
export function jwkMember(key: KeyObject, member: 'd' | 'priv' | 'x' | 'y' | 'pub'): Uint8Array {
  const value = (key.export({ format: 'jwk' }) as { readonly [name: string]: unknown })[member];
  if (typeof value !== 'string') throw new Error(`a ${key.asymmetricKeyType} key has no member ${member}`);
  return Buffer.from(value, 'base64url');
}
