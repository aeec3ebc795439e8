/** Texts of access analysis: explanations, and checks and comparisons of policies. */
import type { CommandTexts } from '../command-text/command-text.ts';

const ACTION = 'The action, with or without the prefix kms:, such as Decrypt or kms:ReEncryptFrom.';
const KEY = 'The KMS key: key ID, key ARN, alias name or alias ARN.';
const CONTEXT = 'The encryption context of the request. Default: unspecified, any encryption context is considered.';
const CONDITION_KEYS =
  'Values of other condition keys, one or several each, such as aws:PrincipalTag/Team=orders,kms:GrantOperations=Encrypt,Decrypt.';
const ALL = 'Include those without access. Default: off.';

export const access: CommandTexts = {
  ExplainAccess: {
    summary: 'Explains whether a caller can perform an action, and why',
    description: [
      'Evaluates a request as a call does, and shows each step of the evaluation: explicit denies, control policies, grants, the key policy, identity policies, and permissions boundaries and session policies. If the result is NO, it is followed by the smallest changes that would allow the request, each verified by a simulation. Command is a shell command that makes a change; CallOptions are options to append to the call. A change with neither must be made by hand.',
      'Attributes of the request that are not specified (source network, calling service, encryption context and others) can have any value. If the result depends on them, it is MAYBE, and DecidedBy lists the options that specify them: --via-service, --source-ip and similar options, --encryption-context and --context. With --exact, unspecified attributes are absent. If a policy is too complex for a complete analysis, the result is MAYBE with Unproved.',
      'Without --key-id, the request can be about any key of the Region: the result is YES if it is YES for every key, NO if it is NO for every key, and otherwise MAYBE. The same applies to RetireGrant without --grant-id (every grant of the key), to DeleteAlias if --key-id is not an alias (every alias of the key), and to UpdatePrimaryRegion without --context kms:PrimaryRegion=REGION (every related key). Resources lists the result for each of them; Steps and Remedies are those for the one in Resource. The number of keys and grants is limited; Unproved is set if there are more.',
      'The action sts:AssumeRole is evaluated as in kms serve: with the trust policy of the role (--role) and the identity policies of the principal, without session tags unless --context aws:RequestTag/KEY=VALUE specifies them. A root user cannot assume a role.',
      'Alias actions require permission on the alias and on the key, and ReEncrypt, ReplicateKey and UpdatePrimaryRegion require several permissions. All of them must be allowed; Resources lists each one. Time, network and transport of the request are known only if the principal is the caller. The identity policies of other accounts are never known.',
    ],
    members: {
      Principal: 'The principal: an ARN or an AWS service principal. Default: the caller.',
      Action: ACTION,
      KeyId: `${KEY} Not used for actions without a key, such as CreateKey. Default: any key of the Region.`,
      AliasName:
        'The alias, for CreateAlias, UpdateAlias and DeleteAlias. Default: for CreateAlias any name, otherwise any alias of the keyring. If --key-id is an alias, that alias.',
      Role: 'The ARN of the role to assume, for sts:AssumeRole. Default: any role of the keyring.',
      GrantId: 'The ID of the grant to retire, for RetireGrant. Default: any grant.',
      EncryptionContext: CONTEXT,
      DestinationEncryptionContext:
        'For ReEncrypt, the encryption context of the destination, as KEY=VALUE,.... Default: the value of --encryption-context.',
      Context: CONDITION_KEYS,
      Exact: 'Treat unspecified attributes of the request as absent, so that the result is YES or NO. Default: off.',
      Tree: 'Print the evaluation as a tree instead of using the output format. Default: on a terminal, unless --output or --query is given.',
      Expect: 'The expected result, allow (YES) or deny (NO). Exits with status 1 if the result differs or is MAYBE.',
    },
    errors: [],
    examples: [
      {
        title: 'Explain why a role cannot decrypt',
        lines: [
          'kms explain-access --principal arn:aws:iam::111122223333:role/App --action Decrypt --key-id alias/orders --tree',
        ],
      },
      {
        title: 'Test in a pipeline that a role cannot delete a key',
        lines: [
          'kms explain-access --principal arn:aws:iam::111122223333:role/App --action ScheduleKeyDeletion \\',
          '    --key-id alias/orders --expect deny --output off',
        ],
      },
    ],
    seeAlso: ['WhoCan', 'WhatCan', 'PolicyDiff'],
  },

  WhoCan: {
    summary: 'Lists the principals that can perform an action on a key',
    description: [
      'Evaluates the request for the root user, all identities of the keyring, and all principals in the key policy and grants of the key (of both keys for UpdatePrimaryRegion and UpdateAlias). The result is MAYBE, with the condition, if it depends on unspecified attributes of the request.',
    ],
    members: { Action: ACTION, KeyId: KEY, EncryptionContext: CONTEXT, Context: CONDITION_KEYS, All: ALL },
    errors: [],
    examples: [
      {
        title: 'List the principals that can decrypt',
        lines: ['kms who-can Decrypt --key-id alias/orders --output table'],
      },
    ],
    seeAlso: ['WhatCan', 'ExplainAccess'],
  },

  WhatCan: {
    summary: 'Lists the actions that a caller can perform on a key',
    description: [
      'Evaluates the request for all actions on keys. The result is MAYBE, with the condition, if it depends on unspecified attributes of the request.',
    ],
    members: {
      Principal: 'The principal: an ARN or an AWS service principal. Default: the caller.',
      KeyId: KEY,
      EncryptionContext: CONTEXT,
      Context: CONDITION_KEYS,
      All: ALL,
    },
    errors: [],
    examples: [
      {
        title: 'List the actions of a role',
        lines: ['kms what-can --principal arn:aws:iam::111122223333:role/App --key-id alias/orders --output table'],
      },
    ],
    seeAlso: ['WhoCan', 'ExplainAccess'],
  },

  PolicyDiff: {
    summary: 'Shows who gains and who loses access when a key policy is replaced',
    description: [
      'Compares the meaning of two key policies, not their text: for all classes of principals, all actions and all values of condition keys. Each difference includes a request that one policy allows and the other does not, verified by policy evaluation. Differences that cannot be proved or excluded are reported as such.',
      'A policy is the path of a file or a JSON document. With --key-id, a single policy is compared with the current key policy.',
    ],
    members: {
      Old: 'The current policy. With --key-id and without a second policy, the new policy.',
      New: 'The new policy. Optional with --key-id.',
      KeyId: KEY,
      AccountId: 'The account that owns the key, 12 digits. Default: the account that the old policy delegates to.',
      Text: 'Print the differences as text instead of using the output format. Default: off.',
      FailOnNewAccess: 'Exit with status 1 if a principal gains access, or if this cannot be excluded. Default: off.',
    },
    errors: [],
    examples: [
      {
        title: 'Show the effect of a new key policy',
        lines: ['kms policy diff new.json --key-id alias/orders --text'],
      },
      { title: 'Fail a pipeline on new access', lines: ['kms policy diff old.json new.json --fail-on-new-access'] },
    ],
    seeAlso: ['PolicyGenerate', 'ExplainAccess', 'PutKeyPolicy'],
  },

  PolicyCheck: {
    summary: 'Proves that a key policy grants no more access than is allowed',
    description: [
      'Each check is proved for all classes of principals, all actions and all values of condition keys. PASS means that no such request is allowed. FAIL includes a request that is allowed, verified by policy evaluation. UNKNOWN means that neither could be proved. Exits with status 0 only for PASS.',
      'Access that also requires an identity policy counts as granted, because identity policies can change.',
    ],
    members: {
      Policy: 'The policy: the path of a file, or a JSON document. Default: the key policy of the key.',
      KeyId: KEY,
      AccountId: 'The account that owns the key, 12 digits. Default: the account that the policy delegates to.',
      NotPublic: 'Check that the policy does not grant public access.',
      TrustedAccounts:
        'The accounts whose access does not count as public access. Default: only the account of the key.',
      NotMoreThan: 'Check that the policy grants no access beyond this policy (a path or a JSON document).',
      NotGranted: 'Check that the policy grants none of these actions to any principal.',
    },
    errors: [],
    examples: [
      {
        title: 'Check for public and new access in a pipeline',
        lines: ['kms policy check policy.json --not-public --not-more-than old.json'],
      },
      {
        title: 'Check that no principal can delete a key',
        lines: ['kms policy check --key-id alias/orders --not-granted ScheduleKeyDeletion'],
      },
    ],
    seeAlso: ['PolicyDiff', 'ExplainAccess', 'PutKeyPolicy'],
  },

  PolicyGenerate: {
    summary: 'Generates a minimal key policy from the recorded use of a key',
    description: [
      'Reads the successful calls for the key from the audit log and its old files, and grants each principal the actions that it used. Role sessions are recorded as their role. The key policy of the key is not changed.',
    ],
    members: {
      KeyId: KEY,
      KeepAdministration:
        'Add a statement that lets the account administer the key through identity policies. Default: off.',
    },
    errors: [],
    examples: [
      {
        title: 'Write the generated policy to a file',
        lines: [
          'kms policy generate --key-id alias/orders --keep-administration --query Policy --output text > policy.json',
        ],
      },
    ],
    seeAlso: ['PolicyDiff', 'AuditLookupEvents', 'PutKeyPolicy'],
  },
};
