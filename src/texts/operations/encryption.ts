/** Texts of Encrypt, Decrypt and ReEncrypt. */
import { USE } from './error-lists.ts';
import {
  DRY_RUN,
  DRY_RUN_MODIFIERS,
  ENCRYPTION_ALGORITHM,
  ENCRYPTION_CONTEXT,
  GRANT_TOKENS,
  KEY_OR_ALIAS,
  RECIPIENT,
} from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

export const encryption: CommandTexts = {
  Encrypt: {
    summary: 'Encrypts up to 4096 bytes under a KMS key',
    description: [
      'Encrypts small amounts of data, such as passwords, database credentials or data keys. To encrypt larger data, use a data key of kms generate-data-key, or kms envelope encrypt.',
      'The ciphertext blob of a symmetric key includes the key ID and the version of the key material, so kms decrypt does not require --key-id. Encryption is randomized: each call returns a different ciphertext blob.',
    ],
    members: {
      KeyId: KEY_OR_ALIAS,
      Plaintext:
        'The data to encrypt. Maximum size: 4096 bytes for symmetric keys; for RSAES_OAEP_SHA_256 and RSAES_OAEP_SHA_1, 190 and 214 bytes with RSA_2048, 318 and 342 with RSA_3072, 446 and 470 with RSA_4096; 1024 bytes for SM2PKE.',
      EncryptionContext: ENCRYPTION_CONTEXT,
      GrantTokens: GRANT_TOKENS,
      EncryptionAlgorithm: ENCRYPTION_ALGORITHM,
      DryRun: DRY_RUN,
    },
    errors: ['DependencyTimeoutException', ...USE],
    examples: [
      {
        title: 'Encrypt a file and write the ciphertext as binary',
        lines: [
          'kms encrypt --key-id alias/app --plaintext fileb://secret.txt \\',
          '    --query CiphertextBlob --output text | base64 --decode > secret.enc',
        ],
      },
      {
        title: 'Encrypt with an encryption context',
        lines: [
          'kms encrypt --key-id alias/app --plaintext fileb://secret.txt \\',
          '    --encryption-context Department=IT,Purpose=Backup',
        ],
      },
    ],
    seeAlso: ['Decrypt', 'ReEncrypt', 'GenerateDataKey'],
  },

  Decrypt: {
    summary: 'Decrypts a ciphertext blob',
    description: [
      'Decrypts ciphertexts of kms encrypt, kms re-encrypt and the commands that generate data keys. Ciphertexts of asymmetric keys require --key-id and --encryption-algorithm; ciphertexts of symmetric keys include the key ID.',
      'If the ciphertext is corrupt or not valid, or the encryption context does not match, the call fails with InvalidCiphertextException. The message does not reveal the cause.',
    ],
    members: {
      CiphertextBlob:
        'The ciphertext to decrypt. Required, except with --dry-run and --dry-run-modifiers IGNORE_CIPHERTEXT.',
      EncryptionContext:
        'The encryption context that was used to encrypt the data. Names and values must match exactly and are case-sensitive; their order is not significant. Default: none.',
      GrantTokens: GRANT_TOKENS,
      KeyId:
        'The KMS key that the data was encrypted under: key ID, key ARN, alias name or alias ARN. Required for asymmetric keys. Default: the key ID in the ciphertext.',
      EncryptionAlgorithm:
        'The algorithm that was used to encrypt the data. Required for asymmetric keys. Default: SYMMETRIC_DEFAULT.',
      Recipient: RECIPIENT,
      DryRun: DRY_RUN,
      DryRunModifiers: DRY_RUN_MODIFIERS,
    },
    errors: [...USE, 'DependencyTimeoutException', 'IncorrectKeyException', 'InvalidCiphertextException'],
    examples: [
      {
        title: 'Decrypt a file',
        lines: [
          'kms decrypt --ciphertext-blob fileb://secret.enc \\',
          '    --query Plaintext --output text | base64 --decode > secret.txt',
        ],
      },
      {
        title: 'Decrypt only if the data was encrypted under a specific key',
        lines: ['kms decrypt --ciphertext-blob fileb://secret.enc --key-id alias/app'],
      },
    ],
    seeAlso: ['Encrypt', 'ReEncrypt', 'GenerateDataKey'],
  },

  ReEncrypt: {
    summary: 'Decrypts a ciphertext and encrypts it again, without revealing the plaintext',
    description: [
      'Re-encrypts data under another KMS key, under the current key material of the same key, or with another encryption context. The plaintext is not returned.',
      'Requires kms:ReEncryptFrom permission on the source key and kms:ReEncryptTo permission on the destination key.',
    ],
    members: {
      CiphertextBlob:
        'The ciphertext to re-encrypt. Required, except with --dry-run and --dry-run-modifiers IGNORE_CIPHERTEXT.',
      SourceEncryptionContext: 'The encryption context that was used to encrypt the data. Default: none.',
      SourceKeyId:
        'The KMS key that the data was encrypted under: key ID, key ARN, alias name or alias ARN. Required for asymmetric keys. Default: the key ID in the ciphertext.',
      DestinationKeyId: 'The KMS key to encrypt the data under: key ID, key ARN, alias name or alias ARN.',
      DestinationEncryptionContext:
        'The encryption context of the new ciphertext. The source encryption context is not copied. Default: none.',
      SourceEncryptionAlgorithm:
        'The algorithm that was used to encrypt the data. Required for asymmetric source keys. Default: SYMMETRIC_DEFAULT.',
      DestinationEncryptionAlgorithm:
        'The algorithm of the new ciphertext, which must be compatible with the destination key. Required for asymmetric destination keys. Default: SYMMETRIC_DEFAULT.',
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
      DryRunModifiers: DRY_RUN_MODIFIERS,
    },
    errors: [...USE, 'DependencyTimeoutException', 'IncorrectKeyException', 'InvalidCiphertextException'],
    examples: [
      {
        title: 'Re-encrypt a ciphertext under another key',
        lines: [
          'kms re-encrypt --ciphertext-blob fileb://secret.enc --destination-key-id alias/new \\',
          '    --query CiphertextBlob --output text | base64 --decode > secret.new.enc',
        ],
      },
    ],
    seeAlso: ['Encrypt', 'Decrypt'],
  },
};
