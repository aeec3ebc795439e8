/** Commands for the setting that callers of a socket must sign, which the first access key turns on. */
import { boolean, structure } from '../../model/shape.ts';
import { verifySignatures } from '../../keyring/access-key.ts';
import { logCommand, localCommand, type KeyringChange } from '../command/local-command.ts';

const verificationSwitch = (name: string, command: string, on: boolean) =>
  localCommand({
    name: `Identity${name}`,
    command: `identity ${command}`,
    input: structure({}),
    output: structure({ VerifySignatures: boolean }),
    async run(_, session: KeyringChange) {
      const keyring = await session.open();
      return keyring.transact(async (tx) => {
        verifySignatures(tx, on);
        logCommand(tx, session, { eventName: name, details: {} });
        return { VerifySignatures: on };
      });
    },
  });

export const enableSignatureVerification = verificationSwitch(
  'EnableSignatureVerification',
  'enable-signature-verification',
  true,
);

export const disableSignatureVerification = verificationSwitch(
  'DisableSignatureVerification',
  'disable-signature-verification',
  false,
);
