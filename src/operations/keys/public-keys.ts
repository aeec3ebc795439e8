/** GetPublicKey: the public key of an asymmetric KMS key, with its spec, usage and algorithms. */
import { KmsError } from '../../model/error.ts';
import { KEY_SPECS } from '../../crypto/key-spec.ts';
import { algorithmsOf } from './key-metadata.ts';
import { operation } from '../row/operation.ts';
import { keyOf, keyOrAlias } from '../row/target.ts';
import * as shapes from './public-keys-shapes.ts';

export const getPublicKey = operation({
  ...shapes.getPublicKey,
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
