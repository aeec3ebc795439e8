/** Secrets shared with a peer: by key agreement (DeriveSharedSecret) and by key encapsulation (Encapsulate, Decapsulate). */
import { CryptoError } from '../../crypto/crypto-error.ts';
import { decapsulate as open, encapsulate as make } from '../../crypto/key-encapsulation.ts';
import { algorithmCondition } from '../row/algorithm-condition.ts';
import { algorithmOf, isSlow, KEY_SPECS, type EncapsulationAlgorithm } from '../../crypto/key-spec.ts';
import { recipientAttestation } from '../../policy/recipient-condition.ts';
import { privateKeyObject } from '../../crypto/key-object.ts';
import { currentSecret, type KmsKey } from '../../keyring/kms-key.ts';
import { invalidCiphertext } from '../encryption/invalid-ciphertext.ts';
import { cryptographic } from '../row/cryptographic.ts';
import { operation, type Call, type Step } from '../row/operation.ts';
import { placeOf } from '../row/step-place.ts';
import { keyOf, keyOrAlias } from '../row/target.ts';
import * as shapes from './shared-secrets-shapes.ts';

export const deriveSharedSecret = operation({
  ...cryptographic,
  ...shapes.deriveSharedSecret,
  recipient: 'SharedSecret',
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'DeriveSharedSecret')],
  usage: 'KEY_AGREEMENT',
  conditions: [algorithmCondition('KeyAgreementAlgorithm', { usage: 'KEY_AGREEMENT' }), recipientAttestation],
  step: (call: Call<{ readonly PublicKey: Uint8Array }>): Step<Uint8Array> => {
    const { key } = keyOf(call);
    const keyPair = KEY_SPECS[key.spec].keyPair!;
    const material = currentSecret(key);
    const { PublicKey: peerPublicKey } = call.input;
    return {
      place: placeOf(isSlow(keyPair)),
      basis: [material],
      async work({ compute }) {
        const agreement = { curve: keyPair.namedCurve, key: privateKeyObject(material), peerPublicKey };
        const shared = await compute('deriveSharedSecret', agreement);
        if (!shared) throw new CryptoError({ code: 'not-a-peer-key' });
        return shared;
      },
    };
  },
  run(call, SharedSecret: Uint8Array) {
    const { key, arn } = keyOf(call);
    const { KeyAgreementAlgorithm } = call.input;
    return { KeyId: arn, SharedSecret, KeyAgreementAlgorithm, KeyOrigin: key.origin };
  },
});

const rowOf = (name: string, { spec }: KmsKey): EncapsulationAlgorithm =>
  algorithmOf(KEY_SPECS[spec], 'ENCAPSULATE_DECAPSULATE', name);

export const encapsulate = operation({
  ...cryptographic,
  ...shapes.encapsulate,
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'Encapsulate')],
  usage: 'ENCAPSULATE_DECAPSULATE',
  run(call) {
    const { key, arn } = keyOf(call);
    const { sharedSecret, ciphertext } = make(key.backingKeys.at(-1)!.publicKey!);
    return {
      KeyId: arn,
      SharedSecret: sharedSecret.expose(),
      SharedSecretCiphertextBlob: ciphertext,
      EncapsulationAlgorithm: call.input.EncapsulationAlgorithm,
    };
  },
});

export const decapsulate = operation({
  ...cryptographic,
  ...shapes.decapsulate,
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'Decapsulate')],
  usage: 'ENCAPSULATE_DECAPSULATE',
  // public model, Decapsulate: the length alone tells that a ciphertext is not valid
  requireKey({ SharedSecretCiphertextBlob, EncapsulationAlgorithm }, [key]) {
    const { ciphertextLength } = rowOf(EncapsulationAlgorithm, key!);
    if (SharedSecretCiphertextBlob.length !== ciphertextLength) throw invalidCiphertext();
  },
  run(call) {
    const { key, arn } = keyOf(call);
    const { SharedSecretCiphertextBlob, EncapsulationAlgorithm } = call.input;
    const row = rowOf(EncapsulationAlgorithm, key);
    const secret = open(currentSecret(key), row, SharedSecretCiphertextBlob);
    if (!secret) throw invalidCiphertext();
    return { KeyId: arn, SharedSecret: secret.expose(), EncapsulationAlgorithm };
  },
});
