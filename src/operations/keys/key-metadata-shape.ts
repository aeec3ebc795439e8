/** The shape of KeyMetadata. */
import { expirationModel, keySpec, keyState, keyUsage, multiRegionKeyType, origin } from '../../model/enumeration.ts';
import { boolean, integer, list, oneOf, string, structure, timestamp, type ValueOf } from '../../model/shape.ts';

const multiRegionKey = structure({ Arn: string(), Region: string() });
export const algorithmList = list(string());

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
  ExpirationModel: expirationModel,
  KeyManager: oneOf(['AWS', 'CUSTOMER']),
  CustomerMasterKeySpec: keySpec,
  KeySpec: keySpec,
  EncryptionAlgorithms: algorithmList,
  SigningAlgorithms: algorithmList,
  KeyAgreementAlgorithms: algorithmList,
  EncapsulationAlgorithms: algorithmList,
  MultiRegion: boolean,
  MultiRegionConfiguration: structure({
    MultiRegionKeyType: multiRegionKeyType,
    PrimaryKey: multiRegionKey,
    ReplicaKeys: list(multiRegionKey),
  }),
  PendingDeletionWindowInDays: integer(),
  MacAlgorithms: algorithmList,
  XksKeyConfiguration: structure({ Id: string() }),
  CurrentKeyMaterialId: string(),
});

export type KeyMetadata = ValueOf<typeof keyMetadataShape>;
