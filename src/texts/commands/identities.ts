/** Texts of callers: identities, access keys and role sessions. */
import type { CommandTexts } from '../command-text/command-text.ts';

const ARN =
  'The ARN of a user, group, role or role session, such as arn:aws:iam::111122223333:user/Alice, arn:aws:iam::111122223333:group/Admins, arn:aws:iam::111122223333:role/App or arn:aws:sts::111122223333:assumed-role/App/i-0abc.';

export const identities: CommandTexts = {
  GetCallerIdentity: {
    summary: 'Shows the account, ARN and unique ID of the caller',
    description: [
      'Same as the AWS STS operation. The caller is the principal of --as or of the profile. The default is the root user of the keyring account.',
    ],
    members: {},
    errors: [],
    examples: [
      {
        title: 'Print the ARN of the caller of a profile',
        lines: ['kms get-caller-identity --profile reader --query Arn --output text'],
      },
    ],
    seeAlso: ['Configure', 'ConfigureSet'],
  },

  IdentityPut: {
    summary: 'Adds a user, group, role or role session to the keyring, or changes it',
    description: [
      'Calls made as this identity have its identity policies, permissions boundary, tags and unique ID. Options that are omitted leave the settings unchanged. Key policies written afterwards refer to the unique ID, so a user or role that is deleted and created again does not get the access of the earlier one.',
      'A role session has the policies of the role, limited by the session policies of the session. A user has its own policies and those of its groups. A group cannot make calls and cannot be a principal in a policy.',
    ],
    members: {
      Arn: ARN,
      Policy: 'The identity policy to add or replace, as JSON or file://PATH. For a role session, a session policy.',
      PolicyName: 'The name of the policy. Default: policy.',
      RemovePolicy: 'The name of a policy to remove.',
      PermissionsBoundary: 'The permissions boundary, as JSON or file://PATH.',
      RemoveBoundary: 'Remove the permissions boundary.',
      Tags: 'The tags, as KEY=VALUE,.... They replace all existing tags.',
      AddToGroups:
        'The names of groups to add the user to. They must exist in the keyring, in the account of the user. A user belongs to at most 10 groups.',
      RemoveFromGroups: 'The names of groups to remove the user from.',
      TrustPolicy:
        'The trust policy of a role, as JSON or file://PATH. It controls AssumeRole requests to kms serve. Its statements have no Resource.',
      RemoveTrustPolicy: 'Remove the trust policy. Only identity policies then control who can assume the role.',
    },
    errors: [],
    examples: [
      {
        title: 'Add a role with an identity policy and a tag',
        lines: ['kms identity put arn:aws:iam::111122223333:role/App --policy file://decrypt.json --tags Team=orders'],
      },
      {
        title: 'Add a group, and a user in it',
        lines: [
          'kms identity put arn:aws:iam::111122223333:group/Readers --policy file://decrypt.json',
          'kms identity put arn:aws:iam::111122223333:user/Alice --add-to-groups Readers',
        ],
      },
      { title: 'Make a call as the role', lines: ['kms list-keys --as arn:aws:iam::111122223333:role/App'] },
    ],
    seeAlso: ['IdentityGet', 'IdentityDelete', 'OrganizationPut', 'ExplainAccess'],
  },

  IdentityGet: {
    summary: 'Shows a user, group, role or role session of the keyring',
    description: [
      'Returns the policies, tags, groups, permissions boundary, trust policy and unique ID of the identity.',
    ],
    members: { Arn: ARN },
    errors: [],
    examples: [{ title: 'Show a user', lines: ['kms identity get arn:aws:iam::111122223333:user/Alice'] }],
    seeAlso: ['IdentityPut', 'IdentityList'],
  },

  IdentityList: {
    summary: 'Lists the users, groups, roles and role sessions of the keyring',
    description: ['Returns the identities, sorted by ARN.'],
    members: {},
    errors: [],
    examples: [{ title: 'Print the ARNs', lines: ["kms identity list --query 'Identities[].Arn' --output text"] }],
    seeAlso: ['IdentityGet', 'IdentityPut'],
  },

  IdentityDelete: {
    summary: 'Deletes a user, group, role or role session from the keyring',
    description: [
      'Key policies that name the identity then contain its unique ID, and do not apply to a later identity with the same name. A group that has users cannot be deleted.',
    ],
    members: { Arn: ARN },
    errors: [],
    examples: [{ title: 'Delete a user', lines: ['kms identity delete arn:aws:iam::111122223333:user/Alice'] }],
    seeAlso: ['IdentityPut', 'IdentityList'],
  },

  IdentityCreateAccessKey: {
    summary: 'Creates an access key for a user',
    description: [
      'Requests that are signed with the access key are made as the user. The secret access key is returned only once and is stored encrypted in the keyring. The first access key enables signature verification for the keyring; deleting all access keys does not disable it.',
    ],
    members: {
      PrincipalArn: 'The ARN of the user, or of the root user of an account.',
      FromFile:
        'A file with the access key to add, in the format of the AWS credentials file (aws_access_key_id and aws_secret_access_key of its only profile, or of the profile default), owned by the user with mode 0600. The ID has 16 to 128 letters, digits and underscores, does not begin with ASIA, and must be unique; the secret has 16 to 128 printable ASCII characters. Default: a new access key is generated.',
    },
    errors: [],
    examples: [
      {
        title: 'Create an access key for a user',
        lines: ['kms identity create-access-key arn:aws:iam::111122223333:user/Alice'],
      },
      {
        title: 'Add an existing access key',
        lines: ['kms identity create-access-key arn:aws:iam::111122223333:root --from-file ~/.aws/pocket-kms'],
      },
    ],
    seeAlso: ['IdentityListAccessKeys', 'IdentityDeleteAccessKey', 'Serve'],
  },

  IdentityListAccessKeys: {
    summary: 'Lists the access keys of the keyring',
    description: [
      'Returns access key IDs without the secret access keys. VerifySignatures is true if requests on a socket must be signed.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'List the access keys as a table', lines: ['kms identity list-access-keys --output table'] }],
    seeAlso: ['IdentityCreateAccessKey', 'IdentityDeleteAccessKey'],
  },

  IdentityDeleteAccessKey: {
    summary: 'Deletes an access key',
    description: [
      'Requests that are signed with the access key are rejected, also by servers that are already running.',
    ],
    members: { AccessKeyId: 'The ID of the access key.' },
    errors: [],
    examples: [{ title: 'Delete an access key', lines: ['kms identity delete-access-key AKIAIOSFODNN7EXAMPLE'] }],
    seeAlso: ['IdentityListAccessKeys'],
  },

  IdentityEnableSignatureVerification: {
    summary: 'Requires signed requests on a socket',
    description: [
      'kms serve --socket then rejects unsigned requests, also in servers that are already running. The first access key of a keyring enables this. Servers on network addresses always require signatures.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'Require signatures', lines: ['kms identity enable-signature-verification'] }],
    seeAlso: ['IdentityDisableSignatureVerification', 'IdentityCreateAccessKey', 'Serve'],
  },

  IdentityDisableSignatureVerification: {
    summary: 'Accepts unsigned requests on a socket',
    description: [
      'kms serve --socket then accepts unsigned requests and makes them as the default caller. Only the owner of the socket can connect to it. Servers on network addresses still require signatures.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'Accept unsigned requests', lines: ['kms identity disable-signature-verification'] }],
    seeAlso: ['IdentityEnableSignatureVerification', 'Serve'],
  },

  IdentityAssumeRole: {
    summary: 'Creates temporary credentials for a role session',
    description: [
      'Similar to sts assume-role, but requires only that the keyring can be unlocked. Requests that are signed with the credentials are made as the role session, limited by its session policy, until they expire.',
    ],
    members: {
      RoleArn: 'The ARN of the role.',
      RoleSessionName: 'The name of the role session, a part of its ARN. Default: session.',
      DurationSeconds: 'The duration of the role session in seconds, 900 to 43200. Default: 3600.',
      Policy: 'A session policy, as JSON or file://PATH. It limits the permissions of the role session. Default: none.',
      Tags: 'Session tags, as KEY=VALUE,... (condition key aws:PrincipalTag). Default: none.',
    },
    errors: [],
    examples: [
      {
        title: 'Create a role session that can only decrypt',
        lines: [
          'kms identity assume-role arn:aws:iam::111122223333:role/App --policy \'{"Statement":[{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}\'',
        ],
      },
    ],
    seeAlso: ['IdentityCreateAccessKey', 'Serve', 'GetCallerIdentity'],
  },
};
