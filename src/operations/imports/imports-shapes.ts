/** The shapes of GetParametersForImport, ImportKeyMaterial, DeleteImportedKeyMaterial. */
import { expirationModel, wrappingAlgorithm, wrappingKeySpec } from '../../model/enumeration.ts';
import { keyId } from '../../model/members.ts';
import { blob, oneOf, required, string, structure, timestamp } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';

export const getParametersForImport = operationShape({
  name: 'GetParametersForImport',
  input: structure({
    KeyId: required(keyId),
    WrappingAlgorithm: required(wrappingAlgorithm),
    WrappingKeySpec: required(wrappingKeySpec),
  }),
  output: structure({
    KeyId: string(),
    ImportToken: blob({ min: 1, max: 6144 }),
    PublicKey: blob({ min: 1, max: 4096 }),
    ParametersValidTo: timestamp,
  }),
});

const materialId = string({ min: 64, max: 64, pattern: '^[a-f0-9]+$' });

export const importInput = structure({
  KeyId: required(keyId),
  ImportToken: required(blob({ min: 1, max: 6144 })),
  EncryptedKeyMaterial: required(blob({ min: 1, max: 6144 })),
  ValidTo: timestamp,
  ExpirationModel: expirationModel,
  ImportType: oneOf(['NEW_KEY_MATERIAL', 'EXISTING_KEY_MATERIAL']),
  KeyMaterialDescription: string({ min: 0, max: 256, pattern: '^[a-zA-Z0-9:/_\\s.-]+$' }),
  KeyMaterialId: materialId,
});

export const importKeyMaterial = operationShape({
  name: 'ImportKeyMaterial',
  input: importInput,
  output: structure({ KeyId: string(), KeyMaterialId: string() }),
});

export const deleteImportedKeyMaterial = operationShape({
  name: 'DeleteImportedKeyMaterial',
  input: structure({ KeyId: required(keyId), KeyMaterialId: materialId }),
  output: structure({ KeyId: string(), KeyMaterialId: string() }),
});
