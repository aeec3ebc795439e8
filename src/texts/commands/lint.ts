/** Texts of the linter and of the canonical form of policies. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const lint: CommandTexts = {
  Lint: {
    summary: 'Checks key policies, identity policies and grants for errors and risks',
    description: [
      'Reads files, standard input (-), or what the keyring holds, and points at every finding with line and column: what KMS refuses, what has no effect, what gives more access than was meant. What rests on a proof is shown with a request that proves it; it needs the account of the key (--account-id, --key or policylint.json).',
      'Exits 0 if there is nothing at or above --fail-on, 1 if there is, 2 if the linter cannot run: a file that cannot be read, a configuration that is wrong. Files named .jsonc may have comments; // lint-ignore KP504: reason answers for a finding there.',
      'kms put-key-policy, create-key and replicate-key tell the findings of a policy on stderr before they send it; --quiet or POCKET_KMS_LINT=off leaves that out.',
    ],
    members: {
      Files: 'Files to look at; - is standard input. Bare words give them.',
      Key: 'A key of the keyring: its policy and grants are looked at; with files, these are taken for its policy.',
      All: 'Every key policy, grant, identity policy and VPC endpoint policy of the keyring. Default: off.',
      PolicyType: 'What the documents are. Default: what they look like.',
      AccountId: 'The account that owns the key, 12 digits. Default: the only one that the policy can mean.',
      Format: 'How findings are laid out. Default: pretty.',
      FailOn: 'The least severity that counts for the exit status. Default: security.',
      Select: 'Only rules of these codes, or of these beginnings of codes. Default: all but those of style (KP9).',
      Ignore: 'No rules of these codes, or of these beginnings of codes.',
      Fix: 'Repairs what can be repaired safely, in the files. Default: off.',
      UnsafeFixes: 'Repairs what a person should look at afterwards, too. Default: off.',
      Diff: 'Prints what --fix (or --unsafe-fixes) would change, and changes nothing. Default: off.',
      Config:
        'A file with severities, trusted accounts, known identities, expectations, and overrides that may expire (docs/policylint.schema.json). Default: none.',
      Baseline: 'A file with the policy as it was: access that is new is a finding (KP609).',
      KnownFindings: 'A file of findings that were there before; only new ones are shown.',
      WriteKnownFindings: 'Writes such a file with the findings of today, and exits 0; - is standard output.',
      Explain: 'Prints the page of a rule, by its code or name.',
      ListRules: 'Prints the table of rules; * repairs itself safely, ? after a look. Default: off.',
    },
    errors: [],
    examples: [
      {
        title: 'A policy before it is put',
        lines: ['kms lint key-policy.json && kms put-key-policy --key-id alias/app --policy file://key-policy.json'],
      },
      {
        title: 'What a change of a policy gives away',
        lines: ['kms lint new.json --baseline old.json --select KP609'],
      },
      { title: 'For code scanning', lines: ['kms lint policies/*.json --format sarif > lint.sarif'] },
      { title: 'The whole keyring', lines: ['kms lint --all --format concise'] },
    ],
    seeAlso: ['PolicyFormat', 'PolicyDiff', 'ExplainAccess', 'PutKeyPolicy'],
    output: 'The findings, in the format of --format, whatever --output says.',
  },

  PolicyFormat: {
    summary: 'Prints a policy in its canonical form',
    description: [
      "Elements in AWS's order, lists sorted and without what is there twice, a single item without a list, two spaces. The policy means the same. Exits 2 if it is not JSON.",
    ],
    members: {
      File: 'The file; - is standard input. Default: -.',
      Write: 'Writes the file anew instead of printing it. Default: off.',
      Check: 'Prints nothing and exits 1 if the file is not in this form. Default: off.',
    },
    errors: [],
    examples: [
      {
        title: 'From standard input',
        lines: ['kms get-key-policy --key-id alias/app --query Policy --output text | kms policy format'],
      },
      { title: 'In a repository', lines: ['kms policy format policy.json --write'] },
    ],
    seeAlso: ['Lint', 'PolicyDiff'],
    output: 'The policy.',
  },
};
