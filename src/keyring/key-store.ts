/** Custom key stores as records: the configuration of a backing key store, and its secret. */
import type { Home } from '../model/arn.ts';
import type { KeyState } from '../model/enumeration.ts';
import { Secret } from '../crypto/secret.ts';
import { decodeRecord, encodeRecord, secretAt } from './record.ts';
import type { Transaction } from './transaction.ts';

export type ConnectionState = 'CONNECTED' | 'CONNECTING' | 'FAILED' | 'DISCONNECTED' | 'DISCONNECTING';

/** Why the last attempt to connect has failed (API reference, CustomKeyStoresListEntry); others are never found here. */
export type ConnectionErrorCode =
  | 'CLUSTER_NOT_FOUND'
  | 'INSUFFICIENT_CLOUDHSM_HSMS'
  | 'INTERNAL_ERROR'
  | 'INVALID_CREDENTIALS'
  | 'NETWORK_ERRORS'
  | 'USER_LOCKED_OUT'
  | 'USER_LOGGED_IN'
  | 'USER_NOT_FOUND'
  | 'XKS_PROXY_ACCESS_DENIED'
  | 'XKS_PROXY_INVALID_CONFIGURATION'
  | 'XKS_PROXY_INVALID_RESPONSE'
  | 'XKS_PROXY_INVALID_TLS_CONFIGURATION'
  | 'XKS_PROXY_NOT_REACHABLE'
  | 'XKS_PROXY_TIMED_OUT'
  | 'XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION'
  | 'XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND';

export interface XksProxy {
  readonly connectivity: 'PUBLIC_ENDPOINT' | 'VPC_ENDPOINT_SERVICE';
  readonly uriEndpoint: string;
  readonly uriPath: string;
  readonly accessKeyId: string;
  /** Of VPC_ENDPOINT_SERVICE alone. */
  readonly vpcEndpointServiceName?: string;
  readonly vpcEndpointServiceOwner?: string;
}

interface Common extends Home {
  /** `cks-` and 17 hex digits. */
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly state: ConnectionState;
  /** Only while the state is FAILED. */
  readonly errorCode?: ConnectionErrorCode;
  /** The password of kmsuser, or the raw secret access key of the proxy's credential, as UTF-8. */
  readonly secret: Secret;
}

export interface CloudHsmKeyStore extends Common {
  readonly type: 'AWS_CLOUDHSM';
  /**
   * The password that kmsuser is being given: stored before the cluster gets it, so that one of the two is right whenever
   * the process ends.
   */
  readonly nextSecret?: Secret;
  readonly clusterId: string;
  readonly trustAnchorCertificate: string;
}

export interface ExternalKeyStore extends Common {
  readonly type: 'EXTERNAL_KEY_STORE';
  readonly proxy: XksProxy;
}

export type KeyStore = CloudHsmKeyStore | ExternalKeyStore;

type Body = Omit<CloudHsmKeyStore, 'secret' | 'nextSecret'> | Omit<ExternalKeyStore, 'secret'>;

const ALL = 'key-store/';
const pathOf = ({ account, region }: Home, id = ''): string => `${ALL}${account}/${region}/${id}`;

function decodeKeyStore(bytes: Uint8Array): KeyStore {
  const { body, parts } = decodeRecord<Body>(bytes);
  const secret = secretAt(parts, 0);
  if (body.type === 'EXTERNAL_KEY_STORE' || parts.length < 2) return { ...body, secret };
  return { ...body, secret, nextSecret: secretAt(parts, 1) };
}

/** @param id as a caller gave it */
export async function findKeyStore(tx: Transaction, home: Home, id: string): Promise<KeyStore | undefined> {
  return /^cks-[0-9a-f]{17}$/.test(id) ? tx.read(pathOf(home, id), decodeKeyStore) : undefined;
}

export function putKeyStore(tx: Transaction, keyStore: KeyStore): void {
  const { secret, ...rest } = keyStore;
  const { nextSecret, ...body } = { nextSecret: undefined, ...rest };
  tx.put(
    pathOf(body, body.id),
    encodeRecord(
      body,
      [secret, nextSecret].flatMap((one) => (one ? [one.expose()] : [])),
    ),
  );
}

export const removeKeyStore = (tx: Transaction, keyStore: KeyStore): void => tx.delete(pathOf(keyStore, keyStore.id));

/** An account has ten in a Region at the most. */
export const keyStoresOf = (tx: Transaction, home: Home): Promise<readonly KeyStore[]> => below(tx, pathOf(home));
export const allKeyStores = (tx: Transaction): Promise<readonly KeyStore[]> => below(tx, ALL);

async function below(tx: Transaction, path: string): Promise<readonly KeyStore[]> {
  const keyStores: KeyStore[] = [];
  for await (const { value } of tx.rows(path)) keyStores.push(decodeKeyStore(value));
  return keyStores;
}

/** The state of a key: of a custom key store that is not connected the keys are unavailable, whatever they are otherwise. */
export const stateOf = (
  { state }: { readonly state: KeyState },
  keyStore: Pick<KeyStore, 'state'> | undefined,
): KeyState => (keyStore && keyStore.state !== 'CONNECTED' && state !== 'PendingDeletion' ? 'Unavailable' : state);

/** The custom key store of a key; nearly all have none. */
export const keyStoreOfKey = (
  tx: Transaction,
  { account, region, customKeyStoreId: id }: Home & { readonly customKeyStoreId?: string },
): undefined | Promise<KeyStore | undefined> =>
  id === undefined ? undefined : findKeyStore(tx, { account, region }, id);

/** The KMS keys of a key store, by what they are called there: the external key, or the KMS key itself. */
interface KeyOfStore extends Home {
  readonly keyStoreId: string;
  readonly name: string;
}

const memberPath = ({ account, region, keyStoreId, name }: KeyOfStore): string =>
  `key-store-key/${account}/${region}/${keyStoreId}/${name}`;

export const putMember = (tx: Transaction, member: KeyOfStore, keyId: string): void =>
  tx.put(memberPath(member), encodeRecord({ keyId }));
export const removeMember = (tx: Transaction, member: KeyOfStore): void => tx.delete(memberPath(member));

export const hasMember = async (tx: Transaction, member: KeyOfStore): Promise<boolean> =>
  (await tx.get(memberPath(member))) !== undefined;

export async function hasMembers(tx: Transaction, { id: keyStoreId, ...home }: KeyStore): Promise<boolean> {
  for await (const _ of tx.paths(memberPath({ ...home, keyStoreId, name: '' }))) return true;
  return false;
}
