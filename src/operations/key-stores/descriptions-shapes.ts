/** The shapes of DescribeCustomKeyStores. */
import { keyStoreId, limit, marker, page } from '../../model/members.ts';
import { list, oneOf, structure, timestamp } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';
import { certificate, clusterId, name, storeType } from './members.ts';
import { proxyEntry } from './xks-proxy.ts';

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

export const describeCustomKeyStores = operationShape({
  name: 'DescribeCustomKeyStores',
  input: structure({ CustomKeyStoreId: keyStoreId, CustomKeyStoreName: name, Limit: limit, Marker: marker }),
  output: structure({ CustomKeyStores: list(keyStoreEntry), ...page }),
  paginated: 'CustomKeyStores',
});
