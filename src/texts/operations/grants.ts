/** Texts of grants. */
import { MANAGE } from './error-lists.ts';
import { DRY_RUN, GRANT_TOKENS, KEY_ONLY, limit, MARKER } from './member.ts';
import type { CommandTexts } from '../command-text/command-text.ts';

const GRANT_ID = 'The grant ID, as returned by kms create-grant and kms list-grants.';
const RETIRING_SERVICE = 'The AWS service principal that can retire the grant. Default: none.';

export const grants: CommandTexts = {
  CreateGrant: {
    summary: 'Creates a grant on a KMS key',
    description: [
      'A grant gives a grantee principal permission to use a KMS key in the specified operations, without a policy change. It is effective until it is retired or revoked.',
      'Returns a grant ID and a grant token. AWS KMS requires the grant token until the grant reaches eventual consistency; here a grant is effective immediately.',
    ],
    members: {
      KeyId: KEY_ONLY,
      GranteePrincipal:
        'The principal that gets the permissions: the ARN of an account, user, role, role session or federated user. Specify this or --grantee-service-principal.',
      RetiringPrincipal: 'The principal that can retire the grant, by ARN. Default: none.',
      Operations: 'The operations that the grant permits. They must be supported by the type of the key.',
      Constraints:
        'Constraints on the grant. EncryptionContextEquals requires exactly this encryption context, EncryptionContextSubset at least these pairs; up to 8 pairs, symmetric encryption keys only. SourceArn applies to service principals. Default: none.',
      GrantTokens: GRANT_TOKENS,
      Name: 'A friendly name that makes retries idempotent: repeating the call with the same name and parameters returns the same grant ID. Not secret. Default: none, each call creates a grant.',
      DryRun: DRY_RUN,
      GranteeServicePrincipal:
        'The AWS service principal that gets the permissions. Requires a SourceArn constraint and a retiring principal. Specify this or --grantee-principal.',
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
        title: 'Allow a role to decrypt with a specific encryption context',
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
    description: ['Returns all grants of the key, or those that match the filters.'],
    members: {
      Limit: limit(50, 100),
      Marker: MARKER,
      KeyId: KEY_ONLY,
      GrantId: 'List only the grant with this ID. Default: all grants.',
      GranteePrincipal: 'List only grants to this grantee principal, by ARN. Default: all grants.',
      GranteeServicePrincipal: 'List only grants to this AWS service principal. Default: all grants.',
    },
    errors: [...MANAGE, 'InvalidGrantIdException', 'InvalidMarkerException'],
    examples: [
      {
        title: 'List grantee principals and their operations',
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
    description: ['Returns the grants in the account and Region that have this retiring principal.'],
    members: {
      Limit: limit(50, 100),
      Marker: MARKER,
      RetiringPrincipal: 'The retiring principal, by ARN. Specify this or --retiring-service-principal.',
      RetiringServicePrincipal: 'The AWS service principal. Specify this or --retiring-principal.',
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
        title: 'List the grants that a role can retire',
        lines: ['kms list-retirable-grants --retiring-principal arn:aws:iam::111122223333:role/cleaner'],
      },
    ],
    seeAlso: ['RetireGrant', 'ListGrants'],
  },

  RetireGrant: {
    summary: 'Retires a grant, by its retiring principal or grantee',
    description: [
      'A grant can be retired by its retiring principal, by its grantee principal if the grant permits RetireGrant, and by the root user of the account in which the grant was created. Identify the grant by its grant token, or by key ARN and grant ID.',
    ],
    members: {
      GrantToken: 'The grant token. Specify this, or --key-id and --grant-id.',
      KeyId: 'The key ARN of the KMS key of the grant. Requires --grant-id.',
      GrantId: `${GRANT_ID} Requires --key-id.`,
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
    description: [
      'Deletes the grant, which ends the permissions that it gives. Any grant of the key can be revoked with kms:RevokeGrant permission.',
    ],
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
