/** The material of GenerateDataKeyPair: a key pair for use outside, of every DataKeyPairSpec. */
import { generateKeyMaterial } from './key-material.ts';
import type { KeySpec } from './key-spec.ts';
import type { RandomBytes } from './seal.ts';
import type { Secret } from './secret.ts';

export interface DataKeyPair {
  /** PKCS #8 PrivateKeyInfo, DER; ML-KEM in seed format. */
  readonly privateKey: Secret;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
}

/** @param spec one with `dataKeyPair` */
export async function generateDataKeyPair(spec: KeySpec, random: RandomBytes): Promise<DataKeyPair> {
  const { secret, publicKey } = await generateKeyMaterial(spec, random);
  if (!spec.dataKeyPair || !publicKey) throw new Error(`${spec.name} is not a data key pair spec`);
  return { privateKey: secret, publicKey };
}
