/** Texts of the commands about callers and access: identities, the organization, explanations, policies. */
import type { CommandTexts } from './text.ts';

const ARN =
  'The ARN of a user, a group, a role, or a session of a role: arn:aws:iam::111122223333:user/Alice, arn:aws:iam::111122223333:group/Admins, arn:aws:iam::111122223333:role/App, arn:aws:sts::111122223333:assumed-role/App/i-0abc.';
const ACTION = 'The action, with or without kms: before it: Decrypt, kms:ReEncryptFrom.';
const KEY = 'The key: a key ID, a key ARN, an alias name or an alias ARN.';
const CONTEXT = 'The encryption context of the call. Default: not told, so it may be any.';
const CONDITION_KEYS =
  'Values of other condition keys, one or several of each: aws:PrincipalTag/Team=orders,kms:GrantOperations=Encrypt,Decrypt.';
const ORGANIZATION = 'The ID of the organization. Default: the only one.';
const ALL = 'Shows those that may not as well. Default: off.';

export const callers: CommandTexts = {
  IdentityPut: {
    summary: 'Adds a user, a group, a role or a session to the keyring, or changes it',
    description: [
      'Calls made as this identity then have its policies, its permissions boundary, its tags and its unique ID. What is not given stays as it is. Key policies written from now on are bound to the unique ID, so a user or role that is deleted and made anew does not get the access of the old one.',
      'A session of a role has the policies of the role, bounded by those that are given for the session itself. A user has the policies of its groups besides its own; a group calls nobody, and no policy can name it.',
    ],
    members: {
      Arn: ARN,
      Policy: 'An identity policy to add or replace, as JSON or file://PATH; for a session, a session policy.',
      PolicyName: 'The name of that policy. Default: policy.',
      RemovePolicy: 'The name of a policy to take away.',
      PermissionsBoundary: 'The permissions boundary, as JSON or file://PATH.',
      RemoveBoundary: 'Takes the permissions boundary away.',
      Tags: 'The tags, all of them: Department=IT,Project=X.',
      AddToGroups:
        'Names of groups of the same account that the user is added to, ten at most. The keyring must know them.',
      RemoveFromGroups: 'Names of groups that the user is removed from.',
      TrustPolicy:
        'The trust policy of a role: who may assume it over the network, as JSON or file://PATH. Its statements have no Resource.',
      RemoveTrustPolicy: 'Removes the trust policy; the identity policies of the account then decide.',
    },
    errors: [],
    examples: [
      {
        title: 'A role that may decrypt',
        lines: ['kms identity put arn:aws:iam::111122223333:role/App --policy file://decrypt.json --tags Team=orders'],
      },
      {
        title: 'A group, and a user in it',
        lines: [
          'kms identity put arn:aws:iam::111122223333:group/Readers --policy file://decrypt.json',
          'kms identity put arn:aws:iam::111122223333:user/Alice --add-to-groups Readers',
        ],
      },
      { title: 'Call as the role', lines: ['kms list-keys --as arn:aws:iam::111122223333:role/App'] },
    ],
    seeAlso: ['IdentityGet', 'IdentityDelete', 'OrganizationPut', 'ExplainAccess'],
  },
  IdentityGet: {
    summary: 'Shows what the keyring knows of a user, a group, a role or a session',
    description: ['Answers its policies, tags, groups, permissions boundary, trust policy and unique ID.'],
    members: { Arn: ARN },
    errors: [],
    examples: [{ title: 'One user', lines: ['kms identity get arn:aws:iam::111122223333:user/Alice'] }],
    seeAlso: ['IdentityPut', 'IdentityList'],
  },
  IdentityList: {
    summary: 'Lists the users, groups, roles and sessions that the keyring knows',
    description: ['In the order of their ARNs.'],
    members: {},
    errors: [],
    examples: [{ title: 'Names only', lines: ["kms identity list --query 'Identities[].Arn' --output text"] }],
    seeAlso: ['IdentityGet', 'IdentityPut'],
  },
  IdentityDelete: {
    summary: 'Deletes a user, a group, a role or a session from the keyring',
    description: [
      'Key policies that name it then show its unique ID, and nobody who comes later under the same name is meant by them. A group that has users is not deleted.',
    ],
    members: { Arn: ARN },
    errors: [],
    examples: [{ title: 'A user who has left', lines: ['kms identity delete arn:aws:iam::111122223333:user/Alice'] }],
    seeAlso: ['IdentityPut', 'IdentityList'],
  },
  OrganizationPut: {
    summary: 'Adds an organization and its control policies to the keyring, or changes them',
    description: [
      'Every level of the organization, from its root down to the account, must allow what is done: service control policies the caller, resource control policies the use of the key. There can be several organizations, and an account is in one at most: aws:PrincipalOrgID and aws:ResourceOrgID tell which. A new level begins with policies that allow everything. What is not given stays as it is.',
    ],
    members: {
      OrganizationId: 'The ID of the organization: o-a1b2c3d4e5. Needed the first time, and where there are several.',
      Path: 'The path of the accounts, as in aws:PrincipalOrgPaths.',
      Accounts: 'The accounts in the organization. Default: the account of the keyring.',
      ManagementAccount: 'The account that no control policy binds.',
      Level: 'The level of the policy, 0 for the root. Default: 0.',
      Type: 'The type of the policy. Default: SERVICE_CONTROL_POLICY.',
      Policy: 'A control policy to add or replace on the level, as JSON or file://PATH.',
      PolicyName: 'The name of that policy. Default: policy.',
      RemovePolicy: 'The name of a policy to take away from the level.',
    },
    errors: [],
    examples: [
      {
        title: 'Nobody deletes keys',
        lines: [
          'kms organization put --organization-id o-a1b2c3d4e5 --policy-name keep-keys --policy file://deny-deletion.json',
        ],
      },
    ],
    seeAlso: ['OrganizationGet', 'OrganizationDelete', 'IdentityPut'],
  },
  OrganizationGet: {
    summary: 'Shows what the keyring knows of an organization',
    description: ['Answers its accounts and the control policies on each level.'],
    members: { OrganizationId: ORGANIZATION },
    errors: [],
    examples: [{ title: 'All of it', lines: ['kms organization get'] }],
    seeAlso: ['OrganizationPut', 'OrganizationList', 'OrganizationDelete'],
  },
  OrganizationList: {
    summary: 'Lists the organizations that the keyring knows',
    description: ['In the order of their IDs, with their accounts.'],
    members: {},
    errors: [],
    examples: [{ title: 'IDs only', lines: ["kms organization list --query 'Organizations[].OrganizationId'"] }],
    seeAlso: ['OrganizationGet', 'OrganizationPut'],
  },
  OrganizationDelete: {
    summary: 'Deletes an organization and its control policies from the keyring',
    description: ['From then on none of its control policies binds anybody.'],
    members: { OrganizationId: ORGANIZATION },
    errors: [],
    examples: [{ title: 'No organization any more', lines: ['kms organization delete'] }],
    seeAlso: ['OrganizationPut', 'OrganizationGet'],
  },
  VpcEndpointPut: {
    summary: 'Attaches a policy to a VPC endpoint',
    description: [
      'Calls that come through the endpoint (--source-vpce) then need an Allow of this policy besides what they need otherwise, and a Deny in it denies. The policy is replaced as a whole. An endpoint that the keyring does not know allows everything.',
    ],
    members: {
      VpcEndpointId: 'The ID of the VPC endpoint: vpce-1a2b3c4d. A bare word may give it.',
      Policy:
        'The policy, as JSON or file://PATH. Default: allows everything, as that of an endpoint made without one.',
    },
    errors: [],
    examples: [
      {
        title: 'An endpoint for one role',
        lines: [
          'kms vpc-endpoint put vpce-1a2b3c4d --policy \'{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/App"},"Action":"kms:Decrypt","Resource":"*"}]}\'',
          'kms list-keys --source-vpce vpce-1a2b3c4d',
        ],
      },
    ],
    seeAlso: ['VpcEndpointGet', 'VpcEndpointDelete', 'ExplainAccess'],
  },
  VpcEndpointGet: {
    summary: 'Shows the policy of a VPC endpoint',
    description: ['Answers the policy as it was given.'],
    members: { VpcEndpointId: 'The ID of the VPC endpoint.' },
    errors: [],
    examples: [
      {
        title: 'The document alone',
        lines: ['kms vpc-endpoint get vpce-1a2b3c4d --query PolicyDocument --output text'],
      },
    ],
    seeAlso: ['VpcEndpointPut', 'VpcEndpointList'],
  },
  VpcEndpointList: {
    summary: 'Lists the VPC endpoints that have a policy',
    description: ['In the order of their IDs.'],
    members: {},
    errors: [],
    examples: [{ title: 'IDs only', lines: ["kms vpc-endpoint list --query 'VpcEndpoints[].VpcEndpointId'"] }],
    seeAlso: ['VpcEndpointGet', 'VpcEndpointPut'],
  },
  VpcEndpointDelete: {
    summary: 'Detaches the policy from a VPC endpoint',
    description: ['From then on whatever comes through the endpoint is allowed by it.'],
    members: { VpcEndpointId: 'The ID of the VPC endpoint.' },
    errors: [],
    examples: [{ title: 'No bounds any more', lines: ['kms vpc-endpoint delete vpce-1a2b3c4d'] }],
    seeAlso: ['VpcEndpointPut', 'VpcEndpointList'],
  },
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
