/** Who one is: `get-caller-identity`, as AWS STS answers it. */
import { string, structure } from '../../api/shape.ts';
import { principalId } from '../../audit/event.ts';
import { isKeyringAt } from '../../keyring/place.ts';
import { tool, type House } from '../tool.ts';

export const getCallerIdentity = tool({
  name: 'GetCallerIdentity',
  command: 'get-caller-identity',
  input: structure({}),
  output: structure({ UserId: string(), Account: string(), Arn: string() }),
  async run(_, house) {
    const account = isKeyringAt(house.place) ? await accountOf(house) : '000000000000';
    const caller = house.caller(account);
    return { UserId: principalId(caller), Account: caller.account ?? account, Arn: caller.arn };
  },
});

async function accountOf(house: House): Promise<string> {
  const keyring = await house.open();
  return keyring.inspect(async ({ root }) => root.settings.account);
}
