/** Notes for the user on stderr, if it is a terminal. */
import { visible } from '../../model/visible.ts';
import type { GlobalValues } from './input/global-option.ts';
import type { Process } from './process.ts';

export const sayTo = (
  { write }: Pick<Process, 'write'>,
  { quiet }: Pick<GlobalValues, 'quiet'>,
): ((line: string) => void) => (quiet ? () => {} : (line) => write(2, `kms: ${visible(line)}\n`));
