/** Texts of the life of keys: create, describe, list, switch on and off, delete. */
import { MANAGE } from './error-lists.ts';
import { GRANT_TOKENS, KEY_ONLY, KEY_OR_ALIAS, limit, MARKER, POLICY_BYPASS, TAGS } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

export const keys: CommandTexts = {
  CreateKey: {
    summary: 'Creates a KMS key',
    description: [
      'Without options this makes a symmetric encryption key that can be used at once. Key spec, key usage, origin and whether the key is a multi-Region key are fixed at this moment and never change.',
      'Without --policy the key gets the default key policy: the account may use identity policies to allow what they like, so its root user may do everything.',
      'Where no keyring is at your own place yet, this command makes one there, with a key file, and says so on stderr.',
    ],
    members: {
      Policy:
        'The key policy, as JSON. Default: the default key policy, which lets the account decide by identity policies.',
      Description: 'Text for people; not secret. Default: empty.',
      KeyUsage:
        'What the key is for. Default: ENCRYPT_DECRYPT; every key spec other than SYMMETRIC_DEFAULT needs it to be given.',
      CustomerMasterKeySpec: 'The old name of --key-spec; give one of the two.',
      KeySpec: 'Kind of key material. Default: SYMMETRIC_DEFAULT, a 256-bit key for AES-256-GCM.',
      Origin:
        'Where the key material comes from: AWS_KMS makes it, EXTERNAL waits for an import, the others belong to custom key stores. Default: AWS_KMS.',
      CustomKeyStoreId: 'The custom key store that is to hold the key, by its ID. Default: none.',
      BypassPolicyLockoutSafetyCheck: POLICY_BYPASS,
      Tags: `${TAGS} Default: none.`,
      MultiRegion: 'Makes the primary key of a multi-Region key, whose ID begins with mrk-. Default: off.',
      XksKeyId: 'The ID of the external key, for a key in an external key store. Default: none.',
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
        title: 'A symmetric encryption key; print its ID',
        lines: ["kms create-key --description 'backups' --query KeyMetadata.KeyId --output text"],
      },
      {
        title: 'With tags and a key policy',
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
      'Answers the key metadata: ID, ARN, key state, spec, usage, algorithms, origin, dates, and whether it is a multi-Region key. It works in every key state.',
    ],
    members: { KeyId: KEY_OR_ALIAS, GrantTokens: GRANT_TOKENS },
    errors: ['DependencyTimeoutException', 'InvalidArnException', 'KMSInternalException', 'NotFoundException'],
    examples: [
      {
        title: 'The state of a key',
        lines: ['kms describe-key --key-id alias/app --query KeyMetadata.KeyState --output text'],
      },
      { title: 'For people', lines: ['kms describe-key --key-id alias/app --output table'] },
    ],
    seeAlso: ['ListKeys', 'GetKeyPolicy', 'ListResourceTags'],
  },

  ListKeys: {
    summary: 'Lists the KMS keys of the account and Region',
    description: ['Answers the ID and ARN of every key, in the order of their IDs and in every key state.'],
    members: { Limit: limit(100, 1000), Marker: MARKER },
    errors: ['DependencyTimeoutException', 'InvalidMarkerException', 'KMSInternalException'],
    examples: [
      { title: 'All key IDs, one a line', lines: ["kms list-keys --query 'Keys[].[KeyId]' --output text"] },
      { title: 'The first ten', lines: ['kms list-keys --max-items 10'] },
    ],
    seeAlso: ['DescribeKey', 'ListAliases'],
  },

  UpdateKeyDescription: {
    summary: 'Changes the description of a KMS key',
    description: ['Replaces the description. The key must not be pending deletion.'],
    members: { KeyId: KEY_ONLY, Description: 'The new text; empty text removes the description. Not secret.' },
    errors: MANAGE,
    examples: [
      {
        title: 'Describe a key',
        lines: [
          "kms update-key-description --key-id 1234abcd-12ab-34cd-56ef-1234567890ab --description 'backups, 2026'",
        ],
      },
    ],
    seeAlso: ['DescribeKey', 'CreateKey'],
  },

  EnableKey: {
    summary: 'Enables a KMS key',
    description: ['A disabled key can be used again from this moment on. Enabling an enabled key changes nothing.'],
    members: { KeyId: KEY_ONLY },
    errors: [...MANAGE, 'LimitExceededException'],
    examples: [{ title: 'Enable a key', lines: ['kms enable-key --key-id 1234abcd-12ab-34cd-56ef-1234567890ab'] }],
    seeAlso: ['DisableKey', 'DescribeKey'],
  },

  DisableKey: {
    summary: 'Disables a KMS key',
    description: [
      'Cryptographic operations with the key fail with DisabledException from this moment on; managing it goes on. It is the gentle way to find out whether a key is still needed before it is deleted.',
    ],
    members: { KeyId: KEY_ONLY },
    errors: MANAGE,
    examples: [{ title: 'Disable a key', lines: ['kms disable-key --key-id 1234abcd-12ab-34cd-56ef-1234567890ab'] }],
    seeAlso: ['EnableKey', 'ScheduleKeyDeletion'],
  },

  ScheduleKeyDeletion: {
    summary: 'Schedules the deletion of a KMS key',
    description: [
      'The key is unusable at once, and is deleted with its material, aliases and grants when the waiting period is over. What was encrypted under it can never be decrypted then. Until that moment kms cancel-key-deletion stops it.',
      'The primary key of a multi-Region key is deleted only after its replica keys are gone.',
    ],
    members: {
      KeyId: KEY_ONLY,
      PendingWindowInDays: 'The waiting period in days, 7 to 30. Default: 30.',
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
      'Works until the waiting period is over. The key is disabled afterwards; kms enable-key makes it usable again.',
    ],
    members: { KeyId: KEY_ONLY },
    errors: MANAGE,
    examples: [
      {
        title: 'Keep a key after all',
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
      'Answers the last cryptographic operation that succeeded with the key, its time, and the IDs of its audit event and request. A member of a multi-Region key is counted by itself.',
      'A key that was not used for a long time may still be needed: disable it and watch the audit log before you delete it.',
    ],
    members: { KeyId: KEY_ONLY },
    errors: ['DependencyTimeoutException', 'InvalidArnException', 'KMSInternalException', 'NotFoundException'],
    examples: [
      {
        title: 'When a key was last used',
        lines: [
          'kms get-key-last-usage --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          '    --query KeyLastUsage.Timestamp --output text',
        ],
      },
    ],
    seeAlso: ['DisableKey', 'ScheduleKeyDeletion', 'AuditLookupEvents'],
  },
};
