/** UsageError: an error of the command line, and its presentation. */
import type { Lines } from '../../../commands/command/command-error.ts';
import { cutLines } from '../../../model/cut.ts';
import { MAX_MESSAGE } from '../../../model/error.ts';

/** Exit code, and the name in `An error occurred (NAME)`, by kind. */
const KINDS = {
  /** The words do not parse: the usage follows the message. */
  parser: { exitCode: 252, code: 'ParamValidation' },
  /** Unknown options: the usage comes before the message, and no error format applies. */
  unknownOptions: { exitCode: 252, code: undefined },
  /** A value is wrong: files, JSON, shorthand, parameter checks, `--query`, paging. */
  validation: { exitCode: 252, code: 'ParamValidation' },
  /** Errors that the AWS CLI does not treat as usage errors: invalid base64, an invalid number. Always printed plainly. */
  other: { exitCode: 255, code: undefined },
} as const;

export type UsageErrorKind = keyof typeof KINDS;

/** One line, or the lines of a message: what is quoted in one of them is shown in it, and begins no other. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly lines: readonly string[];
  readonly kind: UsageErrorKind;
  readonly exitCode: number;
  readonly code: string | undefined;
  readonly hints: readonly string[];
  /** The words of the group, or none of the program, that a subcommand is missing of. */
  readonly group: readonly string[] | undefined;
  constructor(
    kind: UsageErrorKind,
    message: Lines,
    hints: readonly string[] = [],
    { group }: { readonly group?: readonly string[] } = {},
  ) {
    const lines = cutLines([message].flat(), MAX_MESSAGE);
    super(lines.join('\n'));
    this.lines = lines;
    this.kind = kind;
    this.exitCode = KINDS[kind].exitCode;
    this.code = KINDS[kind].code;
    this.hints = hints;
    this.group = group;
  }
}

/** A value of one option (or the text of `--cli-input-json`) cannot be read. */
export const parameterError = (parameter: string, message: Lines): UsageError =>
  new UsageError('validation', headed(`Error parsing parameter '${parameter}': `, message));

/** The message with a text before its first line. */
export function headed(head: string, message: Lines): readonly string[] {
  const [first = '', ...others] = [message].flat();
  return [head + first, ...others];
}

export const usage = (program: string): string => `usage: ${program} [options] <command> [<subcommand> ...] [parameters]
To see help text, you can run:

  ${program} help
  ${program} <command> help
`;
