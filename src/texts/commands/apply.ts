/** The text of seeds. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const apply: CommandTexts = {
  Apply: {
    summary: 'Creates and updates what a file declares',
    description: [
      'Makes the keys with these IDs, their aliases and grants, and the principals that the file lists, and changes descriptions, policies, tags, states and rotation that differ. What the file does not speak of stays as it is; applying it again changes nothing.',
      'The file is JSON or YAML, {Keys: [...], Principals: [...], AccessKeys: [...]} with the names of the API, or a CloudFormation template, of which AWS::KMS::Key, AWS::KMS::ReplicaKey and AWS::KMS::Alias are taken. KeyMaterial gives a key its material, base64: for tests that need the same ciphertexts everywhere; AccessKeys have a PrincipalArn, an AccessKeyId and a SecretAccessKey that were chosen.',
    ],
    members: {
      File: 'The file. A bare word may give it.',
      DryRun: 'Tells what would be done, and does nothing. Default: off.',
    },
    errors: [],
    examples: [
      { title: 'What would change', lines: ['kms apply keys.yaml --dry-run --output table'] },
      { title: 'The keys of a stack', lines: ['kms apply template.yaml --region eu-central-1'] },
    ],
    seeAlso: ['Serve', 'CreateKey', 'CreateAlias'],
  },
};
