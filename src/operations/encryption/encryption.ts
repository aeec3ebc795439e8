/** Encrypt, Decrypt, ReEncrypt. */
import { algorithmCondition } from '../row/algorithm-condition.ts';
import { encryptionContextOf } from '../../policy/input-condition.ts';
import { keyArn } from '../../model/arn.ts';
import { KmsError } from '../../model/error.ts';
import { type ValueOf } from '../../model/shape.ts';
import type { Logged } from '../../audit/request-parameters.ts';
import { parseBlob } from '../../crypto/ciphertext-blob.ts';
import { checkPlaintext, KEY_SPECS } from '../../crypto/key-spec.ts';
import {
  checkDecryption,
  decryptionStep,
  decryptUnder,
  encryptionStep,
  encryptUnder,
  encryptWith,
  fittingAlgorithm,
  invalidCiphertext,
  isSymmetric,
  requireSourceKey,
  SYMMETRIC,
  type Decrypted,
} from './cipher.ts';
import { cryptographic } from '../row/cryptographic.ts';
import { operation, type Call, type TargetRequest, type TargetSource } from '../row/operation.ts';
import { keyOf, keyOrAlias, keysOf } from '../row/target.ts';
import { refuseRecipient } from './recipient.ts';
import * as shapes from './encryption-shapes.ts';

type EncryptInput = ValueOf<typeof shapes.encrypt.input>;

export const encrypt = operation({
  ...cryptographic,
  ...shapes.encrypt,
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'Encrypt')],
  usage: 'ENCRYPT_DECRYPT',
  conditions: [
    algorithmCondition('EncryptionAlgorithm', { usage: 'ENCRYPT_DECRYPT', default: SYMMETRIC }),
    encryptionContextOf('EncryptionContext'),
  ],
  requireKey: ({ EncryptionAlgorithm: algorithm = SYMMETRIC, EncryptionContext: context, Plaintext }, [key]) => {
    checkPlaintext(KEY_SPECS[key!.spec], fittingAlgorithm(key!, { algorithm, context }), Plaintext);
  },
  log: { request: ({ EncryptionAlgorithm = SYMMETRIC }) => ({ encryptionAlgorithm: EncryptionAlgorithm }) },
  step: (call: Call<EncryptInput>) => {
    const { Plaintext: data, EncryptionAlgorithm: algorithm = SYMMETRIC } = call.input;
    return encryptionStep(keyOf(call).key, { algorithm, data });
  },
  run(call, made: Uint8Array | undefined) {
    const { key, arn } = keyOf(call);
    const { Plaintext: data, EncryptionContext: context, EncryptionAlgorithm = SYMMETRIC } = call.input;
    const CiphertextBlob = made ?? encryptUnder(key, { data, context }, call.random);
    return { CiphertextBlob, KeyId: arn, EncryptionAlgorithm };
  },
});

interface CiphertextSource {
  readonly blob: Uint8Array | undefined;
  readonly identifier: string | undefined;
  readonly action: string;
}

/** AWS's own text. */
const inaccessibleKey = (): KmsError =>
  new KmsError(
    'AccessDeniedException',
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  );

/**
 * The key of a ciphertext: the one that the caller names, or the one that the blob names. A blob that names a key
 * that never existed here is as invalid as an altered one.
 */
function sourceKey({ blob: data, identifier, action }: CiphertextSource, { home }: TargetSource): TargetRequest {
  if (identifier !== undefined) return keyOrAlias(identifier, action);
  const header = data && parseBlob(data);
  if (!header) throw invalidCiphertext();
  const arn = keyArn({ account: header.account, region: home.region }, header.keyId);
  return {
    ...keyOrAlias(arn, action),
    onNotFound: ({ isKnown }) => (isKnown ? inaccessibleKey() : invalidCiphertext()),
  };
}

/** CiphertextBlob may be left out only of a dry run that says so (public model, DryRunModifiers). */
function checkCiphertextGiven(
  input: {
    readonly CiphertextBlob?: unknown;
    readonly DryRun?: boolean | undefined;
    readonly DryRunModifiers?: readonly string[] | undefined;
  },
  named: string | undefined,
): void {
  const ignored = input.DryRun && input.DryRunModifiers?.includes('IGNORE_CIPHERTEXT');
  if (input.CiphertextBlob === undefined && !(ignored && named !== undefined)) {
    throw new KmsError(
      'ValidationException',
      "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
    );
  }
}

/** Only a blob names its key. The text is our own, as AWS's is not known. */
function checkKeyGiven(named: string | undefined, member: string, algorithm: string = SYMMETRIC): void {
  if (named === undefined && algorithm !== SYMMETRIC) {
    throw new KmsError('ValidationException', `${member} is required with algorithm ${algorithm}.`);
  }
}

type DecryptInput = ValueOf<typeof shapes.decrypt.input>;

