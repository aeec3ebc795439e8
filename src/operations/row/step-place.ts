/** Where a computation is done (operation.ts, StepPlace). */
import type { StepPlace } from './operation.ts';

export const placeOf = (takesLong: boolean): StepPlace => (takesLong ? 'thread' : 'transaction');
