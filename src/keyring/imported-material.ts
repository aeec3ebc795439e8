/** Imported key material of a key: what is there, what is missing, and the key state that follows from it. */
import type { BackingKey, KmsKey } from './kms-key.ts';
import type { KeyState } from '../model/enumeration.ts';

export const isImported = ({ secret }: BackingKey): boolean => secret !== undefined;

/** All of a key's material, also what waits for its rotation. */
export const materialsOf = ({ backingKeys, pendingMaterial }: KmsKey): readonly BackingKey[] =>
  pendingMaterial ? [...backingKeys, pendingMaterial] : backingKeys;

export const findMaterial = (key: KmsKey, id: string): BackingKey | undefined =>
  materialsOf(key).find((material) => material.id === id);

/** The same key with this material in the place of its namesake. */
export function replaceMaterial(key: KmsKey, material: BackingKey): KmsKey {
  const { pendingMaterial } = key;
  const backingKeys = key.backingKeys.map((old) => (old.id === material.id ? material : old));
  return pendingMaterial?.id === material.id ? { ...key, pendingMaterial: material } : { ...key, backingKeys };
}

/** What stays of material that is deleted: its ID, its place in the order, and what it was called. */
export function withoutSecret(material: BackingKey): BackingKey {
  const { secret: _, publicKey: __, expiration: ___, ...kept } = material;
  return kept;
}

/** Every material that is permanently the key's has to be there before the key can be used (public model, ImportKeyMaterial). */
export const lacksMaterial = ({ origin, backingKeys }: KmsKey): boolean =>
  origin === 'EXTERNAL' && (backingKeys.length === 0 || !backingKeys.every(isImported));

const LOSES_USE: ReadonlySet<KeyState> = new Set(['Enabled', 'Disabled', 'Updating']);

/** PendingImport comes and goes with the material; other states outlast it. */
export function inStateOfMaterial(key: KmsKey): KmsKey {
  if (lacksMaterial(key)) return LOSES_USE.has(key.state) ? { ...key, state: 'PendingImport' } : key;
  return key.state === 'PendingImport' ? { ...key, state: 'Enabled' } : key;
}
