/** The material that a seed gives a key, and that which takes long to make. */
import { EnvironmentError } from '../../../model/error.ts';
import { KEY_SPECS, type KeySpec } from '../../../crypto/key-spec.ts';
import type { RandomBytes } from '../../../crypto/seal.ts';
import type { SeedKey } from '../seed/document.ts';

export interface GivenKey {
  readonly spec: KeySpec;
  /** Oldest first; empty: new material is made with the key. */
  readonly material: readonly Uint8Array[];
}

export async function readGivenKey(key: SeedKey): Promise<GivenKey> {
  const { KeyId, KeyMaterial, PreviousKeyMaterial = [], PrivateKeyPem } = key;
  const { pkcs8OfDer, pkcs8OfPem, specOfPrivateKey } = await import('../../../crypto/private-key.ts');
  const name = key.KeySpec ?? key.CustomerMasterKeySpec;
  if (PrivateKeyPem !== undefined) {
    if (KeyMaterial) throw new EnvironmentError(`key ${KeyId} has both KeyMaterial and PrivateKeyPem`);
    if ((PrivateKeyPem.match(/-----BEGIN [^-]*PRIVATE KEY-----/g) ?? []).length > 1) {
      throw new EnvironmentError(`PrivateKeyPem of key ${KeyId} has more than one private key`);
    }
    const pkcs8 = pkcs8OfPem(PrivateKeyPem);
    const spec = name === undefined ? pkcs8 && specOfPrivateKey(pkcs8) : KEY_SPECS[name];
    if (!pkcs8) throw new EnvironmentError(`PrivateKeyPem of key ${KeyId} is not a private key in PEM, unencrypted`);
    if (!spec) throw new EnvironmentError(`PrivateKeyPem of key ${KeyId} fits no key spec`);
    return { spec, material: [pkcs8] };
  }
  const spec = KEY_SPECS[name ?? 'SYMMETRIC_DEFAULT'];
  if (!KeyMaterial && PreviousKeyMaterial.length > 0) {
    throw new EnvironmentError(`key ${KeyId} has PreviousKeyMaterial without KeyMaterial`);
  }
  const all = KeyMaterial ? [...PreviousKeyMaterial, KeyMaterial] : [];
  return { spec, material: spec.keyPair ? all.map((der) => pkcs8OfDer(der) ?? der) : all };
}

/** New RSA keys take a second each, for which no other process should have to wait. */
export async function withSlowMaterial(given: GivenKey, random: RandomBytes): Promise<GivenKey> {
  if (given.material.length > 0 || given.spec.keyPair?.type !== 'rsa') return given;
  const { generateKeyMaterial } = await import('../../../crypto/key-material.ts');
  return { ...given, material: [(await generateKeyMaterial(given.spec, random)).secret.expose()] };
}
