/** Candidate changes of a Deny that applies. */
import { isObject, type JsonObject } from '../../model/json-object.ts';
import type { Consideration, Decision, StatementConsideration } from '../../policy/decision.ts';
import type { AttachedPolicy } from '../../policy/document.ts';
import type { Caller } from '../../policy/principal.ts';
import { withCondition, withoutStatement } from './policy-edit.ts';
import type { CandidateChange } from './remedy.ts';
import { mapPolicies, policyMeans } from './request-policies.ts';

const isStatement = (item: Consideration): item is StatementConsideration => item.source !== 'grant';

const nameOf = ({ policy, statement }: StatementConsideration): string =>
  `${statement.sid ? JSON.stringify(statement.sid) : `statement ${statement.index + 1}`} of ${policy.name}`;

/** Its policy may protect from others: only the caller is taken out of it. */
export function denyChanges({ considered, request: { caller } }: Decision): readonly CandidateChange[] {
  const denies = considered
    .filter(isStatement)
    .filter(({ statement, result }) => result.applies && statement.effect === 'Deny');
  return denies.map((item) => {
    const condition = exempting(item.statement.condition, caller);
    const edit = (policy: AttachedPolicy): AttachedPolicy =>
      condition ? withCondition(policy, item.statement, condition) : withoutStatement(policy, item.statement);
    return {
      kind: 'deny',
      text: `change the Deny ${nameOf(item)}, so that it does not apply${condition ? ` to ${caller.roleArn ?? caller.arn}` : ''}`,
      apply: (before) => mapPolicies(before, item.source, edit),
      means: (before, after) => (condition ? policyMeans(item.source)(before, after) : {}),
    };
  });
}

const PRINCIPAL_ARN = 'aws:PrincipalArn';

/** @returns undefined where a condition cannot tell the caller from others: a service has no ARN */
function exempting(condition: unknown, { kind, arn, roleArn = arn }: Caller): JsonObject | undefined {
  if (kind === 'service') return undefined;
  const conditions = condition ?? {};
  if (!isObject(conditions)) return undefined;
  const others = conditions['ArnNotEquals'] ?? {};
  if (!isObject(others)) return undefined;
  const listed = [others[PRINCIPAL_ARN] ?? []].flat();
  return {
    ...conditions,
    ArnNotEquals: { ...others, [PRINCIPAL_ARN]: listed.length > 0 ? [...listed, roleArn] : roleArn },
  };
}
