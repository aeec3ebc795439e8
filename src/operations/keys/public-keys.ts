/** GetPublicKey: the public key of an asymmetric KMS key, with its spec, usage and algorithms. */
import { KmsError } from '../../model/error.ts';
import { grantTokens, keyId } from '../../model/members.ts';
import { keySpec, keyUsage } from '../../model/enumeration.ts';
import { blob, required, string, structure } from '../../model/shape.ts';
import { KEY_SPECS } from '../../crypto/key-spec.ts';
import { algorithmList, algorithmsOf } from './key-metadata.ts';
import { operation } from '../row/operation.ts';
import { keyOf, keyOrAlias } from '../row/target.ts';

export const getPublicKey = operation({
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
  access: 'read',
  grantTokens: 'GrantTokens',
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'GetPublicKey')],
  state: 'public-key',
  requireKey(_, [key]) {
    // the service gives no message
    if (KEY_SPECS[key!.spec].type !== 'asymmetric') throw new KmsError('UnsupportedOperationException');
  },
  run(call) {
    const { key, arn } = keyOf(call);
    return {
      KeyId: arn,
      PublicKey: key.backingKeys.at(-1)!.publicKey!,
      CustomerMasterKeySpec: key.spec,
      KeySpec: key.spec,
      KeyUsage: key.usage,
      ...algorithmsOf(key),
    };
  },
});
