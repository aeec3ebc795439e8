/** Texts of env files. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const env: CommandTexts = {
  EnvSet: {
    summary: 'Encrypts a value and stores it in an env file',
    description: [
      'Prompts for the value on a terminal, without echo; otherwise reads it from standard input and removes the final newline. Encrypts the value and writes NAME=kms:CIPHERTEXT to the env file, replacing a line with the same name. The name is part of the encryption context: the ciphertext cannot be decrypted under another name.',
      'A value has 1 to 4,096 bytes of UTF-8 without NUL. An env file has at most 1 MiB.',
      'The file contains no plaintext of encrypted values and can be committed to version control.',
    ],
    members: {
      Name: 'The name of the environment variable: letters, digits and _, not starting with a digit.',
      KeyId: 'The KMS key to encrypt the value under: key ID, key ARN, alias name or alias ARN.',
      File: 'The env file. It is created with mode 0600 if it does not exist. To a pipe or device, only the new line is written. Default: .env.',
    },
    errors: [],
    examples: [
      { title: 'Prompt for a password and store it', lines: ['kms env set DB_PASSWORD --key-id alias/app'] },
      {
        title: 'Store a value from a pipe',
        lines: ['openssl rand -hex 32 | kms env set SESSION_KEY --key-id alias/app'],
      },
    ],
    seeAlso: ['EnvExec', 'Encrypt'],
  },

  EnvExec: {
    summary: 'Runs a program with the decrypted values of an env file',
    description: [
      'Decrypts every NAME=kms:CIPHERTEXT of the env file and runs the program with the variables of the file in its environment. The plaintext is not written to disk. The exit status is that of the program, 127 if the program is not found, or 128 plus the signal number if a signal ended it.',
      'A line is NAME=VALUE, optionally with export before it. Values can be quoted and are not expanded. Empty lines and lines that start with # are ignored. If a name occurs several times, the last line is used. Variables of the file override those of the environment.',
      'Everyone with write access to the file controls the values that are not encrypted. Variables that determine which code a program runs (PATH, LD_PRELOAD, NODE_OPTIONS, BASH_ENV, GIT_SSH_COMMAND, POCKET_KMS_... and others) are therefore rejected unless they are encrypted. The list of these variables is not exhaustive: review an env file from another source before you use it.',
    ],
    members: { File: 'The env file; - is standard input. Default: .env.' },
    errors: [],
    examples: [{ title: 'Run a script with secrets', lines: ['kms env exec -- ./deploy.sh --verbose'] }],
    seeAlso: ['EnvSet', 'Decrypt'],
    output: 'The output of the program.',
  },
};
