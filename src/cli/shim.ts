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

/** The second line of every shim, by which one knows another, whatever it is called and wherever it was copied to. */
const MARK = '# aws kms ... is answered by pocket-kms, everything else by the real aws';

/**
 * Runs the real aws: the first on PATH that is no shim. PATH stays as it is; its empty and relative entries mean the
 * current folder, and what lies there is not asked for. A process that comes by twice would go round for ever: exec
 * keeps its number.
 */
const RUN_REAL = `  if [ "\${POCKET_KMS_SHIM-}" = "$$" ]; then
    echo 'aws: the shim of pocket-kms was called by itself' >&2
    exit 127
  fi
  rest="\${PATH}:"
  while [ -n "$rest" ]; do
    folder="\${rest%%:*}"
    rest="\${rest#*:}"
    case "$folder" in /*) ;; *) continue ;; esac
    if [ ! -f "$folder/aws" ] || [ ! -x "$folder/aws" ] || [ "$folder/aws" -ef "$0" ]; then continue; fi
    line=
    { read -r line; read -r line; } <"$folder/aws" 2>/dev/null
    if [ "$line" = '${MARK}' ]; then continue; fi
    POCKET_KMS_SHIM=$$
    export POCKET_KMS_SHIM
    exec "$folder/aws" "$@"
  done
  echo 'aws: the AWS CLI is not installed; this aws answers kms and sts get-caller-identity alone' >&2
  exit 127
`;

/** A subshell, so that the variables of the shell that calls it stay as they are. */
const shellFunction = (): string => `aws() (
real() {
${RUN_REAL}}
${body('real "$@"')}  kms "$@"
)`;

const script = (): string => `#!/bin/sh
${MARK}
real() {
${RUN_REAL}}
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
      await outputTo(path, { random, mode: 0o777, existing: 'refuse' }).write([Buffer.from(script())]);
      say(`put ${folder} before the folder of the real aws on PATH`);
      return { Shim: path };
    },
  }),
];
