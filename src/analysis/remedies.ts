/**
 * Remedies: the fewest changes of the request, the policies or the grants after which access is allowed. Every way
 * was put to evaluate() with its changes made; one that is only likely is not told.
 */
import { actionRow } from '../policy/actions.ts';
import { within, type ProofResult, type Budget } from './prover/budget.ts';
import type { Consideration, Decision, PolicySource, StatementConsideration } from '../policy/decision.ts';
import { attachPolicy, type PolicyDocument } from '../policy/document.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Grant } from '../policy/grant.ts';
import type { Caller } from '../policy/principal.ts';
import { principalText } from './prover/model.ts';
import { completionOf, counting, dimensionsOf, type Unknown } from './completions.ts';
import type { AccessRequest } from '../policy/request.ts';
import type { AttachedPolicy } from '../policy/document.ts';
import { shellWord } from '../model/shell-word.ts';

export type ChangeKind = 'request' | 'grant' | 'deny' | PolicySource;

export interface Change {
  readonly kind: ChangeKind;
  /** What to do, in words. */
  readonly text: string;
  /** Of a request: the condition key, and what it would be. */
  readonly key?: string;
  readonly state?: string;
}

interface RequestChange extends Change {
  /** Of several with one group one is taken. */
  readonly group?: string;
  readonly apply: (request: AccessRequest) => AccessRequest;
}

export interface Remedy {
  readonly changes: readonly Change[];
  /** With the changes made; the engine allows it. */
  readonly request: AccessRequest;
}

const MAX_CHANGES = 3;
const MAX_REMEDIES = 6;
const OPTIONS_PER_DIMENSION = 32;

type Remedies = ProofResult<readonly Remedy[]>;

export function remediesFor(decision: Decision, budget: Budget): Remedies {
  if (decision.outcome === 'allow') return { found: [], finished: true };
  return within<Remedy>(budget, (found) => {
    const edits = [...requestEdits(decision, budget), ...policyEdits(decision)];
    search(decision, { edits, budget }, found);
  });
}

interface Search {
  readonly edits: readonly RequestChange[];
  readonly budget: Budget;
}

function search(decision: Decision, { edits, budget }: Search, found: Remedy[]): void {
  const { request } = decision;
  const seen = new Set<string>();
  const costOfTry = counting(decision);
  for (let size = 1; size <= MAX_CHANGES && found.length === 0; size++) {
    for (const chosen of combinations(edits, size)) {
      if (found.length >= MAX_REMEDIES) return;
      budget.spend();
      // two values of one key, or the same step with other values, are no other way
      const name = chosen.map(({ kind, group, text }) => group ?? `${kind} ${text}`).join(';');
      if (seen.has(name) || new Set(chosen.map(({ group, text }) => group ?? text)).size < size) continue;
      const changed = chosen.reduce((before, edit) => edit.apply(before), request);
      budget.spend(costOfTry(changed));
      if (evaluate(changed).outcome !== 'allow') continue;
      seen.add(name);
      found.push({ changes: chosen.map(changeOf), request: changed });
    }
  }
}

function changeOf(edit: RequestChange): Change {
  const { apply: _, group: __, ...change } = edit;
  return change;
}

function* combinations<T>(items: readonly T[], size: number, from = 0): Generator<readonly T[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let at = from; at < items.length; at++) {
    for (const rest of combinations(items, size - 1, at + 1)) yield [items[at]!, ...rest];
  }
}

const isStatement = (item: Consideration): item is StatementConsideration => item.source !== 'grant';

/** What of the call could be otherwise; when it is made and who the caller is, nobody chooses. */
const ANYTHING: Unknown = {
  specifiedKeys: new Set(['aws:currenttime', 'aws:epochtime']),
  isOwnCall: false,
  isForeign: false,
};

function requestEdits(decision: Decision, budget: Budget): readonly RequestChange[] {
  const { request } = decision;
  return dimensionsOf(decision, ANYTHING, budget).flatMap((dimension) =>
    dimension.options.slice(0, OPTIONS_PER_DIMENSION).flatMap((apply) => {
      const { states, keys } = completionOf([request], [apply(request)], { chosen: [dimension], at: 0 });
      if (keys.length === 0) return [];
      const state = states.join(' and ');
      const text = states
        .map((one) => `call ${one.startsWith('no ') ? `without ${one.slice(3)}` : `with ${one}`}`)
        .join(' and ');
      return [{ kind: 'request' as const, key: keys[0]!, state, text, group: dimension.option, apply }];
    }),
  );
}

function policyEdits(decision: Decision): readonly RequestChange[] {
  return [
    ...denyEdits(decision),
    ...identityEdits(decision),
    ...keyPolicyEdits(decision),
    ...grantEdits(decision),
    ...guardrailEdits(decision),
  ];
}

const nameOf = ({ policy, statement }: StatementConsideration): string =>
  `${statement.sid ? JSON.stringify(statement.sid) : `statement ${statement.index + 1}`} of ${policy.name}`;

function denyEdits({ considered }: Decision): readonly RequestChange[] {
  const denies = considered
    .filter(isStatement)
    .filter(({ statement, result }) => result.applies && statement.effect === 'Deny');
  return denies.map((item) => ({
    kind: 'deny',
    text: `change the Deny ${nameOf(item)}, so that it does not apply`,
    apply: (before) =>
      mapPolicies(before, item.source, (policy) =>
        policy === item.policy ? withoutStatement(policy, item.statement.index) : policy,
      ),
  }));
}

const withoutStatement = (policy: AttachedPolicy, index: number): AttachedPolicy => ({
  ...policy,
  document: { ...policy.document, statements: policy.document.statements.filter((one) => one.index !== index) },
});

type Remake = (policy: AttachedPolicy, level: number) => AttachedPolicy;

