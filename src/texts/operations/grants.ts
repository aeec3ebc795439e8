/** Texts of grants. */
import { MANAGE } from './error-lists.ts';
import { DRY_RUN, GRANT_TOKENS, KEY_ONLY, limit, MARKER } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const GRANT_ID = 'The grant, by the ID that kms create-grant and kms list-grants answer.';
const RETIRING_SERVICE = 'The AWS service that may retire the grant, by its host name. Default: none.';

export const grants: CommandTexts = {
  CreateGrant: {
    summary: 'Creates a grant on a KMS key',
    description: [
      'A grant allows one grantee principal the named operations on one key, without a change of any policy. It holds until it is retired or revoked.',
      'The answer has a grant ID and a grant token. AWS needs the token until the grant is known everywhere; here it counts at once, with or without.',
    ],
    members: {
      KeyId: KEY_ONLY,
      GranteePrincipal:
        'Who gets the permission: ARN of an account, user, role, assumed role or federated user. Give this or --grantee-service-principal.',
      RetiringPrincipal: 'Who may retire the grant, by ARN. Default: nobody but those whom policies allow it.',
      Operations: 'What is allowed; the operations must fit the type of the key.',
      Constraints:
        'Encryption context that requests must have: EncryptionContextEquals exactly it, EncryptionContextSubset at least it. Up to 8 pairs; symmetric encryption keys only. SourceArn belongs to service principals. Default: none.',
      GrantTokens: GRANT_TOKENS,
      Name: 'Makes the call repeatable: the same call with the same name answers the same grant. Not secret. Default: none, and every call makes a grant of its own.',
      DryRun: DRY_RUN,
      GranteeServicePrincipal:
        'The AWS service that gets the permission, by its host name; needs a SourceArn constraint and a retiring principal. Give this or --grantee-principal.',
      RetiringServicePrincipal: RETIRING_SERVICE,
    },
    errors: [
      'DependencyTimeoutException',
      'DisabledException',
      'DryRunOperationException',
      'InvalidArnException',
      'InvalidGrantTokenException',
      'KMSInternalException',
      'KMSInvalidStateException',
      'LimitExceededException',
      'NotFoundException',
    ],
    examples: [
      {
        title: 'Let a role decrypt what belongs to one department',
        lines: [
          'kms create-grant --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          '    --grantee-principal arn:aws:iam::111122223333:role/reader --operations Decrypt \\',
          '    --constraints EncryptionContextSubset={Department=IT}',
        ],
      },
    ],
    seeAlso: ['ListGrants', 'RetireGrant', 'RevokeGrant', 'PutKeyPolicy'],
  },

  ListGrants: {
    summary: 'Lists the grants of a KMS key',
    description: ['Answers every grant of one key, or those that fit the filters.'],
    members: {
      Limit: limit(50, 100),
      Marker: MARKER,
      KeyId: KEY_ONLY,
      GrantId: 'Only the grant with this ID. Default: all.',
      GranteePrincipal: 'Only grants to this principal, by ARN. Default: all.',
      GranteeServicePrincipal: 'Only grants to this AWS service, by its host name. Default: all.',
    },
    errors: [...MANAGE, 'InvalidGrantIdException', 'InvalidMarkerException'],
    examples: [
      {
        title: 'Who may do what',
        lines: [
          'kms list-grants --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          "    --query 'Grants[].[GranteePrincipal, Operations]'",
        ],
      },
    ],
    seeAlso: ['CreateGrant', 'ListRetirableGrants', 'RevokeGrant'],
  },

  ListRetirableGrants: {
    summary: 'Lists the grants that a principal may retire',
    description: ['Answers the grants of the account and Region that name this retiring principal.'],
    members: {
      Limit: limit(50, 100),
      Marker: MARKER,
      RetiringPrincipal: 'The principal, by ARN. Give this or --retiring-service-principal.',
      RetiringServicePrincipal: 'The AWS service, by its host name. Give this or --retiring-principal.',
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
        title: 'What a role may retire',
        lines: ['kms list-retirable-grants --retiring-principal arn:aws:iam::111122223333:role/cleaner'],
      },
    ],
    seeAlso: ['RetireGrant', 'ListGrants'],
  },

  RetireGrant: {
    summary: 'Retires a grant, by its retiring principal or grantee',
    description: [
      'For the retiring principal, the grantee if RetireGrant is among its operations, and the root user of the account that made the grant. Name the grant by its token, or by key and grant ID.',
    ],
    members: {
      GrantToken: 'The grant, by its token. Give this, or --key-id and --grant-id.',
      KeyId: 'The key that the grant is on, by key ARN. Together with --grant-id.',
      GrantId: `${GRANT_ID} Together with --key-id.`,
      DryRun: DRY_RUN,
    },
    errors: [...MANAGE, 'DryRunOperationException', 'InvalidGrantIdException', 'InvalidGrantTokenException'],
    examples: [
      {
        title: 'Retire a grant by its ID',
        lines: [
          'kms retire-grant --key-id arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab \\',
          '    --grant-id 0d8aa621d8a7f3f4e2c1b3a59687746655443322110ffeeddccbbaa998877665',
        ],
      },
    ],
    seeAlso: ['RevokeGrant', 'ListRetirableGrants'],
  },

  RevokeGrant: {
    summary: 'Revokes a grant on a KMS key',
    description: ['The grantee loses what the grant allowed. Whoever may call this may end every grant of the key.'],
    members: { KeyId: KEY_ONLY, GrantId: GRANT_ID, DryRun: DRY_RUN },
    errors: [...MANAGE, 'DryRunOperationException', 'InvalidGrantIdException'],
    examples: [
      {
        title: 'Revoke a grant',
        lines: [
          'kms revoke-grant --key-id 1234abcd-12ab-34cd-56ef-1234567890ab \\',
          '    --grant-id 0d8aa621d8a7f3f4e2c1b3a59687746655443322110ffeeddccbbaa998877665',
        ],
      },
    ],
    seeAlso: ['RetireGrant', 'ListGrants'],
  },
};
