/**
 * Checks of custom key stores: members that fit their type, unique names and back ends, and the connection states that
 * operations and changes need. The texts are our own, as AWS's are not known.
 */
import { KmsError } from '../../model/error.ts';
import type { ConnectionState, KeyStore, XksProxy } from '../../keyring/key-store.ts';
import type { Call, Target } from '../row/operation.ts';

/** AWS KMS Developer Guide, Resource quotas */
const KEY_STORES = 10;

type Type = KeyStore['type'];
type StoreMembers = { readonly [member: string]: unknown };

const refuse = (text: string): never => {
  throw new KmsError('ValidationException', text);
};

const CLUSTER_MEMBERS = ['CloudHsmClusterId', 'KeyStorePassword', 'TrustAnchorCertificate'];
const PROXY_MEMBERS = [
  'XksProxyConnectivity',
  'XksProxyUriEndpoint',
  'XksProxyUriPath',
  'XksProxyAuthenticationCredential',
] as const;
const VPC_MEMBERS = ['XksProxyVpcEndpointServiceName', 'XksProxyVpcEndpointServiceOwner'];

/** Whether a change is one of what the proxy is asked for, or of how it is reached. */
export const isProxyChange = (input: StoreMembers): boolean =>
  [...PROXY_MEMBERS, ...VPC_MEMBERS].some((member) => input[member] !== undefined);

const MEMBERS: { readonly [T in Type]: { readonly required: readonly string[]; readonly invalid: readonly string[] } } =
  {
    AWS_CLOUDHSM: { required: CLUSTER_MEMBERS, invalid: [...PROXY_MEMBERS, ...VPC_MEMBERS] },
    EXTERNAL_KEY_STORE: { required: PROXY_MEMBERS, invalid: CLUSTER_MEMBERS },
  };

/** Members of CreateCustomKeyStore that its type needs, and those that it refuses. */
export function checkMembers(input: StoreMembers): void {
  const { CustomKeyStoreType: type = 'AWS_CLOUDHSM', XksProxyConnectivity: connectivity } = input;
  const missing = MEMBERS[type as Type].required.find((name) => input[name] === undefined);
  if (missing) refuse(`${missing} is required for a custom key store of type ${String(type)}.`);
  refuseInvalid(input, type as Type);
  checkService(input, connectivity);
}

function refuseInvalid(input: StoreMembers, type: Type): void {
  const invalid = MEMBERS[type].invalid.find((name) => input[name] !== undefined);
  if (invalid) refuse(`${invalid} is not valid for a custom key store of type ${type}.`);
}

/** A VPC endpoint service and the connectivity that goes through one belong together. */
function checkService(input: StoreMembers, connectivity: unknown): void {
  if (connectivity === 'VPC_ENDPOINT_SERVICE' && input['XksProxyVpcEndpointServiceName'] === undefined) {
    refuse(`XksProxyVpcEndpointServiceName is required with connectivity VPC_ENDPOINT_SERVICE.`);
  }
  if (connectivity === 'PUBLIC_ENDPOINT') refuseService(input);
}

function refuseService(input: StoreMembers): void {
  const given = VPC_MEMBERS.find((member) => input[member] !== undefined);
  if (given) refuse(`${given} is not valid with connectivity PUBLIC_ENDPOINT.`);
}

/** A change of the connectivity must include the endpoint. */
export function checkChange(input: StoreMembers, present: KeyStore): void {
  refuseInvalid(input, present.type);
  if (present.type !== 'EXTERNAL_KEY_STORE') return;
  const { XksProxyConnectivity: connectivity } = input;
  if (connectivity === undefined) {
    if (present.proxy.connectivity === 'PUBLIC_ENDPOINT') refuseService(input);
    return;
  }
  if (input['XksProxyUriEndpoint'] === undefined) refuse('XksProxyUriEndpoint is required with XksProxyConnectivity.');
  checkService(input, connectivity);
}

export interface OtherKeyStores {
  readonly all: readonly KeyStore[];
  /** The one that is to be changed. */
  readonly except?: KeyStore;
}

export function checkUnique(wanted: KeyStore, { all, except }: OtherKeyStores): void {
  const taken = (code: string, is: (other: KeyStore) => boolean, text: string): void => {
    if (all.some((other) => other.id !== except?.id && is(other))) throw new KmsError(code, text);
  };
  const { name } = wanted;
  taken(
    'CustomKeyStoreNameInUseException',
    (other) => other.name === name,
    `A custom key store ${name} already exists.`,
  );
  if (wanted.type === 'AWS_CLOUDHSM') {
    const { clusterId } = wanted;
    taken(
      // a cluster of another key store is not one that shares the backup history of this one's
      except ? 'CloudHsmClusterNotRelatedException' : 'CloudHsmClusterInUseException',
      (other) => other.type === 'AWS_CLOUDHSM' && other.clusterId === clusterId,
      `Cluster ${clusterId} belongs to another custom key store.`,
    );
    return;
  }
  const { uriEndpoint, uriPath, connectivity, vpcEndpointServiceName: service } = wanted.proxy;
  const proxy = (is: (other: XksProxy) => boolean) => (other: KeyStore) =>
    other.type === 'EXTERNAL_KEY_STORE' && is(other.proxy);
  taken(
    'XksProxyUriInUseException',
    proxy((other) => other.uriEndpoint === uriEndpoint && other.uriPath === uriPath),
    `${uriEndpoint}${uriPath} belongs to another custom key store.`,
  );
  // only public endpoints may be shared, with other public ones
  const isPublic = connectivity === 'PUBLIC_ENDPOINT';
  taken(
    'XksProxyUriEndpointInUseException',
    proxy((other) => other.uriEndpoint === uriEndpoint && !(isPublic && other.connectivity === connectivity)),
    `${uriEndpoint} belongs to another custom key store.`,
  );
  taken(
    'XksProxyVpcEndpointServiceInUseException',
    proxy((other) => service !== undefined && other.vpcEndpointServiceName === service),
    `${service} belongs to another custom key store.`,
  );
}

