/** Candidate changes of the call itself: other attributes, members and condition keys. */
import type { Decision } from '../../policy/decision.ts';
import { completionOf } from '../completions/completion.ts';
import type { Unknown } from '../completions/dimension.ts';
import { dimensionsOf } from '../completions/dimensions.ts';
import type { Budget } from '../prover/budget.ts';
import { callOptions } from './call-options.ts';
import type { CandidateChange } from './remedy.ts';

const OPTIONS_PER_DIMENSION = 32;

/** Changes of the call, except for its time and caller. */
const ANYTHING: Unknown = {
  specifiedKeys: new Set(['aws:currenttime', 'aws:epochtime']),
  isOwnCall: false,
  isForeign: false,
};

export function callChanges(decision: Decision, budget: Budget): readonly CandidateChange[] {
  const { request } = decision;
  return dimensionsOf(decision, ANYTHING, budget).flatMap((dimension) =>
    dimension.options.slice(0, OPTIONS_PER_DIMENSION).flatMap((apply) => {
      const { states, keys } = completionOf([request], [apply(request)], { chosen: [dimension], at: 0 });
      if (keys.length === 0) return [];
      const state = states.join(' and ');
      const text = states
        .map((one) => `call ${one.startsWith('no ') ? `without ${one.slice(3)}` : `with ${one}`}`)
        .join(' and ');
      const means: CandidateChange['means'] = (before, after) => {
        const options = before.facts && after.facts && callOptions(before.facts, after.facts);
        return options === undefined ? {} : { callOptions: options };
      };
      return [{ kind: 'request' as const, key: keys[0]!, state, text, group: dimension.option, apply, means }];
    }),
  );
}
