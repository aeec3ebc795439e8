/** The shapes of Sign, Verify. */
import { messageType, signingAlgorithm } from '../../model/enumeration.ts';
import { ciphertextBlob, grantTokens, keyId, plaintext } from '../../model/members.ts';
import { boolean, required, string, structure } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';

export const sign = operationShape({
  name: 'Sign',
  input: structure({
    KeyId: required(keyId),
    Message: required(plaintext),
    MessageType: messageType,
    GrantTokens: grantTokens,
    SigningAlgorithm: required(signingAlgorithm),
    DryRun: boolean,
  }),
  output: structure({ KeyId: string(), Signature: ciphertextBlob, SigningAlgorithm: signingAlgorithm }),
});

export const verify = operationShape({
  name: 'Verify',
  input: structure({
    KeyId: required(keyId),
    Message: required(plaintext),
    MessageType: messageType,
    Signature: required(ciphertextBlob),
    SigningAlgorithm: required(signingAlgorithm),
    GrantTokens: grantTokens,
    DryRun: boolean,
  }),
  output: structure({ KeyId: string(), SignatureValid: boolean, SigningAlgorithm: signingAlgorithm }),
});
