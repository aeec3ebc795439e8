/** Texts of the shim, which redirects aws kms to kms. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const shim: CommandTexts = {
  Shim: {
    summary: 'Prints a shell function aws that sends aws kms to kms',
    description: [
      'The function runs kms for aws kms ... and aws sts get-caller-identity, and the AWS CLI for all other commands. Without an AWS CLI it runs kms configure get for aws configure get. It works in sh, bash and zsh, only in the shell that evaluates it; for programs that the shell starts, use kms shim install. kms and aws are searched only in the absolute entries of PATH, not in the current folder.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'Define the function in the current shell', lines: ['eval "$(kms shim)"'] }],
    seeAlso: ['ShimInstall'],
    output: 'The shell source code of the function.',
  },

  ShimInstall: {
    summary: 'Installs a program named aws that sends aws kms to kms',
    description: [
      'Same as kms shim, but as a program: put the folder before the folder of the AWS CLI in PATH. An existing file is not overwritten. The program does not change PATH. It exits with status 127 if the AWS CLI is required but not found.',
    ],
    members: { Directory: 'The folder to install the program in. It is created if it does not exist.' },
    errors: [],
    examples: [
      {
        title: 'Run a script with the shim',
        lines: ['kms shim install shims', 'PATH="$PWD/shims:$PATH" ./script.sh'],
      },
    ],
    seeAlso: ['Shim'],
  },
};
