/** The text of waiting for a key state. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const wait: CommandTexts = {
  Wait: {
    summary: 'Waits until a KMS key is in a key state',
    description: [
      'Asks kms describe-key again and again, at first every tenth of a second and later every two seconds; every question is an event in the audit log. Exits 255 if the time is over before the key is in that state.',
    ],
    members: {
      KeyId: 'The KMS key: key ID, key ARN, alias name or alias ARN.',
      KeyState: 'The key state to wait for. Default: Enabled.',
      Timeout: 'How many seconds to wait at most. Default: 300.',
    },
    errors: [],
    examples: [
      { title: 'Until a key can be used', lines: ['kms wait --key-id alias/app'] },
      { title: 'At most ten seconds', lines: ['kms wait --key-id alias/app --key-state Disabled --timeout 10'] },
    ],
    seeAlso: ['DescribeKey'],
  },
};
