/** Texts of keys: create, describe, list, enable, disable, delete. */
import { MANAGE } from './error-lists.ts';
import { GRANT_TOKENS, KEY_ONLY, KEY_OR_ALIAS, limit, MARKER, POLICY_BYPASS, TAGS } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

export const keys: CommandTexts = {
  CreateKey: {
    summary: 'Creates a KMS key',
    description: [
      'Without options, creates an enabled symmetric encryption key. Key spec, key usage, origin and the multi-Region property cannot be changed later.',
      'Without --policy, the key gets the default key policy. It gives the account full access to the key, so that identity policies of the account can allow access.',
      'If no keyring is found, this command creates the user keyring with a key file and prints a notice on stderr.',
    ],
    members: {
      Policy: 'The key policy, as JSON or file://PATH. Default: the default key policy.',
      Description: 'A description of the key. Not secret. Default: empty.',
      KeyUsage:
        'The cryptographic operations that the key supports. Required for key specs other than SYMMETRIC_DEFAULT. Default: ENCRYPT_DECRYPT.',
      CustomerMasterKeySpec: 'Deprecated name of --key-spec. Specify only one of them.',
      KeySpec: 'The type of key material. Default: SYMMETRIC_DEFAULT, a 256-bit AES-GCM key.',
      Origin:
        'The source of the key material: AWS_KMS (generated), EXTERNAL (imported), or AWS_CLOUDHSM or EXTERNAL_KEY_STORE (in a custom key store). Default: AWS_KMS.',
      CustomKeyStoreId: 'The ID of the custom key store to create the key in. Default: none.',
      BypassPolicyLockoutSafetyCheck: POLICY_BYPASS,
      Tags: `${TAGS} Default: none.`,
      MultiRegion: 'Create a multi-Region primary key, with a key ID that begins with mrk-. Default: off.',
      XksKeyId: 'The ID of the external key. Keys in an external key store only. Default: none.',
    },
    errors: [
      'CloudHsmClusterInvalidConfigurationException',
      'CustomKeyStoreInvalidStateException',
      'CustomKeyStoreNotFoundException',
      'DependencyTimeoutException',
      'InvalidArnException',
      'KMSInternalException',
      'LimitExceededException',
      'MalformedPolicyDocumentException',
      'TagException',
      'UnsupportedOperationException',
      'XksKeyAlreadyInUseException',
      'XksKeyInvalidConfigurationException',
      'XksKeyNotFoundException',
    ],
    examples: [
      {
        title: 'Create a symmetric encryption key and print its ID',
        lines: ["kms create-key --description 'backups' --query KeyMetadata.KeyId --output text"],
      },
      {
        title: 'Create a key with a key policy and tags',
        lines: [
          'kms create-key --policy file://policy.json \\',
          '    --tags TagKey=Department,TagValue=IT TagKey=Project,TagValue=Alpha',
        ],
      },
    ],
    seeAlso: ['DescribeKey', 'CreateAlias', 'PutKeyPolicy', 'ScheduleKeyDeletion', 'GetParametersForImport'],
  },

  DescribeKey: {
    summary: 'Shows the metadata of a KMS key',
    description: [
      'Returns key ID, key ARN, key state, key spec, key usage, algorithms, origin, dates and the multi-Region configuration. Works in every key state.',
    ],
    members: { KeyId: KEY_OR_ALIAS, GrantTokens: GRANT_TOKENS },
    errors: ['DependencyTimeoutException', 'InvalidArnException', 'KMSInternalException', 'NotFoundException'],
    examples: [
      {
        title: 'Print the key state',
        lines: ['kms describe-key --key-id alias/app --query KeyMetadata.KeyState --output text'],
      },
      { title: 'Print the metadata as a table', lines: ['kms describe-key --key-id alias/app --output table'] },
    ],
    seeAlso: ['ListKeys', 'GetKeyPolicy', 'ListResourceTags'],
  },

  ListKeys: {
    summary: 'Lists the KMS keys of the account and Region',
    description: ['Returns the key ID and key ARN of all keys, in any key state, sorted by key ID.'],
    members: { Limit: limit(100, 1000), Marker: MARKER },
    errors: ['DependencyTimeoutException', 'InvalidMarkerException', 'KMSInternalException'],
    examples: [
      { title: 'Print all key IDs, one per line', lines: ["kms list-keys --query 'Keys[].[KeyId]' --output text"] },
      { title: 'List the first ten keys', lines: ['kms list-keys --max-items 10'] },
    ],
    seeAlso: ['DescribeKey', 'ListAliases'],
  },

  UpdateKeyDescription: {
    summary: 'Changes the description of a KMS key',
    description: ['Replaces the description. Not valid for keys that are pending deletion.'],
    members: {
      KeyId: KEY_ONLY,
      Description: 'The new description. An empty string removes the description. Not secret.',
    },
    errors: MANAGE,
    examples: [
      {
        title: 'Change the description of a key',
        lines: [
          "kms update-key-description --key-id 1234abcd-12ab-34cd-56ef-1234567890ab --description 'backups, 2026'",
        ],
      },
    ],
    seeAlso: ['DescribeKey', 'CreateKey'],
  },

  EnableKey: {
    summary: 'Enables a KMS key',
    description: ['Changes the key state from Disabled to Enabled. Has no effect on a key that is enabled.'],
    members: { KeyId: KEY_ONLY },
    errors: [...MANAGE, 'LimitExceededException'],
    examples: [{ title: 'Enable a key', lines: ['kms enable-key --key-id 1234abcd-12ab-34cd-56ef-1234567890ab'] }],
    seeAlso: ['DisableKey', 'DescribeKey'],
  },

  DisableKey: {
    summary: 'Disables a KMS key',
    description: [
      'Cryptographic operations with the key fail with DisabledException; the key can still be managed. Disable a key before you delete it to find out whether it is still in use.',
    ],
    members: { KeyId: KEY_ONLY },
    errors: MANAGE,
    examples: [{ title: 'Disable a key', lines: ['kms disable-key --key-id 1234abcd-12ab-34cd-56ef-1234567890ab'] }],
    seeAlso: ['EnableKey', 'ScheduleKeyDeletion'],
  },

  ScheduleKeyDeletion: {
    summary: 'Schedules the deletion of a KMS key',
    description: [
      'The key state changes to PendingDeletion, and the key cannot be used. When the waiting period ends, the key is deleted with its key material, aliases and grants, and its ciphertexts can no longer be decrypted. Until then, kms cancel-key-deletion cancels the deletion.',
      'A multi-Region primary key is deleted only after its replica keys are deleted.',
    ],
    members: {
      KeyId: KEY_ONLY,
      PendingWindowInDays: 'The waiting period in days. Default: 30.',
    },
    errors: MANAGE,
    examples: [
      {
        title: 'Delete a key in seven days',
        lines: [
          'kms schedule-key-deletion --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          '    --pending-window-in-days 7',
        ],
      },
    ],
    seeAlso: ['CancelKeyDeletion', 'DisableKey', 'GetKeyLastUsage'],
  },

  CancelKeyDeletion: {
    summary: 'Cancels the deletion of a KMS key',
    description: [
      'Possible until the waiting period ends. The key state changes to Disabled; kms enable-key enables the key.',
    ],
    members: { KeyId: KEY_ONLY },
    errors: MANAGE,
    examples: [
      {
        title: 'Cancel the deletion of a key and enable it',
        lines: [
          'kms cancel-key-deletion --key-id 1234abcd-12ab-34cd-56ef-1234567890ab',
          'kms enable-key --key-id 1234abcd-12ab-34cd-56ef-1234567890ab',
        ],
      },
    ],
    seeAlso: ['ScheduleKeyDeletion', 'EnableKey'],
  },

  GetKeyLastUsage: {
    summary: 'Shows when and for which operation a KMS key was last used',
    description: [
      'Returns the last successful cryptographic operation with the key, its time, and the IDs of its audit event and request. Related multi-Region keys are tracked separately.',
      'A key that has not been used for a long time may still be needed: before you delete a key, disable it and check the audit log.',
    ],
    members: { KeyId: KEY_ONLY },
    errors: ['DependencyTimeoutException', 'InvalidArnException', 'KMSInternalException', 'NotFoundException'],
    examples: [
      {
        title: 'Print when a key was last used',
        lines: [
          'kms get-key-last-usage --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          '    --query KeyLastUsage.Timestamp --output text',
        ],
      },
    ],
    seeAlso: ['DisableKey', 'ScheduleKeyDeletion', 'AuditLookupEvents'],
  },
};
