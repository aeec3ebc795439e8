/** Texts of the commands that show keys to people. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const keysForPeople: CommandTexts = {
  Ls: {
    summary: 'Lists keys, one line per key',
    description: [
      'Lists the keys of the account and Region with alias (without alias/), the beginning of the key ID, key state, key spec, key usage, rotation period, time since the last use, the next scheduled event and the most severe finding of kms lint about the key policy and the grants. The lines fit a terminal of 80 columns; in a pipe, names are not cut. With --output or --query, returns the keys in the output format.',
      'Keys must match all filters. Reads the keyring directly: key policies do not apply and no event is logged.',
    ],
    members: {
      Match: 'List only keys with this text in an alias or the description, or at the beginning of the key ID.',
      KeyStates: 'List only keys in these key states. Default: all.',
      KeySpecs: 'List only keys with these key specs. Default: all.',
      KeyUsages: 'List only keys with these key usages. Default: all.',
      Tags: 'List only keys that have all of these tags.',
      UnusedFor:
        'List only keys that were not used for this time, such as 90d; a key that was never used counts from its creation.',
      DueWithin: 'List only keys with a scheduled event within this time, such as 30d.',
      Severity: 'List only keys with a finding of this severity or higher.',
      SortBy:
        'The order of the keys. last-use lists the most recently used key first, finding the most severe finding. Default: alias.',
      Reverse: 'Reverse the order. Default: off.',
      Lint: 'Lint the key policies and grants of the keys. Default: on.',
    },
    errors: [],
    examples: [
      { title: 'List the keys that were not used for 90 days', lines: ['kms ls --unused-for 90d --sort-by last-use'] },
      {
        title: 'List what is deleted, expires or is rotated within a month',
        lines: ['kms ls --due-within 30d --sort-by due'],
      },
    ],
    seeAlso: ['Show', 'ListKeys', 'ListAliases', 'Lint'],
    output: 'Lines on a terminal and in a pipe. With --output or --query, a list Keys with the same data.',
  },

  Show: {
    summary: 'Shows one key: metadata, policy in words, grants, events',
    description: [
      'Shows the metadata, aliases and tags of a key, the statements of the key policy in words, the grants, the next scheduled events, the findings of kms lint, and the last five events about the key in the last 4 MiB of the audit log and its old files that are not compressed. Times are in UTC. With --output or --query, returns the same data in the output format.',
      'The words repeat what the key policy says; see kms who-can and kms explain-access for who can use the key. Reads the keyring directly: key policies do not apply and no event is logged.',
    ],
    members: {
      KeyId:
        'The KMS key: key ID, key ARN, alias name or alias ARN; also an alias name without alias/, and the first characters of a key ID.',
    },
    errors: [],
    examples: [{ title: 'Show a key', lines: ['kms show alias/orders', 'kms show 1234abcd'] }],
    seeAlso: ['Ls', 'DescribeKey', 'WhoCan', 'ExplainAccess', 'AuditTail'],
    output: 'A page of text. With --output or --query, an object with the same data.',
  },
};
