/** The shapes of GenerateMac, VerifyMac. */
import { macAlgorithm } from '../../model/enumeration.ts';
import { ciphertextBlob, grantTokens, keyId, plaintext } from '../../model/members.ts';
import { boolean, required, string, structure } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';

export const generateMac = operationShape({
  name: 'GenerateMac',
  input: structure({
    Message: required(plaintext),
    KeyId: required(keyId),
    MacAlgorithm: required(macAlgorithm),
    GrantTokens: grantTokens,
    DryRun: boolean,
  }),
  output: structure({ Mac: ciphertextBlob, MacAlgorithm: macAlgorithm, KeyId: string() }),
});

export const verifyMac = operationShape({
  name: 'VerifyMac',
  input: structure({
    Message: required(plaintext),
    KeyId: required(keyId),
    MacAlgorithm: required(macAlgorithm),
    Mac: required(ciphertextBlob),
    GrantTokens: grantTokens,
    DryRun: boolean,
  }),
  output: structure({ KeyId: string(), MacValid: boolean, MacAlgorithm: macAlgorithm }),
});
