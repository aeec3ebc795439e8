/** The kind of key that an operation requires, besides origin and usage: type, and role among multi-Region keys. */
import { keyArn } from '../../model/arn.ts';
import { KmsError } from '../../model/error.ts';
import { KEY_SPECS } from '../../crypto/key-spec.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import { multiRegionKeyTypeOf } from '../../keyring/multi-region.ts';

const unsupported = (text?: string): KmsError => new KmsError('UnsupportedOperationException', text);

/** The service gives no reason. */
export function requireSymmetric({ spec }: KmsKey): void {
  if (KEY_SPECS[spec].type !== 'symmetric') throw unsupported();
}

/** What no key in a custom key store does; by then its state is known to allow it (the key state table). */
export function refuseKeyStores(key: KmsKey): void {
  if (key.customKeyStoreId === undefined) return;
  throw unsupported(`${keyArn(key, key.keyId)} origin is ${key.origin} which is not valid for this operation.`);
}

/** The text is AWS's, of ReplicateKey. */
export function requirePrimary(key: KmsKey): void {
  if (multiRegionKeyTypeOf(key) !== 'PRIMARY') throw notPrimary(keyArn(key, key.keyId));
}

/** Allows a single-Region key, but not a replica. */
export function refuseReplica(key: KmsKey): void {
  if (key.multiRegion) requirePrimary(key);
}

export const notPrimary = (arn: string): KmsError => unsupported(`${arn} is not a multi-region primary key.`);
