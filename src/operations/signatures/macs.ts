/** GenerateMac and VerifyMac: message authentication codes under an HMAC KMS key. */
import { algorithmCondition } from '../row/algorithm-condition.ts';
import { KmsError } from '../../model/error.ts';
import { algorithmOf, KEY_SPECS, type MacAlgorithm } from '../../crypto/key-spec.ts';
import { mac, verifyMac as verifyTag } from '../../crypto/mac.ts';
import { currentSecret, type KmsKey } from '../../keyring/kms-key.ts';
import { cryptographic } from '../row/cryptographic.ts';
import { operation } from '../row/operation.ts';
import { keyOf, keyOrAlias } from '../row/target.ts';
import * as shapes from './macs-shapes.ts';

interface MacInput {
  readonly MacAlgorithm: string;
}

const rowOf = ({ MacAlgorithm: name }: MacInput, { spec }: KmsKey): MacAlgorithm =>
  algorithmOf(KEY_SPECS[spec], 'GENERATE_VERIFY_MAC', name);

const common = {
  ...cryptographic,
  usage: 'GENERATE_VERIFY_MAC',
  requireKey: (input: MacInput, [key]: readonly KmsKey[]): void => {
    rowOf(input, key!);
  },
  conditions: [algorithmCondition('MacAlgorithm', { usage: 'GENERATE_VERIFY_MAC' })],
} as const;

export const generateMac = operation({
  ...common,
  ...shapes.generateMac,
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'GenerateMac')],
  run(call) {
    const { key, arn } = keyOf(call);
    const { input } = call;
    const Mac = mac(currentSecret(key), rowOf(input, key), input.Message);
    return { Mac, MacAlgorithm: input.MacAlgorithm, KeyId: arn };
  },
});

export const verifyMac = operation({
  ...common,
  ...shapes.verifyMac,
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'VerifyMac')],
  run(call) {
    const { key, arn } = keyOf(call);
    const { input } = call;
    const tagged = { message: input.Message, tag: input.Mac };
    const valid = verifyTag(currentSecret(key), rowOf(input, key), tagged);
    if (!valid) throw new KmsError('KMSInvalidMacException');
    return { KeyId: arn, MacValid: true, MacAlgorithm: input.MacAlgorithm };
  },
});
