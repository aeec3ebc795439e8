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
      'Encrypts a small piece of data: a password, a token, a data key. Data of any size is encrypted with a data key instead, which kms generate-data-key makes.',
      'The ciphertext blob carries the key ID and the version of the key material, so kms decrypt needs neither the key nor the algorithm to be named for symmetric keys. Every call gives another blob, even for the same data.',
    ],
    members: {
      KeyId: KEY_OR_ALIAS,
      Plaintext:
        'The data. Symmetric keys take 4096 bytes; RSA_2048 takes 190 with RSAES_OAEP_SHA_256 and 214 with RSAES_OAEP_SHA_1, RSA_3072 318 and 342, RSA_4096 446 and 470; SM2PKE takes 1024.',
      EncryptionContext: ENCRYPTION_CONTEXT,
      GrantTokens: GRANT_TOKENS,
      EncryptionAlgorithm: ENCRYPTION_ALGORITHM,
      DryRun: DRY_RUN,
    },
    errors: ['DependencyTimeoutException', ...USE],
    examples: [
      {
        title: 'Encrypt a file and keep the ciphertext as bytes',
        lines: [
          'kms encrypt --key-id alias/app --plaintext fileb://secret.txt \\',
          '    --query CiphertextBlob --output text | base64 --decode > secret.enc',
        ],
      },
      {
        title: 'Bind the ciphertext to what it is for',
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
      'Opens what kms encrypt, kms re-encrypt or one of the data key commands made. A ciphertext of a symmetric key names its key itself; one of an asymmetric key needs --key-id and --encryption-algorithm.',
      'A blob that was altered in any way, a wrong encryption context and a blob that is none of ours are answered alike: InvalidCiphertextException, without a reason.',
    ],
    members: {
      CiphertextBlob:
        'The ciphertext blob. It may be left out only with --dry-run and --dry-run-modifiers IGNORE_CIPHERTEXT.',
      EncryptionContext:
        'The pairs that were given when the data was encrypted: the same names and values, in any order, upper and lower case alike. Default: none.',
      GrantTokens: GRANT_TOKENS,
      KeyId:
        'The key that the ciphertext must be of: key ID, key ARN, alias name or alias ARN; required for asymmetric keys. Default: the key that the blob names.',
      EncryptionAlgorithm:
        'The algorithm that the data was encrypted with; required for asymmetric keys. Default: SYMMETRIC_DEFAULT.',
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
        title: 'Accept only what this key made',
        lines: ['kms decrypt --ciphertext-blob fileb://secret.enc --key-id alias/app'],
      },
    ],
    seeAlso: ['Encrypt', 'ReEncrypt', 'GenerateDataKey'],
  },

  ReEncrypt: {
    summary: 'Decrypts a ciphertext and encrypts it again, without revealing the plaintext',
    description: [
      'Moves data to another key, to the newest key material of the same key, or to another encryption context. The plaintext never leaves the process.',
      'Two permissions are needed: kms:ReEncryptFrom on the source key and kms:ReEncryptTo on the destination key.',
    ],
    members: {
      CiphertextBlob:
        'The ciphertext blob to be opened. It may be left out only with --dry-run and --dry-run-modifiers IGNORE_CIPHERTEXT.',
      SourceEncryptionContext: 'The encryption context that the data was encrypted with. Default: none.',
      SourceKeyId:
        'The key that the ciphertext must be of: key ID, key ARN, alias name or alias ARN; required for asymmetric keys. Default: the key that the blob names.',
      DestinationKeyId: 'The key to encrypt under: key ID, key ARN, alias name or alias ARN.',
      DestinationEncryptionContext:
        'The encryption context of the new ciphertext; that of the old one is not taken over. Default: none.',
      SourceEncryptionAlgorithm:
        'The algorithm that the data was encrypted with; required for asymmetric source keys. Default: SYMMETRIC_DEFAULT.',
      DestinationEncryptionAlgorithm:
        'The algorithm to encrypt with; it must fit the key spec of the destination key. Default: SYMMETRIC_DEFAULT.',
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
      DryRunModifiers: DRY_RUN_MODIFIERS,
    },
    errors: [...USE, 'DependencyTimeoutException', 'IncorrectKeyException', 'InvalidCiphertextException'],
    examples: [
      {
        title: 'Move a ciphertext to another key',
        lines: [
          'kms re-encrypt --ciphertext-blob fileb://secret.enc --destination-key-id alias/new \\',
          '    --query CiphertextBlob --output text | base64 --decode > secret.new.enc',
        ],
      },
    ],
    seeAlso: ['Encrypt', 'Decrypt'],
  },
};
