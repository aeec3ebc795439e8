/** Candidate changes of the policies that limit what others give: boundaries, session, endpoint and organization policies. */
import type { JsonObject } from '../../model/json-object.ts';
import type { Decision, PolicySource } from '../../policy/decision.ts';
import type { AttachedPolicy } from '../../policy/document.ts';
import { newName, policyOf, withStatement } from './policy-edit.ts';
import type { CandidateChange } from './remedy.ts';
import { policiesFrom } from './remedy-command.ts';
import { mapPolicies, policyMeans, withCaller } from './request-policies.ts';

/** Policies that bound what others give, and have one text to change. */
const GUARDRAILS: readonly { readonly source: PolicySource; readonly words: string; readonly hasPrincipal: boolean }[] =
  [
    { source: 'permissionsBoundary', words: 'permissions boundary', hasPrincipal: false },
    { source: 'sessionPolicy', words: 'session policy', hasPrincipal: false },
    { source: 'endpointPolicy', words: 'VPC endpoint policy', hasPrincipal: true },
  ];

const allowing = (action: string, hasPrincipal: boolean): JsonObject => ({
  Effect: 'Allow',
  ...(hasPrincipal ? { Principal: '*' } : {}),
  Action: action,
  Resource: '*',
});

export function guardrailChanges({ request }: Decision): readonly CandidateChange[] {
  const { action } = request;
  return GUARDRAILS.flatMap(({ source, words, hasPrincipal }) => {
    if (policiesFrom(request, source).length === 0) return [];
    return [
      {
        kind: source,
        text: `${words}: Allow ${action}`,
        apply(before) {
          // one of several is enough
          const first = policiesFrom(before, source)[0]?.policy;
          return mapPolicies(before, source, (policy) =>
            policy === first ? withStatement(policy, allowing(action, hasPrincipal)) : policy,
          );
        },
        means: policyMeans(source),
      } satisfies CandidateChange,
    ];
  });
}

/** Of an organization every level must allow: one more policy on each that does not. */
export function organizationPolicyChanges(decision: Decision): readonly CandidateChange[] {
  const { request } = decision;
  const { action, caller, resourceControlPolicies: controls } = request;
  const sources = [
    { source: 'serviceControlPolicy', words: 'service control policy', levels: caller.serviceControlPolicies },
    { source: 'resourceControlPolicy', words: 'resource control policy', levels: controls },
  ] as const;
  return sources.flatMap(({ source, words, levels = [] }) => {
    const isClosed = (level: number): boolean =>
      !decision.considered.some(
        (item) =>
          item.source === source && item.level === level && item.result.applies && item.statement.effect === 'Allow',
      );
    const name = newName(action, levels.flat());
    const added = policyOf(name, allowing(action, source === 'resourceControlPolicy'));
    const opened = (before: readonly (readonly AttachedPolicy[])[] = []) =>
      before.map((policies, level) => (isClosed(level) ? [...policies, { ...added }] : policies));
    if (!levels.some((_, level) => isClosed(level))) return [];
    return [
      {
        kind: source,
        text: `${words}: Allow ${action}`,
        apply: (before) =>
          source === 'serviceControlPolicy'
            ? withCaller(before, { serviceControlPolicies: opened(before.caller.serviceControlPolicies) })
            : { ...before, resourceControlPolicies: opened(before.resourceControlPolicies) },
        means: policyMeans(source),
      } satisfies CandidateChange,
    ];
  });
}
