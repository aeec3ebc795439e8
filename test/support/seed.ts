/** One seed for every property of a run: the same each time, or `FC_SEED=$RANDOM npx vitest run FILE`. A failure prints it. */
import fc from 'fast-check';

export const SEED = Number(process.env['FC_SEED'] ?? 20_261_128);

fc.configureGlobal({ seed: SEED });
