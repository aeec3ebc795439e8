/** Candidate changes of the policies that give access: identity, key and trust policies. */
import type { JsonObject } from '../../model/json-object.ts';
import type { Decision } from '../../policy/decision.ts';
import { isServiceLinked, type Caller } from '../../policy/principal.ts';
import type { AccessRequest } from '../../policy/request.ts';
import { principalText } from '../prover/ask.ts';
import { newName, policyOf, withStatement } from './policy-edit.ts';
import type { CandidateChange } from './remedy.ts';
import { identityArn } from './remedy-command.ts';
import { policyMeans, withCaller } from './request-policies.ts';

/** The policies of a service-linked role cannot be edited (IAM User Guide, "Create a service-linked role"). */
const hasIdentityPolicies = (caller: Caller): boolean =>
  (caller.kind === 'user' || caller.kind === 'session' || caller.kind === 'federated') && !isServiceLinked(caller);

/** The resource as an identity policy names it; where there is none only `*` does. */
const resourceText = ({ resource }: AccessRequest): string => (resource.kind === 'none' ? '*' : resource.arn);

export function identityPolicyChanges({ request }: Decision): readonly CandidateChange[] {
  const { caller, action } = request;
  if (!hasIdentityPolicies(caller)) return [];
  const on = resourceText(request);
  const policy = policyOf('', { Effect: 'Allow', Action: action, Resource: on });
  return [
    {
      kind: 'identityPolicy',
      text: `identity policy of ${identityArn(caller) ?? caller.arn}: Allow ${action} on ${on}`,
      apply(before) {
        const { identityPolicies: others = [] } = before.caller;
        return withCaller(before, { identityPolicies: [...others, { ...policy, name: newName(action, others) }] });
      },
      means: policyMeans('identityPolicy'),
    },
  ];
}

export function keyPolicyChanges({ request }: Decision): readonly CandidateChange[] {
  const { caller, action, keyPolicy, resource } = request;
  // AWS alone edits the policies of its keys
  if (!keyPolicy || resource.kind !== 'key' || resource.awsManaged) return [];
  const principal = principalText(caller);
  const source = sourceCondition(request);
  const statement = {
    Effect: 'Allow',
    Principal: { [caller.kind === 'service' ? 'Service' : 'AWS']: principal },
    Action: action,
    Resource: '*',
    ...(source ? { Condition: source } : {}),
  };
  const any =
    caller.kind === 'service' ? ' for every source, since --source-arn and --source-account are not specified' : '';
  const only = source ? ' for the source of this call' : any;
  return [
    {
      kind: 'keyPolicy',
      text: `key policy: Allow ${action} to ${principal}${only}`,
      apply: (before) =>
        before.keyPolicy && before.resource.arn === resource.arn
          ? { ...before, keyPolicy: withStatement(before.keyPolicy, statement) }
          : before,
      means: policyMeans('keyPolicy'),
    },
  ];
}

export function trustPolicyChanges({ request }: Decision): readonly CandidateChange[] {
  const { caller, action, trustPolicy, resource } = request;
  if (!trustPolicy) return [];
  const principal = principalText(caller);
  const statement = {
    Effect: 'Allow',
    Principal: { [caller.kind === 'service' ? 'Service' : 'AWS']: principal },
    Action: action,
  };
  return [
    {
      kind: 'trustPolicy',
      text: `trust policy of ${resource.arn}: Allow ${action} to ${principal}`,
      apply: (before) => ({ ...before, trustPolicy: withStatement(before.trustPolicy!, statement) }),
      means: policyMeans('trustPolicy'),
    },
  ];
}

/**
 * A service calls for whoever uses it: it is let in for the source that the call has (IAM User Guide, "The confused deputy
 * problem").
 */
function sourceCondition({ caller, facts }: AccessRequest): JsonObject | undefined {
  const { sourceArn, sourceAccount } = facts?.attributes ?? {};
  if (caller.kind !== 'service' || (sourceArn === undefined && sourceAccount === undefined)) return undefined;
  return {
    ...(sourceArn === undefined ? {} : { ArnEquals: { 'aws:SourceArn': sourceArn } }),
    ...(sourceAccount === undefined ? {} : { StringEquals: { 'aws:SourceAccount': sourceAccount } }),
  };
}
