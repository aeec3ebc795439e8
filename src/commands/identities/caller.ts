/** Who one is: `get-caller-identity`, as AWS STS answers it. */
import { string, structure } from '../../model/shape.ts';
import { principalId } from '../../audit/event.ts';
import { isKeyringAt } from '../../keyring/place.ts';
import type { Caller } from '../../policy/principal.ts';
import { identify } from '../../pipeline/known-callers.ts';
import { tool, type House } from '../tool.ts';

const NOWHERE = '000000000000';

export const getCallerIdentity = tool({
  name: 'GetCallerIdentity',
  command: 'get-caller-identity',
  input: structure({}),
  output: structure({ UserId: string(), Account: string(), Arn: string() }),
  async run(_, house) {
    const caller = isKeyringAt(house.place) ? await callerIn(house) : house.caller(NOWHERE);
    return { UserId: principalId(caller), Account: caller.account ?? NOWHERE, Arn: caller.arn };
  },
});

async function callerIn(house: House): Promise<Caller> {
  const keyring = await house.open();
  return keyring.transact((tx) => identify(tx, house.caller(tx.settings.account)));
}
