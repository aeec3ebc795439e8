/** The text of the guided tour. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const quickstart: CommandTexts = {
  Quickstart: {
    summary: 'Runs a guided tour in a temporary keyring',
    description: [
      'Creates a keyring and a key, encrypts with an encryption context, generates a data key, shows a call that a key policy denies, and verifies the audit log. Each step prints the command and its output. Your own keyrings are not used; the temporary keyring is removed at the end.',
      'On a terminal, press Enter to continue after each step. Otherwise all steps run without a pause.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'Run the tour', lines: ['kms quickstart'] }],
    seeAlso: ['Init', 'CreateKey', 'Encrypt', 'AuditVerify'],
    output: 'The commands and their output.',
  },
};
