/** Texts of aliases and tags. */
import { KEY_ONLY, limit, MARKER, TAGS } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const ALIAS_NAME =
  'The alias name, with the prefix alias/: letters, digits, slashes, underscores and hyphens. The prefix alias/aws/ is reserved.';

export const aliases: CommandTexts = {
  CreateAlias: {
    summary: 'Creates an alias of a KMS key',
    description: [
      'An alias is associated with one KMS key in the same account and Region. It identifies the key in cryptographic operations, kms describe-key and kms get-public-key. kms update-alias associates it with another key. A key can have up to 50 aliases.',
    ],
    members: { AliasName: ALIAS_NAME, TargetKeyId: 'The KMS key to associate with the alias: key ID or key ARN.' },
    errors: [
      'AlreadyExistsException',
      'DependencyTimeoutException',
      'InvalidAliasNameException',
      'KMSInternalException',
      'KMSInvalidStateException',
      'LimitExceededException',
      'NotFoundException',
    ],
    examples: [
      {
        title: 'Create an alias',
        lines: ['kms create-alias --alias-name alias/app --target-key-id 1234abcd-12ab-34cd-56ef-1234567890ab'],
      },
    ],
    seeAlso: ['UpdateAlias', 'DeleteAlias', 'ListAliases'],
  },

  UpdateAlias: {
    summary: 'Associates an alias with another KMS key',
    description: [
      'The current and the new key must have the same type (symmetric, asymmetric or HMAC) and the same key usage. The alias name cannot be changed: delete the alias and create a new one.',
    ],
    members: {
      AliasName: ALIAS_NAME,
      TargetKeyId: 'The new KMS key of the alias: key ID or key ARN.',
    },
    errors: [
      'DependencyTimeoutException',
      'KMSInternalException',
      'KMSInvalidStateException',
      'LimitExceededException',
      'NotFoundException',
    ],
    examples: [
      {
        title: 'Associate an alias with another key',
        lines: ['kms update-alias --alias-name alias/app --target-key-id 0987dcba-09fe-87dc-65ba-ab0987654321'],
      },
    ],
    seeAlso: ['CreateAlias', 'ListAliases'],
  },

  DeleteAlias: {
    summary: 'Deletes an alias',
    description: ['The associated KMS key is not affected, and its ciphertexts can still be decrypted.'],
    members: { AliasName: ALIAS_NAME },
    errors: ['DependencyTimeoutException', 'KMSInternalException', 'KMSInvalidStateException', 'NotFoundException'],
    examples: [{ title: 'Delete an alias', lines: ['kms delete-alias --alias-name alias/app'] }],
    seeAlso: ['CreateAlias', 'ListAliases'],
  },

  ListAliases: {
    summary: 'Lists the aliases of the account and Region, or of one key',
    description: [
      'Returns alias names, alias ARNs, target key IDs and dates. The order is stable but not alphabetical, because alias names are stored under keyed hashes; sort the output with --query.',
    ],
    members: {
      KeyId: 'List only the aliases of this KMS key: key ID or key ARN. Default: all aliases.',
      Limit: limit(50, 100),
      Marker: MARKER,
    },
    errors: [
      'DependencyTimeoutException',
      'InvalidArnException',
      'InvalidMarkerException',
      'KMSInternalException',
      'NotFoundException',
    ],
    examples: [
      {
        title: 'List alias names and key IDs, sorted',
        lines: ["kms list-aliases --query 'sort_by(Aliases, &AliasName)[].[AliasName, TargetKeyId]' --output text"],
      },
    ],
    seeAlso: ['CreateAlias', 'UpdateAlias', 'ListKeys'],
  },

  TagResource: {
    summary: 'Adds tags to a KMS key, or changes their values',
    description: [
      'If the key already has a tag with the same tag key, its value is replaced. Policies can control access by tags with the condition key aws:ResourceTag.',
    ],
    members: { KeyId: KEY_ONLY, Tags: TAGS },
    errors: [
      'InvalidArnException',
      'KMSInternalException',
      'KMSInvalidStateException',
      'LimitExceededException',
      'NotFoundException',
      'TagException',
    ],
    examples: [
      {
        title: 'Tag a key',
        lines: [
          'kms tag-resource --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          '    --tags TagKey=Department,TagValue=IT',
        ],
      },
    ],
    seeAlso: ['UntagResource', 'ListResourceTags'],
  },

  UntagResource: {
    summary: 'Removes tags from a KMS key',
    description: ['Tag keys that the KMS key does not have are ignored.'],
    members: { KeyId: KEY_ONLY, TagKeys: 'The tag keys of the tags to remove. At least one.' },
    errors: [
      'InvalidArnException',
      'KMSInternalException',
      'KMSInvalidStateException',
      'NotFoundException',
      'TagException',
    ],
    examples: [
      {
        title: 'Remove two tags',
        lines: ['kms untag-resource --key-id 1234abcd-12ab-34cd-56ef-1234567890ab --tag-keys Department Project'],
      },
    ],
    seeAlso: ['TagResource', 'ListResourceTags'],
  },

  ListResourceTags: {
    summary: 'Lists the tags of a KMS key',
    description: ['Returns the tag keys and tag values of the key.'],
    members: { KeyId: KEY_ONLY, Limit: limit(50, 50), Marker: MARKER },
    errors: ['InvalidArnException', 'InvalidMarkerException', 'KMSInternalException', 'NotFoundException'],
    examples: [
      {
        title: 'List tags as tab-separated text',
        lines: [
          'kms list-resource-tags --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          "    --query 'Tags[].[TagKey, TagValue]' --output text",
        ],
      },
    ],
    seeAlso: ['TagResource', 'UntagResource'],
  },
};
