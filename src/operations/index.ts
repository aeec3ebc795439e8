/**
 * The table of operations: the name of each, and the family that has its row. A family is loaded
 * when one of its operations is called, so a call does not pay for the others. In a family's file the row of
 * `CreateKey` is exported as `createKey`.
 */
import { camel } from '../model/spelling.ts';
import type { ValueOf } from '../model/shape.ts';
import type { AnyOperation } from './row/operation.ts';

const aliases = () => import('./aliases/aliases.ts');
const createKey = () => import('./keys/create-key.ts');
const customKeyStores = () => import('./key-stores/custom-key-stores.ts');
const keyStoreConnections = () => import('./key-stores/connections.ts');
const keyStoreDescriptions = () => import('./key-stores/descriptions.ts');
const dataKeyPairs = () => import('./encryption/data-key-pairs.ts');
const dataKeys = () => import('./encryption/data-keys.ts');
const encryption = () => import('./encryption/encryption.ts');
const grantLists = () => import('./grants/grant-lists.ts');
const grants = () => import('./grants/grants.ts');
const imports = () => import('./imports/imports.ts');
const keys = () => import('./keys/keys.ts');
const lastUsage = () => import('./keys/last-usage.ts');
const macs = () => import('./signatures/macs.ts');
const multiRegion = () => import('./multi-region/multi-region.ts');
const policies = () => import('./keys/policies.ts');
const publicKeys = () => import('./keys/public-keys.ts');
const rotation = () => import('./keys/rotation.ts');
const sharedSecrets = () => import('./signatures/shared-secrets.ts');
const signatures = () => import('./signatures/signatures.ts');
const tags = () => import('./keys/tags.ts');

/** Each family exports the rows of its operations, under their names. */
type Placed<T> = {
  readonly [N in keyof T & string]: () => Promise<{
    readonly [row in Uncapitalize<N>]: AnyOperation & { readonly name: N };
  }>;
};

const placed = <T extends Placed<T>>(families: T): T => families;

const FAMILIES = placed({
  CancelKeyDeletion: keys,
  ConnectCustomKeyStore: keyStoreConnections,
  CreateAlias: aliases,
  CreateCustomKeyStore: customKeyStores,
  CreateGrant: grants,
  CreateKey: createKey,
  Decapsulate: sharedSecrets,
  Decrypt: encryption,
  DeleteAlias: aliases,
  DeleteCustomKeyStore: customKeyStores,
  DeleteImportedKeyMaterial: imports,
  DeriveSharedSecret: sharedSecrets,
  DescribeCustomKeyStores: keyStoreDescriptions,
  DescribeKey: keys,
  DisableKey: keys,
  DisableKeyRotation: rotation,
  DisconnectCustomKeyStore: keyStoreConnections,
  EnableKey: keys,
  EnableKeyRotation: rotation,
  Encapsulate: sharedSecrets,
  Encrypt: encryption,
  GenerateDataKey: dataKeys,
  GenerateDataKeyPair: dataKeyPairs,
  GenerateDataKeyPairWithoutPlaintext: dataKeyPairs,
  GenerateDataKeyWithoutPlaintext: dataKeys,
  GenerateMac: macs,
  GenerateRandom: dataKeys,
  GetKeyLastUsage: lastUsage,
  GetKeyPolicy: policies,
  GetKeyRotationStatus: rotation,
  GetParametersForImport: imports,
  GetPublicKey: publicKeys,
  ImportKeyMaterial: imports,
  ListAliases: aliases,
  ListGrants: grantLists,
  ListKeyPolicies: policies,
  ListKeyRotations: rotation,
  ListKeys: keys,
  ListResourceTags: tags,
  ListRetirableGrants: grantLists,
  PutKeyPolicy: policies,
  ReEncrypt: encryption,
  ReplicateKey: multiRegion,
  RetireGrant: grants,
  RevokeGrant: grants,
  RotateKeyOnDemand: rotation,
  ScheduleKeyDeletion: keys,
  Sign: signatures,
  TagResource: tags,
  UntagResource: tags,
  UpdateAlias: aliases,
  UpdateCustomKeyStore: customKeyStores,
  UpdateKeyDescription: keys,
  UpdatePrimaryRegion: multiRegion,
  Verify: signatures,
  VerifyMac: macs,
});

export type OperationName = keyof typeof FAMILIES;

type FamilyOf<N extends OperationName> = Awaited<ReturnType<(typeof FAMILIES)[N]>>;

/** The row of every operation, by its name. */
export type Operations = {
  readonly [N in OperationName]: FamilyOf<N>[Uncapitalize<N> & keyof FamilyOf<N>];
};

export type InputOf<N extends OperationName> = Operations[N] extends { readonly input: infer S } ? ValueOf<S> : never;
export type OutputOf<N extends OperationName> = Operations[N] extends { readonly output: infer S } ? ValueOf<S> : never;

export const OPERATION_NAMES = Object.keys(FAMILIES) as readonly OperationName[];

export const isOperationName = (name: string): name is OperationName => Object.hasOwn(FAMILIES, name);

/** Those that were loaded: import() of a loaded module takes some microseconds each time. */
const loaded = new Map<OperationName, AnyOperation>();

export async function loadOperation<N extends OperationName>(name: N): Promise<Operations[N]> {
  let operation = loaded.get(name);
  if (!operation) {
    const family = (await FAMILIES[name]()) as { readonly [row: string]: AnyOperation };
    operation = family[camel(name)]!; // guaranteed by Placed
    loaded.set(name, operation);
  }
  return operation as Operations[N];
}

export const findOperation = async (name: string): Promise<AnyOperation | undefined> =>
  isOperationName(name) ? loadOperation(name) : undefined;

export const everyOperation = (): Promise<readonly AnyOperation[]> =>
  Promise.all(OPERATION_NAMES.map((name) => loadOperation(name)));
