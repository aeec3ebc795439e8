/** The step in which a call has a key pair generated. */
import type { KeyPairBytes } from '../../crypto/key-material.ts';
import type { KeySpec } from '../../crypto/key-spec.ts';
import type { Step } from './operation.ts';

/** @param spec one of a key pair */
export function newKeyPair({ keyPair, name }: KeySpec): Step<KeyPairBytes> {
  if (!keyPair) throw new Error(`${name} is not a key pair spec`);
  return { place: 'thread', basis: [], work: ({ compute }) => compute('generateKeyPair', keyPair) };
}

/** Symmetric key material is random bytes. */
export const newKeyPairIfAny = (spec: KeySpec): Step<KeyPairBytes> | undefined =>
  spec.keyPair ? newKeyPair(spec) : undefined;
