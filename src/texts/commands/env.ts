/** Texts of env files. */
import type { CommandTexts } from '../command-text/command-text.ts';

const File = 'The env file. Default: .env.';
const ReadFile = 'The env file; - is standard input. Default: .env.';
const Name = 'The name of the environment variable: letters, digits and _, not starting with a digit.';

export const env: CommandTexts = {
  EnvSet: {
    summary: 'Encrypts a value and stores it in an env file',
    description: [
      'Prompts for the value on a terminal, without echo; otherwise reads it from standard input and removes the final newline. Encrypts the value and writes NAME=kms:CIPHERTEXT to the env file, in place of the value of the last line with the same name. Comments and all other lines stay as they are. The name is part of the encryption context: the ciphertext cannot be decrypted under another name.',
      'A value is UTF-8 without NUL, and at most as long as an environment variable of Linux: 131,072 bytes with its name. Values above 4,096 bytes are encrypted under a data key (kms:DATA-KEY:CIPHERTEXT). An env file has at most 1 MiB.',
      'The file contains no plaintext of encrypted values and can be committed to version control.',
    ],
    members: {
      Name,
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
    seeAlso: ['EnvEdit', 'EnvUnset', 'EnvExec', 'Encrypt'],
  },

  EnvGet: {
    summary: 'Prints a value of an env file',
    description: ['Decrypts one value of an env file, and prints it with a newline. No other value is decrypted.'],
    members: { Name, File: ReadFile },
    errors: [],
    examples: [{ title: 'Print a password', lines: ['kms env get DB_PASSWORD'] }],
    seeAlso: ['EnvList', 'EnvExport', 'EnvExec'],
    output: 'The value and a newline.',
  },

  EnvList: {
    summary: 'Lists the variables of an env file',
    description: [
      'Lists the names in an env file, whether their values are encrypted, and the key ID that an encrypted value names. Nothing is decrypted, and no keyring is needed.',
    ],
    members: { File: ReadFile },
    errors: [],
    examples: [{ title: 'List the variables as a table', lines: ['kms env list --output table'] }],
    seeAlso: ['EnvGet', 'EnvSet'],
  },

  EnvUnset: {
    summary: 'Removes a variable from an env file',
    description: [
      'Removes all lines with the name from an env file, together with the comments behind their values. All other lines stay as they are.',
    ],
    members: { Name, File },
    errors: [],
    examples: [{ title: 'Remove a variable', lines: ['kms env unset DB_PASSWORD'] }],
    seeAlso: ['EnvSet', 'EnvEdit'],
  },

  EnvEdit: {
    summary: 'Opens the decrypted values of an env file in an editor',
    description: [
      'Decrypts the values of an env file into a draft, opens the draft in the editor that VISUAL or EDITOR names (default on a terminal: vi), and encrypts new and changed values when the editor ends. Values that did not change keep their ciphertexts; comments and the order of lines are those of the draft. Values that were not encrypted before stay unencrypted; new ones are encrypted.',
      'Nothing is changed if the editor fails, if the draft is unchanged, if a value cannot be encrypted, or if another process changed the file in the meantime.',
      'The draft has mode 0600, in a folder with mode 0700 that is in memory (tmpfs) where the system has such a folder: XDG_RUNTIME_DIR or /dev/shm. Otherwise it is in the folder for temporary files, with a note. It is removed when the editor ends, and on SIGTERM and SIGHUP; after SIGKILL it stays. Editors can keep copies elsewhere, such as undo files, swap files and clipboards.',
    ],
    members: {
      KeyId:
        'The KMS key to encrypt new and changed values under. Default: the key of the values in the file, if it is one key.',
      File: 'The env file. It is created with mode 0600 if it does not exist. Default: .env.',
    },
    errors: [],
    examples: [
      { title: 'Edit the values', lines: ['kms env edit'] },
      {
        title: 'Edit a new file with Visual Studio Code',
        lines: ["EDITOR='code --wait' kms env edit --key-id alias/app"],
      },
    ],
    seeAlso: ['EnvSet', 'EnvUnset'],
  },

  EnvExport: {
    summary: 'Prints the decrypted values of an env file',
    description: [
      'Decrypts the values of an env file and prints all variables: as commands for a shell (export NAME=...), as an env file (dotenv), or as a JSON object.',
      'Prefer kms env exec where possible: exported values reach every program that the shell starts. Variables that determine which code a program runs are rejected unless they are encrypted.',
    ],
    members: {
      Format:
        'The format: shell, dotenv or json. In the format dotenv, values with a carriage return and values with all three kinds of quotes are rejected if there is no way to write them. Default: shell.',
      File: ReadFile,
    },
    errors: [],
    examples: [
      { title: 'Set the variables in this shell', lines: ['eval "$(kms env export)"'] },
      { title: 'Read a value with jq', lines: ['kms env export --format json | jq -r .DB_PASSWORD'] },
    ],
    seeAlso: ['EnvExec', 'EnvGet'],
    output: 'The variables in the format.',
  },

  EnvRewrap: {
    summary: 'Encrypts the values of an env file under another KMS key',
    description: [
      'Calls ReEncrypt for every encrypted value of the file, including those that a later line with the same name overrides. Of values that are encrypted under a data key, the data key is encrypted again. The file is replaced atomically when all calls have succeeded; otherwise it is unchanged.',
    ],
    members: { KeyId: 'The KMS key to encrypt under: key ID, key ARN, alias name or alias ARN.', File },
    errors: [],
    examples: [{ title: 'Change to another key', lines: ['kms env rewrap --key-id alias/app-2027'] }],
    seeAlso: ['EnvSet', 'ReEncrypt'],
  },

  EnvExec: {
    summary: 'Runs a program with the decrypted values of an env file',
    description: [
      'Decrypts every NAME=kms:CIPHERTEXT of the env file and runs the program with the variables of the file in its environment. The plaintext is not written to disk. The exit status is that of the program, 127 if the program is not found, or 128 plus the signal number if a signal ended it.',
      'Env files are in the dialect of node --env-file: NAME=VALUE, optionally with export before it; a # begins a comment, also behind a value; a value in single quotes, double quotes or backticks can contain # and newlines; \\n in double quotes is a newline; nothing else is expanded. Lines that Node.js ignores, and values that it reads otherwise than they look, are rejected. If a name occurs several times, the last line is used. Variables of the file override those of the environment.',
      'Everyone with write access to the file controls the values that are not encrypted. Variables that determine which code a program runs (PATH, LD_PRELOAD, NODE_OPTIONS, BASH_ENV, GIT_SSH_COMMAND, POCKET_KMS_... and others) are therefore rejected unless they are encrypted. The list of these variables is not exhaustive: review an env file from another source before you use it.',
    ],
    members: { File: ReadFile },
    errors: [],
    examples: [{ title: 'Run a script with secrets', lines: ['kms env exec -- ./deploy.sh --verbose'] }],
    seeAlso: ['EnvSet', 'EnvExport', 'Decrypt'],
    output: 'The output of the program.',
  },
};
