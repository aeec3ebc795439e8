/** Texts of what surrounds accounts and requests: organizations and VPC endpoints. */
import type { CommandTexts } from '../command-text/command-text.ts';

const ORGANIZATION = 'The ID of the organization. Default: the only one.';

export const organizations: CommandTexts = {
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
};