/** The request with every policy of one source made anew. */
function mapPolicies(request: AccessRequest, source: PolicySource, remake: Remake): AccessRequest {
  const { caller, keyPolicy, trustPolicy, endpointPolicy, resourceControlPolicies: controls } = request;
  const { identityPolicies, boundary, sessionPolicies, serviceControlPolicies } = caller;
  const all = (list: readonly AttachedPolicy[]): readonly AttachedPolicy[] => list.map((policy) => remake(policy, 0));
  const levels = (list: readonly (readonly AttachedPolicy[])[]) =>
    list.map((level, index) => level.map((policy) => remake(policy, index)));
  const as = (changed: Partial<Caller>): AccessRequest => ({ ...request, caller: { ...caller, ...changed } });
  switch (source) {
    case 'keyPolicy':
      return keyPolicy ? { ...request, keyPolicy: remake(keyPolicy, 0) } : request;
    case 'trustPolicy':
      return trustPolicy ? { ...request, trustPolicy: remake(trustPolicy, 0) } : request;
    case 'endpointPolicy':
      return endpointPolicy ? withEndpointPolicy(request, remake(endpointPolicy, 0)) : request;
    case 'resourceControlPolicy':
      return controls ? { ...request, resourceControlPolicies: levels(controls) } : request;
    case 'identityPolicy':
      return identityPolicies ? as({ identityPolicies: all(identityPolicies) }) : request;
    case 'permissionsBoundary':
      return boundary ? as({ boundary: remake(boundary, 0) }) : request;
    case 'sessionPolicy':
      return sessionPolicies ? as({ sessionPolicies: all(sessionPolicies) }) : request;
    case 'serviceControlPolicy':
      return serviceControlPolicies ? as({ serviceControlPolicies: levels(serviceControlPolicies) }) : request;
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

const hasIdentityPolicies = ({ kind }: Caller): boolean =>
  kind === 'user' || kind === 'session' || kind === 'federated';

/** The resource as an identity policy names it; where there is none only `*` does. */
const resourceText = ({ resource }: AccessRequest): string => (resource.kind === 'none' ? '*' : resource.arn);

const allowing = (statement: object): PolicyDocument =>
  attachPolicy('', JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] })).document;

function identityEdits({ request }: Decision): readonly RequestChange[] {
  const { caller, action } = request;
  if (!hasIdentityPolicies(caller)) return [];
  const on = resourceText(request);
  const policy: AttachedPolicy = { name: 'new', document: allowing({ Action: action, Resource: on }) };
  return [
    {
      kind: 'identityPolicy',
      text: `identity policy of ${principalText(caller)}: Allow ${action} on ${on}`,
      apply: (before) => ({
        ...before,
        caller: { ...before.caller, identityPolicies: [...(before.caller.identityPolicies ?? []), policy] },
      }),
    },
  ];
}

const withStatements = (policy: AttachedPolicy, { statements }: PolicyDocument): AttachedPolicy => {
  const next = policy.document.statements.length;
  const added = statements.map((statement, index) => ({ ...statement, index: next + index }));
  return { ...policy, document: { ...policy.document, statements: [...policy.document.statements, ...added] } };
};

function keyPolicyEdits({ request }: Decision): readonly RequestChange[] {
  const { caller, action, keyPolicy } = request;
  if (!keyPolicy) return [];
  const principal = principalText(caller);
  const statement = {
    Principal: { [caller.kind === 'service' ? 'Service' : 'AWS']: principal },
    Action: action,
    Resource: '*',
  };
  const document = allowing(statement);
  return [
    {
      kind: 'keyPolicy',
      text: `key policy: Allow ${action} to ${principal}`,
      apply: (before) => ({ ...before, keyPolicy: withStatements(before.keyPolicy!, document) }),
    },
  ];
}

function grantEdits({ request }: Decision): readonly RequestChange[] {
  const { caller, action, resource, encryptionContext } = request;
  const row = actionRow(action.toLowerCase());
  if (!row?.grantable || resource.kind !== 'key' || row.name === 'RetireGrant') return [];
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
  const constraints = pairs ? ['--constraints', JSON.stringify({ EncryptionContextSubset: pairs })] : [];
  const words = ['--key-id', resource.arn, '--grantee-principal', grantee, '--operations', ...grant.operations];
  return [
    {
      kind: 'grant',
      text: `kms create-grant ${[...words, ...constraints].map(shellWord).join(' ')}`,
      apply: (before) => ({ ...before, grants: [...(before.grants ?? []), grant] }),
    },
  ];
}

const GUARDRAILS: readonly { readonly source: PolicySource; readonly words: string; readonly hasPrincipal: boolean }[] =
  [
    { source: 'permissionsBoundary', words: 'permissions boundary', hasPrincipal: false },
    { source: 'sessionPolicy', words: 'session policy', hasPrincipal: false },
    { source: 'serviceControlPolicy', words: 'service control policy', hasPrincipal: false },
    { source: 'resourceControlPolicy', words: 'resource control policy', hasPrincipal: true },
    { source: 'endpointPolicy', words: 'VPC endpoint policy', hasPrincipal: true },
  ];

/** Where policies bound what others give: one more Allow in them, on every level. */
function guardrailEdits({ request, considered }: Decision): readonly RequestChange[] {
  const { action } = request;
  return GUARDRAILS.flatMap(({ source, words, hasPrincipal }) => {
    if (!considered.some((item) => item.source === source)) return [];
    const document = allowing({ Action: action, Resource: '*', ...(hasPrincipal ? { Principal: '*' } : {}) });
    return [
      {
        kind: source,
        text: `${words}: Allow ${action}`,
        apply: (before: AccessRequest) => mapPolicies(before, source, (policy) => withStatements(policy, document)),
      },
    ];
  });
}
