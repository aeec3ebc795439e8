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
  'Kind of key pair: RSA of 2048, 3072 or 4096 bits, an elliptic curve, SM2, or Edwards25519. What it is used for outside is not limited by its kind.';
const WRAPPING_KEY =
  'The symmetric encryption key that encrypts the private key: key ID, key ARN, alias name or alias ARN. Keys in a custom key store are not accepted.';

export const dataKeys: CommandTexts = {
  GenerateDataKey: {
    summary: 'Generates a data key, in plaintext and encrypted under a KMS key',
    description: [
      'For data of any size: encrypt the data with the plaintext data key in your own program, wipe that key, and keep the encrypted data key beside the data. kms decrypt gives the data key back.',
      'The data key itself is kept nowhere. It is 16 or 32 bytes by --key-spec, or as long as --number-of-bytes says; exactly one of the two is needed.',
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
        title: 'A 256-bit data key',
        lines: ['kms generate-data-key --key-id alias/app --key-spec AES_256 --encryption-context Purpose=Backup'],
      },
      {
        title: 'A 512-bit data key',
        lines: ['kms generate-data-key --key-id alias/app --number-of-bytes 64'],
      },
    ],
    seeAlso: ['GenerateDataKeyWithoutPlaintext', 'GenerateDataKeyPair', 'Decrypt', 'GenerateRandom'],
  },

  GenerateDataKeyWithoutPlaintext: {
    summary: 'Generates a data key, encrypted under a KMS key only',
    description: [
      'For a key that is needed later, or elsewhere: whoever prepares a container need not be able to read it. When the key is needed, kms decrypt gives its plaintext.',
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
        title: 'Prepare a data key for later',
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
      'Gives an asymmetric key pair for use outside: the public key (DER, SubjectPublicKeyInfo), the private key in plaintext (DER, PKCS #8), and the private key encrypted under the named symmetric key. kms decrypt opens the latter.',
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
        title: 'A key pair for signing outside',
        lines: ['kms generate-data-key-pair --key-id alias/app --key-pair-spec ECC_NIST_P256'],
      },
    ],
    seeAlso: ['GenerateDataKeyPairWithoutPlaintext', 'GenerateDataKey', 'Decrypt'],
  },

  GenerateDataKeyPairWithoutPlaintext: {
    summary: 'Generates a data key pair; the private key encrypted only',
    description: [
      'As kms generate-data-key-pair, but without the private key in plaintext: for a pair whose public key is needed now and whose private key is needed later. kms decrypt opens the private key.',
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
        title: 'Publish the public key, keep the private key closed',
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
      'Takes bytes from the random source of the operating system. No KMS key is involved, and the bytes are kept nowhere.',
    ],
    members: {
      NumberOfBytes: 'How many bytes. There is no default: the call is refused without it.',
      CustomKeyStoreId: 'The CloudHSM key store whose HSMs are to make the bytes, by its ID. Default: none.',
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
        title: '32 random bytes as hexadecimal digits',
        lines: [
          'kms generate-random --number-of-bytes 32 --query Plaintext --output text | base64 --decode | xxd -p -c 64',
        ],
      },
    ],
    seeAlso: ['GenerateDataKey'],
  },
};
