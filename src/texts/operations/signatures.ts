/** Texts of signatures, MACs, and public keys. */
import { USE } from './error-lists.ts';
import { DRY_RUN, GRANT_TOKENS, KEY_OR_ALIAS } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const MESSAGE_TYPE =
  'The type of --message: RAW (the message itself, which is hashed), DIGEST (a message digest) or EXTERNAL_MU (the message representative mu of ML-DSA). Default: RAW.';
const SIGNING_ALGORITHM = 'The signing algorithm, which must be compatible with the key spec.';
const MAC_ALGORITHM = 'The MAC algorithm, which must match the key spec: HMAC_SHA_256 for HMAC_256, and so on.';

export const signatures: CommandTexts = {
  Sign: {
    summary: 'Signs a message with an asymmetric KMS key',
    description: [
      'Signs messages of up to 4096 bytes. For longer messages, sign the message digest with --message-type DIGEST.',
      'The signature can be verified with kms verify, or outside the keyring with the public key.',
    ],
    members: {
      KeyId: KEY_OR_ALIAS,
      Message:
        'The message or message digest to sign. A digest must have the length of the hash of the signing algorithm.',
      MessageType: MESSAGE_TYPE,
      GrantTokens: GRANT_TOKENS,
      SigningAlgorithm: SIGNING_ALGORITHM,
      DryRun: DRY_RUN,
    },
    errors: ['DependencyTimeoutException', ...USE],
    examples: [
      {
        title: 'Sign the digest of a file',
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
      'Returns SignatureValid true if the signature is valid. Otherwise the call fails with KMSInvalidSignatureException.',
    ],
    members: {
      KeyId: KEY_OR_ALIAS,
      Message: 'The message or message digest that was signed.',
      MessageType: MESSAGE_TYPE,
      Signature: 'The signature, as returned by kms sign.',
      SigningAlgorithm: 'The signing algorithm that was used to sign the message.',
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
      'Returns the public key as DER-encoded SubjectPublicKeyInfo (RFC 5280), in base64. Use it to encrypt data, verify signatures or derive shared secrets outside the keyring.',
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
        title: 'Print the public key in PEM format',
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
      'MACs verify the integrity and authenticity of data such as tokens. The same message and key always return the same MAC.',
    ],
    members: {
      Message: 'The message. For longer messages, use a message digest.',
      KeyId: 'The HMAC key: key ID, key ARN, alias name or alias ARN.',
      MacAlgorithm: MAC_ALGORITHM,
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
    },
    errors: USE,
    examples: [
      {
        title: 'Compute the MAC of a file',
        lines: ['kms generate-mac --key-id alias/tokens --message fileb://token --mac-algorithm HMAC_SHA_256'],
      },
    ],
    seeAlso: ['VerifyMac', 'CreateKey'],
  },

  VerifyMac: {
    summary: 'Verifies a message authentication code (HMAC) with a KMS key',
    description: ['Returns MacValid true if the MAC is valid. Otherwise the call fails with KMSInvalidMacException.'],
    members: {
      Message: 'The message that the MAC was computed for.',
      KeyId: 'The HMAC key: key ID, key ARN, alias name or alias ARN.',
      MacAlgorithm: MAC_ALGORITHM,
      Mac: 'The MAC, as returned by kms generate-mac.',
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
