/** The cost of evaluating a changed request, in steps of the budget. */
import type { Decision } from '../../policy/decision.ts';
import type { AccessRequest } from '../../policy/request.ts';
import { costOf } from '../prover/condition-test.ts';
import { reachedTests } from './reached-tests.ts';

/** All statements, and the conditions it gets to. */
export function evaluationCost(decision: Decision): (request: AccessRequest) => number {
  const tests = reachedTests(decision);
  const statements = decision.considered.reduce((sum, item) => {
    if (item.source === 'grant') return sum + 1;
    const { principals, notPrincipals, actions, notActions } = item.statement;
    const named = (principals?.length ?? 0) + (notPrincipals?.length ?? 0);
    const patterns = item.result.miss === 'principal' ? 0 : (actions?.length ?? 0) + (notActions?.length ?? 0);
    return sum + 1 + (named >>> 2) + patterns;
  }, 0);
  return ({ context }) =>
    tests.reduce((sum, test) => sum + costOf(test, context.get(test.key)), statements + (context.size >>> 1));
}
