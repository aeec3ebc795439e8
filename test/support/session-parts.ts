/** Capabilities of a session over a keyring in memory; a test takes those that its command declares. */
import type { KeyringChange } from '../../src/commands/command/local-command.ts';
import type { OperationCalls } from '../../src/runtime/capabilities.ts';
import { REGION, ROOT, type Fixture } from './fixture.ts';

export function sessionParts(home: Fixture): KeyringChange & OperationCalls {
  const caller = (): typeof ROOT => ROOT;
  return {
    clock: () => home.now,
    random: home.random,
    region: undefined,
    caller,
    open: async () => home.keyring,
    async invoke(operation, input, region = REGION) {
      const origin = { caller, region, sourceIp: '127.0.0.1', userAgent: 'test' };
      return (await home.kms.invoke(operation, input, origin)).output;
    },
  };
}
