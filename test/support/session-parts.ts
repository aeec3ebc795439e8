/** Capabilities of a session over a keyring in memory; a test takes those that its command declares. */
import type { KeyringChange } from '../../src/commands/command/local-command.ts';
import type { CallSeries, OperationCalls, OperationUnits } from '../../src/runtime/capabilities.ts';
import type { Caller } from '../../src/policy/principal.ts';
import { REGION, ROOT, type Fixture } from './fixture.ts';

export function sessionParts(
  home: Fixture,
  as: Caller = ROOT,
): KeyringChange & CallSeries & OperationCalls & OperationUnits {
  const caller = (): Caller => as;
  const origin = { caller, sourceIp: '127.0.0.1', userAgent: 'test' };
  return {
    clock: () => home.now,
    random: home.random,
    region: undefined,
    caller,
    open: async () => home.keyring,
    async invoke(operation, input, region = REGION) {
      return (await home.kms.invoke(operation, input, { ...origin, region })).output;
    },
    invokeSeries: (calls, how) => home.kms.invokeSeries(calls, { ...origin, region: REGION }, how),
    allOrNothing: (work) =>
      home.kms.allOrNothing(({ tx, invoke }) =>
        work({
          tx,
          invoke: async (operation, input, region = REGION) =>
            (await invoke(operation, input, { ...origin, region })).output,
        }),
      ),
  };
}
