/** Texts of key material: rotation, import, and multi-Region keys. */
import { MANAGE } from './error-lists.ts';
import { KEY_ONLY, limit, MARKER, POLICY_BYPASS, TAGS } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const ROTATION = [...MANAGE, 'UnsupportedOperationException'];
const MATERIAL_ID = 'One version of the key material, by its ID of 64 hexadecimal digits.';

export const keyMaterial: CommandTexts = {
  EnableKeyRotation: {
    summary: 'Enables automatic rotation of a KMS key, or changes its period',
    description: [
      'The key gets new key material every so often; the old versions stay, so everything that was encrypted under them can still be decrypted. For symmetric encryption keys whose material was made here.',
    ],
    members: { KeyId: KEY_ONLY, RotationPeriodInDays: 'Days between two rotations. Default: 365.' },
    errors: [...ROTATION, 'DisabledException'],
    examples: [
      {
        title: 'Rotate every half year',
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
    description: ['The present key material stays current. Older versions stay too, and go on decrypting.'],
    members: { KeyId: KEY_ONLY },
    errors: [...ROTATION, 'DisabledException'],
    examples: [
      { title: 'Stop rotating', lines: ['kms disable-key-rotation --key-id 1234abcd-12ab-34cd-56ef-1234567890ab'] },
    ],
    seeAlso: ['EnableKeyRotation', 'GetKeyRotationStatus'],
  },

  GetKeyRotationStatus: {
    summary: 'Shows whether and when a KMS key is rotated',
    description: [
      'Answers whether automatic rotation is on, its period, the date of the next rotation, and when a rotation on demand was begun.',
    ],
    members: { KeyId: KEY_ONLY },
    errors: ROTATION,
    examples: [
      {
        title: 'The date of the next rotation',
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
      'Independent of automatic rotation, whose dates stay as they are. A key can be rotated on demand 25 times in its life. Where the material is imported, the material that waits becomes current.',
    ],
    members: { KeyId: KEY_ONLY },
    errors: [...ROTATION, 'ConflictException', 'DisabledException', 'LimitExceededException'],
    examples: [
      { title: 'Rotate now', lines: ['kms rotate-key-on-demand --key-id 1234abcd-12ab-34cd-56ef-1234567890ab'] },
    ],
    seeAlso: ['ListKeyRotations', 'EnableKeyRotation'],
  },

  ListKeyRotations: {
    summary: 'Lists the rotations of a KMS key',
    description: ['Answers every finished rotation with its date and kind, automatic or on demand.'],
    members: {
      KeyId: KEY_ONLY,
      IncludeKeyMaterial:
        'ALL_KEY_MATERIAL lists the first material and material that waits for rotation too. Default: ROTATIONS_ONLY.',
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
        title: 'All versions of the material',
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
      'For a key of origin EXTERNAL. Wrap your key material with the public key, and hand it in with the import token; both belong together and are good for 24 hours.',
    ],
    members: {
      KeyId: KEY_ONLY,
      WrappingAlgorithm:
        'How the material will be wrapped: RSAES_OAEP for symmetric, HMAC and elliptic curve material, RSA_AES_KEY_WRAP for all. RSAES_PKCS1_V1_5 is not accepted any more.',
      WrappingKeySpec: 'The kind of wrapping key: RSA of 2048, 3072 or 4096 bits, or SM2.',
    },
    errors: ROTATION,
    examples: [
      {
        title: 'Keep the wrapping key and the token',
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
      'For a key of origin EXTERNAL. Symmetric encryption keys can get further material later and rotate to it; every other key takes only the material that it had first, as often as it is lost or expires.',
      'Imported material cannot be exported again: keep a copy of it elsewhere.',
    ],
    members: {
      KeyId: KEY_ONLY,
      ImportToken: 'The import token that came with the wrapping key.',
      EncryptedKeyMaterial: 'The key material, wrapped with the wrapping key.',
      ValidTo: 'When the material expires; required with KEY_MATERIAL_EXPIRES, at most 365 days ahead. Default: never.',
      ExpirationModel:
        'KEY_MATERIAL_EXPIRES deletes the material at --valid-to; KEY_MATERIAL_DOES_NOT_EXPIRE keeps it. Default: KEY_MATERIAL_EXPIRES.',
      ImportType:
        'NEW_KEY_MATERIAL adds material, EXISTING_KEY_MATERIAL brings known material back. Default: new for the first import, existing afterwards. Symmetric encryption keys only.',
      KeyMaterialDescription: 'Text for people about this material; symmetric encryption keys only. Default: empty.',
      KeyMaterialId: `${MATERIAL_ID} The import fails if it is another one. Default: not compared.`,
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
        title: 'Import material that does not expire',
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
      'The key becomes unusable until the same material is imported again. The key itself, its policy and its aliases stay.',
    ],
    members: {
      KeyId: KEY_ONLY,
      KeyMaterialId: `${MATERIAL_ID} Default: the current material.`,
    },
    errors: ROTATION,
    examples: [
      {
        title: 'Delete the material of a key',
        lines: ['kms delete-imported-key-material --key-id 1234abcd-12ab-34cd-56ef-1234567890ab'],
      },
    ],
    seeAlso: ['ImportKeyMaterial'],
  },

  ReplicateKey: {
    summary: 'Replicates a multi-Region key to another Region',
    description: [
      'The replica has the same key ID and key material, so each decrypts what the other encrypted. Key policy, description, tags, aliases and grants are its own and are not copied.',
    ],
    members: {
      KeyId: 'The primary key: key ID or key ARN, with a key ID that begins with mrk-.',
      ReplicaRegion: 'The Region of the replica; there can be one key of a multi-Region key in a Region.',
      Policy: 'The key policy of the replica, as JSON. Default: the default key policy, not that of the primary key.',
      BypassPolicyLockoutSafetyCheck: POLICY_BYPASS,
      Description: 'Text for people; not secret. Default: empty.',
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
        title: 'A replica in Ireland',
        lines: ['kms replicate-key --key-id mrk-1234abcd12ab34cd56ef1234567890ab --replica-region eu-west-1'],
      },
    ],
    seeAlso: ['UpdatePrimaryRegion', 'CreateKey', 'DescribeKey'],
  },

  UpdatePrimaryRegion: {
    summary: 'Makes the replica key in another Region the primary key',
    description: [
      'The primary key and the replica change places. Only the primary key can be replicated and decides about rotation.',
    ],
    members: {
      KeyId: 'The present primary key: key ID or key ARN, with a key ID that begins with mrk-.',
      PrimaryRegion: 'The Region of the replica that becomes the primary key.',
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
        title: 'Move the primary key to Ireland',
        lines: ['kms update-primary-region --key-id mrk-1234abcd12ab34cd56ef1234567890ab --primary-region eu-west-1'],
      },
    ],
    seeAlso: ['ReplicateKey', 'DescribeKey'],
  },
};
