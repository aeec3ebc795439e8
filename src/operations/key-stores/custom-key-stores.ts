/**
 * Custom key stores: a CloudHSM cluster, or a key manager behind an external key store proxy, that holds key material
 * instead of KMS. There are no such back ends here. What is said about one is taken down and
 * held to all rules, but not compared with what is there; and connecting to it fails, as it does where nothing answers.
 */
import { accountId } from '../../model/account.ts';
import { KmsError } from '../../model/error.ts';
import { keyStoreId, limit, marker, page } from '../../model/members.ts';
import { list, oneOf, required, string, structure, timestamp, type StringShape } from '../../model/shape.ts';
import { hex, utf8 } from '../../crypto/bytes.ts';
import { Secret } from '../../crypto/secret.ts';
import {
  findKeyStore,
  keyStoresOf,
  putKeyStore,
  removeKeyStore,
  type ConnectionErrorCode,
  type KeyStore,
  type XksProxy,
} from '../../keyring/key-store.ts';
import {
  agreeOnChange,
  agreeOnMembers,
  checkQuota,
  checkUnique,
  keyStoreOf,
  requireChangeable,
  requireConnectionState,
} from './key-store-rules.ts';
import { operation, type Call } from '../row/operation.ts';
import { pageOfItems } from '../row/page.ts';
import { keyStore, noTarget } from '../row/target.ts';

const name = string({ min: 1, max: 256 });
const clusterId = string({ min: 19, max: 24, pattern: 'cluster-[2-7a-zA-Z]{11,16}' });
const certificate = string({ min: 1, max: 5000 });
const password = string({ min: 7, max: 32, sensitive: true });
const storeType = oneOf(['AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']);
const connectivity = oneOf(['PUBLIC_ENDPOINT', 'VPC_ENDPOINT_SERVICE']);
const uriEndpoint = string({ min: 10, max: 128, pattern: '^https://[a-zA-Z0-9.-]+$' });
const uriPath = string({
  min: 10,
  max: 128,
  pattern: '^(/[a-zA-Z0-9\\/_-]+/kms/xks/v\\d{1,2})$|^(/kms/xks/v\\d{1,2})$',
});
const serviceName = string({
  min: 20,
  max: 64,
  pattern: '^(com|eu)\\.amazonaws\\.vpce\\.([a-z]+-){2,3}\\d+\\.vpce-svc-[0-9a-z]+$',
});
const accessKeyId: StringShape = string({ min: 20, max: 30, pattern: '^[A-Z2-7]+$', sensitive: true });
const credential = structure({
  AccessKeyId: required(accessKeyId),
  RawSecretAccessKey: required(string({ min: 43, max: 64, pattern: '^[a-zA-Z0-9\\/+=]+$', sensitive: true })),
});
const proxyMembers = {
  XksProxyUriEndpoint: uriEndpoint,
  XksProxyUriPath: uriPath,
  XksProxyVpcEndpointServiceName: serviceName,
  XksProxyVpcEndpointServiceOwner: accountId,
  XksProxyAuthenticationCredential: credential,
  XksProxyConnectivity: connectivity,
};

/** What Create and Update say of a proxy. */
interface ProxyInput {
  readonly XksProxyUriEndpoint?: string | undefined;
  readonly XksProxyUriPath?: string | undefined;
  readonly XksProxyVpcEndpointServiceName?: string | undefined;
  readonly XksProxyVpcEndpointServiceOwner?: string | undefined;
  readonly XksProxyAuthenticationCredential?:
    | { readonly AccessKeyId: string; readonly RawSecretAccessKey: string }
    | undefined;
  readonly XksProxyConnectivity?: XksProxy['connectivity'] | undefined;
}

const secretOf = (text: string): Secret => new Secret(utf8(text));

