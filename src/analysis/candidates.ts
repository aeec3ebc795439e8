/** Candidate changes for remedies: of the request, of a Deny, of a policy, or a grant. */
import { isObject, type JsonObject } from '../model/json-object.ts';
import { actionRow } from '../policy/actions.ts';
import type { Consideration, Decision, PolicySource, StatementConsideration } from '../policy/decision.ts';
import type { AttachedPolicy } from '../policy/document.ts';
import type { Grant } from '../policy/grant.ts';
import { isServiceLinked, type Caller } from '../policy/principal.ts';
import type { AccessRequest } from '../policy/request.ts';
import { callOptions } from './call-options.ts';
import { completionOf } from './completions/completion.ts';
import type { Unknown } from './completions/dimension.ts';
import { dimensionsOf } from './completions/dimensions.ts';
import { policyOf, withCondition, withoutStatement, withStatement } from './policy-edit.ts';
import type { Budget } from './prover/budget.ts';
import { principalText } from './prover/ask.ts';
import type { CandidateChange } from './remedy.ts';
import { grantCommand, identityArn, policiesFrom, policyCommand, policyOptions } from './remedy-command.ts';

const OPTIONS_PER_DIMENSION = 32;

export const candidates = (decision: Decision, budget: Budget): readonly CandidateChange[] => [
  ...requestEdits(decision, budget),
  ...denyEdits(decision),
  ...identityEdits(decision),
  ...keyPolicyEdits(decision),
  ...trustPolicyEdits(decision),
  ...grantEdits(decision),
  ...guardrailEdits(decision),
  ...levelEdits(decision),
];

/** Changes of the call, except for its time and caller. */
const ANYTHING: Unknown = {
  specifiedKeys: new Set(['aws:currenttime', 'aws:epochtime']),
  isOwnCall: false,
  isForeign: false,
};

function requestEdits(decision: Decision, budget: Budget): readonly CandidateChange[] {
  const { request } = decision;
  return dimensionsOf(decision, ANYTHING, budget).flatMap((dimension) =>
    dimension.options.slice(0, OPTIONS_PER_DIMENSION).flatMap((apply) => {
      const { states, keys } = completionOf([request], [apply(request)], { chosen: [dimension], at: 0 });
      if (keys.length === 0) return [];
      const state = states.join(' and ');
      const text = states
        .map((one) => `call ${one.startsWith('no ') ? `without ${one.slice(3)}` : `with ${one}`}`)
        .join(' and ');
      const means: CandidateChange['means'] = (before, after) =>
        given('callOptions', before.facts && after.facts && callOptions(before.facts, after.facts));
      return [{ kind: 'request' as const, key: keys[0]!, state, text, group: dimension.option, apply, means }];
    }),
  );
}

const given = (member: 'command' | 'callOptions', value: string | undefined) =>
  value === undefined ? {} : { [member]: value };

const isStatement = (item: Consideration): item is StatementConsideration => item.source !== 'grant';

const nameOf = ({ policy, statement }: StatementConsideration): string =>
  `${statement.sid ? JSON.stringify(statement.sid) : `statement ${statement.index + 1}`} of ${policy.name}`;

