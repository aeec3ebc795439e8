/** Private keys from the encodings in which other programs write them, as PKCS #8. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { importKeyMaterial } from './key-material.ts';
import { toPkcs8 } from './key-object.ts';
import { KEY_SPECS, type KeySpec } from './key-spec.ts';

/** @returns undefined for a text that is no private key in PEM, or an encrypted one */
export const pkcs8OfPem = (pem: string): Uint8Array | undefined => readKey(() => createPrivateKey(pem));

/** From PKCS #8, SEC 1 or PKCS #1; undefined if the bytes are none of them. */
export function pkcs8OfDer(bytes: Uint8Array): Uint8Array | undefined {
  for (const type of ['pkcs8', 'sec1', 'pkcs1'] as const) {
    const read = readKey(() => createPrivateKey({ key: Buffer.from(bytes), format: 'der', type }));
    if (read) return read;
  }
  return undefined;
}

function readKey(read: () => KeyObject): Uint8Array | undefined {
  try {
    return toPkcs8(read());
  } catch {
    return undefined;
  }
}

/** The key spec that a private key fits. */
export const specOfPrivateKey = (pkcs8: Uint8Array): KeySpec | undefined =>
  Object.values(KEY_SPECS).find((spec) => spec.keyPair && importKeyMaterial(spec, pkcs8));