/** What is given, over what was; without a VPC endpoint service there is none to name. */
function proxyOf(input: ProxyInput, present: Partial<XksProxy>, account: string): XksProxy {
  const kind = (input.XksProxyConnectivity ?? present.connectivity)!;
  const service = {
    vpcEndpointServiceName: (input.XksProxyVpcEndpointServiceName ?? present.vpcEndpointServiceName)!,
    vpcEndpointServiceOwner: input.XksProxyVpcEndpointServiceOwner ?? present.vpcEndpointServiceOwner ?? account,
  };
  return {
    connectivity: kind,
    uriEndpoint: (input.XksProxyUriEndpoint ?? present.uriEndpoint)!,
    uriPath: (input.XksProxyUriPath ?? present.uriPath)!,
    accessKeyId: (input.XksProxyAuthenticationCredential?.AccessKeyId ?? present.accessKeyId)!,
    ...(kind === 'VPC_ENDPOINT_SERVICE' ? service : {}),
  };
}

const HIDDEN = ['CloudHsmClusterId', 'KeyStorePassword', 'XksProxyAuthenticationCredential'] as const;

/** The log's own name for the cluster's ID. */
const loggedCluster = ({ CloudHsmClusterId: id }: { readonly CloudHsmClusterId?: string | undefined }) =>
  id === undefined ? {} : { clusterId: id };

/** What the events about one key store tell of it. */
const aboutKeyStore = (_: unknown, call: Pick<Call<unknown>, 'targets'>) => {
  const found = keyStoreOf(call);
  return { customKeyStoreName: found.name, ...(found.type === 'AWS_CLOUDHSM' ? { clusterId: found.clusterId } : {}) };
};

export const createCustomKeyStore = operation({
  name: 'CreateCustomKeyStore',
  input: structure({
    CustomKeyStoreName: required(name),
    CloudHsmClusterId: clusterId,
    TrustAnchorCertificate: certificate,
    KeyStorePassword: password,
    CustomKeyStoreType: storeType,
    ...proxyMembers,
  }),
  output: structure({ CustomKeyStoreId: keyStoreId }),
  access: 'write',
  targets: () => [noTarget('CreateCustomKeyStore')],
  validateMembers: agreeOnMembers,
  log: {
    redact: [...HIDDEN, 'TrustAnchorCertificate'],
    request: loggedCluster,
    response: ({ CustomKeyStoreId }) => ({ customKeyStoreId: CustomKeyStoreId }),
    resources: null,
  },
  async run({ input, tx, home, now, random }) {
    const all = await keyStoresOf(tx, home);
    const common = {
      account: home.account,
      region: home.region,
      id: `cks-${hex(random(9)).slice(0, 17)}`,
      name: input.CustomKeyStoreName,
      created: now,
      state: 'DISCONNECTED',
    } as const;
    const wanted: KeyStore =
      input.CustomKeyStoreType === 'EXTERNAL_KEY_STORE'
        ? {
            ...common,
            type: 'EXTERNAL_KEY_STORE',
            proxy: proxyOf(input, {}, home.account),
            secret: secretOf(input.XksProxyAuthenticationCredential!.RawSecretAccessKey),
          }
        : {
            ...common,
            type: 'AWS_CLOUDHSM',
            clusterId: input.CloudHsmClusterId!,
            trustAnchorCertificate: input.TrustAnchorCertificate!,
            secret: secretOf(input.KeyStorePassword!),
          };
    const same = all.find((other) => isRepeated(wanted, other));
    if (same) return { CustomKeyStoreId: same.id };
    checkQuota(all);
    checkUnique(wanted, { all });
    putKeyStore(tx, wanted);
    return { CustomKeyStoreId: wanted.id };
  },
});

/** The same call again, while the key store is disconnected, makes nothing. */
const isRepeated = (wanted: KeyStore, other: KeyStore): boolean =>
  wanted.type === 'AWS_CLOUDHSM' &&
  other.type === 'AWS_CLOUDHSM' &&
  other.state === 'DISCONNECTED' &&
  wanted.name === other.name &&
  wanted.clusterId === other.clusterId &&
  wanted.trustAnchorCertificate === other.trustAnchorCertificate &&
  wanted.secret.equals(other.secret);

