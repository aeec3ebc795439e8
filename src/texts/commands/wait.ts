/** The text of waiting for a key state. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const wait: CommandTexts = {
  Wait: {
    summary: 'Waits until a KMS key is in a key state',
    description: [
      'Calls kms describe-key every 0.1 seconds at first, and every 2 seconds later. Each call has an event in the audit log. Exits with status 255 if the key is not in the key state when the timeout expires.',
    ],
    members: {
      KeyId: 'The KMS key: key ID, key ARN, alias name or alias ARN.',
      KeyState: 'The key state to wait for. Default: Enabled.',
      Timeout: 'The maximum time to wait, in seconds. Default: 300.',
    },
    errors: [],
    examples: [
      { title: 'Wait until a key is enabled', lines: ['kms wait --key-id alias/app'] },
      {
        title: 'Wait at most ten seconds until a key is disabled',
        lines: ['kms wait --key-id alias/app --key-state Disabled --timeout 10'],
      },
    ],
    seeAlso: ['DescribeKey'],
  },
};
