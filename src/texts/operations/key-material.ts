/** Texts of key material: rotation, import, and multi-Region keys. */
import { MANAGE } from './error-lists.ts';
import { KEY_ONLY, limit, MARKER, POLICY_BYPASS, TAGS } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const ROTATION = [...MANAGE, 'UnsupportedOperationException'];
const MATERIAL_ID = 'The key material ID, 64 hexadecimal digits.';

export const keyMaterial: CommandTexts = {
  EnableKeyRotation: {
    summary: 'Enables automatic rotation of a KMS key, or changes its period',
    description: [
      'At each rotation the key gets new key material for encryption. Earlier key material is kept, so existing ciphertexts can still be decrypted. Supported for symmetric encryption keys with the origin AWS_KMS.',
    ],
    members: { KeyId: KEY_ONLY, RotationPeriodInDays: 'The rotation period in days. Default: 365.' },
    errors: [...ROTATION, 'DisabledException'],
    examples: [
      {
        title: 'Rotate every 180 days',
        lines: [
          'kms enable-key-rotation --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          '    --rotation-period-in-days 180',
        ],
      },
    ],
    seeAlso: ['DisableKeyRotation', 'GetKeyRotationStatus', 'RotateKeyOnDemand', 'ListKeyRotations'],
  },

  DisableKeyRotation: {
    summary: 'Disables automatic rotation of a KMS key',
    description: ['The current key material remains in use. Earlier key material is kept for decryption.'],
    members: { KeyId: KEY_ONLY },
    errors: [...ROTATION, 'DisabledException'],
    examples: [
      { title: 'Disable rotation', lines: ['kms disable-key-rotation --key-id 1234abcd-12ab-34cd-56ef-1234567890ab'] },
    ],
    seeAlso: ['EnableKeyRotation', 'GetKeyRotationStatus'],
  },

  GetKeyRotationStatus: {
    summary: 'Shows whether and when a KMS key is rotated',
    description: [
      'Returns whether automatic rotation is enabled, the rotation period, the date of the next rotation, and the start date of an on-demand rotation in progress.',
    ],
    members: { KeyId: KEY_ONLY },
    errors: ROTATION,
    examples: [
      {
        title: 'Print the date of the next rotation',
        lines: [
          'kms get-key-rotation-status --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          '    --query NextRotationDate --output text',
        ],
      },
    ],
    seeAlso: ['EnableKeyRotation', 'ListKeyRotations'],
  },

  RotateKeyOnDemand: {
    summary: 'Rotates the key material of a KMS key immediately',
    description: [
      'Does not change the schedule of automatic rotation. A key can be rotated on demand at most 25 times. For imported key material, the key material in state PENDING_ROTATION becomes current.',
    ],
    members: { KeyId: KEY_ONLY },
    errors: [...ROTATION, 'ConflictException', 'DisabledException', 'LimitExceededException'],
    examples: [
      { title: 'Rotate a key', lines: ['kms rotate-key-on-demand --key-id 1234abcd-12ab-34cd-56ef-1234567890ab'] },
    ],
    seeAlso: ['ListKeyRotations', 'EnableKeyRotation'],
  },

  ListKeyRotations: {
    summary: 'Lists the rotations of a KMS key',
    description: ['Returns all completed rotations with date and type, AUTOMATIC or ON_DEMAND.'],
    members: {
      KeyId: KEY_ONLY,
      IncludeKeyMaterial:
        'ROTATIONS_ONLY, or ALL_KEY_MATERIAL to include the first key material and imported key material in state PENDING_ROTATION. Default: ROTATIONS_ONLY.',
      Limit: limit(100, 1000),
      Marker: MARKER,
    },
    errors: [
      'InvalidArnException',
      'InvalidMarkerException',
      'KMSInternalException',
      'KMSInvalidStateException',
      'NotFoundException',
      'UnsupportedOperationException',
    ],
    examples: [
      {
        title: 'List all key material',
        lines: [
          'kms list-key-rotations --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          '    --include-key-material ALL_KEY_MATERIAL',
        ],
      },
    ],
    seeAlso: ['GetKeyRotationStatus', 'RotateKeyOnDemand'],
  },

  GetParametersForImport: {
    summary: 'Gets the public key and the import token for importing key material',
    description: [
      'For keys with the origin EXTERNAL. Wrap the key material with the returned public key, then import it with kms import-key-material and the import token. The public key and the import token belong together and are valid for 24 hours.',
    ],
    members: {
      KeyId: KEY_ONLY,
      WrappingAlgorithm:
        'The algorithm to wrap the key material with: RSAES_OAEP for symmetric, HMAC and elliptic curve key material, RSA_AES_KEY_WRAP for all. RSAES_PKCS1_V1_5 is no longer supported.',
      WrappingKeySpec: 'The type of the wrapping key: RSA of 2048, 3072 or 4096 bits, or SM2.',
    },
    errors: ROTATION,
    examples: [
      {
        title: 'Store the wrapping public key and the import token',
        lines: [
          'kms get-parameters-for-import --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          '    --wrapping-algorithm RSAES_OAEP_SHA_256 --wrapping-key-spec RSA_4096 > parameters.json',
        ],
      },
    ],
    seeAlso: ['ImportKeyMaterial', 'CreateKey'],
  },

  ImportKeyMaterial: {
    summary: 'Imports key material into a KMS key',
    description: [
      'For keys with the origin EXTERNAL. Symmetric encryption keys can have several key materials, for on-demand rotation; for all other keys, only the same key material can be imported again after it was deleted or has expired.',
      'Imported key material cannot be exported. Keep a copy of it.',
    ],
    members: {
      KeyId: KEY_ONLY,
      ImportToken: 'The import token that was returned with the wrapping public key.',
      EncryptedKeyMaterial: 'The key material, encrypted with the wrapping public key.',
      ValidTo:
        'The date and time when the key material expires, at most 365 days in the future. Required with KEY_MATERIAL_EXPIRES. Default: none.',
      ExpirationModel:
        'KEY_MATERIAL_EXPIRES (the key material is deleted at --valid-to) or KEY_MATERIAL_DOES_NOT_EXPIRE. Default: KEY_MATERIAL_EXPIRES.',
      ImportType:
        'NEW_KEY_MATERIAL to import new key material, or EXISTING_KEY_MATERIAL to reimport key material of this key. Symmetric encryption keys only. Default: NEW_KEY_MATERIAL for the first import, then EXISTING_KEY_MATERIAL.',
      KeyMaterialDescription: 'A description of the key material. Symmetric encryption keys only. Default: empty.',
      KeyMaterialId: `${MATERIAL_ID} The import fails if the imported key material has another ID. Default: not checked.`,
    },
    errors: [
      ...ROTATION,
      'ExpiredImportTokenException',
      'IncorrectKeyMaterialException',
      'InvalidCiphertextException',
      'InvalidImportTokenException',
    ],
    examples: [
      {
        title: 'Import key material that does not expire',
        lines: [
          'kms import-key-material --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          '    --import-token fileb://token --encrypted-key-material fileb://wrapped \\',
          '    --expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE',
        ],
      },
    ],
    seeAlso: ['GetParametersForImport', 'DeleteImportedKeyMaterial'],
  },

  DeleteImportedKeyMaterial: {
    summary: 'Deletes imported key material immediately',
    description: [
      'The key state changes to PendingImport, and the key cannot be used until the same key material is imported again. The key, its key policy and its aliases are kept.',
    ],
    members: {
      KeyId: KEY_ONLY,
      KeyMaterialId: `${MATERIAL_ID} Default: the current key material.`,
    },
    errors: ROTATION,
    examples: [
      {
        title: 'Delete the key material of a key',
        lines: ['kms delete-imported-key-material --key-id 1234abcd-12ab-34cd-56ef-1234567890ab'],
      },
    ],
    seeAlso: ['ImportKeyMaterial'],
  },

  ReplicateKey: {
    summary: 'Replicates a multi-Region key to another Region',
    description: [
      'The replica key has the same key ID and key material as the primary key, so each can decrypt ciphertexts of the other. Key policy, description, tags, aliases and grants are independent and are not copied.',
    ],
    members: {
      KeyId: 'The multi-Region primary key: key ID (mrk-...) or key ARN.',
      ReplicaRegion: 'The Region of the replica key. A Region can have only one of a set of related multi-Region keys.',
      Policy:
        'The key policy of the replica key, as JSON or file://PATH. Default: the default key policy, not that of the primary key.',
      BypassPolicyLockoutSafetyCheck: POLICY_BYPASS,
      Description: 'A description of the key. Not secret. Default: empty.',
      Tags: `${TAGS} Default: none.`,
    },
    errors: [
      'AlreadyExistsException',
      'DisabledException',
      'InvalidArnException',
      'KMSInternalException',
      'KMSInvalidStateException',
      'LimitExceededException',
      'MalformedPolicyDocumentException',
      'NotFoundException',
      'TagException',
      'UnsupportedOperationException',
    ],
    examples: [
      {
        title: 'Create a replica key in eu-west-1',
        lines: ['kms replicate-key --key-id mrk-1234abcd12ab34cd56ef1234567890ab --replica-region eu-west-1'],
      },
    ],
    seeAlso: ['UpdatePrimaryRegion', 'CreateKey', 'DescribeKey'],
  },

  UpdatePrimaryRegion: {
    summary: 'Makes the replica key in another Region the primary key',
    description: [
      'The current primary key becomes a replica key. Only the primary key can be replicated, and its rotation settings apply to all replica keys.',
    ],
    members: {
      KeyId: 'The current multi-Region primary key: key ID (mrk-...) or key ARN.',
      PrimaryRegion: 'The Region of the replica key that becomes the primary key.',
    },
    errors: [
      'DisabledException',
      'InvalidArnException',
      'KMSInternalException',
      'KMSInvalidStateException',
      'NotFoundException',
      'UnsupportedOperationException',
    ],
    examples: [
      {
        title: 'Make the replica key in eu-west-1 the primary key',
        lines: ['kms update-primary-region --key-id mrk-1234abcd12ab34cd56ef1234567890ab --primary-region eu-west-1'],
      },
    ],
    seeAlso: ['ReplicateKey', 'DescribeKey'],
  },
};
