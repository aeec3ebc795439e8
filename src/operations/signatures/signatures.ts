/** Sign and Verify: digital signatures under the key pair of an asymmetric KMS key. */
import { algorithmCondition } from '../row/algorithm-condition.ts';
import { type MessageType } from '../../model/enumeration.ts';
import { text } from '../../policy/input-condition.ts';
import { KmsError } from '../../model/error.ts';
import { algorithmOf, checkMessage, KEY_SPECS } from '../../crypto/key-spec.ts';
import { privateKeyObject } from '../../crypto/key-object.ts';
import { takesLong, type Signing } from '../../crypto/signature.ts';
import { currentSecret, type KmsKey } from '../../keyring/kms-key.ts';
import { cryptographic } from '../row/cryptographic.ts';
import { operation, type Call, type Step } from '../row/operation.ts';
import { placeOf } from '../row/step-place.ts';
import { keyOf, keyOrAlias } from '../row/target.ts';
import * as shapes from './signatures-shapes.ts';

/** Members of both Sign and Verify. */
interface SigningInput {
  readonly Message: Uint8Array;
  readonly MessageType?: MessageType | undefined;
  readonly SigningAlgorithm: string;
}

function signingOf({ Message: message, MessageType = 'RAW', SigningAlgorithm }: SigningInput, key: KmsKey): Signing {
  const algorithm = algorithmOf(KEY_SPECS[key.spec], 'SIGN_VERIFY', SigningAlgorithm);
  return { algorithm, message, messageType: MessageType };
}

const common = {
  ...cryptographic,
  usage: 'SIGN_VERIFY',
  requireKey: (input: SigningInput, [key]: readonly KmsKey[]): void => {
    const signing = signingOf(input, key!);
    checkMessage(KEY_SPECS[key!.spec], signing.algorithm, signing);
  },
  conditions: [
    text('kms:MessageType', 'MessageType', { default: 'RAW' }),
    algorithmCondition('SigningAlgorithm', { usage: 'SIGN_VERIFY' }),
  ],
  log: { request: ({ MessageType = 'RAW' }: SigningInput) => ({ messageType: MessageType }) },
} as const;

export const sign = operation({
  ...common,
  ...shapes.sign,
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'Sign')],
  step: (call: Call<SigningInput>): Step<Uint8Array> => {
    const { key } = keyOf(call);
    const signing = signingOf(call.input, key);
    const material = currentSecret(key);
    return {
      place: placeOf(takesLong('sign', signing, KEY_SPECS[key.spec])),
      basis: [material],
      work: ({ compute }) => compute('sign', { ...signing, key: privateKeyObject(material) }),
    };
  },
  run: (call, Signature: Uint8Array) => ({
    KeyId: keyOf(call).arn,
    Signature,
    SigningAlgorithm: call.input.SigningAlgorithm,
  }),
});

export const verify = operation({
  ...common,
  ...shapes.verify,
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'Verify')],
  step: (call: Call<SigningInput & { readonly Signature: Uint8Array }>): Step<boolean> => {
    const { key } = keyOf(call);
    const signing = signingOf(call.input, key);
    const { Signature: signature } = call.input;
    return {
      place: placeOf(takesLong('verify', signing, KEY_SPECS[key.spec])),
      basis: [currentSecret(key)],
      work: ({ compute }) => compute('verify', { ...signing, key: key.backingKeys.at(-1)!.publicKey!, signature }),
    };
  },
  run: (call, valid: boolean) => {
    if (!valid) throw new KmsError('KMSInvalidSignatureException');
    return { KeyId: keyOf(call).arn, SignatureValid: true, SigningAlgorithm: call.input.SigningAlgorithm };
  },
});
