/**
 * The table of KMS permissions: the policies that can give each, and cross-account use (AWS KMS Developer
 * Guide, AWS KMS permissions).
 */

export interface Action {
  /** As in policies, without `kms:`. */
  readonly name: string;
  /** Can be given in a key policy; others only in identity policies. */
  readonly keyPolicy: boolean;
  /** Principals of another account can use it on this account's keys. */
  readonly crossAccount: boolean;
  readonly resources: readonly ('key' | 'alias' | 'none')[];
  /** An operation that a grant can give. */
  readonly grantable: boolean;
  /** Takes an encryption context, so encryption context constraints of grants apply to it. */
  readonly encryptionContext: boolean;
}

type Marks = Partial<Omit<Action, 'name'>>;
const KEY: Marks = { keyPolicy: true, resources: ['key'] };
const IDENTITY: Marks = { resources: ['none'] };
const ALIAS: Marks = { keyPolicy: true, resources: ['alias', 'key'] };
const CROSS: Marks = { ...KEY, crossAccount: true };
const GRANTABLE: Marks = { ...CROSS, grantable: true };
const WITH_CONTEXT: Marks = { ...GRANTABLE, encryptionContext: true };

/** Written out, since every call makes this table: copying fields from object to object takes many times as long. */
function rows(
  names: string,
  { keyPolicy = false, crossAccount = false, resources = [], grantable = false, encryptionContext = false }: Marks,
): Action[] {
  return names.split(' ').map((name) => ({ name, keyPolicy, crossAccount, resources, grantable, encryptionContext }));
}

export const ACTIONS: readonly Action[] = [
  ...rows(
    'Decrypt Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo',
    WITH_CONTEXT,
  ),
  ...rows(
    'CreateGrant Decapsulate DeriveSharedSecret DescribeKey Encapsulate GenerateMac GetPublicKey Sign Verify VerifyMac',
    GRANTABLE,
  ),
  ...rows('GetKeyRotationStatus ListGrants RevokeGrant', CROSS),
  // decided by the grant itself, never by a key policy
  ...rows('RetireGrant', { resources: ['key'], crossAccount: true, grantable: true }),
  ...rows(
    'CancelKeyDeletion DeleteImportedKeyMaterial DisableKey DisableKeyRotation EnableKey EnableKeyRotation GetKeyLastUsage GetKeyPolicy GetParametersForImport ImportKeyMaterial ListKeyPolicies ListKeyRotations ListResourceTags PutKeyPolicy ReplicateKey RotateKeyOnDemand ScheduleKeyDeletion TagResource UntagResource UpdateKeyDescription UpdatePrimaryRegion',
    KEY,
  ),
  ...rows('CreateAlias DeleteAlias UpdateAlias', ALIAS),
  ...rows(
    'ConnectCustomKeyStore CreateCustomKeyStore CreateKey DeleteCustomKeyStore DescribeCustomKeyStores DisconnectCustomKeyStore GenerateRandom ListAliases ListKeys ListRetirableGrants UpdateCustomKeyStore',
    IDENTITY,
  ),
];

const BY_NAME = new Map(ACTIONS.map((action) => [`kms:${action.name.toLowerCase()}`, action]));

/** @param permission lower-cased, with its prefix: `kms:encrypt` */
export const actionRow = (permission: string): Action | undefined => BY_NAME.get(permission);
