/** The shapes of GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom. */
import { dataKeySpec } from '../../model/enumeration.ts';
import {
  ciphertextBlob,
  encryptionContext,
  grantTokens,
  keyId,
  keyStoreId,
  numberOfBytes,
  plaintext,
  recipient,
} from '../../model/members.ts';
import { blob, boolean, required, string, structure } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';

export const generateDataKey = operationShape({
  name: 'GenerateDataKey',
  input: structure({
    KeyId: required(keyId),
    EncryptionContext: encryptionContext,
    NumberOfBytes: numberOfBytes,
    KeySpec: dataKeySpec,
    GrantTokens: grantTokens,
    Recipient: recipient,
    DryRun: boolean,
  }),
  output: structure({
    CiphertextBlob: ciphertextBlob,
    Plaintext: plaintext,
    KeyId: string(),
    CiphertextForRecipient: blob(),
    KeyMaterialId: string(),
  }),
});

export const generateDataKeyWithoutPlaintext = operationShape({
  name: 'GenerateDataKeyWithoutPlaintext',
  input: structure({
    KeyId: required(keyId),
    EncryptionContext: encryptionContext,
    KeySpec: dataKeySpec,
    NumberOfBytes: numberOfBytes,
    GrantTokens: grantTokens,
    DryRun: boolean,
  }),
  output: structure({ CiphertextBlob: ciphertextBlob, KeyId: string(), KeyMaterialId: string() }),
});

export const generateRandom = operationShape({
  name: 'GenerateRandom',
  input: structure({ NumberOfBytes: numberOfBytes, CustomKeyStoreId: keyStoreId, Recipient: recipient }),
  output: structure({ Plaintext: plaintext, CiphertextForRecipient: blob() }),
});