export function checkQuota(all: readonly KeyStore[]): void {
  if (all.length >= KEY_STORES) {
    throw new KmsError(
      'LimitExceededException',
      `There are ${KEY_STORES} custom key stores in this account and Region already.`,
    );
  }
}

/** The states in which it is allowed (API reference, CustomKeyStoreInvalidStateException). */
const ALLOWED = {
  connect: ['DISCONNECTED', 'CONNECTING', 'CONNECTED'],
  disconnect: ['CONNECTED', 'CONNECTING', 'FAILED'],
  delete: ['DISCONNECTED'],
  change: ['DISCONNECTED'],
  /** Of its name, and of what a proxy may be given at any time. */
  'change while connected': ['DISCONNECTED', 'CONNECTED'],
  use: ['CONNECTED'],
} as const satisfies { readonly [what: string]: readonly ConnectionState[] };

type Purpose = keyof typeof ALLOWED;

const invalidState = (doing: Purpose, { id, state }: KeyStore): KmsError =>
  new KmsError(
    'CustomKeyStoreInvalidStateException',
    `The connection state of custom key store ${id} is ${state}. It must be ${ALLOWED[doing].join(' or ')}.`,
  );

export function requireConnectionState(doing: Purpose, keyStore: KeyStore): void {
  const allowed: readonly ConnectionState[] = ALLOWED[doing];
  if (!allowed.includes(keyStore.state)) throw invalidState(doing, keyStore);
}

const CHANGEABLE_WHILE_CONNECTED = new Set([
  'CustomKeyStoreId',
  'NewCustomKeyStoreName',
  'XksProxyUriPath',
  'XksProxyAuthenticationCredential',
]);

export function requireChangeable(input: StoreMembers, present: KeyStore): void {
  requireConnectionState(
    Object.keys(input).every((name) => CHANGEABLE_WHILE_CONNECTED.has(name)) ? 'change while connected' : 'change',
    present,
  );
}

/** The key store among the targets. */
export function keyStoreOf({ targets }: { readonly targets: readonly Target[] }): KeyStore {
  return targets.flatMap((target) => (target.kind === 'none' && target.keyStore ? [target.keyStore] : []))[0]!;
}

type KeyStoreOf<T extends Type> = Extract<KeyStore, { readonly type: T }>;

const isOfType = <T extends Type>(keyStore: KeyStore, type: T): keyStore is KeyStoreOf<T> => keyStore.type === type;

/** The key store that the call names, which must be of this type and connected. */
export function usableKeyStore<T extends Type>(call: Pick<Call<unknown>, 'targets'>, type: T): KeyStoreOf<T> {
  const keyStore = keyStoreOf(call);
  if (!isOfType(keyStore, type)) {
    throw new KmsError('UnsupportedOperationException', `Custom key store ${keyStore.id} is of type ${keyStore.type}.`);
  }
  requireConnectionState('use', keyStore);
  return keyStore;
}

interface KeyInput {
  readonly Origin?: string | undefined;
  readonly CustomKeyStoreId?: string | undefined;
  readonly XksKeyId?: string | undefined;
  readonly MultiRegion?: boolean | undefined;
}

/** Members of CreateKey that each origin needs; the others take neither. */
const KEY_MEMBERS: { readonly [origin: string]: readonly (keyof KeyInput)[] } = {
  AWS_CLOUDHSM: ['CustomKeyStoreId'],
  EXTERNAL_KEY_STORE: ['CustomKeyStoreId', 'XksKeyId'],
};

export function checkKeyStore(input: KeyInput, spec: string): void {
  const { Origin: origin = 'AWS_KMS' } = input;
  const needed = KEY_MEMBERS[origin] ?? [];
  for (const name of ['CustomKeyStoreId', 'XksKeyId'] as const) {
    const isNeeded = needed.includes(name);
    if (isNeeded && input[name] === undefined) refuse(`${name} is required with Origin ${origin}.`);
    if (!isNeeded && input[name] !== undefined) refuse(`${name} is not valid with Origin ${origin}.`);
  }
  if (needed.length === 0) return;
  const unfit = spec !== 'SYMMETRIC_DEFAULT' ? `KeySpec ${spec}` : input.MultiRegion ? 'A multi-Region key' : undefined;
  if (unfit) throw new KmsError('UnsupportedOperationException', `${unfit} is not supported in a custom key store.`);
}
