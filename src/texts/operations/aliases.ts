/** Texts of aliases and tags: the names and labels that people give keys. */
import { KEY_ONLY, limit, MARKER, TAGS } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const ALIAS_NAME =
  'The alias name, with its prefix: alias/example. Letters, digits, slashes, underscores and hyphens; alias/aws/ is reserved.';

export const aliases: CommandTexts = {
  CreateAlias: {
    summary: 'Creates an alias of a KMS key',
    description: [
      'An alias belongs to an account and Region and points to one key there. It can stand for the key in cryptographic operations, in kms describe-key and in kms get-public-key, and it can be pointed to another key later. A key can have up to 50 aliases.',
    ],
    members: { AliasName: ALIAS_NAME, TargetKeyId: 'The key that the alias is to name: key ID or key ARN.' },
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
        title: 'Name a key',
        lines: ['kms create-alias --alias-name alias/app --target-key-id 1234abcd-12ab-34cd-56ef-1234567890ab'],
      },
    ],
    seeAlso: ['UpdateAlias', 'DeleteAlias', 'ListAliases'],
  },

  UpdateAlias: {
    summary: 'Associates an alias with another KMS key',
    description: [
      'Both keys must be of the same type (symmetric, asymmetric or HMAC) and have the same key usage. The name itself cannot be changed: delete the alias and create another.',
    ],
    members: {
      AliasName: ALIAS_NAME,
      TargetKeyId: 'The key that the alias is to name from now on: key ID or key ARN.',
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
        title: 'Move a name to a new key',
        lines: ['kms update-alias --alias-name alias/app --target-key-id 0987dcba-09fe-87dc-65ba-ab0987654321'],
      },
    ],
    seeAlso: ['CreateAlias', 'ListAliases'],
  },

  DeleteAlias: {
    summary: 'Deletes an alias',
    description: ['The key itself stays as it is, and so does everything that was encrypted under it.'],
    members: { AliasName: ALIAS_NAME },
    errors: ['DependencyTimeoutException', 'KMSInternalException', 'KMSInvalidStateException', 'NotFoundException'],
    examples: [{ title: 'Delete an alias', lines: ['kms delete-alias --alias-name alias/app'] }],
    seeAlso: ['CreateAlias', 'ListAliases'],
  },

  ListAliases: {
    summary: 'Lists the aliases of the account and Region, or of one key',
    description: [
      'Answers names, ARNs, target keys and dates. The order is fixed but not alphabetical, because the keyring does not know the names in clear: sort with --query or in the shell.',
    ],
    members: {
      KeyId: 'Only the aliases of this key: key ID or key ARN. Default: all aliases.',
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
        title: 'Names and keys, sorted',
        lines: ["kms list-aliases --query 'sort_by(Aliases, &AliasName)[].[AliasName, TargetKeyId]' --output text"],
      },
    ],
    seeAlso: ['CreateAlias', 'UpdateAlias', 'ListKeys'],
  },

  TagResource: {
    summary: 'Adds tags to a KMS key, or changes their values',
    description: [
      'A tag whose key is there already gets the new value. Tags can decide who may use a key, through the condition key aws:ResourceTag.',
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
    description: ['Tag keys that the key does not have are passed over.'],
    members: { KeyId: KEY_ONLY, TagKeys: 'The keys of the tags to be removed, without their values. At least one.' },
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
    description: ['Answers the tag keys and values of one key.'],
    members: { KeyId: KEY_ONLY, Limit: limit(50, 50), Marker: MARKER },
    errors: ['InvalidArnException', 'InvalidMarkerException', 'KMSInternalException', 'NotFoundException'],
    examples: [
      {
        title: 'Tags as lines of key and value',
        lines: [
          'kms list-resource-tags --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          "    --query 'Tags[].[TagKey, TagValue]' --output text",
        ],
      },
    ],
    seeAlso: ['TagResource', 'UntagResource'],
  },
};
