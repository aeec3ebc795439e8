/**
 * The `aws` shim: runs kms for `aws kms ...` and `aws sts get-caller-identity`, and the real `aws` for all other commands. Where
 * there is none, kms answers `aws configure get` too, by the same configuration.
 */
import { join, resolve } from 'node:path';
import { fileName } from '../../model/members.ts';
import { required, string, structure } from '../../model/shape.ts';
import { fileError } from '../../files/file-error.ts';
import { makeFolder } from '../../files/folder.ts';
import { outputTo, REFUSED } from '../../files/output.ts';
import type { RandomSource } from '../../runtime/capabilities.ts';
import type { Notes, OptionSyntax, Output } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';

/**
 * Runs the first program of this name on PATH, which it leaves as it is. Only absolute entries are used: an empty or
 * relative one refers to the current folder, which may contain programs of others. It needs no other program and splits no words,
 * so entries may have blanks, quotes and glob characters. `passes` is a condition on `$file` in which `$1` is the name.
 */
const search = (passes: string, before = ''): string => `  pocket_kms_run() {
    rest=\${PATH-}:
    while [ -n "$rest" ]; do
      file=\${rest%%:*}
      rest=\${rest#*:}
      case "$file" in /*) file=$file/$1 ;; *) continue ;; esac
      if [ -f "$file" ] && [ -x "$file" ]${passes}; then
        shift
${before}        exec "$file" "$@"
      fi
    done
    case "$1 $service $operation" in
      'aws configure get') shift; pocket_kms_run kms "$@" ;;
      'aws '*) echo 'aws: no AWS CLI on PATH, whose empty and relative entries do not count; this aws answers kms, sts get-caller-identity and configure get alone' >&2 ;;
      *) echo "aws: no $1 on PATH, whose empty and relative entries do not count" >&2 ;;
    esac
    exit 127
  }
`;

/**
 * Finds the service word as the AWS CLI does, leaves it out, and calls kms with the rest in its order. `set --` and a
 * count turn the list once around, so that words with blanks or quotes stay whole.
 * @param valueOptions the global options that take a word: what follows one of them is no command
 */
const body = (valueOptions: readonly string[]): string => `  service=
  operation=
  skip=
  at=0
  place=
  for word in "$@"; do
    at=$((at + 1))
    if [ -n "$skip" ]; then skip=; continue; fi
    case "$word" in
      ${valueOptions.join('|')}) skip=1 ;;
      -*) ;;
      *) if [ -z "$service" ]; then service=$word; place=$at; else operation=$word; break; fi ;;
    esac
  done
  case "$service $operation" in
    'kms '*|'sts get-caller-identity') ;;
    *) pocket_kms_run aws "$@" ;;
  esac
  at=0
  for word in "$@"; do
    shift
    at=$((at + 1))
    if [ "$at" != "$place" ]; then set -- "$@" "$word"; fi
  done
  pocket_kms_run kms "$@"
`;

/** A subshell, so that the variables and functions of the shell that calls it stay as they are. */
const shellFunction = (valueOptions: readonly string[]): string => `aws() (
${search('')}${body(valueOptions)})`;

/**
 * It never runs itself: not under another spelling of its folder or over a link (`-ef`), and no copy of itself twice.
 * For copies, POCKET_KMS_SHIM has the process ID and what that process has run already; exec keeps the ID, while an aws
 * that the real one starts has another.
 */
const script = (valueOptions: readonly string[]): string => `#!/bin/sh
# aws kms ... is answered by pocket-kms, everything else by the real aws
self=$0
case "\${POCKET_KMS_SHIM-}" in
  "$$ :"*) seen=\${POCKET_KMS_SHIM#* }$self: ;;
  *) seen=:$self: ;;
esac
main() {
${search(
  ` && ! [ "$file" -ef "$self" ] && case "$seen" in *":$file:"*) false ;; esac`,
  `        export POCKET_KMS_SHIM="$$ $seen$file:"
`,
)}${body(valueOptions)}}
main "$@"
`;

export const shim = localCommand({
  name: 'Shim',
  command: 'shim',
  anyProfile: true,
  input: structure({}),
  output: structure({}),
  async run(_, { printData, valueOptions }: OptionSyntax & Pick<Output, 'printData'>) {
    printData(shellFunction(valueOptions));
    return {};
  },
});

export const shimInstall = localCommand({
  name: 'ShimInstall',
  command: 'shim install',
  anyProfile: true,
  input: structure({ Directory: required(fileName) }),
  output: structure({ Shim: string() }),
  positionals: ['Directory'],
  async run({ Directory }, { say, random, valueOptions }: Notes & OptionSyntax & RandomSource) {
    const folder = resolve(Directory);
    const path = join(folder, 'aws');
    try {
      makeFolder(folder);
    } catch (error) {
      throw fileError(error, `the folder ${folder}`);
    }
    await outputTo(path, { random, mode: 0o777, existing: REFUSED }).write([Buffer.from(script(valueOptions))]);
    say(`put ${folder} before the folder of the real aws on PATH`);
    return { Shim: path };
  },
});
