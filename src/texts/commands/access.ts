/** Texts of the commands about who may do what: explanations, and checks and comparisons of policies. */
import type { CommandTexts } from '../command-text/command-text.ts';

const ACTION = 'The action, with or without kms: before it: Decrypt, kms:ReEncryptFrom.';
const KEY = 'The key: a key ID, a key ARN, an alias name or an alias ARN.';
const CONTEXT = 'The encryption context of the call. Default: not told, so it may be any.';
const CONDITION_KEYS =
  'Values of other condition keys, one or several of each: aws:PrincipalTag/Team=orders,kms:GrantOperations=Encrypt,Decrypt.';
const ALL = 'Shows those that may not as well. Default: off.';

export const access: CommandTexts = {
  ExplainAccess: {
    summary: 'Explains whether a caller can perform an action, and why',
    description: [
      'Asks what a call asks, and shows every step: explicit denials, the organization, grants, the key policy, identity policies, and what bounds them. If the answer is NO, the nearest ways to YES follow, fewest changes first; each was simulated.',
      'What nobody has told about the call (where it comes from, through which service, with which encryption context) may be one way or the other. If the answer hangs on it, the answer is MAYBE. --via-service, --source-ip and their like, --encryption-context and --context tell it; ToldBy names the options that would tell. --exact says that there is nothing more to tell. A policy that is too complex is not tried to the end: then the answer is MAYBE too, and Unproved says so.',
      'The actions of aliases are about the alias and the key, ReEncrypt and ReplicateKey need several permissions: all of them must be allowed, and Resources lists each. Of the caller itself, the time, the network and the transport of the call are known; of another principal they are not, nor are the identity policies of another account.',
    ],
    members: {
      Principal: 'Who: an ARN or the host name of a service. Default: whom calls are made as.',
      Action: ACTION,
      Key: `${KEY} Not for actions without one, like CreateKey.`,
      GrantId: 'The grant that RetireGrant would retire. Default: any grant of the key.',
      EncryptionContext: CONTEXT,
      Context: CONDITION_KEYS,
      Exact: 'What is not told is not there, so the answer is YES or NO.',
      Tree: 'Prints a picture for people instead of the answer in the output format.',
      Expect: 'Exits with 0 if the answer is YES (allow) or NO (deny), and with 1 otherwise, also for MAYBE.',
    },
    errors: [],
    examples: [
      {
        title: 'Why not?',
        lines: [
          'kms explain-access --principal arn:aws:iam::111122223333:role/App --action Decrypt --key alias/orders --tree',
        ],
      },
      {
        title: 'A test in a pipeline',
        lines: [
          'kms explain-access --principal arn:aws:iam::111122223333:role/App --action ScheduleKeyDeletion \\',
          '    --key alias/orders --expect deny --output off',
        ],
      },
    ],
    seeAlso: ['WhoCan', 'WhatCan', 'PolicyDiff'],
  },

  WhoCan: {
    summary: 'Lists the principals that can perform an action on a key',
    description: [
      'Asks for the root user, for every identity that the keyring knows, and for everyone whom the key policy and the grants of the key name. Answers MAYBE with the condition where it hangs on something that was not told.',
    ],
    members: { Action: ACTION, Key: KEY, EncryptionContext: CONTEXT, Context: CONDITION_KEYS, All: ALL },
    errors: [],
    examples: [{ title: 'Who can decrypt', lines: ['kms who-can Decrypt --key alias/orders --output table'] }],
    seeAlso: ['WhatCan', 'ExplainAccess'],
  },

  WhatCan: {
    summary: 'Lists the actions that a caller can perform on a key',
    description: [
      'Asks for every action on keys, and answers MAYBE with the condition where it hangs on something that was not told.',
    ],
    members: {
      Principal: 'Who: an ARN or the host name of a service. Default: whom calls are made as.',
      Key: KEY,
      EncryptionContext: CONTEXT,
      Context: CONDITION_KEYS,
      All: ALL,
    },
    errors: [],
    examples: [
      {
        title: 'What a role can do',
        lines: ['kms what-can --principal arn:aws:iam::111122223333:role/App --key alias/orders --output table'],
      },
    ],
    seeAlso: ['WhoCan', 'ExplainAccess'],
  },

  PolicyDiff: {
    summary: 'Shows who gains and who loses access when a key policy is replaced',
    description: [
      'Compares what two key policies mean, not how they are written: for every kind of caller, every action and every value of the condition keys. Each difference comes with a request that one policy allows and the other does not; it was put to the engine. Where nothing can be proved, that is told.',
      'A policy is the path of a file, or the JSON itself. With --key a single policy is compared with the one that the key has.',
    ],
    members: {
      Old: 'The policy that is replaced; with --key and no other, the one that replaces the policy of the key.',
      New: 'The policy that replaces it.',
      Key: KEY,
      AccountId: 'The account that owns the key, 12 digits. Default: the account that the old policy delegates to.',
      Text: 'Prints sentences for people instead of the answer in the output format.',
      FailOnNewAccess: 'Exits 1 if anybody gains anything, or if that could not be excluded.',
    },
    errors: [],
    examples: [
      { title: 'Before a change', lines: ['kms policy diff new.json --key alias/orders --text'] },
      { title: 'In a pipeline', lines: ['kms policy diff old.json new.json --fail-on-new-access'] },
    ],
    seeAlso: ['PolicyGenerate', 'ExplainAccess', 'PutKeyPolicy'],
  },

  PolicyCheck: {
    summary: 'Proves that a key policy grants no more access than is allowed',
    description: [
      'Each check is a proof over every kind of caller, every action and every value of the condition keys. FAIL comes with a request that was put to the engine and is allowed; PASS means that there is none; UNKNOWN that it could not be excluded. Exits 0 only for PASS.',
      'Access that identity policies would have to give too counts as given: what they say may change.',
    ],
    members: {
      Policy: 'The policy: the path of a file, or the JSON itself. Default: the policy of the key.',
      Key: KEY,
      AccountId: 'The account that owns the key, 12 digits. Default: the account that the policy delegates to.',
      NotPublic: 'Checks that no statement for everyone lets strangers in.',
      TrustedAccounts: 'Accounts that are no strangers.',
      NotMoreThan: 'Checks that nobody has more than under this policy, a path or JSON.',
      NotGranted: 'Checks that nobody at all is given one of these actions.',
    },
    errors: [],
    examples: [
      { title: 'In a pipeline', lines: ['kms policy check policy.json --not-public --not-more-than old.json'] },
      {
        title: 'Nobody deletes this key',
        lines: ['kms policy check --key alias/orders --not-granted ScheduleKeyDeletion'],
      },
    ],
    seeAlso: ['PolicyDiff', 'ExplainAccess', 'PutKeyPolicy'],
  },

  PolicyGenerate: {
    summary: 'Generates a minimal key policy from the recorded use of a key',
    description: [
      'Reads the audit log for the calls on the key that succeeded, and gives every principal what it has used, a session as its role. The keyring is not changed.',
    ],
    members: {
      Key: KEY,
      KeepAdministration: 'Adds a statement that lets the account administer the key through identity policies.',
    },
    errors: [],
    examples: [
      {
        title: 'A policy from use',
        lines: [
          'kms policy generate --key alias/orders --keep-administration --query Policy --output text > policy.json',
        ],
      },
    ],
    seeAlso: ['PolicyDiff', 'AuditLookupEvents', 'PutKeyPolicy'],
  },
};
