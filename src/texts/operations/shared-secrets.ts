/** Texts of shared secrets: key agreement, and key encapsulation. */
import { USE } from './error-lists.ts';
import { DRY_RUN, GRANT_TOKENS, KEY_OR_ALIAS, RECIPIENT } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const ENCAPSULATION = 'The key encapsulation algorithm: ML_KEM (FIPS 203) is the only one.';

export const sharedSecrets: CommandTexts = {
  DeriveSharedSecret: {
    summary: 'Derives a shared secret with a public key of another party (ECDH)',
    description: [
      'Combines the private key of the KMS key with the public key of the peer (SP 800-56A). The peer gets the same secret from its own private key and our public key. Derive keys from the secret; do not use it as one.',
    ],
    members: {
      KeyId: 'The KMS key, of usage KEY_AGREEMENT: key ID, key ARN, alias name or alias ARN.',
      KeyAgreementAlgorithm: 'The key agreement algorithm: ECDH is the only one.',
      PublicKey: 'The public key of the peer: DER, SubjectPublicKeyInfo, on the same curve as the KMS key.',
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
      Recipient: RECIPIENT,
    },
    errors: ['DependencyTimeoutException', ...USE],
    examples: [
      {
        title: 'Agree with a peer',
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
      'The secret is 32 bytes. Its encapsulated form goes to whoever may call kms decapsulate with the same key: 768 bytes for ML_KEM_512, 1088 for ML_KEM_768, 1568 for ML_KEM_1024.',
    ],
    members: {
      KeyId: `${KEY_OR_ALIAS} Its usage is ENCAPSULATE_DECAPSULATE.`,
      EncapsulationAlgorithm: ENCAPSULATION,
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
    },
    errors: ['DependencyTimeoutException', ...USE],
    examples: [
      {
        title: 'A secret to share',
        lines: ['kms encapsulate --key-id alias/post-quantum --encapsulation-algorithm ML_KEM'],
      },
    ],
    seeAlso: ['Decapsulate', 'GetPublicKey', 'DeriveSharedSecret'],
  },

  Decapsulate: {
    summary: 'Decapsulates a shared secret with an ML-KEM key',
    description: [
      'Always answers 32 bytes if the length is right: an encapsulated form that was altered, or that is of another key, gives another secret and no error (implicit rejection, FIPS 203). Confirm that both sides have the same secret before you use it.',
    ],
    members: {
      KeyId: `${KEY_OR_ALIAS} Its usage is ENCAPSULATE_DECAPSULATE.`,
      SharedSecretCiphertextBlob:
        'The encapsulated form: 768 bytes for ML_KEM_512, 1088 for ML_KEM_768, 1568 for ML_KEM_1024.',
      EncapsulationAlgorithm: ENCAPSULATION,
      GrantTokens: GRANT_TOKENS,
      DryRun: DRY_RUN,
    },
    errors: [...USE, 'DependencyTimeoutException', 'InvalidCiphertextException'],
    examples: [
      {
        title: 'Recover a secret',
        lines: [
          'kms decapsulate --key-id alias/post-quantum --encapsulation-algorithm ML_KEM \\',
          '    --shared-secret-ciphertext-blob fileb://encapsulated --query SharedSecret --output text',
        ],
      },
    ],
    seeAlso: ['Encapsulate'],
  },
};
