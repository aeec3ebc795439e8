/** The shapes of DeriveSharedSecret, Encapsulate, Decapsulate. */
import { encapsulationAlgorithm, keyAgreementAlgorithm, origin } from '../../model/enumeration.ts';
import { ciphertextBlob, grantTokens, keyId, plaintext, recipient } from '../../model/members.ts';
import { blob, boolean, required, string, structure } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';

export const deriveSharedSecret = operationShape({
  name: 'DeriveSharedSecret',
  input: structure({
    KeyId: required(keyId),
    KeyAgreementAlgorithm: required(keyAgreementAlgorithm),
    PublicKey: required(blob({ min: 1, max: 8192 })),
    GrantTokens: grantTokens,
    DryRun: boolean,
    Recipient: recipient,
  }),
  output: structure({
    KeyId: string(),
    SharedSecret: plaintext,
    CiphertextForRecipient: blob(),
    KeyAgreementAlgorithm: keyAgreementAlgorithm,
    KeyOrigin: origin,
  }),
});

export const encapsulate = operationShape({
  name: 'Encapsulate',
  input: structure({
    KeyId: required(keyId),
    EncapsulationAlgorithm: required(encapsulationAlgorithm),
    GrantTokens: grantTokens,
    DryRun: boolean,
  }),
  output: structure({
    KeyId: string(),
    SharedSecret: plaintext,
    SharedSecretCiphertextBlob: ciphertextBlob,
    EncapsulationAlgorithm: encapsulationAlgorithm,
  }),
});

export const decapsulate = operationShape({
  name: 'Decapsulate',
  input: structure({
    KeyId: required(keyId),
    SharedSecretCiphertextBlob: required(ciphertextBlob),
    EncapsulationAlgorithm: required(encapsulationAlgorithm),
    GrantTokens: grantTokens,
    DryRun: boolean,
  }),
  output: structure({
    KeyId: string(),
    SharedSecret: plaintext,
    EncapsulationAlgorithm: encapsulationAlgorithm,
  }),
});
