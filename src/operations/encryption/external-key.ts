/**
 * Encryption and decryption for an external key store proxy, whose external keys are KMS keys of a keyring. They are calls
 * of Encrypt and Decrypt with another format and other limits: the same permission, key state and event.
 */
import { keyId } from '../../model/members.ts';
import { blob, required, string, structure } from '../../model/shape.ts';
import { backingKeyId } from '../../crypto/ciphertext-blob.ts';
import { decryptExternal, encryptExternal, namedBackingKey } from '../../crypto/external-ciphertext.ts';
import { currentSecret, type KmsKey } from '../../keyring/kms-key.ts';
import { algorithmCondition } from '../row/algorithm-condition.ts';
import { operation } from '../row/operation.ts';
import { keyOf, keyOrAlias } from '../row/target.ts';
import { fittingAlgorithm, SYMMETRIC } from './cipher.ts';
import { invalidCiphertext } from './invalid-ciphertext.ts';

/** In bytes: AWS KMS External Key Store Proxy API Specification, "Encrypt". */
export const MAX_EXTERNAL_PLAINTEXT = 4_300;
export const MAX_EXTERNAL_AAD = 8_192;

/** What the proxy was told of the call that it serves; the events have it. */
const xksRequest = structure({
  ExternalKeyId: required(string()),
  AwsPrincipalArn: required(string()),
  KmsOperation: required(string()),
  KmsRequestId: required(string()),
  KmsKeyArn: required(string()),
});

const input = {
  KeyId: required(keyId),
  AdditionalAuthenticatedData: required(blob({ max: MAX_EXTERNAL_AAD })),
  XksRequest: required(xksRequest),
};
const data = blob({ min: 1, max: MAX_EXTERNAL_PLAINTEXT, sensitive: true });
const parts = {
  Ciphertext: required(data),
  InitializationVector: required(blob()),
  AuthenticationTag: required(blob()),
  CiphertextMetadata: required(blob()),
};

const external = {
  access: 'read',
  state: 'use',
  usage: 'ENCRYPT_DECRYPT',
  /** The material of other keys is not in the keyring. */
  origins: ['AWS_KMS', 'EXTERNAL'],
  conditions: [algorithmCondition('EncryptionAlgorithm', { usage: 'ENCRYPT_DECRYPT', default: SYMMETRIC })],
  requireKey: (_: unknown, [key]: readonly KmsKey[]): void => {
    fittingAlgorithm(key!, { algorithm: SYMMETRIC, context: undefined });
  },
  log: { request: () => ({ encryptionAlgorithm: SYMMETRIC }) },
} as const;

export const encryptExternally = operation({
  ...external,
  name: 'Encrypt',
  input: structure({ ...input, Plaintext: required(data) }),
  output: structure(parts),
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'Encrypt')],
  run(call) {
    const { key } = keyOf(call);
    const { Plaintext, AdditionalAuthenticatedData: aad } = call.input;
    const sealing = { key: currentSecret(key), aad, backingKeyId: backingKeyId(key.backingKeys.at(-1)!.id) };
    const made = encryptExternal(Plaintext, sealing, call.random);
    return {
      Ciphertext: made.ciphertext,
      InitializationVector: made.iv,
      AuthenticationTag: made.tag,
      CiphertextMetadata: made.metadata,
    };
  },
});

export const decryptExternally = operation({
  ...external,
  name: 'Decrypt',
  input: structure({ ...input, ...parts }),
  output: structure({ Plaintext: required(data) }),
  targets: ({ KeyId }) => [keyOrAlias(KeyId, 'Decrypt')],
  run(call) {
    const { AdditionalAuthenticatedData: aad, CiphertextMetadata: metadata, ...given } = call.input;
    const named = namedBackingKey(metadata);
    const backing = keyOf(call).key.backingKeys.find(({ id }) => backingKeyId(id) === named);
    const ciphertext = {
      metadata,
      iv: given.InitializationVector,
      ciphertext: given.Ciphertext,
      tag: given.AuthenticationTag,
    };
    const Plaintext = backing?.secret && decryptExternal(ciphertext, { key: backing.secret, aad });
    if (!Plaintext) throw invalidCiphertext();
    return { Plaintext };
  },
});
