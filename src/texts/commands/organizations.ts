/** Texts of organizations and VPC endpoints. */
import type { CommandTexts } from '../command-text/command-text.ts';

const ORGANIZATION = 'The ID of the organization. Default: the only organization of the keyring.';

export const organizations: CommandTexts = {
  OrganizationPut: {
    summary: 'Adds an organization and its control policies to the keyring, or changes them',
    description: [
      'Service control policies limit the permissions of callers in the accounts of the organization, resource control policies limit access to their keys. Every level, from the root to the account, must allow a request. A new level starts with policies that allow everything. The keyring can have several organizations; an account belongs to at most one of them (condition keys aws:PrincipalOrgID and aws:ResourceOrgID). Options that are omitted leave the settings unchanged.',
    ],
    members: {
      OrganizationId:
        'The ID of the organization, such as o-a1b2c3d4e5. Required for a new organization, and if the keyring has several.',
      Path: 'The organization path of the accounts, as in the condition key aws:PrincipalOrgPaths.',
      Accounts: 'The accounts of the organization, 12 digits each. Default: the account of the keyring.',
      ManagementAccount: 'The management account, to which control policies do not apply.',
      Level: 'The level to attach the policy to; 0 is the root. Default: 0.',
      Type: 'The type of the policy. Default: SERVICE_CONTROL_POLICY.',
      Policy: 'The control policy to add or replace at the level, as JSON or file://PATH.',
      PolicyName: 'The name of the policy. Default: policy.',
      RemovePolicy: 'The name of a policy to remove from the level.',
    },
    errors: [],
    examples: [
      {
        title: 'Add a service control policy that denies key deletion',
        lines: [
          'kms organization put --organization-id o-a1b2c3d4e5 --policy-name keep-keys --policy file://deny-deletion.json',
        ],
      },
    ],
    seeAlso: ['OrganizationGet', 'OrganizationDelete', 'IdentityPut'],
  },

  OrganizationGet: {
    summary: 'Shows an organization of the keyring',
    description: ['Returns the accounts of the organization and the control policies of each level.'],
    members: { OrganizationId: ORGANIZATION },
    errors: [],
    examples: [{ title: 'Show the organization', lines: ['kms organization get'] }],
    seeAlso: ['OrganizationPut', 'OrganizationList', 'OrganizationDelete'],
  },

  OrganizationList: {
    summary: 'Lists the organizations of the keyring',
    description: ['Returns organization IDs and accounts, sorted by organization ID.'],
    members: {},
    errors: [],
    examples: [
      { title: 'List the organization IDs', lines: ["kms organization list --query 'Organizations[].OrganizationId'"] },
    ],
    seeAlso: ['OrganizationGet', 'OrganizationPut'],
  },

  OrganizationDelete: {
    summary: 'Deletes an organization and its control policies from the keyring',
    description: ['The control policies of the organization no longer apply to its accounts.'],
    members: { OrganizationId: ORGANIZATION },
    errors: [],
    examples: [{ title: 'Delete the organization', lines: ['kms organization delete'] }],
    seeAlso: ['OrganizationPut', 'OrganizationGet'],
  },

  IdentityProviderPut: {
    summary: 'Registers an OpenID Connect provider',
    description: [
      'AssumeRoleWithWebIdentity of kms serve accepts tokens that these keys verify and that are for one of the clients, and the trust policy of the role then decides. An existing provider is replaced, keys and clients included. The keys are not fetched from the provider: put the key set again when it changes.',
    ],
    members: {
      Issuer: 'The issuer as in the iss claim of its tokens, such as https://token.example.',
      Jwks: 'The JSON Web Key Set of the provider, with public keys only, as JSON or file://PATH.',
      ClientIds: 'The client IDs (audiences) whose tokens are accepted.',
    },
    errors: ['ValidationException'],
    examples: [
      {
        title: 'Register a provider',
        lines: [
          'kms identity-provider put https://token.example --jwks file://jwks.json --client-ids sts.amazonaws.com',
        ],
      },
    ],
    seeAlso: ['IdentityProviderGet', 'IdentityProviderDelete', 'IdentityPut', 'Serve'],
  },

  IdentityProviderGet: {
    summary: 'Shows an OpenID Connect provider',
    description: ['Returns the ARN that trust policies name it by, its client IDs and its key IDs.'],
    members: { Issuer: 'The issuer.' },
    errors: [],
    examples: [
      {
        title: 'Print the ARN for a trust policy',
        lines: ['kms identity-provider get https://token.example --query ProviderArn --output text'],
      },
    ],
    seeAlso: ['IdentityProviderPut', 'IdentityProviderList'],
  },

  IdentityProviderList: {
    summary: 'Lists the OpenID Connect providers',
    description: ['Returns the providers in the order of their issuers.'],
    members: {},
    errors: [],
    examples: [
      { title: 'List the issuers', lines: ["kms identity-provider list --query 'IdentityProviders[].Issuer'"] },
    ],
    seeAlso: ['IdentityProviderGet', 'IdentityProviderPut'],
  },

  IdentityProviderDelete: {
    summary: 'Deletes an OpenID Connect provider',
    description: [
      'Its tokens are no longer accepted. Credentials that were given for them stay valid until they expire.',
    ],
    members: { Issuer: 'The issuer.' },
    errors: [],
    examples: [{ title: 'Delete a provider', lines: ['kms identity-provider delete https://token.example'] }],
    seeAlso: ['IdentityProviderPut', 'IdentityProviderList'],
  },

  VpcEndpointPut: {
    summary: 'Attaches a policy to a VPC endpoint',
    description: [
      'Calls through the endpoint (--source-vpce) must also be allowed by the endpoint policy. An existing endpoint policy is replaced. An endpoint without a policy in the keyring allows full access.',
    ],
    members: {
      VpcEndpointId: 'The ID of the VPC endpoint, such as vpce-1a2b3c4d.',
      Policy:
        'The endpoint policy, as JSON or file://PATH. Default: the default endpoint policy, which allows full access.',
    },
    errors: [],
    examples: [
      {
        title: 'Allow one role to use an endpoint',
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
    description: ['Returns the endpoint policy as it was written.'],
    members: { VpcEndpointId: 'The ID of the VPC endpoint.' },
    errors: [],
    examples: [
      {
        title: 'Print only the policy document',
        lines: ['kms vpc-endpoint get vpce-1a2b3c4d --query PolicyDocument --output text'],
      },
    ],
    seeAlso: ['VpcEndpointPut', 'VpcEndpointList'],
  },

  VpcEndpointList: {
    summary: 'Lists the VPC endpoints that have a policy',
    description: ['Returns the endpoint IDs in sorted order.'],
    members: {},
    errors: [],
    examples: [
      { title: 'List the endpoint IDs', lines: ["kms vpc-endpoint list --query 'VpcEndpoints[].VpcEndpointId'"] },
    ],
    seeAlso: ['VpcEndpointGet', 'VpcEndpointPut'],
  },

  VpcEndpointDelete: {
    summary: 'Detaches the policy from a VPC endpoint',
    description: ['The endpoint then allows full access.'],
    members: { VpcEndpointId: 'The ID of the VPC endpoint.' },
    errors: [],
    examples: [{ title: 'Delete the endpoint policy', lines: ['kms vpc-endpoint delete vpce-1a2b3c4d'] }],
    seeAlso: ['VpcEndpointPut', 'VpcEndpointList'],
  },
};
