/** `kms keyring verify`: compares every record of a keyring with its version tree. */
import { boolean, integer, list, string, structure } from '../../model/shape.ts';
import { verifyKeyring } from '../../keyring/verify.ts';
import type { KeyringAccess } from '../../runtime/capabilities.ts';
import type { Progress } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';

export const verify = localCommand({
  name: 'KeyringVerify',
  command: 'keyring verify',
  input: structure({}),
  output: structure({ Valid: boolean, Records: integer(), Generation: integer(), Problems: list(string()) }),
  async run(_, session: KeyringAccess & Progress) {
    const keyring = await session.open();
    const verified = session.progress('records', (meter) => verifyKeyring(keyring, meter));
    const { problems, records, generation } = await verified;
    return { Valid: problems.length === 0, Records: records, Generation: generation, Problems: problems };
  },
  exit: ({ Valid }) => (Valid ? 0 : 1),
});
