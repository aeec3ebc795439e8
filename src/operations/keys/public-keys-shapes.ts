/** The shapes of GetPublicKey. */
import { keySpec, keyUsage } from '../../model/enumeration.ts';
import { grantTokens, keyId } from '../../model/members.ts';
import { blob, required, string, structure } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';
import { algorithmList } from './key-metadata-shape.ts';

export const getPublicKey = operationShape({
  name: 'GetPublicKey',
  input: structure({ KeyId: required(keyId), GrantTokens: grantTokens }),
  output: structure({
    KeyId: string(),
    PublicKey: blob(),
    CustomerMasterKeySpec: keySpec,
    KeySpec: keySpec,
    KeyUsage: keyUsage,
    EncryptionAlgorithms: algorithmList,
    SigningAlgorithms: algorithmList,
    KeyAgreementAlgorithms: algorithmList,
    EncapsulationAlgorithms: algorithmList,
  }),
});
