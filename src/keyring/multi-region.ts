/**
 * Related multi-Region keys: the primary key, the replica keys, and their shared properties (AWS KMS Developer Guide,
 * Multi-Region keys in AWS KMS).
 */
import { findMaterial, inStateOfMaterial, withoutSecret } from './imported-material.ts';
import { findKey, type BackingKey, type KmsKey } from './kms-key.ts';
import type { MultiRegionKeyType } from '../model/enumeration.ts';
import type { Transaction } from './transaction.ts';

export interface Relations {
  /** Region of the primary key. */
  readonly primary: string;
  /** Regions of the replica keys. */
  readonly replicas: readonly string[];
}

export const relationsOf = ({ relations, region }: KmsKey): Relations => relations ?? { primary: region, replicas: [] };

/** undefined: a single-Region key. */
export function multiRegionKeyTypeOf(key: KmsKey): MultiRegionKeyType | undefined {
  if (!key.multiRegion) return undefined;
  return relationsOf(key).primary === key.region ? 'PRIMARY' : 'REPLICA';
}

export const isReplica = (key: KmsKey): boolean => multiRegionKeyTypeOf(key) === 'REPLICA';

/** The other keys of the set. */
export async function relatedKeys(tx: Transaction, key: KmsKey): Promise<readonly KmsKey[]> {
  const { primary, replicas } = relationsOf(key);
  const others = [primary, ...replicas].filter((region) => region !== key.region);
  const found = await Promise.all(others.map((region) => findKey(tx, { ...key, region }, key.keyId)));
  return found.filter((related) => related !== undefined);
}

/** Beside these: key ID, spec, usage and origin, which never change, and the material. */
const SHARED = ['relations', 'rotation', 'onDemandRotations', 'onDemandRotation'] as const;

function sharedOf(primary: KmsKey): Pick<KmsKey, (typeof SHARED)[number]> {
  const given = { ...primary, relations: relationsOf(primary) };
  return Object.fromEntries(SHARED.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]));
}

/** The replica with the shared properties of its primary; independent properties stay. */
export function synchronized(replica: KmsKey, primary: KmsKey): KmsKey {
  const { rotation: _, onDemandRotations: __, onDemandRotation: ___, pendingMaterial: ____, ...own } = replica;
  const { backingKeys, pendingMaterial } = primary;
  const material = primary.origin === 'EXTERNAL' ? (shared: BackingKey) => ownImport(replica, shared) : undefined;
  return inStateOfMaterial({
    ...own,
    ...sharedOf(primary),
    backingKeys: material ? backingKeys.map(material) : backingKeys,
    ...(pendingMaterial && material ? { pendingMaterial: material(pendingMaterial) } : {}),
  });
}

/** Imported material is never copied, but its ID is: only the same material can be imported. */
function ownImport(replica: KmsKey, material: BackingKey): BackingKey {
  const { description: _, ...shared } = material;
  const own = findMaterial(replica, shared.id);
  return { ...(own ?? withoutSecret(shared)), ...(shared.rotated ? { rotated: shared.rotated } : {}) };
}
