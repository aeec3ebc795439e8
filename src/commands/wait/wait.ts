/** `kms wait`: waits until a key is in a state, like the waiters of the AWS CLI. */
import { setTimeout } from 'node:timers/promises';
import { namedKey } from '../../model/members.ts';
import { keyState } from '../../model/enumeration.ts';
import { integer, required, structure } from '../../model/shape.ts';
import { loadOperation } from '../../operations/index.ts';
import type { Clock, OperationCalls } from '../../runtime/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { CommandError } from '../command/command-error.ts';

export const wait = localCommand({
  name: 'Wait',
  command: 'wait',
  input: structure({
    KeyId: required(namedKey),
    KeyState: keyState,
    /** Seconds. */
    Timeout: integer(0, 86_400),
  }),
  output: structure({}),
  async run({ KeyId, KeyState = 'Enabled', Timeout = 300 }, { invoke, clock }: OperationCalls & Clock) {
    const describeKey = await loadOperation('DescribeKey');
    const end = clock() + Timeout * 1000;
    for (let pause = 100; ; pause = Math.min(2 * pause, 2000)) {
      const found = (await invoke(describeKey, { KeyId })).KeyMetadata?.KeyState;
      if (found === KeyState) return {};
      if (clock() >= end) {
        throw new CommandError(
          'other',
          `Waiter KeyState failed: ${KeyId} is ${found} and not ${KeyState} after ${Timeout} seconds`,
        );
      }
      await setTimeout(Math.min(pause, Math.max(0, end - clock())));
    }
  },
});