export const decrypt = operation({
  ...cryptographic,
  ...shapes.decrypt,
  validateInput(input) {
    checkCiphertextGiven(input, input.KeyId);
    checkKeyGiven(input.KeyId, 'KeyId', input.EncryptionAlgorithm);
    refuseRecipient(input);
  },
  targets: ({ CiphertextBlob, KeyId }, source) => [
    sourceKey({ blob: CiphertextBlob, identifier: KeyId, action: 'Decrypt' }, source),
  ],
  requireBeforeUsage: ({ EncryptionAlgorithm: algorithm, CiphertextBlob: data }, [key]) =>
    requireSourceKey(key!, { algorithm, data }),
  usage: 'ENCRYPT_DECRYPT',
  conditions: [
    algorithmCondition('EncryptionAlgorithm', { usage: 'ENCRYPT_DECRYPT', default: SYMMETRIC }),
    encryptionContextOf('EncryptionContext'),
  ],
  requireKey: (
    { EncryptionAlgorithm: algorithm = SYMMETRIC, EncryptionContext: context, CiphertextBlob: data },
    [key],
  ) => checkDecryption(key!, { algorithm, data, context }),
  log: {
    request: ({ EncryptionAlgorithm = SYMMETRIC, KeyId }, targets) => ({
      encryptionAlgorithm: EncryptionAlgorithm,
      ...keyIdOfSource(KeyId, keysOf({ targets })[0]?.arn),
    }),
  },
  step: (call: Call<DecryptInput>) => {
    const { CiphertextBlob: data, EncryptionAlgorithm: algorithm = SYMMETRIC } = call.input;
    return decryptionStep(keyOf(call).key, { algorithm, data });
  },
  run(call, done: Decrypted | undefined) {
    const { key, arn } = keyOf(call);
    const { CiphertextBlob, EncryptionContext: context, EncryptionAlgorithm = SYMMETRIC } = call.input;
    const opened = done ?? decryptUnder(key, { data: CiphertextBlob!, context });
    return {
      KeyId: arn,
      Plaintext: opened.plaintext,
      EncryptionAlgorithm,
      ...(opened.materialId === undefined ? {} : { KeyMaterialId: opened.materialId }),
    };
  },
});

/** Newer records of Decrypt show the key's ARN where the caller gave none. */
const keyIdOfSource = (given: string | undefined, arn: string | undefined): Logged =>
  given === undefined && arn !== undefined ? { keyId: arn } : {};

type ReEncryptInput = ValueOf<typeof shapes.reEncryptInput>;

const sourceOf = ({ CiphertextBlob, SourceEncryptionAlgorithm, SourceEncryptionContext }: ReEncryptInput) => ({
  algorithm: SourceEncryptionAlgorithm ?? SYMMETRIC,
  data: CiphertextBlob,
  context: SourceEncryptionContext,
});
const destinationOf = ({ DestinationEncryptionAlgorithm, DestinationEncryptionContext }: ReEncryptInput) => ({
  algorithm: DestinationEncryptionAlgorithm ?? SYMMETRIC,
  context: DestinationEncryptionContext,
});

const sideConditions = (side: 'Source' | 'Destination') => [
  algorithmCondition('EncryptionAlgorithm', {
    member: `${side}EncryptionAlgorithm`,
    usage: 'ENCRYPT_DECRYPT',
    default: SYMMETRIC,
  }),
  encryptionContextOf(`${side}EncryptionContext`),
];

export const reEncrypt = operation({
  ...cryptographic,
  ...shapes.reEncrypt,
  validateInput(input) {
    checkCiphertextGiven(input, input.SourceKeyId);
    checkKeyGiven(input.SourceKeyId, 'SourceKeyId', input.SourceEncryptionAlgorithm);
  },
  targets: ({ CiphertextBlob, SourceKeyId, DestinationKeyId }, source) => [
    sourceKey({ blob: CiphertextBlob, identifier: SourceKeyId, action: 'ReEncryptFrom' }, source),
    keyOrAlias(DestinationKeyId, 'ReEncryptTo'),
  ],
  requireBeforeUsage: (input, [source]) => requireSourceKey(source!, sourceOf(input)),
  usage: 'ENCRYPT_DECRYPT',
  /** Each side is authorized with its own algorithm and context. */
  conditions: { 'kms:ReEncryptFrom': sideConditions('Source'), 'kms:ReEncryptTo': sideConditions('Destination') },
  keyConditions: ([source, destination]) => ({
    'kms:reencryptonsamekey': [
      String(source!.keyId === destination!.keyId && source!.account === destination!.account),
    ],
  }),
  requireKey: (input, [source, destination]) => {
    checkDecryption(source!, sourceOf(input));
    fittingAlgorithm(destination!, destinationOf(input));
  },
  log: {
    request: ({ SourceEncryptionAlgorithm = SYMMETRIC, DestinationEncryptionAlgorithm = SYMMETRIC }) => ({
      sourceEncryptionAlgorithm: SourceEncryptionAlgorithm,
      destinationEncryptionAlgorithm: DestinationEncryptionAlgorithm,
    }),
  },
  /** The destination's encryption is not part of it: its key may have been replaced in the second transaction. */
  step: (call: Call<ReEncryptInput>) => decryptionStep(keysOf(call)[0]!.key, sourceOf(call.input)),
  async run(call, done: Decrypted | undefined) {
    const { input } = call;
    const [source, destination] = keysOf(call);
    const [from, to] = [sourceOf(input), destinationOf(input)];
    const opened = done ?? decryptUnder(source!.key, { ...from, data: from.data! });
    // only now is its length known
    checkPlaintext(KEY_SPECS[destination!.key.spec], fittingAlgorithm(destination!.key, to), opened.plaintext);
    const CiphertextBlob = await encryptWith(destination!.key, { ...to, data: opened.plaintext }, call.random);
    opened.plaintext.fill(0);
    return {
      CiphertextBlob,
      SourceKeyId: source!.arn,
      KeyId: destination!.arn,
      SourceEncryptionAlgorithm: from.algorithm,
      DestinationEncryptionAlgorithm: to.algorithm,
      ...(opened.materialId === undefined ? {} : { SourceKeyMaterialId: opened.materialId }),
      ...(isSymmetric(destination!.key) ? { DestinationKeyMaterialId: destination!.key.backingKeys.at(-1)!.id } : {}),
    };
  },
});
