/** Data keys and random bytes for use outside of KMS; they are not stored. */
import { always, encryptionContextOf } from '../../policy/input-condition.ts';
import { KmsError } from '../../model/error.ts';
import { KEY_SPECS } from '../../crypto/key-spec.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import { encryptUnder } from './cipher.ts';
import { refuseRecipient } from './recipient.ts';
import { refuseUse } from '../key-stores/key-store-rules.ts';
import { cryptographic } from '../row/cryptographic.ts';
import { operation, type Call } from '../row/operation.ts';
import { keyOf, keyOrAlias, keyStore, noTarget } from '../row/target.ts';
import * as shapes from './data-keys-shapes.ts';

const DATA_KEY_BYTES = { AES_256: 32, AES_128: 16 } as const;

interface Size {
  readonly KeySpec?: keyof typeof DATA_KEY_BYTES | undefined;
  readonly NumberOfBytes?: number | undefined;
}

function checkSize({ KeySpec, NumberOfBytes }: Size): void {
  if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
    throw new KmsError('ValidationException', 'Please specify either number of bytes or key spec.');
  }
}

/** Only symmetric encryption keys generate data keys; this is checked before the key usage. */
export function symmetricOnly(_: unknown, [key]: readonly KmsKey[]): void {
  if (KEY_SPECS[key!.spec].type === 'asymmetric') {
    throw new KmsError('InvalidKeyUsageException', 'You cannot generate a data key with an asymmetric CMK');
  }
}

type DataKeyCall = Call<Size & { readonly EncryptionContext?: { readonly [key: string]: string } | undefined }>;

function generate(call: DataKeyCall) {
  const { key, arn } = keyOf(call);
  const { KeySpec, NumberOfBytes, EncryptionContext: context } = call.input;
  const dataKey = call.random(KeySpec ? DATA_KEY_BYTES[KeySpec] : NumberOfBytes!);
  return {
    dataKey,
    answer: {
      CiphertextBlob: encryptUnder(key, { data: dataKey, context }, call.random),
      KeyId: arn,
      KeyMaterialId: key.backingKeys.at(-1)!.id,
    },
  };
}

export const dataKeyConditions = [
  always('kms:EncryptionAlgorithm', 'SYMMETRIC_DEFAULT'),
  encryptionContextOf('EncryptionContext'),
];

export const generateDataKey = operation({
  ...cryptographic,
  ...shapes.generateDataKey,
  validateInput: refuseRecipient,
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'GenerateDataKey')],
  validateMembers: checkSize,
  requireBeforeUsage: symmetricOnly,
  usage: 'ENCRYPT_DECRYPT',
  conditions: dataKeyConditions,
  run(call) {
    const { dataKey, answer } = generate(call);
    return { ...answer, Plaintext: dataKey };
  },
});

export const generateDataKeyWithoutPlaintext = operation({
  ...cryptographic,
  ...shapes.generateDataKeyWithoutPlaintext,
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'GenerateDataKeyWithoutPlaintext')],
  validateMembers: checkSize,
  requireBeforeUsage: symmetricOnly,
  usage: 'ENCRYPT_DECRYPT',
  conditions: dataKeyConditions,
  run(call) {
    const { dataKey, answer } = generate(call);
    dataKey.fill(0);
    return answer;
  },
});

export const generateRandom = operation({
  ...shapes.generateRandom,
  access: 'read',
  validateInput(given) {
    if (given.NumberOfBytes === undefined) throw new KmsError('ValidationException', 'NumberOfBytes is required.');
    refuseRecipient(given);
  },
  targets: ({ CustomKeyStoreId: id }) => [
    id === undefined ? noTarget('GenerateRandom') : keyStore(id, 'GenerateRandom'),
  ],
  log: { request: null },
  run(call) {
    const { NumberOfBytes, CustomKeyStoreId } = call.input;
    if (CustomKeyStoreId !== undefined) refuseUse(call, 'AWS_CLOUDHSM');
    return { Plaintext: call.random(NumberOfBytes!) };
  },
});
