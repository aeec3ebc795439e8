/** Encrypt, Decrypt, ReEncrypt. */
import { keyArn } from '../api/arn.ts';
import { KmsError } from '../api/error.ts';
import {
  ciphertextBlob,
  dryRunModifiers,
  encryptionAlgorithm,
  encryptionContext,
  grantTokens,
  keyId,
  plaintext,
  recipient,
} from '../api/members.ts';
import { blob, boolean, required, string, structure } from '../api/shape.ts';
import type { Logged } from '../audit/request-parameters.ts';
import { decryptBlob, backingKeyId, encryptBlob, parseBlob } from '../crypto/ciphertext-blob.ts';
import type { EncryptionContext } from '../crypto/encryption-context.ts';
import { algorithmOf, checkPlaintext, KEY_SPECS } from '../crypto/key-spec.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import type { KmsKey } from '../keyring/kms-key.ts';
import { operation, type TargetRequest, type TargetSource } from './operation.ts';
import { keyOf, keyOrAlias, keysOf } from './target.ts';

const SYMMETRIC = 'SYMMETRIC_DEFAULT';

export const invalidCiphertext = (): KmsError => new KmsError('InvalidCiphertextException');

/** Recipient needs a Nitro Enclave's attestation document, which is not supported yet. */
export function refuseRecipient({ Recipient }: { readonly Recipient?: unknown }): void {
  if (Recipient !== undefined) throw new KmsError('UnsupportedOperationException', 'Recipient is not supported.');
}

export const encryptionContextConditions = (
  context: EncryptionContext = {},
): { readonly [key: string]: readonly string[] } => {
  const names = Object.keys(context);
  return {
    ...Object.fromEntries(names.map((name) => [`kms:encryptioncontext:${name.toLowerCase()}`, [context[name]!]])),
    ...(names.length > 0 ? { 'kms:encryptioncontextkeys': names } : {}),
  };
};

/** Encrypts under the current backing key. */
export function encryptUnder(
  key: KmsKey,
  { data, context }: { data: Uint8Array; context: EncryptionContext | undefined },
  random: RandomBytes,
): Uint8Array {
  const current = key.backingKeys.at(-1)!;
  const header = { account: key.account, keyId: key.keyId, backingKeyId: backingKeyId(current.id) };
  return encryptBlob(data, header, { key: current.secret, context }, random);
}

/** Decrypts with the backing key that the blob names; everything that is wrong is one and the same error. */
function decryptUnder(
  key: KmsKey,
  data: Uint8Array,
  context: EncryptionContext | undefined,
): { plaintext: Uint8Array; materialId: string } {
  const header = parseBlob(data);
  const backing = key.backingKeys.find(({ id }) => backingKeyId(id) === header?.backingKeyId);
  const plaintext = backing && decryptBlob(data, { key: backing.secret, context });
  if (!plaintext) throw invalidCiphertext();
  return { plaintext, materialId: backing.id };
}

export const encrypt = operation({
  name: 'Encrypt',
  input: structure({
    KeyId: required(keyId),
    Plaintext: required(plaintext),
    EncryptionContext: encryptionContext,
    GrantTokens: grantTokens,
    EncryptionAlgorithm: encryptionAlgorithm,
    DryRun: boolean,
  }),
  output: structure({ CiphertextBlob: ciphertextBlob, KeyId: string(), EncryptionAlgorithm: encryptionAlgorithm }),
  access: 'read',
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'Encrypt')],
  usage: 'ENCRYPT_DECRYPT',
  state: 'use',
  conditions: ({ EncryptionContext, EncryptionAlgorithm = SYMMETRIC }) => ({
    'kms:encryptionalgorithm': [EncryptionAlgorithm],
    ...encryptionContextConditions(EncryptionContext),
  }),
  fits: ({ EncryptionAlgorithm = SYMMETRIC, Plaintext }, [key]) => {
    const spec = KEY_SPECS[key!.spec];
    checkPlaintext(spec, algorithmOf(spec, 'ENCRYPT_DECRYPT', EncryptionAlgorithm), Plaintext);
  },
  log: { request: ({ EncryptionAlgorithm = SYMMETRIC }) => ({ encryptionAlgorithm: EncryptionAlgorithm }) },
  run(call) {
    const { key, arn } = keyOf(call);
    const { Plaintext: data, EncryptionContext: context, EncryptionAlgorithm = SYMMETRIC } = call.input;
    return { CiphertextBlob: encryptUnder(key, { data, context }, call.random), KeyId: arn, EncryptionAlgorithm };
  },
});

