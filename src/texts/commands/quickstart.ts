/** The text of the guided tour. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const quickstart: CommandTexts = {
  Quickstart: {
    summary: 'Runs a guided tour in a temporary keyring',
    description: [
      'Shows a keyring, a key, encryption with an encryption context, a data key, a key policy with a refusal, and the audit log: each step as the command and its real answer. Nothing of yours is touched; the temporary keyring is removed at the end.',
      'On a terminal Enter goes on to the next step. Elsewhere it runs through.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'The first minute', lines: ['kms quickstart'] }],
    seeAlso: ['Init', 'CreateKey', 'Encrypt', 'AuditVerify'],
    output: 'The commands and their answers.',
  },
};
