/** Texts of the linter and of the canonical form of policies. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const lint: CommandTexts = {
  Lint: {
    summary: 'Checks key policies, identity and trust policies and grants for errors and risks',
    description: [
      'Checks policies from files, folders, standard input (-) or the keyring, and reports findings with line and column: errors that KMS rejects, elements without effect, and access that is too broad. Findings of rules with proofs include a request that is allowed; these rules need the account of the key (--account-id, --key-id or policylint.json).',
      'Files can also hold policies among other things: CloudFormation, SAM and CDK templates (JSON, YAML), the output of terraform show -json, Terraform state and .tf files (jsonencode, heredocs), Kubernetes manifests, and responses of AWS such as that of get-key-policy. Findings have their location in that file. Values that are not in the file, such as references, are unknown: a finding that depends on one is not reported. AWS::AccountId is the account of --account-id or policylint.json, by default an account that is not in the file.',
      'Exits with status 0 if there are no findings at or above --fail-on, 1 if there are, and 2 if a file cannot be read or the configuration is not valid. Files with the extension .jsonc may have comments; the comment // lint-ignore KP504: REASON suppresses a finding.',
      'kms put-key-policy, create-key and replicate-key print the findings of the policy on stderr before they run. --quiet or POCKET_KMS_LINT=off suppresses this.',
    ],
    members: {
      Files:
        'The files to check; - is standard input. In a folder, all files with policies that have the extension .json, .jsonc, .yaml, .yml, .template, .tf, .tofu or .tfstate, except those in node_modules and those whose names begin with a dot.',
      KeyId:
        'A KMS key of the keyring, to check its key policy and grants. With files, check the files as policies of this key.',
      All: 'Check all key policies, grants, identity policies, permissions boundaries, role trust policies and VPC endpoint policies of the keyring. Default: off.',
      PolicyType: 'The type of the policies. Default: detected from the content.',
      AccountId:
        'The account that owns the key, 12 digits. Default: the account that the policy implies, if there is only one.',
      Format: 'The output format of findings. Default: pretty.',
      FailOn: 'The lowest severity that makes the command exit with status 1. Default: security.',
      Select: 'The rules to run, by code or code prefix. Default: all rules except style rules (KP9).',
      Ignore: 'The rules not to run, by code or code prefix. Default: none.',
      Fix: 'Apply safe fixes to the files. In YAML, Terraform files, plans and states, and where a value is unknown, fixes are reported, not applied. Default: off.',
      UnsafeFixes: 'Apply unsafe fixes too, which require a review. Default: off.',
      Diff: 'Print the changes of --fix or --unsafe-fixes as a diff, without writing files. Default: off.',
      Config:
        'The configuration file: severities, trusted accounts, known identities, expectations and overrides (docs/policylint.schema.json). Default: policylint.json in the folder of each file, or in the nearest folder above it, up to the root of the repository; one of another user is not used.',
      Baseline: 'A file with the previous version of the policy. New access compared to it is a finding (KP609).',
      KnownFindings: 'A file with known findings, which are not reported.',
      WriteKnownFindings:
        'Write the current findings to this file as known findings and exit with status 0; - is standard output.',
      Explain: 'Print the documentation of a rule, by its code or name.',
      ListRules: 'Print the table of rules; * marks rules with safe fixes, ? rules with unsafe fixes. Default: off.',
    },
    errors: [],
    examples: [
      {
        title: 'Check a policy before you write it',
        lines: ['kms lint key-policy.json && kms put-key-policy --key-id alias/app --policy file://key-policy.json'],
      },
      {
        title: 'Report new access of a changed policy',
        lines: ['kms lint new.json --baseline old.json --select KP609'],
      },
      { title: 'Write a SARIF report', lines: ['kms lint policies/*.json --format sarif > lint.sarif'] },
      { title: 'Check the policies of a repository', lines: ['kms lint . --format concise'] },
      { title: 'Check a Terraform plan', lines: ['terraform show -json plan.tfplan | kms lint -'] },
      { title: 'Check the whole keyring', lines: ['kms lint --all --format concise'] },
    ],
    seeAlso: ['PolicyFormat', 'PolicyDiff', 'ExplainAccess', 'PutKeyPolicy'],
    output:
      'The findings, in the format of --format. With --output or --query, the findings as data, instead of --format and --diff.',
  },

  PolicyFormat: {
    summary: 'Prints a policy in its canonical form',
    description: [
      'Orders the elements as in AWS documentation, sorts lists and removes duplicates, unwraps lists of one item, and indents by two spaces. The meaning of the policy does not change. Exits with status 2 if the file is not valid JSON.',
    ],
    members: {
      File: 'The policy file; - is standard input. Default: -.',
      Write: 'Rewrite the file instead of printing the policy. Default: off.',
      Check: 'Only check: exit with status 1 if the file is not in canonical form. Default: off.',
    },
    errors: [],
    examples: [
      {
        title: 'Format a policy from standard input',
        lines: ['kms get-key-policy --key-id alias/app --query Policy --output text | kms policy format'],
      },
      { title: 'Format a file in place', lines: ['kms policy format policy.json --write'] },
    ],
    seeAlso: ['Lint', 'PolicyDiff'],
    output: 'The formatted policy.',
  },
};
