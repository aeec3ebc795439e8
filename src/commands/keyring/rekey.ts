/** `kms keyring rekey`: a new term of the domain key. */
import { integer, structure } from '../../model/shape.ts';
import { logCommand, localCommand, type KeyringChange } from '../command/local-command.ts';

export const rekey = localCommand({
  name: 'KeyringRekey',
  command: 'keyring rekey',
  input: structure({}),
  output: structure({ Term: integer() }),
  async run(_, session: KeyringChange) {
    const keyring = await session.open();
    await keyring.transact(async (tx) => {
      tx.change({ kind: 'rekey' });
      logCommand(tx, session, { eventName: 'RekeyKeyring', details: {} });
    });
    return { Term: await keyring.inspect(async ({ barrier }) => barrier.term) };
  },
});
