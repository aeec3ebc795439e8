/** Data keys and random bytes for use outside of KMS; they are not stored. */
import { always, encryptionContextOf } from '../../policy/input-condition.ts';
import { recipientAttestation } from '../../policy/recipient-condition.ts';
import { KmsError } from '../../model/error.ts';
import { KEY_SPECS } from '../../crypto/key-spec.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import { encryptUnder, materialIdOf, type MaybeStep } from './cipher.ts';
import type { CipherKey } from './cipher-key.ts';
import { usableKeyStore } from '../key-stores/key-store-rules.ts';
import { refusedAs } from '../key-stores/refused.ts';
import { cryptographic } from '../row/cryptographic.ts';
import { operation, type Call, type Step } from '../row/operation.ts';
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

interface DataKey {
  readonly dataKey: Uint8Array;
  readonly blob: Uint8Array;
}

const newDataKey = ({ random, input: { KeySpec, NumberOfBytes } }: DataKeyCall): Uint8Array =>
  random(KeySpec ? DATA_KEY_BYTES[KeySpec] : NumberOfBytes!);

/** In a custom key store the data key is encrypted outside. */
function wrapping(call: DataKeyCall, operation: string): MaybeStep<DataKey> {
  const target = keyOf(call);
  return target.keyStore && dataKeyInKeyStore(call, { target, call, operation });
}

async function dataKeyInKeyStore(call: DataKeyCall, use: CipherKey): Promise<Step<DataKey>> {
  const { basisOf, encryptInKeyStore } = await import('./key-store-cipher.ts');
  return {
    place: 'outside',
    basis: basisOf(use),
    async work(tools) {
      const dataKey = newDataKey(call);
      const side = { data: dataKey, context: call.input.EncryptionContext };
      return { dataKey, blob: await encryptInKeyStore(use, side, tools) };
    },
  };
}

function generate(call: DataKeyCall, made: DataKey | undefined) {
  const { key, arn } = keyOf(call);
  const { EncryptionContext: context } = call.input;
  const dataKey = made?.dataKey ?? newDataKey(call);
  return {
    dataKey,
    answer: {
      CiphertextBlob: made?.blob ?? encryptUnder(key, { data: dataKey, context }, call.random),
      KeyId: arn,
      KeyMaterialId: materialIdOf(key),
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
  recipient: 'Plaintext',
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'GenerateDataKey')],
  validateMembers: checkSize,
  requireBeforeUsage: symmetricOnly,
  usage: 'ENCRYPT_DECRYPT',
  conditions: [...dataKeyConditions, recipientAttestation],
  step: (call: DataKeyCall) => wrapping(call, 'GenerateDataKey'),
  run(call, made: DataKey | undefined) {
    const { dataKey, answer } = generate(call, made);
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
  step: (call: DataKeyCall) => wrapping(call, 'GenerateDataKeyWithoutPlaintext'),
  run(call, made: DataKey | undefined) {
    const { dataKey, answer } = generate(call, made);
    dataKey.fill(0);
    return answer;
  },
});

interface RandomInput {
  readonly NumberOfBytes?: number | undefined;
  readonly CustomKeyStoreId?: string | undefined;
}

export const generateRandom = operation({
  ...shapes.generateRandom,
  access: 'read',
  validateInput(given) {
    if (given.NumberOfBytes === undefined) throw new KmsError('ValidationException', 'NumberOfBytes is required.');
  },
  targets: ({ CustomKeyStoreId: id }) => [
    id === undefined ? noTarget('GenerateRandom') : keyStore(id, 'GenerateRandom'),
  ],
  recipient: 'Plaintext',
  conditions: [recipientAttestation],
  log: { request: null },
  /** In the cluster of the CloudHSM key store that is named. */
  step: ({ input, ...call }: Call<RandomInput>): Step<Uint8Array> | undefined => {
    if (input.CustomKeyStoreId === undefined) return undefined;
    const { clusterId, secret: password } = usableKeyStore(call, 'AWS_CLOUDHSM');
    return {
      place: 'outside',
      basis: [clusterId, password],
      async work({ keyManagers }) {
        const { storeError } = await import('../key-stores/hsm-errors.ts');
        const { hsm } = await keyManagers();
        return refusedAs(storeError, () => hsm.random({ clusterId, password }, input.NumberOfBytes!));
      },
    };
  },
  run: ({ input, random }, made: Uint8Array | undefined) => ({ Plaintext: made ?? random(input.NumberOfBytes!) }),
});
