/** The shapes of Encrypt, Decrypt, ReEncrypt. */
import { encryptionAlgorithm } from '../../model/enumeration.ts';
import {
  ciphertextBlob,
  dryRunModifiers,
  encryptionContext,
  grantTokens,
  keyId,
  plaintext,
  recipient,
} from '../../model/members.ts';
import { blob, boolean, required, string, structure } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';

export const encrypt = operationShape({
  name: 'Encrypt',
  input: structure({
    KeyId: required(keyId),
    Plaintext: required(plaintext),
    EncryptionContext: encryptionContext,
    GrantTokens: grantTokens,
    EncryptionAlgorithm: encryptionAlgorithm,
    DryRun: boolean,
  }),
  output: structure({ CiphertextBlob: ciphertextBlob, KeyId: string(), EncryptionAlgorithm: encryptionAlgorithm }),
});

export const decrypt = operationShape({
  name: 'Decrypt',
  input: structure({
    CiphertextBlob: ciphertextBlob,
    EncryptionContext: encryptionContext,
    GrantTokens: grantTokens,
    KeyId: keyId,
    EncryptionAlgorithm: encryptionAlgorithm,
    Recipient: recipient,
    DryRun: boolean,
    DryRunModifiers: dryRunModifiers,
  }),
  output: structure({
    KeyId: string(),
    Plaintext: plaintext,
    EncryptionAlgorithm: encryptionAlgorithm,
    CiphertextForRecipient: blob(),
    KeyMaterialId: string(),
  }),
});

export const reEncryptInput = structure({
  CiphertextBlob: ciphertextBlob,
  SourceEncryptionContext: encryptionContext,
  SourceKeyId: keyId,
  DestinationKeyId: required(keyId),
  DestinationEncryptionContext: encryptionContext,
  SourceEncryptionAlgorithm: encryptionAlgorithm,
  DestinationEncryptionAlgorithm: encryptionAlgorithm,
  GrantTokens: grantTokens,
  DryRun: boolean,
  DryRunModifiers: dryRunModifiers,
});

export const reEncrypt = operationShape({
  name: 'ReEncrypt',
  input: reEncryptInput,
  output: structure({
    CiphertextBlob: ciphertextBlob,
    SourceKeyId: string(),
    KeyId: string(),
    SourceEncryptionAlgorithm: encryptionAlgorithm,
    DestinationEncryptionAlgorithm: encryptionAlgorithm,
    SourceKeyMaterialId: string(),
    DestinationKeyMaterialId: string(),
  }),
});
