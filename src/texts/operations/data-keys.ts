/** Texts of data keys, data key pairs and random bytes. */
import { USE } from './error-lists.ts';
import {
  CONTEXT_OF_DATA_KEY,
  DATA_KEY_BYTES,
  DATA_KEY_SPEC,
  DRY_RUN,
  GRANT_TOKENS,
  KEY_OR_ALIAS,
  RECIPIENT,
} from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const KEY_PAIR_SPEC =
  'The type of the data key pair: RSA of 2048, 3072 or 4096 bits, an elliptic curve, SM2, or Edwards25519.';
const WRAPPING_KEY =
  'The symmetric encryption key that encrypts the private key: key ID, key ARN, alias name or alias ARN. Keys in custom key stores are not accepted.';

export const dataKeys: CommandTexts = {
  GenerateDataKey: {
    summary: 'Generates a data key, in plaintext and encrypted under a KMS key',
    description: [
      'Use data keys to encrypt data of any size outside the keyring: encrypt the data with the plaintext data key, erase it from memory, and store the encrypted data key with the encrypted data. kms decrypt decrypts the encrypted data key.',
      'Data keys are not stored in the keyring. Specify the length with either --key-spec or --number-of-bytes.',
    ],
    members: {
      KeyId: KEY_OR_ALIAS,
      EncryptionContext: CONTEXT_OF_DATA_KEY,
      NumberOfBytes: DATA_KEY_BYTES,
      KeySpec: DATA_KEY_SPEC,
      GrantTokens: GRANT_TOKENS,
      Recipient: RECIPIENT,
      DryRun: DRY_RUN,
    },
    errors: ['DependencyTimeoutException', ...USE],
    examples: [
      {
        title: 'Generate a 256-bit data key',
        lines: ['kms generate-data-key --key-id alias/app --key-spec AES_256 --encryption-context Purpose=Backup'],
      },
      {
        title: 'Generate a 512-bit data key',
        lines: ['kms generate-data-key --key-id alias/app --number-of-bytes 64'],
      },
    ],
    seeAlso: ['GenerateDataKeyWithoutPlaintext', 'GenerateDataKeyPair', 'Decrypt', 'GenerateRandom'],
  },

  GenerateDataKeyWithoutPlaintext: {
    summary: 'Generates a data key, encrypted under a KMS key only',
    description: [
      'Returns only the encrypted data key. Use it when the data key is needed later or by another system, which calls kms decrypt to get the plaintext data key.',
    ],
    members: {
      KeyId: KEY_OR_ALIAS,
      EncryptionContext: CONTEXT_OF_DATA_KEY,
      KeySpec: DATA_KEY_SPEC,
      NumberOfBytes: DATA_KEY_BYTES,
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
    },
    errors: ['DependencyTimeoutException', ...USE],
    examples: [
      {
        title: 'Store an encrypted data key in a file',
        lines: [
          'kms generate-data-key-without-plaintext --key-id alias/app --key-spec AES_256 \\',
          '    --query CiphertextBlob --output text > data-key.b64',
        ],
      },
    ],
    seeAlso: ['GenerateDataKey', 'Decrypt'],
  },

  GenerateDataKeyPair: {
    summary: 'Generates a data key pair; the private key in plaintext and encrypted',
    description: [
      'Returns an asymmetric key pair for use outside the keyring: the public key (DER-encoded SubjectPublicKeyInfo), the plaintext private key (DER-encoded PKCS #8), and the private key encrypted under the symmetric KMS key. kms decrypt decrypts the encrypted private key.',
    ],
    members: {
      EncryptionContext: CONTEXT_OF_DATA_KEY,
      KeyId: WRAPPING_KEY,
      KeyPairSpec: KEY_PAIR_SPEC,
      GrantTokens: GRANT_TOKENS,
      Recipient: RECIPIENT,
      DryRun: DRY_RUN,
    },
    errors: [...USE, 'DependencyTimeoutException', 'UnsupportedOperationException'],
    examples: [
      {
        title: 'Generate an elliptic curve key pair',
        lines: ['kms generate-data-key-pair --key-id alias/app --key-pair-spec ECC_NIST_P256'],
      },
    ],
    seeAlso: ['GenerateDataKeyPairWithoutPlaintext', 'GenerateDataKey', 'Decrypt'],
  },

  GenerateDataKeyPairWithoutPlaintext: {
    summary: 'Generates a data key pair; the private key encrypted only',
    description: [
      'Same as kms generate-data-key-pair, but without the plaintext private key. kms decrypt decrypts the encrypted private key when it is needed.',
    ],
    members: {
      EncryptionContext: CONTEXT_OF_DATA_KEY,
      KeyId: WRAPPING_KEY,
      KeyPairSpec: KEY_PAIR_SPEC,
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
    },
    errors: [...USE, 'DependencyTimeoutException', 'UnsupportedOperationException'],
    examples: [
      {
        title: 'Store the public key in a file',
        lines: [
          'kms generate-data-key-pair-without-plaintext --key-id alias/app --key-pair-spec RSA_3072 \\',
          '    --query PublicKey --output text | base64 --decode > public.der',
        ],
      },
    ],
    seeAlso: ['GenerateDataKeyPair', 'Decrypt'],
  },

  GenerateRandom: {
    summary: 'Generates cryptographically secure random bytes',
    description: [
      'The bytes come from the random source of the operating system. No KMS key is used, and the bytes are not stored.',
    ],
    members: {
      NumberOfBytes: 'The number of random bytes. Required, although the API declares it as optional.',
      CustomKeyStoreId: 'The ID of the CloudHSM key store that generates the bytes. Default: none.',
      Recipient: RECIPIENT,
    },
    errors: [
      'CustomKeyStoreInvalidStateException',
      'CustomKeyStoreNotFoundException',
      'DependencyTimeoutException',
      'KMSInternalException',
      'UnsupportedOperationException',
    ],
    examples: [
      {
        title: 'Generate 32 random bytes and print them in hexadecimal',
        lines: [
          'kms generate-random --number-of-bytes 32 --query Plaintext --output text | base64 --decode | xxd -p -c 64',
        ],
      },
    ],
    seeAlso: ['GenerateDataKey'],
  },
};
