/** A KMS key as a record: its metadata, policy, tags, and its key material as secrets. */
import type { KeySpecName, KeyState, KeyUsage, Origin } from '../model/enumeration.ts';
import type { Home } from '../model/arn.ts';
import { Secret } from '../crypto/secret.ts';
import { keyStoreOfKey, putMember, removeMember, stateOf } from './key-store.ts';
import { decodeRecord, encodeRecord, partAt } from './record.ts';
import type { Transaction } from './transaction.ts';

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
  /**
   * Symmetric material, or a private key as PKCS #8 DER. Absent while imported material is deleted or expired: its ID
   * stays, so that only the same material can be imported again.
   */
  readonly secret?: Secret;
  /** SPKI DER; only of key pairs. */
  readonly publicKey?: Uint8Array;
  /** How it became current; absent from a key's first material, and from one that waits for its rotation. */
  readonly rotated?: { readonly time: number; readonly type: 'AUTOMATIC' | 'ON_DEMAND' };
  /** Of an import that is in force or has expired. */
  readonly expiration?: { readonly validTo?: number };
  /** What the importer called it. */
  readonly description?: string;
}

/** Automatic rotation that is switched on. */
export interface RotationSchedule {
  readonly periodInDays: number;
  /** When the next one is due, in milliseconds since 1970; past while the key was not enabled at that time. */
  readonly next: number;
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
  /** ARNs of users and roles in the policy, with the unique ID that each had when the policy was written. */
  readonly boundIds?: { readonly [arn: string]: string };
  readonly tags: readonly Tag[];
  /** When the waiting period ends, in milliseconds since 1970; only while the key is pending deletion. */
  readonly deletionDate?: number;
  /** The custom key store that has its key material. */
  readonly customKeyStoreId?: string;
  /** Of a CloudHSM key store: what its cluster calls the key, for events; absent from keys of earlier versions. */
  readonly clusterKey?: { readonly keyHandle?: string; readonly backingKeyId: string };
  /** Of an external key store: what the key manager there calls the external key. */
  readonly externalKeyId?: string;
  /** The last one is the current one; none of a CloudHSM key store, whose key material never leaves the cluster. */
  readonly backingKeys: readonly BackingKey[];
  /** Imported material that waits for RotateKeyOnDemand and is not permanently associated with the key yet. */
  readonly pendingMaterial?: BackingKey;
  /** Absent while automatic rotation is off. */
  readonly rotation?: RotationSchedule;
  /** How often RotateKeyOnDemand was called. */
  readonly onDemandRotations?: number;
  /** When an on-demand rotation that is not finished yet was begun, and when it will be, in milliseconds since 1970. */
  readonly onDemandRotation?: { readonly started: number; readonly ends: number };
  /** The related multi-Region keys; absent from a primary key that was never replicated. */
  readonly relations?: { readonly primary: string; readonly replicas: readonly string[] };
  /** When Creating or Updating ends, in milliseconds since 1970. */
  readonly transitionEnds?: number;
  /** Of a primary key that waits for the deletion of its replicas, in days. */
  readonly pendingWindow?: number;
}

type BackingKeyBody = Omit<BackingKey, 'secret' | 'publicKey'>;

interface Body extends Omit<KmsKey, 'backingKeys' | 'pendingMaterial'> {
  readonly backingKeys: readonly BackingKeyBody[];
  readonly pendingMaterial?: BackingKeyBody;
  /** The name of transitionEnds in keyrings of earlier versions. */
  readonly settles?: number;
}

export const keysPath = ({ account, region }: Home): string => `key/${account}/${region}/`;
const keyPath = (home: Home, keyId: string): string => keysPath(home) + keyId;
const deletedPath = (account: string, keyId: string): string => `deleted-key/${account}/${keyId}`;
const countPath = ({ account, region }: Home): string => `count/key/${account}/${region}`;

export const findKey = (tx: Transaction, home: Home, keyId: string): Promise<KmsKey | undefined> =>
  tx.read(keyPath(home, keyId), decodeKey);

/** All of an account in a Region, in the order of their IDs. */
export async function* keysIn(tx: Transaction, home: Home): AsyncGenerator<KmsKey> {
  for await (const { value } of tx.rows(keysPath(home))) yield decodeKey(value);
}

