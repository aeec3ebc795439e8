/** UsageError: something is wrong with the command line itself, and how that is said (spec/aws-cli.md 4.1, 4.2). */
import { cut } from '../../api/cut.ts';
import { MAX_MESSAGE } from '../../api/error.ts';

/** Exit code, and the name in `An error occurred (NAME)`, by kind. */
const KINDS = {
  /** The words do not parse: the usage follows the message. */
  parser: { exitCode: 252, code: 'ParamValidation' },
  /** Words that nobody claimed: the usage comes before the message, and no error format applies (4.5). */
  unknownOptions: { exitCode: 252, code: undefined },
  /** A value is wrong: files, JSON, shorthand, parameter checks, `--query`, paging. */
  validation: { exitCode: 252, code: 'ParamValidation' },
  /** What the AWS CLI does not count as a wrong command: bad base64, a number that is none. Always printed plainly. */
  other: { exitCode: 255, code: undefined },
} as const;

export type UsageErrorKind = keyof typeof KINDS;

export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly kind: UsageErrorKind;
  readonly exitCode: number;
  readonly code: string | undefined;
  constructor(kind: UsageErrorKind, message: string) {
    super(cut(message, MAX_MESSAGE));
    this.kind = kind;
    this.exitCode = KINDS[kind].exitCode;
    this.code = KINDS[kind].code;
  }
}

/** A value of one option (or the text of `--cli-input-json`) cannot be read. */
export const parameterError = (parameter: string, message: string): UsageError =>
  new UsageError('validation', `Error parsing parameter '${parameter}': ${message}`);

export const usage = (program: string): string => `usage: ${program} [options] <command> [<subcommand> ...] [parameters]
To see help text, you can run:

  ${program} help
  ${program} <command> help
`;

/** The message as the structured error formats print it: a parser error's contains the usage (4.5). */
const usageErrorText = (error: UsageError, program: string): string =>
  (error.kind === 'parser' ? `${error.message}\n\n${usage(program)}` : error.message).trim();

/** What goes to stderr, from the empty first line to the final newline (4.2, first column). */
export function layOutUsageError(error: UsageError, program: string): string {
  const what = error.code === undefined ? '' : `An error occurred (${error.code}): `;
  const line = `\n${program}: [ERROR]: ${what}${usageErrorText(error, program)}\n`;
  return error.kind === 'unknownOptions' ? `\n${usage(program)}\n${line}` : line;
}
