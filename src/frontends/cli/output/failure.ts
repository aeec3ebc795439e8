/** Failures of the command line: their kinds, their exit codes, and what throws them. */
import { EnvironmentError, KmsError, withoutValues } from '../../../model/error.ts';
import { CommandError } from '../../../commands/command/command-error.ts';
import { UsageError, usage, type UsageErrorKind } from '../input/usage-error.ts';

/** `aws` v2's codes; `other` is everything else, our own defects too. */
export const exitCodes = {
  success: 0,
  interrupt: 130,
  usage: 252,
  unknownOptions: 252,
  environment: 253,
  service: 254,
  other: 255,
} as const;

export type FailureKind = 'service' | 'usage' | 'unknownOptions' | 'environment' | 'other';

/** A failure, ready for output. */
export interface Failure {
  readonly kind: FailureKind;
  /** The lines of its message; quoted text cannot begin a new line. */
  readonly lines: readonly string[];
  /** AWS's name of the error: `NotFoundException`, `NoRegion`, `Pager` ... */
  readonly code?: string | undefined;
  /** The operation called, in API spelling. */
  readonly operation?: string | undefined;
  /** The usage that a parser error shows, from `usage: ` to its last line. */
  readonly usage?: string | undefined;
  readonly hints?: readonly string[] | undefined;
  /** The group that a subcommand is missing of. */
  readonly group?: readonly string[] | undefined;
  /** Lines for people below the message. */
  readonly list?: readonly string[] | undefined;
}

/** The failure for anything that was thrown; `operation` is the called one, if any; the hints are about the call. */
export function failureOf(
  thrown: unknown,
  { operation, hints: callHints }: Pick<Failure, 'operation' | 'hints'> = {},
): Failure {
  if (thrown instanceof KmsError) {
    return { kind: 'service', code: thrown.code, lines: [thrown.message], operation, hints: callHints };
  }
  if (thrown instanceof EnvironmentError) {
    return { kind: 'environment', lines: [thrown.message], hints: thrown.hints };
  }
  if (thrown instanceof UsageError) {
    const { lines, kind, hints, group } = thrown;
    return { lines, hints, group, ...usageFailures[kind]() };
  }
  if (thrown instanceof CommandError) return { kind: thrown.kind, code: thrown.code, lines: thrown.lines };
  if (isSystemError(thrown)) {
    // of a file that somebody named
    return { kind: 'path' in thrown ? 'environment' : 'other', lines: [thrown.message] };
  }
  return {
    kind: 'other',
    lines: [thrown instanceof Error ? withoutValues(thrown) : 'a value that is not an Error was thrown'],
    hints: ['this is a bug in kms; --debug shows the stack trace'],
  };
}

/** An error of the system about a file, a folder or a descriptor that has no message of our own. */
const isSystemError = (thrown: unknown): thrown is NodeJS.ErrnoException =>
  thrown instanceof Error && 'syscall' in thrown && 'code' in thrown && /^E[A-Z0-9]+$/.test(String(thrown.code));

const usageFailures: { readonly [kind in UsageErrorKind]: () => Pick<Failure, 'kind' | 'usage'> } = {
  parser: () => ({ kind: 'usage', usage: usage('kms') }),
  unknownOptions: () => ({ kind: 'unknownOptions', usage: usage('kms') }),
  validation: () => ({ kind: 'usage' }),
  other: () => ({ kind: 'other' }),
};
