/**
 * The table of operations: every name that the road knows, and the family that its row stands in. A family is loaded
 * when one of its operations is called, so a call does not pay for the others. In a family's file the row of
 * `CreateKey` is exported as `createKey`.
 */
import { camel } from '../model/check.ts';
import type { AnyOperation } from './row/operation.ts';

type Family = () => Promise<object>;

const aliases: Family = () => import('./aliases/aliases.ts');
const customKeyStores: Family = () => import('./key-stores/custom-key-stores.ts');
const dataKeyPairs: Family = () => import('./encryption/data-key-pairs.ts');
const dataKeys: Family = () => import('./encryption/data-keys.ts');
const encryption: Family = () => import('./encryption/encryption.ts');
const grantLists: Family = () => import('./grants/grant-lists.ts');
const grants: Family = () => import('./grants/grants.ts');
const imports: Family = () => import('./imports/imports.ts');
const keys: Family = () => import('./keys/keys.ts');
const lastUsage: Family = () => import('./keys/last-usage.ts');
const macs: Family = () => import('./signatures/macs.ts');
const multiRegion: Family = () => import('./multi-region/multi-region.ts');
const policies: Family = () => import('./keys/policies.ts');
const publicKeys: Family = () => import('./keys/public-keys.ts');
const rotation: Family = () => import('./keys/rotation.ts');
const sharedSecrets: Family = () => import('./signatures/shared-secrets.ts');
const signatures: Family = () => import('./signatures/signatures.ts');
const tags: Family = () => import('./keys/tags.ts');

const FAMILIES: { readonly [operation: string]: Family } = {
  CancelKeyDeletion: keys,
  ConnectCustomKeyStore: customKeyStores,
  CreateAlias: aliases,
  CreateCustomKeyStore: customKeyStores,
  CreateGrant: grants,
  CreateKey: keys,
  Decapsulate: sharedSecrets,
  Decrypt: encryption,
  DeleteAlias: aliases,
  DeleteCustomKeyStore: customKeyStores,
  DeleteImportedKeyMaterial: imports,
  DeriveSharedSecret: sharedSecrets,
  DescribeCustomKeyStores: customKeyStores,
  DescribeKey: keys,
  DisableKey: keys,
  DisableKeyRotation: rotation,
  DisconnectCustomKeyStore: customKeyStores,
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
};

export const OPERATION_NAMES: readonly string[] = Object.keys(FAMILIES);

export async function findOperation(name: string): Promise<AnyOperation | undefined> {
  if (!Object.hasOwn(FAMILIES, name)) return undefined;
  const rows = (await FAMILIES[name]!()) as { readonly [row: string]: AnyOperation };
  return rows[camel(name)];
}

export const everyOperation = (): Promise<readonly AnyOperation[]> =>
  Promise.all(OPERATION_NAMES.map(async (name) => (await findOperation(name))!));
