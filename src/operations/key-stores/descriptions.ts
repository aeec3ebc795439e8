/** DescribeCustomKeyStores: all custom key stores, or one, without their secrets. */
import { KmsError } from '../../model/error.ts';
import { keyStoreId, limit, marker, page } from '../../model/members.ts';
import { list, oneOf, structure, timestamp } from '../../model/shape.ts';
import { findKeyStore, keyStoresOf, type KeyStore } from '../../keyring/key-store.ts';
import { operation, type Call } from '../row/operation.ts';
import { pageOfItems } from '../row/page.ts';
import { noTarget } from '../row/target.ts';
import { certificate, clusterId, name, storeType } from './members.ts';
import { describedProxy, proxyEntry } from './xks-proxy.ts';

const keyStoreEntry = structure({
  CustomKeyStoreId: keyStoreId,
  CustomKeyStoreName: name,
  CloudHsmClusterId: clusterId,
  TrustAnchorCertificate: certificate,
  ConnectionState: oneOf(['CONNECTED', 'CONNECTING', 'FAILED', 'DISCONNECTED', 'DISCONNECTING']),
  ConnectionErrorCode: oneOf([
    'INVALID_CREDENTIALS',
    'CLUSTER_NOT_FOUND',
    'NETWORK_ERRORS',
    'INTERNAL_ERROR',
    'INSUFFICIENT_CLOUDHSM_HSMS',
    'USER_LOCKED_OUT',
    'USER_NOT_FOUND',
    'USER_LOGGED_IN',
    'SUBNET_NOT_FOUND',
    'INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET',
    'XKS_PROXY_ACCESS_DENIED',
    'XKS_PROXY_NOT_REACHABLE',
    'XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND',
    'XKS_PROXY_INVALID_RESPONSE',
    'XKS_PROXY_INVALID_CONFIGURATION',
    'XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION',
    'XKS_PROXY_TIMED_OUT',
    'XKS_PROXY_INVALID_TLS_CONFIGURATION',
  ]),
  CreationDate: timestamp,
  CustomKeyStoreType: storeType,
  XksProxyConfiguration: proxyEntry,
});

/** The secret is never shown. */
const described = (found: KeyStore) => ({
  CustomKeyStoreId: found.id,
  CustomKeyStoreName: found.name,
  ...(found.type === 'AWS_CLOUDHSM'
    ? { CloudHsmClusterId: found.clusterId, TrustAnchorCertificate: found.trustAnchorCertificate }
    : {}),
  ConnectionState: found.state,
  ...(found.errorCode === undefined ? {} : { ConnectionErrorCode: found.errorCode }),
  CreationDate: new Date(found.created),
  CustomKeyStoreType: found.type,
  ...(found.type === 'EXTERNAL_KEY_STORE' ? { XksProxyConfiguration: describedProxy(found.proxy) } : {}),
});

export const describeCustomKeyStores = operation({
  name: 'DescribeCustomKeyStores',
  input: structure({ CustomKeyStoreId: keyStoreId, CustomKeyStoreName: name, Limit: limit, Marker: marker }),
  output: structure({ CustomKeyStores: list(keyStoreEntry), ...page }),
  access: 'read',
  paginated: 'CustomKeyStores',
  targets: () => [noTarget('DescribeCustomKeyStores')],
  /** AWS's own text is not known. */
  validateMembers({ CustomKeyStoreId, CustomKeyStoreName }) {
    if (CustomKeyStoreId === undefined || CustomKeyStoreName === undefined) return;
    throw new KmsError('ValidationException', 'Specify either CustomKeyStoreId or CustomKeyStoreName, but not both.');
  },
  log: { resources: null },
  async run(call) {
    const list = `key stores of ${call.home.account} in ${call.home.region}`;
    const request = { list, all: await wanted(call), request: call.input, rules: { default: 100, max: 1000 } };
    const { items, ...rest } = pageOfItems(call.tx, request);
    return { CustomKeyStores: items.map(described), ...rest };
  },
});

async function wanted({
  tx,
  home,
  input: { CustomKeyStoreId: id, CustomKeyStoreName: named },
}: Call<{
  readonly CustomKeyStoreId?: string | undefined;
  readonly CustomKeyStoreName?: string | undefined;
}>): Promise<readonly KeyStore[]> {
  if (id === undefined && named === undefined) return keyStoresOf(tx, home);
  const found =
    id === undefined
      ? (await keyStoresOf(tx, home)).find((other) => other.name === named)
      : await findKeyStore(tx, home, id);
  if (found) return [found];
  throw new KmsError('CustomKeyStoreNotFoundException', `Custom key store ${id ?? named} does not exist.`);
}
