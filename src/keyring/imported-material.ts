/** Imported key material of a key: which is present, which is missing, and the resulting key state. */
import type { BackingKey, KmsKey } from './kms-key.ts';
import type { KeyState } from '../model/enumeration.ts';

export const isImported = ({ secret }: BackingKey): boolean => secret !== undefined;

/** All of a key's material, also what waits for its rotation. */
export const materialsOf = ({ backingKeys, pendingMaterial }: KmsKey): readonly BackingKey[] =>
  pendingMaterial ? [...backingKeys, pendingMaterial] : backingKeys;

export const findMaterial = (key: KmsKey, id: string): BackingKey | undefined =>
  materialsOf(key).find((material) => material.id === id);

/** The same key with this material in place of the one with the same ID. */
export function replaceMaterial(key: KmsKey, material: BackingKey): KmsKey {
  const { pendingMaterial } = key;
  const backingKeys = key.backingKeys.map((old) => (old.id === material.id ? material : old));
  return pendingMaterial?.id === material.id ? { ...key, pendingMaterial: material } : { ...key, backingKeys };
}

/** The remains of deleted material: its ID, its position, and its description. */
export function withoutSecret(material: BackingKey): BackingKey {
  const { secret: _, publicKey: __, expiration: ___, ...kept } = material;
  return kept;
}

/** Every material that is permanently the key's has to be there before the key can be used (public model, ImportKeyMaterial). */
export const lacksMaterial = ({ origin, backingKeys }: KmsKey): boolean =>
  origin === 'EXTERNAL' && (backingKeys.length === 0 || !backingKeys.every(isImported));

const LOSES_USE: ReadonlySet<KeyState> = new Set(['Enabled', 'Disabled', 'Updating']);

/** The state PendingImport depends on the material; other states do not. */
export function inStateOfMaterial(key: KmsKey): KmsKey {
  if (lacksMaterial(key)) return LOSES_USE.has(key.state) ? { ...key, state: 'PendingImport' } : key;
  return key.state === 'PendingImport' ? { ...key, state: 'Enabled' } : key;
}
