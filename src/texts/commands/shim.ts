/** Texts of the shim: aws kms, answered by kms. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const shim: CommandTexts = {
  Shim: {
    summary: 'Prints a shell function aws that sends aws kms to kms',
    description: [
      'For scripts that call aws: aws kms ... and aws sts get-caller-identity come to kms, everything else goes to the real AWS CLI. Works in sh, bash and zsh, in the shell that evaluates it and not in the programs it starts; kms shim install is for those. kms and the real aws are looked for in the absolute entries of PATH only: what lies in the current folder is never run for them.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'In this shell', lines: ['eval "$(kms shim)"'] }],
    seeAlso: ['ShimInstall'],
    output: 'The function, as shell source.',
  },

  ShimInstall: {
    summary: 'Installs a program named aws that sends aws kms to kms',
    description: [
      'The same as kms shim, but for programs too: put the folder before that of the real aws on PATH. A file of that name is never overwritten. The program leaves PATH as it is, never runs itself, and ends with status 127 where there is no real aws.',
    ],
    members: { Directory: 'The folder; it is made if it is not there.' },
    errors: [],
    examples: [
      {
        title: 'For a script and all it starts',
        lines: ['kms shim install shims', 'PATH="$PWD/shims:$PATH" ./script.sh'],
      },
    ],
    seeAlso: ['Shim'],
  },
};
