/** Texts of signatures, MACs, and public keys. */
import { USE } from './error-lists.ts';
import { DRY_RUN, GRANT_TOKENS, KEY_OR_ALIAS } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const MESSAGE_TYPE =
  'Whether --message is the message (RAW, which is hashed here), its hash (DIGEST), or an externally made mu of ML-DSA (EXTERNAL_MU). Default: RAW.';
const SIGNING_ALGORITHM = 'The signing algorithm; it must fit the key spec.';
const MAC_ALGORITHM = 'The MAC algorithm; it must fit the key spec: HMAC_SHA_256 for HMAC_256, and so on.';

export const signatures: CommandTexts = {
  Sign: {
    summary: 'Signs a message with an asymmetric KMS key',
    description: [
      'Messages of up to 4096 bytes are hashed here. A longer one is hashed by the caller, and its digest is signed with --message-type DIGEST.',
      'Anyone who has the public key can verify the signature, here or outside.',
    ],
    members: {
      KeyId: KEY_OR_ALIAS,
      Message:
        'The message, or what --message-type says instead. A digest must be as long as the hash of the algorithm.',
      MessageType: MESSAGE_TYPE,
      GrantTokens: GRANT_TOKENS,
      SigningAlgorithm: SIGNING_ALGORITHM,
      DryRun: DRY_RUN,
    },
    errors: ['DependencyTimeoutException', ...USE],
    examples: [
      {
        title: 'Sign a file of any size',
        lines: [
          'openssl dgst -sha256 -binary release.tar > digest',
          'kms sign --key-id alias/release --message fileb://digest --message-type DIGEST \\',
          '    --signing-algorithm ECDSA_SHA_256 --query Signature --output text | base64 --decode > release.sig',
        ],
      },
    ],
    seeAlso: ['Verify', 'GetPublicKey', 'CreateKey'],
  },

  Verify: {
    summary: 'Verifies a signature with an asymmetric KMS key',
    description: [
      'A good signature is answered with SignatureValid true; every other one is the error KMSInvalidSignatureException.',
    ],
    members: {
      KeyId: KEY_OR_ALIAS,
      Message: 'The message that was signed, or what --message-type says instead.',
      MessageType: MESSAGE_TYPE,
      Signature: 'The signature, as kms sign answers it.',
      SigningAlgorithm: 'The algorithm that the message was signed with.',
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
    },
    errors: [...USE, 'DependencyTimeoutException', 'KMSInvalidSignatureException'],
    examples: [
      {
        title: 'Verify the signature of a digest',
        lines: [
          'kms verify --key-id alias/release --message fileb://digest --message-type DIGEST \\',
          '    --signature fileb://release.sig --signing-algorithm ECDSA_SHA_256',
        ],
      },
    ],
    seeAlso: ['Sign', 'GetPublicKey'],
  },

  GetPublicKey: {
    summary: 'Gets the public key of an asymmetric KMS key',
    description: [
      'The public key is DER, SubjectPublicKeyInfo (RFC 5280), base64 in the answer. With it, others encrypt, verify or agree on keys without this keyring.',
    ],
    members: { KeyId: KEY_OR_ALIAS, GrantTokens: GRANT_TOKENS },
    errors: [
      'DependencyTimeoutException',
      'DisabledException',
      'InvalidArnException',
      'InvalidGrantTokenException',
      'InvalidKeyUsageException',
      'KMSInternalException',
      'KMSInvalidStateException',
      'KeyUnavailableException',
      'NotFoundException',
      'UnsupportedOperationException',
    ],
    examples: [
      {
        title: 'As PEM',
        lines: [
          'kms get-public-key --key-id alias/release --query PublicKey --output text |',
          '    base64 --decode | openssl pkey -pubin -inform DER',
        ],
      },
    ],
    seeAlso: ['Sign', 'Verify', 'Encrypt'],
  },

  GenerateMac: {
    summary: 'Computes a message authentication code (HMAC) with a KMS key',
    description: [
      'For tokens and records that only those who may use the key can make or check. The same message and key always give the same MAC.',
    ],
    members: {
      Message: 'The message; longer ones are hashed by the caller first.',
      KeyId: 'The HMAC key: key ID, key ARN, alias name or alias ARN.',
      MacAlgorithm: MAC_ALGORITHM,
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
    },
    errors: USE,
    examples: [
      {
        title: 'A MAC over a file',
        lines: ['kms generate-mac --key-id alias/tokens --message fileb://token --mac-algorithm HMAC_SHA_256'],
      },
    ],
    seeAlso: ['VerifyMac', 'CreateKey'],
  },

  VerifyMac: {
    summary: 'Verifies a message authentication code (HMAC) with a KMS key',
    description: ['A good MAC is answered with MacValid true; every other one is the error KMSInvalidMacException.'],
    members: {
      Message: 'The message that the MAC was computed over.',
      KeyId: 'The HMAC key: key ID, key ARN, alias name or alias ARN.',
      MacAlgorithm: MAC_ALGORITHM,
      Mac: 'The MAC, as kms generate-mac answers it.',
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
    },
    errors: [...USE, 'KMSInvalidMacException'],
    examples: [
      {
        title: 'Verify a MAC',
        lines: [
          'kms verify-mac --key-id alias/tokens --message fileb://token --mac fileb://token.mac \\',
          '    --mac-algorithm HMAC_SHA_256',
        ],
      },
    ],
    seeAlso: ['GenerateMac'],
  },
};
