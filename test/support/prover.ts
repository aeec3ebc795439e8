/** The prover with the rows of all operations, as commands have it. */
import { proverWith } from '../../src/analysis/prover/prover.ts';
import { actionRules } from '../../src/pipeline/action-rules.ts';

export const ACTION_RULES = await actionRules();
export const prover = proverWith(ACTION_RULES);
