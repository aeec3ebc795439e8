/** The condition tests that a decision depends on. */
import type { Consideration, Decision, StatementConsideration } from '../../policy/decision.ts';
import { testsOf, type Test } from '../prover/condition-test.ts';

const isStatement = (item: Consideration): item is StatementConsideration => item.source !== 'grant';

/** Tests of the statements that are about the caller and the action: the decision depends only on these. */
export const reachedTests = ({ considered }: Decision): readonly Test[] =>
  considered
    .filter(isStatement)
    .filter(({ result: { condition, miss } }) => condition !== undefined || miss === 'resource')
    .flatMap((item) => testsOf(item.statement, item.policy.document) ?? []);
