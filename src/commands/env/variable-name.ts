/** The name of an environment variable, as an argument of commands. */
import { string } from '../../model/shape.ts';

export const variableName = string({ min: 1, pattern: '[A-Za-z_][A-Za-z0-9_]*' });
