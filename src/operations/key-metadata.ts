/** KeyMetadata: what CreateKey and DescribeKey tell about a key. */
import { keyArn } from '../api/arn.ts';
import { keySpec, keyState, keyUsage, origin } from '../api/members.ts';
import { boolean, integer, list, oneOf, string, structure, timestamp, type ValueOf } from '../api/shape.ts';
import { KEY_SPECS, type KeyUsage } from '../crypto/key-spec.ts';
import type { KmsKey } from '../keyring/kms-key.ts';

const multiRegionKey = structure({ Arn: string(), Region: string() });
const algorithms = list(string());

export const keyMetadataShape = structure({
  AWSAccountId: string(),
  KeyId: string(),
  Arn: string(),
  CreationDate: timestamp,
  Enabled: boolean,
  Description: string(),
  KeyUsage: keyUsage,
  KeyState: keyState,
  DeletionDate: timestamp,
  ValidTo: timestamp,
  Origin: origin,
  CustomKeyStoreId: string(),
  CloudHsmClusterId: string(),
  ExpirationModel: oneOf(['KEY_MATERIAL_EXPIRES', 'KEY_MATERIAL_DOES_NOT_EXPIRE']),
  KeyManager: oneOf(['AWS', 'CUSTOMER']),
  CustomerMasterKeySpec: keySpec,
  KeySpec: keySpec,
  EncryptionAlgorithms: algorithms,
  SigningAlgorithms: algorithms,
  KeyAgreementAlgorithms: algorithms,
  MultiRegion: boolean,
  MultiRegionConfiguration: structure({
    MultiRegionKeyType: oneOf(['PRIMARY', 'REPLICA']),
    PrimaryKey: multiRegionKey,
    ReplicaKeys: list(multiRegionKey),
  }),
  PendingDeletionWindowInDays: integer(),
  MacAlgorithms: algorithms,
  XksKeyConfiguration: structure({ Id: string() }),
  CurrentKeyMaterialId: string(),
});

export type KeyMetadata = ValueOf<typeof keyMetadataShape>;

/** The member that lists a key's algorithms, by its usage. */
const ALGORITHM_MEMBERS: { readonly [U in KeyUsage]?: string } = {
  ENCRYPT_DECRYPT: 'EncryptionAlgorithms',
  SIGN_VERIFY: 'SigningAlgorithms',
  GENERATE_VERIFY_MAC: 'MacAlgorithms',
  KEY_AGREEMENT: 'KeyAgreementAlgorithms',
};

export function algorithmsOf({ spec, usage }: Pick<KmsKey, 'spec' | 'usage'>): {
  readonly [member: string]: readonly string[];
} {
  const member = ALGORITHM_MEMBERS[usage];
  return member ? { [member]: (KEY_SPECS[spec].algorithms[usage] ?? []).map(({ name }) => name) } : {};
}

export function keyMetadata(key: KmsKey): KeyMetadata {
  const arn = keyArn(key, key.keyId);
  const current = KEY_SPECS[key.spec].type === 'symmetric' ? key.backingKeys.at(-1) : undefined;
  return {
    AWSAccountId: key.account,
    KeyId: key.keyId,
    Arn: arn,
    CreationDate: new Date(key.created),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.state,
    ...(key.deletionDate === undefined ? {} : { DeletionDate: new Date(key.deletionDate) }),
    Origin: key.origin,
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    ...algorithmsOf(key),
    MultiRegion: key.multiRegion,
    ...(key.multiRegion ? { MultiRegionConfiguration: primaryAlone(arn, key.region) } : {}),
    ...(current ? { CurrentKeyMaterialId: current.id } : {}),
  };
}

const primaryAlone = (Arn: string, Region: string) => ({
  MultiRegionKeyType: 'PRIMARY' as const,
  PrimaryKey: { Arn, Region },
  ReplicaKeys: [],
});
