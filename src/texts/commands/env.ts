/** Texts of env files. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const env: CommandTexts = {
  EnvSet: {
    summary: 'Encrypts a value into an env file',
    description: [
      'Asks for the value on a terminal, without showing it; elsewhere reads it from standard input, without its last line end. Encrypts it, and writes NAME=kms:CIPHERTEXT into the env file in place of the line of that name, or at its end. The ciphertext is bound to the name: under another name it does not decrypt.',
      'A value has 1 to 4,096 bytes of UTF-8 without NUL: what an environment variable can have. An env file has at most 1 MiB.',
      'Such a file can be committed: it holds no plaintext.',
    ],
    members: {
      Name: 'The name of the variable: letters, digits and _, not starting with a digit.',
      KeyId: 'The KMS key to encrypt under: key ID, key ARN, alias name or alias ARN.',
      File: 'The env file; it is made if it is not there, with mode 0600. Into a pipe or device the line alone is written. Default: .env.',
    },
    errors: [],
    examples: [
      { title: 'A password, asked for', lines: ['kms env set DB_PASSWORD --key-id alias/app'] },
      { title: 'From a pipe', lines: ['openssl rand -hex 32 | kms env set SESSION_KEY --key-id alias/app'] },
    ],
    seeAlso: ['EnvExec', 'Encrypt'],
  },

  EnvExec: {
    summary: 'Runs a program with the values of an env file, decrypted',
    description: [
      "Decrypts every NAME=kms:CIPHERTEXT of the env file and runs the program with all names of the file in its environment. Plaintext is written nowhere. The exit status is the program's; 127 if it is not there, 128 and the number of the signal that ended it.",
      'A line is NAME=VALUE, with export before it or not; a value may stand in quotes; nothing is expanded; lines that are empty or start with # are skipped. Of several lines with one name, the last counts. Names of the file take the place of those in the environment.',
      'Who can write the file can choose the values that are not encrypted. So names that decide which code programs run (PATH, LD_PRELOAD, NODE_OPTIONS, BASH_ENV, GIT_SSH_COMMAND, POCKET_KMS_... and the like) are refused there, unless they are encrypted. That list cannot be complete: read the env file of somebody else before you use it.',
    ],
    members: { File: 'The env file; - is standard input. Default: .env.' },
    errors: [],
    examples: [{ title: 'In a Makefile', lines: ['kms env exec -- ./deploy.sh --verbose'] }],
    seeAlso: ['EnvSet', 'Decrypt'],
    output: 'What the program prints.',
  },
};
