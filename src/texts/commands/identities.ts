/** Texts of callers: identities, their access keys, sessions of roles. */
import type { CommandTexts } from '../command-text/command-text.ts';

const ARN =
  'The ARN of a user, a group, a role, or a session of a role: arn:aws:iam::111122223333:user/Alice, arn:aws:iam::111122223333:group/Admins, arn:aws:iam::111122223333:role/App, arn:aws:sts::111122223333:assumed-role/App/i-0abc.';

export const identities: CommandTexts = {
  GetCallerIdentity: {
    summary: 'Shows the caller that calls are made as',
    description: [
      'Answers account, ARN and unique ID of the caller, as AWS STS does. The caller is the root user of the account of the keyring, unless the profile names another principal.',
    ],
    members: {},
    errors: [],
    examples: [
      { title: 'The ARN of a profile', lines: ['kms get-caller-identity --profile reader --query Arn --output text'] },
    ],
    seeAlso: ['Configure', 'ConfigureSet'],
  },

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

  IdentityCreateAccessKey: {
    summary: 'Creates an access key for a user',
    description: [
      'Requests that it signs are made as this user. The secret access key is shown this once; the keyring keeps it sealed. From the first access key on the keyring asks for signatures, also after the last one was deleted.',
    ],
    members: {
      PrincipalArn: 'ARN of the user, or of the root user of an account. A bare word may give it.',
      FromFile:
        'A file with an access key that was chosen, in the format of the AWS SDKs (aws_access_key_id and aws_secret_access_key of its only profile, or of the profile default); yours, closed to others (mode 0600). The ID has 16 to 128 letters, digits and underscores, does not begin with ASIA, and is not there yet; the secret has 16 to 128 visible characters of ASCII. Default: a new one.',
    },
    errors: [],
    examples: [
      { title: 'For Alice', lines: ['kms identity create-access-key arn:aws:iam::111122223333:user/Alice'] },
      {
        title: 'One that clients have already',
        lines: ['kms identity create-access-key arn:aws:iam::111122223333:root --from-file ~/.aws/pocket-kms'],
      },
    ],
    seeAlso: ['IdentityListAccessKeys', 'IdentityDeleteAccessKey', 'Serve'],
  },

  IdentityListAccessKeys: {
    summary: 'Lists the access keys',
    description: [
      'Without their secrets, which are shown only when they are made. VerifySignatures tells whether the keyring asks callers of a socket for signatures.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'For people', lines: ['kms identity list-access-keys --output table'] }],
    seeAlso: ['IdentityCreateAccessKey', 'IdentityDeleteAccessKey'],
  },

  IdentityDeleteAccessKey: {
    summary: 'Deletes an access key',
    description: ['Requests that it signed are refused from now on, by servers that run already too.'],
    members: { AccessKeyId: 'ID of the access key. A bare word may give it.' },
    errors: [],
    examples: [{ title: 'By its ID', lines: ['kms identity delete-access-key AKIAIOSFODNN7EXAMPLE'] }],
    seeAlso: ['IdentityListAccessKeys'],
  },

  IdentityEnableSignatureVerification: {
    summary: 'Requires signed requests on a socket',
    description: [
      'kms serve --socket then refuses requests that no access key has signed, as servers on addresses always do; servers that run already do so too. The first access key of a keyring switches this on.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'For this keyring', lines: ['kms identity enable-signature-verification'] }],
    seeAlso: ['IdentityDisableSignatureVerification', 'IdentityCreateAccessKey', 'Serve'],
  },

  IdentityDisableSignatureVerification: {
    summary: 'Accepts unsigned requests on a socket',
    description: [
      'kms serve --socket then makes requests that no known access key has signed as the default caller: only the owner of the socket can open it. Servers on addresses go on asking for signatures. Deleting the last access key does not do this.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'For this keyring', lines: ['kms identity disable-signature-verification'] }],
    seeAlso: ['IdentityEnableSignatureVerification', 'Serve'],
  },

  IdentityAssumeRole: {
    summary: 'Creates temporary credentials for a session of a role',
    description: [
      'Like sts assume-role, for whoever can unlock the keyring: requests that are signed with them are made as the session, bounded by its session policy, until it expires.',
    ],
    members: {
      RoleArn: 'ARN of the role. A bare word may give it.',
      RoleSessionName: 'The name of the session, which stands in its ARN. Default: session.',
      DurationSeconds: 'How long it lasts, 900 to 43200 seconds. Default: 3600.',
      Policy: 'A session policy: JSON, of which only what the role may do too is allowed.',
      Tags: 'Session tags: conditions see them as aws:PrincipalTag.',
    },
    errors: [],
    examples: [
      {
        title: 'A session that may only decrypt',
        lines: [
          'kms identity assume-role arn:aws:iam::111122223333:role/App --policy \'{"Statement":[{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}\'',
        ],
      },
    ],
    seeAlso: ['IdentityCreateAccessKey', 'Serve', 'GetCallerIdentity'],
  },
};
