/** Custom key stores as records: the configuration of a backing key store, and its secret. */
import type { Home } from '../model/arn.ts';
import { Secret } from '../crypto/secret.ts';
import { decodeRecord, encodeRecord, secretAt } from './record.ts';
import type { Transaction } from './transaction.ts';

export type ConnectionState = 'CONNECTED' | 'CONNECTING' | 'FAILED' | 'DISCONNECTED' | 'DISCONNECTING';

/** Why the last attempt to connect has failed. */
export type ConnectionErrorCode =
  | 'CLUSTER_NOT_FOUND'
  | 'XKS_PROXY_NOT_REACHABLE'
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
  readonly clusterId: string;
  readonly trustAnchorCertificate: string;
}

export interface ExternalKeyStore extends Common {
  readonly type: 'EXTERNAL_KEY_STORE';
  readonly proxy: XksProxy;
}

export type KeyStore = CloudHsmKeyStore | ExternalKeyStore;

type Body = Omit<CloudHsmKeyStore, 'secret'> | Omit<ExternalKeyStore, 'secret'>;

const pathOf = ({ account, region }: Home, id = ''): string => `key-store/${account}/${region}/${id}`;

function decodeKeyStore(bytes: Uint8Array): KeyStore {
  const { body, parts } = decodeRecord<Body>(bytes);
  return { ...body, secret: secretAt(parts, 0) };
}

/** @param id as a caller gave it */
export async function findKeyStore(tx: Transaction, home: Home, id: string): Promise<KeyStore | undefined> {
  return /^cks-[0-9a-f]{17}$/.test(id) ? tx.read(pathOf(home, id), decodeKeyStore) : undefined;
}

export function putKeyStore(tx: Transaction, { secret, ...body }: KeyStore): void {
  tx.put(pathOf(body, body.id), encodeRecord(body, [secret.expose()]));
}

export const removeKeyStore = (tx: Transaction, keyStore: KeyStore): void => tx.delete(pathOf(keyStore, keyStore.id));

/** An account has ten in a Region at the most. */
export async function keyStoresOf(tx: Transaction, home: Home): Promise<readonly KeyStore[]> {
  const keyStores: KeyStore[] = [];
  for await (const { value } of tx.rows(pathOf(home))) keyStores.push(decodeKeyStore(value));
  return keyStores;
}
