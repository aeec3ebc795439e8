/** A line for the person at the terminal, on stderr; never part of the answer. */
import { visible } from '../../model/visible.ts';
import type { GlobalValues } from './input/global-option.ts';
import type { Process } from './process.ts';

export const sayTo = (
  { write }: Pick<Process, 'write'>,
  { quiet }: Pick<GlobalValues, 'quiet'>,
): ((line: string) => void) => (quiet ? () => {} : (line) => write(2, `kms: ${visible(line)}\n`));
