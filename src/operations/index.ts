/**
 * The table of operations: the name of each, and the family that has its row. A family is loaded
 * when one of its operations is called, so a call does not pay for the others. In a family's file the row of
 * `CreateKey` is exported as `createKey`; its shapes are in a file of their own, under the same name, because a command
 * line that has its calls made by an agent needs nothing else of the row.
 */
import { camel } from '../model/spelling.ts';
import type { Members, ValueOf } from '../model/shape.ts';
import type { AnyOperation } from './row/operation.ts';
import type { OperationShape } from './row/operation-shape.ts';

const family = <R, S>(rows: () => Promise<R>, shapes: () => Promise<S>) => ({ rows, shapes });

const aliases = family(
  () => import('./aliases/aliases.ts'),
  () => import('./aliases/aliases-shapes.ts'),
);
const createKey = family(
  () => import('./keys/create-key.ts'),
  () => import('./keys/create-key-shapes.ts'),
);
const customKeyStores = family(
  () => import('./key-stores/custom-key-stores.ts'),
  () => import('./key-stores/custom-key-stores-shapes.ts'),
);
const keyStoreConnections = family(
  () => import('./key-stores/connections.ts'),
  () => import('./key-stores/connections-shapes.ts'),
);
const keyStoreDescriptions = family(
  () => import('./key-stores/descriptions.ts'),
  () => import('./key-stores/descriptions-shapes.ts'),
);
const dataKeyPairs = family(
  () => import('./encryption/data-key-pairs.ts'),
  () => import('./encryption/data-key-pairs-shapes.ts'),
);
const dataKeys = family(
  () => import('./encryption/data-keys.ts'),
  () => import('./encryption/data-keys-shapes.ts'),
);
const encryption = family(
  () => import('./encryption/encryption.ts'),
  () => import('./encryption/encryption-shapes.ts'),
);
const grantLists = family(
  () => import('./grants/grant-lists.ts'),
  () => import('./grants/grant-lists-shapes.ts'),
);
const grants = family(
  () => import('./grants/grants.ts'),
  () => import('./grants/grants-shapes.ts'),
);
const imports = family(
  () => import('./imports/imports.ts'),
  () => import('./imports/imports-shapes.ts'),
);
const keys = family(
  () => import('./keys/keys.ts'),
  () => import('./keys/keys-shapes.ts'),
);
const lastUsage = family(
  () => import('./keys/last-usage.ts'),
  () => import('./keys/last-usage-shapes.ts'),
);
const macs = family(
  () => import('./signatures/macs.ts'),
  () => import('./signatures/macs-shapes.ts'),
);
const multiRegion = family(
  () => import('./multi-region/multi-region.ts'),
  () => import('./multi-region/multi-region-shapes.ts'),
);
const policies = family(
  () => import('./keys/policies.ts'),
  () => import('./keys/policies-shapes.ts'),
);
const publicKeys = family(
  () => import('./keys/public-keys.ts'),
  () => import('./keys/public-keys-shapes.ts'),
);
const rotation = family(
  () => import('./keys/rotation.ts'),
  () => import('./keys/rotation-shapes.ts'),
);
const sharedSecrets = family(
  () => import('./signatures/shared-secrets.ts'),
  () => import('./signatures/shared-secrets-shapes.ts'),
);
const signatures = family(
  () => import('./signatures/signatures.ts'),
  () => import('./signatures/signatures-shapes.ts'),
);
const tags = family(
  () => import('./keys/tags.ts'),
  () => import('./keys/tags-shapes.ts'),
);

/** Each family exports the rows of its operations, and apart from them their shapes, under their names. */
type Placed<T> = {
  readonly [N in keyof T & string]: {
    readonly rows: () => Promise<{ readonly [row in Uncapitalize<N>]: AnyOperation & { readonly name: N } }>;
    readonly shapes: () => Promise<{ readonly [row in Uncapitalize<N>]: OperationShape & { readonly name: N } }>;
  };
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

type FamilyOf<N extends OperationName> = Awaited<ReturnType<(typeof FAMILIES)[N]['rows']>>;

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
    const family = (await FAMILIES[name].rows()) as { readonly [row: string]: AnyOperation };
    operation = family[camel(name)]!; // guaranteed by Placed
    loaded.set(name, operation);
  }
  return operation as Operations[N];
}

/** The shapes of an operation of the table. */
export type KnownShape = OperationShape<Members, Members, OperationName>;

/** The shapes of an operation, without the code that makes its calls. */
export async function loadShape(name: OperationName): Promise<KnownShape> {
  const family = (await FAMILIES[name].shapes()) as { readonly [row: string]: KnownShape };
  return family[camel(name)]!; // guaranteed by Placed
}

export const findOperation = async (name: string): Promise<AnyOperation | undefined> =>
  isOperationName(name) ? loadOperation(name) : undefined;

export const everyShape = (): Promise<readonly KnownShape[]> => Promise.all(OPERATION_NAMES.map(loadShape));

export const everyOperation = (): Promise<readonly AnyOperation[]> =>
  Promise.all(OPERATION_NAMES.map((name) => loadOperation(name)));