export const updateCustomKeyStore = operation({
  name: 'UpdateCustomKeyStore',
  input: structure({
    CustomKeyStoreId: required(keyStoreId),
    NewCustomKeyStoreName: name,
    KeyStorePassword: password,
    CloudHsmClusterId: clusterId,
    ...proxyMembers,
  }),
  output: structure({}),
  access: 'write',
  targets: ({ CustomKeyStoreId }) => [keyStore(CustomKeyStoreId, 'UpdateCustomKeyStore')],
  log: { redact: HIDDEN, request: loggedCluster, additional: aboutKeyStore, resources: null },
  async run(call) {
    const { input, tx, home } = call;
    const present = keyStoreOf(call);
    agreeOnChange(input, present);
    requireChangeable(input, present);
    const named = { name: input.NewCustomKeyStoreName ?? present.name };
    const given = input.KeyStorePassword ?? input.XksProxyAuthenticationCredential?.RawSecretAccessKey;
    const opened = given === undefined ? {} : { secret: secretOf(given) };
    const changed: KeyStore =
      present.type === 'AWS_CLOUDHSM'
        ? { ...present, ...named, ...opened, clusterId: input.CloudHsmClusterId ?? present.clusterId }
        : { ...present, ...named, ...opened, proxy: proxyOf(input, present.proxy, home.account) };
    checkUnique(changed, { all: await keyStoresOf(tx, home), but: present });
    putKeyStore(tx, changed);
    return {};
  },
});

/** What AWS says when nothing answers where the key store is said to be. */
function connectionError(found: KeyStore): ConnectionErrorCode {
  if (found.type === 'AWS_CLOUDHSM') return 'CLUSTER_NOT_FOUND';
  return found.proxy.connectivity === 'PUBLIC_ENDPOINT'
    ? 'XKS_PROXY_NOT_REACHABLE'
    : 'XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND';
}

const byId = structure({ CustomKeyStoreId: required(keyStoreId) });

export const connectCustomKeyStore = operation({
  name: 'ConnectCustomKeyStore',
  input: byId,
  output: structure({}),
  access: 'write',
  targets: ({ CustomKeyStoreId }) => [keyStore(CustomKeyStoreId, 'ConnectCustomKeyStore')],
  log: { additional: aboutKeyStore, resources: null },
  /** The call succeeds, the connection does not: nothing is there to wait for, so that is known at once. */
  run(call) {
    const found = keyStoreOf(call);
    requireConnectionState('connect', found);
    putKeyStore(call.tx, { ...found, state: 'FAILED', errorCode: connectionError(found) });
    return {};
  },
});

export const disconnectCustomKeyStore = operation({
  name: 'DisconnectCustomKeyStore',
  input: byId,
  output: structure({}),
  access: 'write',
  targets: ({ CustomKeyStoreId }) => [keyStore(CustomKeyStoreId, 'DisconnectCustomKeyStore')],
  log: { additional: aboutKeyStore, resources: null },
  run(call) {
    const found = keyStoreOf(call);
    requireConnectionState('disconnect', found);
    const { errorCode: _, ...kept } = found;
    putKeyStore(call.tx, { ...kept, state: 'DISCONNECTED' });
    return {};
  },
});

export const deleteCustomKeyStore = operation({
  name: 'DeleteCustomKeyStore',
  input: byId,
  output: structure({}),
  access: 'write',
  targets: ({ CustomKeyStoreId }) => [keyStore(CustomKeyStoreId, 'DeleteCustomKeyStore')],
  log: { additional: aboutKeyStore, resources: null },
  /** It holds no keys: none can be made in one that is never connected. */
  run(call) {
    const found = keyStoreOf(call);
    requireConnectionState('delete', found);
    removeKeyStore(call.tx, found);
    return {};
  },
});

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
  XksProxyConfiguration: structure({
    Connectivity: connectivity,
    AccessKeyId: accessKeyId,
    UriEndpoint: uriEndpoint,
    UriPath: uriPath,
    VpcEndpointServiceName: serviceName,
    VpcEndpointServiceOwner: accountId,
  }),
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

const describedProxy = (proxy: XksProxy) => ({
  Connectivity: proxy.connectivity,
  AccessKeyId: proxy.accessKeyId,
  UriEndpoint: proxy.uriEndpoint,
  UriPath: proxy.uriPath,
  VpcEndpointServiceName: proxy.vpcEndpointServiceName,
  VpcEndpointServiceOwner: proxy.vpcEndpointServiceOwner,
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
