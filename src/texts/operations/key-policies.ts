/** Texts of key policies. */
import { MANAGE } from './error-lists.ts';
import { KEY_ONLY, limit, MARKER, POLICY_BYPASS } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const POLICY_NAME = 'The name of the key policy. The only valid value, and the default, is default.';

export const keyPolicies: CommandTexts = {
  GetKeyPolicy: {
    summary: 'Gets the key policy of a KMS key',
    description: ['Returns the policy document as it was written. Works in every key state.'],
    members: { KeyId: KEY_ONLY, PolicyName: POLICY_NAME },
    errors: MANAGE,
    examples: [
      {
        title: 'Store the key policy in a file',
        lines: [
          'kms get-key-policy --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          '    --query Policy --output text > policy.json',
        ],
      },
    ],
    seeAlso: ['PutKeyPolicy', 'ListKeyPolicies'],
  },

  PutKeyPolicy: {
    summary: 'Replaces the key policy of a KMS key',
    description: [
      'A policy that is not valid is rejected. A policy that would not allow the caller to call kms put-key-policy again is rejected too, so that the key does not become unmanageable.',
      'Every statement requires a principal, an action and a resource. The resource "*" means this key.',
    ],
    members: {
      KeyId: KEY_ONLY,
      PolicyName: POLICY_NAME,
      Policy: 'The key policy, as JSON or file://PATH. AWS KMS accepts at most 32768 bytes.',
      BypassPolicyLockoutSafetyCheck: POLICY_BYPASS,
    },
    errors: [...MANAGE, 'LimitExceededException', 'MalformedPolicyDocumentException', 'UnsupportedOperationException'],
    examples: [
      {
        title: 'Replace the key policy by the contents of a file',
        lines: ['kms put-key-policy --key-id 1234abcd-12ab-34cd-56ef-1234567890ab --policy file://policy.json'],
      },
    ],
    seeAlso: ['GetKeyPolicy', 'CreateGrant'],
  },

  ListKeyPolicies: {
    summary: 'Lists the names of the key policies of a KMS key',
    description: ['A key has exactly one key policy, with the name default.'],
    members: { KeyId: KEY_ONLY, Limit: limit(100, 1000), Marker: MARKER },
    errors: MANAGE,
    examples: [
      {
        title: 'List the names of key policies',
        lines: ['kms list-key-policies --key-id 1234abcd-12ab-34cd-56ef-1234567890ab'],
      },
    ],
    seeAlso: ['GetKeyPolicy'],
  },
};