interface CiphertextSource {
  readonly blob: Uint8Array | undefined;
  readonly identifier: string | undefined;
  readonly action: string;
}

/**
 * The key of a ciphertext: the one that the caller names, or the one that the blob names. A blob that names no key of
 * ours is as invalid as an altered one.
 */
function sourceKey({ blob: data, identifier, action }: CiphertextSource, { home }: TargetSource): TargetRequest {
  if (identifier !== undefined) return keyOrAlias(identifier, action);
  const header = data && parseBlob(data);
  if (!header) throw invalidCiphertext();
  const arn = keyArn({ account: header.account, region: home.region }, header.keyId);
  return { ...keyOrAlias(arn, action), absent: invalidCiphertext };
}

/** A named key must be the one that made the ciphertext (IncorrectKeyException, spec/error-messages.md 1). */
function checkSourceKey(key: KmsKey, data: Uint8Array): void {
  const header = parseBlob(data);
  if (!header) throw invalidCiphertext();
  if (header.keyId !== key.keyId || header.account !== key.account) {
    throw new KmsError(
      'IncorrectKeyException',
      'The key ID in the request does not identify a CMK that can perform this operation.',
    );
  }
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

export const decrypt = operation({
  name: 'Decrypt',
  input: structure({
    CiphertextBlob: ciphertextBlob,
    EncryptionContext: encryptionContext,
    GrantTokens: grantTokens,
    KeyId: keyId,
    EncryptionAlgorithm: encryptionAlgorithm,
    Recipient: recipient,
    DryRun: boolean,
    DryRunModifiers: dryRunModifiers,
  }),
  output: structure({
    KeyId: string(),
    Plaintext: plaintext,
    EncryptionAlgorithm: encryptionAlgorithm,
    CiphertextForRecipient: blob(),
    KeyMaterialId: string(),
  }),
  access: 'read',
  check(input) {
    checkCiphertextGiven(input, input.KeyId);
    refuseRecipient(input);
  },
  targets: ({ CiphertextBlob, KeyId }, source) => [
    sourceKey({ blob: CiphertextBlob, identifier: KeyId, action: 'Decrypt' }, source),
  ],
  usage: 'ENCRYPT_DECRYPT',
  state: 'use',
  conditions: ({ EncryptionContext, EncryptionAlgorithm = SYMMETRIC }) => ({
    'kms:encryptionalgorithm': [EncryptionAlgorithm],
    ...encryptionContextConditions(EncryptionContext),
  }),
  fits: ({ EncryptionAlgorithm = SYMMETRIC, CiphertextBlob }, [key]) => {
    algorithmOf(KEY_SPECS[key!.spec], 'ENCRYPT_DECRYPT', EncryptionAlgorithm);
    if (CiphertextBlob) checkSourceKey(key!, CiphertextBlob);
  },
  log: {
    request: ({ EncryptionAlgorithm = SYMMETRIC, KeyId }, targets) => ({
      encryptionAlgorithm: EncryptionAlgorithm,
      ...keyIdOfSource(KeyId, keysOf({ targets })[0]?.arn),
    }),
  },
  run(call) {
    const { key, arn } = keyOf(call);
    const { CiphertextBlob, EncryptionContext, EncryptionAlgorithm = SYMMETRIC } = call.input;
    const { plaintext: Plaintext, materialId } = decryptUnder(key, CiphertextBlob!, EncryptionContext);
    return { KeyId: arn, Plaintext, EncryptionAlgorithm, KeyMaterialId: materialId };
  },
});

/** CT-31: newer records of Decrypt show the key's ARN where the caller gave none. */
const keyIdOfSource = (given: string | undefined, arn: string | undefined): Logged =>
  given === undefined && arn !== undefined ? { keyId: arn } : {};

export const reEncrypt = operation({
  name: 'ReEncrypt',
  input: structure({
    CiphertextBlob: ciphertextBlob,
    SourceEncryptionContext: encryptionContext,
    SourceKeyId: keyId,
    DestinationKeyId: required(keyId),
    DestinationEncryptionContext: encryptionContext,
    SourceEncryptionAlgorithm: encryptionAlgorithm,
    DestinationEncryptionAlgorithm: encryptionAlgorithm,
    GrantTokens: grantTokens,
    DryRun: boolean,
    DryRunModifiers: dryRunModifiers,
  }),
  output: structure({
    CiphertextBlob: ciphertextBlob,
    SourceKeyId: string(),
    KeyId: string(),
    SourceEncryptionAlgorithm: encryptionAlgorithm,
    DestinationEncryptionAlgorithm: encryptionAlgorithm,
    SourceKeyMaterialId: string(),
    DestinationKeyMaterialId: string(),
  }),
  access: 'read',
  check: (input) => checkCiphertextGiven(input, input.SourceKeyId),
  targets: ({ CiphertextBlob, SourceKeyId, DestinationKeyId }, source) => [
    sourceKey({ blob: CiphertextBlob, identifier: SourceKeyId, action: 'ReEncryptFrom' }, source),
    keyOrAlias(DestinationKeyId, 'ReEncryptTo'),
  ],
  usage: 'ENCRYPT_DECRYPT',
  state: 'use',
  /** Each side is authorized with its own algorithm and context. */
  conditions: (input, side) => {
    const [algorithm = SYMMETRIC, context] =
      side === 'kms:ReEncryptFrom'
        ? [input.SourceEncryptionAlgorithm, input.SourceEncryptionContext]
        : [input.DestinationEncryptionAlgorithm, input.DestinationEncryptionContext];
    return { 'kms:encryptionalgorithm': [algorithm], ...encryptionContextConditions(context) };
  },
  keyConditions: ([source, destination]) => ({
    'kms:reencryptonsamekey': [
      String(source!.keyId === destination!.keyId && source!.account === destination!.account),
    ],
  }),
  fits: (input, [source, destination]) => {
    algorithmOf(KEY_SPECS[source!.spec], 'ENCRYPT_DECRYPT', input.SourceEncryptionAlgorithm ?? SYMMETRIC);
    algorithmOf(KEY_SPECS[destination!.spec], 'ENCRYPT_DECRYPT', input.DestinationEncryptionAlgorithm ?? SYMMETRIC);
    if (input.CiphertextBlob) checkSourceKey(source!, input.CiphertextBlob);
  },
  log: {
    request: ({ SourceEncryptionAlgorithm = SYMMETRIC, DestinationEncryptionAlgorithm = SYMMETRIC }) => ({
      sourceEncryptionAlgorithm: SourceEncryptionAlgorithm,
      destinationEncryptionAlgorithm: DestinationEncryptionAlgorithm,
    }),
  },
  run(call) {
    const { input } = call;
    const [source, destination] = keysOf(call);
    const opened = decryptUnder(source!.key, input.CiphertextBlob!, input.SourceEncryptionContext);
    const CiphertextBlob = encryptUnder(
      destination!.key,
      { data: opened.plaintext, context: input.DestinationEncryptionContext },
      call.random,
    );
    opened.plaintext.fill(0);
    return {
      CiphertextBlob,
      SourceKeyId: source!.arn,
      KeyId: destination!.arn,
      SourceEncryptionAlgorithm: input.SourceEncryptionAlgorithm ?? SYMMETRIC,
      DestinationEncryptionAlgorithm: input.DestinationEncryptionAlgorithm ?? SYMMETRIC,
      SourceKeyMaterialId: opened.materialId,
      DestinationKeyMaterialId: destination!.key.backingKeys.at(-1)!.id,
    };
  },
});