const NOTHING = new Uint8Array();

/** Two parts a backing key, and the waiting one last: the secret, and the public key, or nothing. */
function decodeKey(bytes: Uint8Array): KmsKey {
  const { body, parts } = decodeRecord<Body>(bytes);
  const material = (key: BackingKeyBody, at: number): BackingKey => {
    const [secret, publicKey] = [partAt(parts, 2 * at), partAt(parts, 2 * at + 1)];
    return {
      ...key,
      ...(secret.length > 0 ? { secret: new Secret(secret) } : {}),
      ...(publicKey.length > 0 ? { publicKey } : {}),
    };
  };
  const { pendingMaterial, settles, ...rest } = body;
  const kept = settles === undefined ? rest : { transitionEnds: settles, ...rest };
  const backingKeys = body.backingKeys.map(material);
  if (!pendingMaterial) return { ...kept, backingKeys };
  return { ...kept, backingKeys, pendingMaterial: material(pendingMaterial, backingKeys.length) };
}

export function putKey(tx: Transaction, key: KmsKey): void {
  const { pendingMaterial, ...kept } = key;
  const body: Body = {
    ...kept,
    backingKeys: key.backingKeys.map(bodyOf),
    ...(pendingMaterial ? { pendingMaterial: bodyOf(pendingMaterial) } : {}),
  };
  const all = pendingMaterial ? [...key.backingKeys, pendingMaterial] : key.backingKeys;
  const parts = all.flatMap(({ secret, publicKey }) => [secret?.expose() ?? NOTHING, publicKey ?? NOTHING]);
  tx.put(keyPath(key, key.keyId), encodeRecord(body, parts));
}

/** The current key material. Its presence follows from the key state, which was checked. */
export function currentSecret({ keyId, backingKeys }: KmsKey): Secret {
  const secret = backingKeys.at(-1)?.secret;
  if (!secret) throw new Error(`key ${keyId} has no key material`);
  return secret;
}

function bodyOf(material: BackingKey): BackingKeyBody {
  const { secret: _, publicKey: __, ...body } = material;
  return body;
}

/** How many keys an account has in a Region, for its quota, without counting them. */
export async function countKeys(tx: Transaction, home: Home): Promise<number> {
  const bytes = await tx.get(countPath(home));
  return bytes ? decodeRecord<number>(bytes).body : 0;
}

/** As callers see it: in the state that it has because of its custom key store. Never to be stored. */
export async function seenKey(tx: Transaction, key: KmsKey): Promise<KmsKey> {
  if (key.customKeyStoreId === undefined) return key;
  return { ...key, state: stateOf(key, await keyStoreOfKey(tx, key)) };
}

/** What its custom key store calls it. */
const memberOf = ({ account, region, keyId, customKeyStoreId: keyStoreId, externalKeyId: name = keyId }: KmsKey) =>
  keyStoreId === undefined ? undefined : { account, region, keyStoreId, name };

export async function addKey(tx: Transaction, key: KmsKey): Promise<void> {
  const member = memberOf(key);
  if (member) putMember(tx, member, key.keyId);
  tx.put(countPath(key), encodeRecord((await countKeys(tx, key)) + 1));
  putKey(tx, key);
}

/** Its ID stays known. */
export async function removeKey(tx: Transaction, key: KmsKey): Promise<void> {
  const member = memberOf(key);
  if (member) removeMember(tx, member);
  tx.put(deletedPath(key.account, key.keyId), encodeRecord({}));
  tx.put(countPath(key), encodeRecord((await countKeys(tx, key)) - 1));
  tx.delete(keyPath(key, key.keyId));
}

/** Whether it is the ID of a key in some Region, or of one that was deleted. */
export async function isKnownKeyId(tx: Transaction, account: string, keyId: string): Promise<boolean> {
  if (await tx.get(deletedPath(account, keyId))) return true;
  const prefix = `count/key/${account}/`;
  for await (const { path } of tx.rows(prefix)) {
    if (await findKey(tx, { account, region: path.slice(prefix.length) }, keyId)) return true;
  }
  return false;
}
