/** The `aws` shim: `aws kms ...` and `aws sts get-caller-identity` come to us, everything else goes to the real `aws`. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { required, string, structure } from '../api/shape.ts';
import { fileError } from '../files/file-error.ts';
import { outputTo } from '../files/output.ts';
import { tool, type AnyTool } from '../operations/tool.ts';
import { GLOBAL_OPTIONS } from './input/global-option.ts';

/** Global options that take a word: what follows one of them is no command. */
const withValue = Object.values(GLOBAL_OPTIONS)
  .filter((option) => option.takes === 'one')
  .map(({ name }) => name);

/**
 * Finds the service word as the AWS CLI does, leaves it out, and calls kms with the rest in its order. `set --` and a
 * count turn the list once around, so that words with blanks or quotes stay whole.
 */
const body = (real: string): string => `  service=
  operation=
  skip=
  at=0
  place=
  for word in "$@"; do
    at=$((at + 1))
    if [ -n "$skip" ]; then skip=; continue; fi
    case "$word" in
      ${withValue.join('|')}) skip=1 ;;
      -*) ;;
      *) if [ -z "$service" ]; then service=$word; place=$at; else operation=$word; break; fi ;;
    esac
  done
  case "$service $operation" in
    'kms '*|'sts get-caller-identity') ;;
    *) ${real} ;;
  esac
  at=0
  for word in "$@"; do
    shift
    at=$((at + 1))
    if [ "$at" != "$place" ]; then set -- "$@" "$word"; fi
  done
`;

/** A subshell, so that the variables of the shell that calls it stay as they are. */
const shellFunction = (): string => `aws() (
${body('command aws "$@"; exit $?')}  kms "$@"
)`;

const script = (folder: string): string => `#!/bin/sh
# aws kms ... is answered by pocket-kms, everything else by the real aws
real() {
  PATH=$(printf '%s' "$PATH" | tr ':' '\\n' | grep -vxF '${folder.replaceAll("'", "'\\''")}' | tr '\\n' ':')
  export PATH
  if ! command -v aws >/dev/null; then
    echo 'aws: the AWS CLI is not installed; this aws answers kms and sts get-caller-identity alone' >&2
    exit 127
  fi
  exec aws "$@"
}
main() {
${body('real "$@"')}  exec kms "$@"
}
main "$@"
`;

export const shimTools: readonly AnyTool[] = [
  tool({
    name: 'Shim',
    command: 'shim',
    anyProfile: true,
    input: structure({}),
    output: structure({}),
    async run(_, { printData }) {
      printData(shellFunction());
      return {};
    },
  }),
  tool({
    name: 'ShimInstall',
    command: 'shim install',
    anyProfile: true,
    input: structure({ Directory: required(string({ min: 1 })) }),
    output: structure({ Shim: string() }),
    words: ['Directory'],
    async run({ Directory }, { say, random }) {
      const folder = resolve(Directory);
      const path = join(folder, 'aws');
      try {
        mkdirSync(folder, { recursive: true });
      } catch (error) {
        throw fileError(error, `the folder ${folder}`);
      }
      await outputTo(path, { random, mode: 0o777, existing: 'refuse' }).write([Buffer.from(script(folder))]);
      say(`put ${folder} before the folder of the real aws on PATH`);
      return { Shim: path };
    },
  }),
];
