/** Tools for whether callers of a socket must sign with an access key: what the first access key switches on. */
import { boolean, structure } from '../../model/shape.ts';
import { verifySignatures } from '../../keyring/access-key.ts';
import { logTool, tool, type AnyTool } from '../tool.ts';

const switchTool = (name: string, command: string, on: boolean): AnyTool =>
  tool({
    name: `Identity${name}`,
    command: `identity ${command}`,
    input: structure({}),
    output: structure({ VerifySignatures: boolean }),
    async run(_, house) {
      const keyring = await house.open();
      return keyring.transact(async (tx) => {
        verifySignatures(tx, on);
        logTool(tx, house, { eventName: name, details: {} });
        return { VerifySignatures: on };
      });
    },
  });

export const enableSignatureVerification = switchTool(
  'EnableSignatureVerification',
  'enable-signature-verification',
  true,
);

export const disableSignatureVerification = switchTool(
  'DisableSignatureVerification',
  'disable-signature-verification',
  false,
);
