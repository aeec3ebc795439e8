/** The text of kms apply. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const apply: CommandTexts = {
  Apply: {
    summary: 'Creates and updates the resources that a file declares',
    description: [
      'Creates the keys, with their key IDs, the aliases, grants, principals and access keys in the file, and updates descriptions, policies, tags, key states and rotation settings that differ. Other resources are not changed. Applying the same file again has no effect.',
      'The file is JSON or YAML with the structure {Keys: [...], Principals: [...], AccessKeys: [...]} and the member names of the API, or a CloudFormation template. Of a template, the resource types AWS::KMS::Key, AWS::KMS::ReplicaKey and AWS::KMS::Alias are used. KeyMaterial sets the key material of a key, in base64, for reproducible tests. An access key has a PrincipalArn, an AccessKeyId and a SecretAccessKey.',
    ],
    members: {
      File: 'The file to apply.',
      DryRun: 'Show the changes without making them. Default: off.',
    },
    errors: [],
    examples: [
      { title: 'Show the changes', lines: ['kms apply keys.yaml --dry-run --output table'] },
      {
        title: 'Create the keys of a CloudFormation template',
        lines: ['kms apply template.yaml --region eu-central-1'],
      },
    ],
    seeAlso: ['Serve', 'CreateKey', 'CreateAlias'],
  },
};
