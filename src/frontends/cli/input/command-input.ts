/** Validation of the input of local commands against their shapes. For operations the pipeline does it. */
import { check } from '../../../model/check.ts';
import { KmsError } from '../../../model/error.ts';
import type { ValueOf } from '../../../model/shape.ts';
import type { AnyLocalCommand } from '../../../commands/command-deps.ts';
import { UsageError } from './usage-error.ts';

/** @throws UsageError that names the members and what was expected */
export function checkCommandInput(
  { input: shape }: AnyLocalCommand,
  input: unknown,
): ValueOf<AnyLocalCommand['input']> {
  try {
    return check<AnyLocalCommand['input']>(shape, input);
  } catch (error) {
    if (error instanceof KmsError) throw new UsageError('validation', error.message || 'the input is not valid');
    throw error;
  }
}
