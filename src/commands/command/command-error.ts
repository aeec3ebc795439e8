/** The error for failures that the command line detects itself. */
import { cutLines } from '../../model/cut.ts';
import { MAX_MESSAGE } from '../../model/error.ts';

export type Lines = string | readonly string[];

/** A failure that the command line detects itself: before the call, or while it prints the output. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly kind: 'usage' | 'environment' | 'other';
  readonly lines: readonly string[];
  readonly code: string | undefined;
  constructor(kind: CommandError['kind'], message: Lines, code?: string) {
    const lines = cutLines([message].flat(), MAX_MESSAGE);
    super(lines.join('\n'));
    this.lines = lines;
    this.kind = kind;
    this.code = code;
  }
}
