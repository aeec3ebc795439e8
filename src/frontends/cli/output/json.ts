/** JSON output: indented by 4, other alphabets as they are. */
import { isNothing, type Printable } from '../../../model/printable.ts';

export const printJson = (value: Printable): string => (isNothing(value) ? '' : `${JSON.stringify(value, null, 4)}\n`);
