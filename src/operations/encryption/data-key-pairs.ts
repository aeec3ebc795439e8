/** Data key pairs for use outside of KMS; the private key is encrypted under a symmetric KMS key, and neither is stored. */
import { dataKeyPairSpec } from '../../model/enumeration.ts';
import { text } from '../../policy/input-condition.ts';
import { recipientAttestation } from '../../policy/recipient-condition.ts';
import { type ValueOf } from '../../model/shape.ts';
import { keyPairMaterial, type KeyPairBytes } from '../../crypto/key-material.ts';
import { checkRegion, KEY_SPECS } from '../../crypto/key-spec.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import { encryptUnder } from './cipher.ts';
import { dataKeyConditions, symmetricOnly } from './data-keys.ts';
import { cryptographic } from '../row/cryptographic.ts';
import { refuseKeyStores } from '../keys/key-kind.ts';
import { newKeyPair } from '../row/new-key-pair.ts';
import { operation, type Call } from '../row/operation.ts';
import { keyOf, keyOrAlias } from '../row/target.ts';
import * as shapes from './data-key-pairs-shapes.ts';

interface PairInput {
  readonly EncryptionContext?: { readonly [key: string]: string } | undefined;
  readonly KeyPairSpec: ValueOf<typeof dataKeyPairSpec>;
}

const common = {
  ...cryptographic,
  requireBeforeUsage: symmetricOnly,
  usage: 'ENCRYPT_DECRYPT',
  requireKey({ KeyPairSpec }: PairInput, [key]: readonly KmsKey[]): void {
    refuseKeyStores(key!);
    checkRegion(KEY_SPECS[KeyPairSpec], key!.region, 'KeyPairSpec');
  },
  conditions: [text('kms:DataKeyPairSpec', 'KeyPairSpec'), ...dataKeyConditions],
  step: ({ input }: Call<PairInput>) => newKeyPair(KEY_SPECS[input.KeyPairSpec]),
} as const;

function pairFor(call: Call<PairInput>, pair: KeyPairBytes) {
  const { key, arn } = keyOf(call);
  const { KeyPairSpec, EncryptionContext: context } = call.input;
  const { secret: privateKey, publicKey } = keyPairMaterial(pair);
  return {
    privateKey,
    answer: {
      PrivateKeyCiphertextBlob: encryptUnder(key, { data: privateKey.expose(), context }, call.random),
      PublicKey: publicKey,
      KeyId: arn,
      KeyPairSpec,
      KeyMaterialId: key.backingKeys.at(-1)!.id,
    },
  };
}

export const generateDataKeyPair = operation({
  ...common,
  ...shapes.generateDataKeyPair,
  recipient: 'PrivateKeyPlaintext',
  conditions: [...common.conditions, recipientAttestation],
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'GenerateDataKeyPair')],
  run(call, pair: KeyPairBytes) {
    const { privateKey, answer } = pairFor(call, pair);
    return { ...answer, PrivateKeyPlaintext: privateKey.expose() };
  },
});

export const generateDataKeyPairWithoutPlaintext = operation({
  ...common,
  ...shapes.generateDataKeyPairWithoutPlaintext,
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'GenerateDataKeyPairWithoutPlaintext')],
  run(call, pair: KeyPairBytes) {
    const { privateKey, answer } = pairFor(call, pair);
    privateKey.wipe();
    return answer;
  },
});
