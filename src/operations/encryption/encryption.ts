/** Encrypt, Decrypt, ReEncrypt. */
import { algorithmCondition } from '../row/algorithm-condition.ts';
import { encryptionContextOf } from '../../policy/input-condition.ts';
import { recipientAttestation } from '../../policy/recipient-condition.ts';
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
  isSymmetric,
  materialIdOf,
  requireSourceKey,
  SYMMETRIC,
  type MaybeStep,
} from './cipher.ts';
import { invalidCiphertext } from './invalid-ciphertext.ts';
import type { Decrypted } from './cipher-key.ts';
import { cryptographic } from '../row/cryptographic.ts';
import { operation, type Call, type Step, type TargetRequest, type TargetSource } from '../row/operation.ts';
import { keyOf, keyOrAlias, keysOf } from '../row/target.ts';
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
    const { Plaintext: data, EncryptionAlgorithm: algorithm = SYMMETRIC, EncryptionContext: context } = call.input;
    return encryptionStep({ target: keyOf(call), call, operation: 'Encrypt' }, { algorithm, data, context });
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
  recipient: 'Plaintext',
  validateInput(input) {
    checkCiphertextGiven(input, input.KeyId);
    checkKeyGiven(input.KeyId, 'KeyId', input.EncryptionAlgorithm);
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
    recipientAttestation,
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
    const { CiphertextBlob: data, EncryptionAlgorithm: algorithm = SYMMETRIC, EncryptionContext: context } = call.input;
    return decryptionStep({ target: keyOf(call), call, operation: 'Decrypt' }, { algorithm, data, context });
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

interface ReEncrypted {
  readonly opened: Decrypted;
  /** Where the destination is in a custom key store. */
  readonly made?: Uint8Array;
}

/**
 * Of two keys of KMS the decryption alone: the encryption depends on a key that the second transaction may find replaced,
 * and is fast.
 */
function reEncryption(call: Call<ReEncryptInput>): MaybeStep<ReEncrypted> {
  const [source, destination] = keysOf(call);
  const opening = decryptionStep({ target: source!, call, operation: 'ReEncrypt' }, sourceOf(call.input));
  if (destination!.keyStore) return reEncryptionInKeyStore(call, opening);
  return opening instanceof Promise ? opening.then(openingAlone) : opening && openingAlone(opening);
}

const openingAlone = ({ place, basis, work }: Step<Decrypted>): Step<ReEncrypted> => ({
  place,
  basis,
  work: async (tools) => ({ opened: await work(tools) }),
});

/** Into a custom key store: the encryption is part of the step, which depends on both keys. */
async function reEncryptionInKeyStore(
  call: Call<ReEncryptInput>,
  decryption: MaybeStep<Decrypted>,
): Promise<Step<ReEncrypted>> {
  const { basisOf, encryptInKeyStore } = await import('./key-store-cipher.ts');
  const opening = await decryption;
  const [source, destination] = keysOf(call);
  const [from, to] = [sourceOf(call.input), destinationOf(call.input)];
  const into = { target: destination!, call, operation: 'ReEncrypt' };
  const ours = source!.key.backingKeys.flatMap(({ secret }) => secret ?? []);
  return {
    place: 'outside',
    basis: [...(opening?.basis ?? ours), ...basisOf(into)],
    async work(tools) {
      const opened = opening ? await opening.work(tools) : decryptUnder(source!.key, { ...from, data: from.data! });
      checkPlaintext(KEY_SPECS[destination!.key.spec], fittingAlgorithm(destination!.key, to), opened.plaintext);
      const made = await encryptInKeyStore(into, { data: opened.plaintext, context: to.context }, tools);
      return { opened, made };
    },
  };
}

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
  step: reEncryption,
  async run(call, done: ReEncrypted | undefined) {
    const { input } = call;
    const [source, destination] = keysOf(call);
    const [from, to] = [sourceOf(input), destinationOf(input)];
    const opened = done?.opened ?? decryptUnder(source!.key, { ...from, data: from.data! });
    // only now is its length known
    checkPlaintext(KEY_SPECS[destination!.key.spec], fittingAlgorithm(destination!.key, to), opened.plaintext);
    const CiphertextBlob =
      done?.made ?? (await encryptWith(destination!.key, { ...to, data: opened.plaintext }, call.random));
    opened.plaintext.fill(0);
    return {
      CiphertextBlob,
      SourceKeyId: source!.arn,
      KeyId: destination!.arn,
      SourceEncryptionAlgorithm: from.algorithm,
      DestinationEncryptionAlgorithm: to.algorithm,
      ...(opened.materialId === undefined ? {} : { SourceKeyMaterialId: opened.materialId }),
      ...(isSymmetric(destination!.key) ? { DestinationKeyMaterialId: materialIdOf(destination!.key) } : {}),
    };
  },
});
