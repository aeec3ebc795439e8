/** The text of kms apply. */
import type { CommandTexts } from '../command-text/command-text.ts';

/** Of the options that `kms serve --seed` has too. */
export const applyMembers = {
  StackName:
    'The name of the stack of a template. Default: the name of the file without .template, .json, .yaml or .yml.',
  Parameters: 'Values of the parameters of a template.',
  Imports: 'Values of Fn::ImportValue, by export name.',
  ManagedPolicies:
    'A seed with the managed policies that the file refers to by ARN and does not declare, such as the permissions boundary of an account.',
  LocalstackTags:
    'Use the tags _custom_id_ and _custom_key_material_, as in LocalStack: they set the key ID and, in base64, the key material. Default: off.',
} as const;

export const apply: CommandTexts = {
  Apply: {
    summary: 'Creates and updates the resources that a file declares',
    description: [
      'Creates the keys, with their key IDs, the aliases, grants, principals and access keys in the file, and updates descriptions, policies, tags, key states and rotation settings that differ. Other resources are not changed. Applying the same file again has no effect. All changes are made in one transaction: if one of them fails, none is made. They are calls of the caller, with the checks that the calls have, such as the key policy lockout safety check.',
      'The file is JSON or YAML with the structure {Keys: [...], Aliases: [...], Principals: [...], ManagedPolicies: [...], AccessKeys: [...]} and the member names of the API. Unknown members are rejected. KeyMaterial sets the key material of a key, in base64 (of a key pair: a private key as DER), PrivateKeyPem a private key in PEM, and PreviousKeyMaterial what a key was rotated from, for reproducible tests. A principal has an Arn and optionally a UniqueId, Tags, Groups, Policies, ManagedPolicyArns, PermissionsBoundary and TrustPolicy. An access key has a PrincipalArn, an AccessKeyId and a SecretAccessKey. Seed files of local-kms are accepted too.',
      'The file can also be a CloudFormation template, as written by hand, by the AWS CDK or for AWS SAM. AWS::KMS::Key, AWS::KMS::ReplicaKey and AWS::KMS::Alias, and AWS::IAM roles, users, groups and policies are created; any other resource is listed as skipped, with the reason. Key IDs and generated names are derived from account, Region, stack name and logical ID. An alias or principal that exists outside the stack is not changed. Parameters, mappings, conditions and intrinsic functions are evaluated, except Fn::GetAZs, Fn::Transform, Fn::ForEach, and Fn::Cidr of IPv6 blocks. Circular dependencies, unknown sections and members, and macros are rejected. Resources, policies and tags that a later version of the template no longer has are not removed.',
    ],
    members: {
      File: 'The file to apply.',
      ...applyMembers,
      DryRun: 'Show the changes without making them. Default: off.',
    },
    errors: [],
    examples: [
      { title: 'Show the changes', lines: ['kms apply keys.yaml --dry-run --output table'] },
      {
        title: 'Create the keys of a CloudFormation template',
        lines: ['kms apply template.yaml --region eu-central-1 --parameters Stage=dev'],
      },
      {
        title: 'Create the keys and roles of a stack of the AWS CDK',
        lines: ['cdk synth --quiet', 'kms apply cdk.out/AppStack.template.json --output table'],
      },
    ],
    seeAlso: ['Serve', 'CreateKey', 'CreateAlias'],
  },
};
