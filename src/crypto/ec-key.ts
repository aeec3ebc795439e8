/** The curve of an elliptic-curve key. */
import type { KeyObject } from 'node:crypto';
import { readDer, readSequence, TAG } from './der.ts';
import { toPkcs8, toSpki } from './key-object.ts';

/** Whether the key is on this named curve; explicit curve parameters are refused. */
export function hasNamedCurve(key: KeyObject, namedCurve: string | undefined): boolean {
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== namedCurve) return false;
  const algorithm = key.type === 'private' ? readSequence(toPkcs8(key))?.[1] : readSequence(toSpki(key))?.[0];
  return algorithm !== undefined && readDer(algorithm.content)?.[1]?.tag === TAG.oid;
}
