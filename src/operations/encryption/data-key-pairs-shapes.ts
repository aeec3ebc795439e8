/** The shapes of GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext. */
import { dataKeyPairSpec } from '../../model/enumeration.ts';
import { ciphertextBlob, encryptionContext, grantTokens, keyId, plaintext, recipient } from '../../model/members.ts';
import { blob, boolean, required, string, structure } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';

export const generateDataKeyPair = operationShape({
  name: 'GenerateDataKeyPair',
  input: structure({
    EncryptionContext: encryptionContext,
    KeyId: required(keyId),
    KeyPairSpec: required(dataKeyPairSpec),
    GrantTokens: grantTokens,
    Recipient: recipient,
    DryRun: boolean,
  }),
  output: structure({
    PrivateKeyCiphertextBlob: ciphertextBlob,
    PrivateKeyPlaintext: plaintext,
    PublicKey: blob(),
    KeyId: string(),
    KeyPairSpec: dataKeyPairSpec,
    CiphertextForRecipient: blob(),
    KeyMaterialId: string(),
  }),
});

export const generateDataKeyPairWithoutPlaintext = operationShape({
  name: 'GenerateDataKeyPairWithoutPlaintext',
  input: structure({
    EncryptionContext: encryptionContext,
    KeyId: required(keyId),
    KeyPairSpec: required(dataKeyPairSpec),
    GrantTokens: grantTokens,
    DryRun: boolean,
  }),
  output: structure({
    PrivateKeyCiphertextBlob: ciphertextBlob,
    PublicKey: blob(),
    KeyId: string(),
    KeyPairSpec: dataKeyPairSpec,
    KeyMaterialId: string(),
  }),
});