/** Its policy may protect from others: only the caller is taken out of it. */
function denyEdits({ considered, request: { caller } }: Decision): readonly CandidateChange[] {
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

const policyMeans =
  (source: PolicySource): CandidateChange['means'] =>
  (before, after) => {
    const edited = { source, before, after };
    return { ...given('command', policyCommand(edited)), ...given('callOptions', policyOptions(edited)) };
  };

type Remake = (policy: AttachedPolicy) => AttachedPolicy;

/** The request with every policy of one source made anew. */
function mapPolicies(request: AccessRequest, source: PolicySource, remake: Remake): AccessRequest {
  const { caller, keyPolicy, trustPolicy, endpointPolicy, resourceControlPolicies: controls } = request;
  const { identityPolicies, boundary, sessionPolicies, serviceControlPolicies } = caller;
  const levels = (list: readonly (readonly AttachedPolicy[])[]) => list.map((level) => level.map(remake));
  switch (source) {
    case 'keyPolicy':
      return keyPolicy ? { ...request, keyPolicy: remake(keyPolicy) } : request;
    case 'trustPolicy':
      return trustPolicy ? { ...request, trustPolicy: remake(trustPolicy) } : request;
    case 'endpointPolicy':
      return endpointPolicy ? withEndpointPolicy(request, remake(endpointPolicy)) : request;
    case 'resourceControlPolicy':
      return controls ? { ...request, resourceControlPolicies: levels(controls) } : request;
    case 'identityPolicy':
      return identityPolicies ? withCaller(request, { identityPolicies: identityPolicies.map(remake) }) : request;
    case 'permissionsBoundary':
      return boundary ? withCaller(request, { boundary: remake(boundary) }) : request;
    case 'sessionPolicy':
      return sessionPolicies ? withCaller(request, { sessionPolicies: sessionPolicies.map(remake) }) : request;
    case 'serviceControlPolicy':
      return serviceControlPolicies
        ? withCaller(request, { serviceControlPolicies: levels(serviceControlPolicies) })
        : request;
  }
}

/** Among those that the builder takes it from too, which may yet be asked again. */
const withEndpointPolicy = (request: AccessRequest, endpointPolicy: AttachedPolicy): AccessRequest => ({
  ...request,
  endpointPolicy,
  ...(request.endpointPolicies
    ? {
        endpointPolicies: request.endpointPolicies.map((one) =>
          one.name === endpointPolicy.name ? endpointPolicy : one,
        ),
      }
    : {}),
});

const withCaller = (request: AccessRequest, changed: Partial<Caller>): AccessRequest => ({
  ...request,
  caller: { ...request.caller, ...changed },
});

/** The policies of a service-linked role cannot be edited (IAM User Guide, "Create a service-linked role"). */
const hasIdentityPolicies = (caller: Caller): boolean =>
  (caller.kind === 'user' || caller.kind === 'session' || caller.kind === 'federated') && !isServiceLinked(caller);

/** The resource as an identity policy names it; where there is none only `*` does. */
const resourceText = ({ resource }: AccessRequest): string => (resource.kind === 'none' ? '*' : resource.arn);

/** `AllowDecrypt`, or another one if policies are called so: a policy of a name that is taken would be replaced. */
function newName(action: string, taken: readonly AttachedPolicy[]): string {
  const names = new Set(taken.map(({ name }) => name));
  const name = `Allow${action.slice(action.indexOf(':') + 1)}`;
  let free = name;
  for (let number = 2; names.has(free); number += 1) free = `${name}${number}`;
  return free;
}

function identityEdits({ request }: Decision): readonly CandidateChange[] {
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

function keyPolicyEdits({ request }: Decision): readonly CandidateChange[] {
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

function trustPolicyEdits({ request }: Decision): readonly CandidateChange[] {
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

function grantEdits({ request }: Decision): readonly CandidateChange[] {
  const { caller, action, resource, encryptionContext } = request;
  const row = actionRow(action.toLowerCase());
  if (!row?.grantable || resource.kind !== 'key' || resource.awsManaged || row.name === 'RetireGrant') return [];
  const pairs =
    row.encryptionContext && encryptionContext && Object.keys(encryptionContext).length > 0
      ? encryptionContext
      : undefined;
  // a service needs a source and a retiring principal: there is more to decide than a remedy can
  if (caller.kind === 'service') return [];
  const grantee = principalText(caller);
  const grant: Grant = {
    id: 'new',
    granteePrincipal: grantee,
    operations:
      row.name === 'CreateGrant' ? [...new Set(['CreateGrant', ...(request.newGrant?.operations ?? [])])] : [row.name],
    ...(pairs ? { constraints: { encryptionContextSubset: pairs } } : {}),
  };
  const bound = pairs ? ' with this encryption context' : '';
  return [
    {
      kind: 'grant',
      text: `grant: ${grant.operations.join(', ')}${bound} to ${grantee}`,
      apply: (before) =>
        before.resource.arn === resource.arn ? { ...before, grants: [...(before.grants ?? []), grant] } : before,
      means: () => ({ command: grantCommand(resource.arn, grant) }),
    },
  ];
}

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

function guardrailEdits({ request }: Decision): readonly CandidateChange[] {
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
function levelEdits(decision: Decision): readonly CandidateChange[] {
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
