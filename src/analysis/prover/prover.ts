/**
 * The prover for the linter. Everything it lists is proved: a request that shows access went through evaluate(), and
 * "never" was shown for every class of caller, every action and every value of the condition keys. All that is asked
 * about a subject takes from the budget that it brings.
 */
import type { ActionRules } from '../../policy/action-rules.ts';
import { oneEach, publicAccessIn } from './access.ts';
import { proves, within } from './budget.ts';
import { differenceOf } from './difference.ts';
import { selfEscalation } from './escalation.ts';
import { neverMatches, subsumed } from './idle-statements.ts';
import { locksOut, locksOutAll } from './lockout.ts';
import { opened, scopeOf } from './subject-model.ts';
import type { Access, Prover } from './questions.ts';
import { shadows } from './shadows.ts';

export const proverWith = (actionRules: ActionRules): Prover => ({
  actionRules,
  publicAccess: (subject) => {
    const { found, finished } = within<Access>(subject.budget, (all) => publicAccessIn(opened(subject).model, all));
    return { found: oneEach(found), finished };
  },
  newAccess(subject, baseline) {
    const { gains, finished } = differenceOf({ ...scopeOf(subject), newer: subject.document, older: baseline });
    return { found: oneEach(gains.map(({ statement, witness }) => ({ statement, witness }))), finished };
  },
  shadowed: (subject) => within(subject.budget, (found) => found.push(...shadows(subject).whole)),
  partlyShadowed: (subject) => within(subject.budget, (found) => found.push(...shadows(subject).parts)),
  subsumed: (subject) => within(subject.budget, (found) => subsumed(opened(subject), found)),
  neverMatches: (subject) => within(subject.budget, (found) => neverMatches(opened(subject), found)),
  locksOut: (subject, caller) => proves(subject.budget, () => locksOut(opened(subject), caller)),
  locksOutAll: (subject) => proves(subject.budget, () => locksOutAll(opened(subject), subject)),
  selfEscalation: (subject) => within(subject.budget, (found) => selfEscalation(opened(subject), found)),
});
