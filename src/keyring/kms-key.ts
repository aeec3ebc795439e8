/** A KMS key as a record: its metadata, policy, tags, and its key material as secrets. */
import type { Home } from '../api/arn.ts';
import type { KeySpecName, KeyUsage } from '../crypto/key-spec.ts';
import { Secret } from '../crypto/secret.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Transaction } from './transaction.ts';

export type KeyState =
  | 'Creating'
  | 'Enabled'
  | 'Disabled'
  | 'PendingDeletion'
  | 'PendingImport'
  | 'PendingReplicaDeletion'
  | 'Unavailable'
  | 'Updating';

export type Origin = 'AWS_KMS' | 'EXTERNAL' | 'AWS_CLOUDHSM' | 'EXTERNAL_KEY_STORE';

export interface Tag {
  readonly TagKey: string;
  readonly TagValue: string;
}

/** One version of the key material. */
export interface BackingKey {
  /** Key material ID: 64 hex digits. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Symmetric material, or a private key as PKCS #8 DER. */
  readonly secret: Secret;
  /** SPKI DER; only of key pairs. */
  readonly publicKey?: Uint8Array;
}

export interface KmsKey extends Home {
  readonly keyId: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly description: string;
  readonly state: KeyState;
  readonly spec: KeySpecName;
  readonly usage: KeyUsage;
  readonly origin: Origin;
  readonly manager: 'CUSTOMER' | 'AWS';
  readonly multiRegion: boolean;
  readonly policy: string;
  readonly tags: readonly Tag[];
  /** When the waiting period ends, in milliseconds since 1970; only while the key is pending deletion. */
  readonly deletionDate?: number;
  /** The last one is the current one. */
  readonly backingKeys: readonly BackingKey[];
}

interface Body extends Omit<KmsKey, 'backingKeys'> {
  readonly backingKeys: readonly Omit<BackingKey, 'secret' | 'publicKey'>[];
}

export const keysPath = ({ account, region }: Home): string => `key/${account}/${region}/`;
const keyPath = (home: Home, keyId: string): string => keysPath(home) + keyId;
const countPath = ({ account, region }: Home): string => `count/key/${account}/${region}`;

export async function findKey(tx: Transaction, home: Home, keyId: string): Promise<KmsKey | undefined> {
  const bytes = await tx.get(keyPath(home, keyId));
  return bytes && decodeKey(bytes);
}

/** Two parts a backing key: the secret, and the public key or nothing. */
function decodeKey(bytes: Uint8Array): KmsKey {
  const { body, parts } = decodeRecord<Body>(bytes);
  const backingKeys = body.backingKeys.map((key, at) => {
    const [secret, publicKey] = [parts[2 * at]!, parts[2 * at + 1]!];
    return { ...key, secret: new Secret(secret), ...(publicKey.length > 0 ? { publicKey } : {}) };
  });
  return { ...body, backingKeys };
}

export function putKey(tx: Transaction, key: KmsKey): void {
  const body: Body = { ...key, backingKeys: key.backingKeys.map(({ id, created }) => ({ id, created })) };
  const parts = key.backingKeys.flatMap(({ secret, publicKey }) => [secret.expose(), publicKey ?? new Uint8Array()]);
  tx.put(keyPath(key, key.keyId), encodeRecord(body, parts));
}

/** How many keys an account has in a Region, for its quota, without counting them. */
export async function countKeys(tx: Transaction, home: Home): Promise<number> {
  const bytes = await tx.get(countPath(home));
  return bytes ? decodeRecord<number>(bytes).body : 0;
}

export async function addKey(tx: Transaction, key: KmsKey): Promise<void> {
  tx.put(countPath(key), encodeRecord((await countKeys(tx, key)) + 1));
  putKey(tx, key);
}

export async function removeKey(tx: Transaction, key: KmsKey): Promise<void> {
  tx.put(countPath(key), encodeRecord((await countKeys(tx, key)) - 1));
  tx.delete(keyPath(key, key.keyId));
}
