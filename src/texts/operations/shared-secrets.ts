/** Texts of shared secrets: key agreement, and key encapsulation. */
import { USE } from './error-lists.ts';
import { DRY_RUN, GRANT_TOKENS, KEY_OR_ALIAS, RECIPIENT } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const ENCAPSULATION = 'The key encapsulation algorithm. The only valid value is ML_KEM (FIPS 203).';

export const sharedSecrets: CommandTexts = {
  DeriveSharedSecret: {
    summary: 'Derives a shared secret with a public key of another party (ECDH)',
    description: [
      'Derives a raw shared secret from the private key of the KMS key and the public key of the peer (NIST SP 800-56A). The peer derives the same secret from its own private key and the public key of the KMS key. Use a key derivation function to derive keys from the raw shared secret.',
    ],
    members: {
      KeyId: 'The KMS key, with key usage KEY_AGREEMENT: key ID, key ARN, alias name or alias ARN.',
      KeyAgreementAlgorithm: 'The key agreement algorithm. The only valid value is ECDH.',
      PublicKey: 'The public key of the peer, on the curve of the KMS key (DER-encoded SubjectPublicKeyInfo).',
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
      Recipient: RECIPIENT,
    },
    errors: ['DependencyTimeoutException', ...USE],
    examples: [
      {
        title: 'Derive a shared secret',
        lines: [
          'kms derive-shared-secret --key-id alias/agree --key-agreement-algorithm ECDH \\',
          '    --public-key fileb://peer.der --query SharedSecret --output text',
        ],
      },
    ],
    seeAlso: ['GetPublicKey', 'Encapsulate', 'CreateKey'],
  },

  Encapsulate: {
    summary: 'Generates a shared secret and encapsulates it with an ML-KEM key',
    description: [
      'Returns a shared secret of 32 bytes, in plaintext and as a ciphertext that kms decapsulate decapsulates with the same key. The ciphertext has 768 bytes for ML_KEM_512, 1088 for ML_KEM_768, 1568 for ML_KEM_1024.',
    ],
    members: {
      KeyId: `${KEY_OR_ALIAS} Its key usage must be ENCAPSULATE_DECAPSULATE.`,
      EncapsulationAlgorithm: ENCAPSULATION,
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
    },
    errors: ['DependencyTimeoutException', ...USE],
    examples: [
      {
        title: 'Generate and encapsulate a shared secret',
        lines: ['kms encapsulate --key-id alias/post-quantum --encapsulation-algorithm ML_KEM'],
      },
    ],
    seeAlso: ['Decapsulate', 'GetPublicKey', 'DeriveSharedSecret'],
  },

  Decapsulate: {
    summary: 'Decapsulates a shared secret with an ML-KEM key',
    description: [
      'Returns a shared secret of 32 bytes. A ciphertext of valid length that is corrupt, or of another key, returns a different secret and no error (implicit rejection, FIPS 203). Confirm that both parties have the same secret before you use it.',
    ],
    members: {
      KeyId: `${KEY_OR_ALIAS} Its key usage must be ENCAPSULATE_DECAPSULATE.`,
      SharedSecretCiphertextBlob:
        'The ciphertext of the shared secret: 768 bytes for ML_KEM_512, 1088 for ML_KEM_768, 1568 for ML_KEM_1024.',
      EncapsulationAlgorithm: ENCAPSULATION,
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
    },
    errors: [...USE, 'DependencyTimeoutException', 'InvalidCiphertextException'],
    examples: [
      {
        title: 'Decapsulate a shared secret',
        lines: [
          'kms decapsulate --key-id alias/post-quantum --encapsulation-algorithm ML_KEM \\',
          '    --shared-secret-ciphertext-blob fileb://encapsulated --query SharedSecret --output text',
        ],
      },
    ],
    seeAlso: ['Encapsulate'],
  },
};
