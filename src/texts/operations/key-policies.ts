/** Texts of key policies. */
import { MANAGE } from './error-lists.ts';
import { KEY_ONLY, limit, MARKER, POLICY_BYPASS } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const POLICY_NAME = 'The name of the key policy. The only name there is, and the default, is default.';

export const keyPolicies: CommandTexts = {
  GetKeyPolicy: {
    summary: 'Gets the key policy of a KMS key',
    description: ['Answers the policy as the text it was written with. It works in every key state.'],
    members: { KeyId: KEY_ONLY, PolicyName: POLICY_NAME },
    errors: MANAGE,
    examples: [
      {
        title: 'Keep the policy in a file',
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
      'A policy that is not well formed is refused, and so is one under which the caller could not call kms put-key-policy again: a key that nobody may manage is lost.',
      'Every statement needs a principal, an action and a resource; the resource "*" means this key.',
    ],
    members: {
      KeyId: KEY_ONLY,
      PolicyName: POLICY_NAME,
      Policy:
        'The key policy, as JSON: the text itself, or file://PATH. At most 131072 characters here, 32768 bytes in AWS.',
      BypassPolicyLockoutSafetyCheck: POLICY_BYPASS,
    },
    errors: [...MANAGE, 'LimitExceededException', 'MalformedPolicyDocumentException', 'UnsupportedOperationException'],
    examples: [
      {
        title: 'Write a policy from a file',
        lines: ['kms put-key-policy --key-id 1234abcd-12ab-34cd-56ef-1234567890ab --policy file://policy.json'],
      },
    ],
    seeAlso: ['GetKeyPolicy', 'CreateGrant'],
  },

  ListKeyPolicies: {
    summary: 'Lists the names of the key policies of a KMS key',
    description: ['A key has exactly one key policy, and its name is default; the list says so.'],
    members: { KeyId: KEY_ONLY, Limit: limit(100, 1000), Marker: MARKER },
    errors: MANAGE,
    examples: [
      { title: 'The only name', lines: ['kms list-key-policies --key-id 1234abcd-12ab-34cd-56ef-1234567890ab'] },
    ],
    seeAlso: ['GetKeyPolicy'],
  },
};
