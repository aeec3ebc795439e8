/** Paths of the project, wherever a script was started. */
import { fileURLToPath } from 'node:url';

export const root = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
