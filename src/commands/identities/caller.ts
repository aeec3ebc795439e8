/** `get-caller-identity`, as in AWS STS. */
import { DEFAULT_ACCOUNT } from '../../model/account.ts';
import { string, structure } from '../../model/shape.ts';
import { principalId } from '../../audit/event.ts';
import { isKeyringAt } from '../../keyring/place.ts';
import type { Caller } from '../../policy/principal.ts';
import { identify } from '../../operations/principals/known-callers.ts';
import type { CallerChoice, KeyringAccess, KeyringLocation } from '../../runtime/capabilities.ts';
import { localCommand } from '../command/local-command.ts';

export const getCallerIdentity = localCommand({
  name: 'GetCallerIdentity',
  command: 'get-caller-identity',
  input: structure({}),
  output: structure({ UserId: string(), Account: string(), Arn: string() }),
  async run(_, session: KeyringLocation & KeyringAccess & CallerChoice) {
    const caller = isKeyringAt(session.place) ? await callerIn(session) : session.caller(DEFAULT_ACCOUNT);
    return { UserId: principalId(caller), Account: caller.account ?? DEFAULT_ACCOUNT, Arn: caller.arn };
  },
});

async function callerIn(session: KeyringAccess & CallerChoice): Promise<Caller> {
  const keyring = await session.open();
  return keyring.transact((tx) => identify(tx, session.caller(tx.settings.account)));
}
