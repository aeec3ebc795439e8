/**
 * evaluate(): the one engine. Every statement and grant is looked at once; the steps: IAM User Guide, Policy
 * evaluation logic.
 */
import { actionRow, type Action } from './actions.ts';
import type {
  Consideration,
  Decision,
  GrantConsideration,
  Missing,
  PolicySource,
  Reason,
  StatementConsideration,
} from './decision.ts';
import { matchGrant } from './grant-match.ts';
import { matchGrantee, matchRetiring, type Grant } from './grant.ts';
import { accountOf, isServiceLinked } from './principal.ts';
import type { AccessRequest } from './request.ts';
import type { AttachedPolicy } from './document.ts';
import { KEY_POLICY_RULES, matchStatement, type StatementRules } from './statement.ts';

const IDENTITY: StatementRules = { hasPrincipal: false, resource: 'any', keyPolicy: false };
const RESOURCE: StatementRules = { hasPrincipal: true, resource: 'any', keyPolicy: false };

const RULES: Readonly<Record<PolicySource, StatementRules>> = {
  keyPolicy: KEY_POLICY_RULES,
  trustPolicy: { hasPrincipal: true, resource: 'none', keyPolicy: false },
  identityPolicy: IDENTITY,
  permissionsBoundary: IDENTITY,
  sessionPolicy: IDENTITY,
  serviceControlPolicy: IDENTITY,
  resourceControlPolicy: RESOURCE,
  endpointPolicy: RESOURCE,
};

/** The evaluated statements and grants, and those that apply. */
interface Findings {
  readonly request: AccessRequest;
  readonly considered: readonly Consideration[];
  readonly denies: readonly StatementConsideration[];
  readonly allows: Readonly<Record<PolicySource, readonly StatementConsideration[]>>;
}

export function evaluate(request: AccessRequest): Decision {
  const policies = policiesOf(request);
  const findings = lookAt(request, policies);
  const by = explicitDeny(findings) ?? closedCeiling(findings, policies) ?? permission(findings);
  return { request, outcome: by.outcome, by, considered: findings.considered };
}

/** A set of policies, of which one must allow (`ceiling`) or one may. */
interface Layer {
  readonly source: PolicySource;
  readonly level: number;
  readonly policies: readonly AttachedPolicy[];
}

function policiesOf(request: AccessRequest): readonly Layer[] {
  const { caller, action, resource } = request;
  const layers: Layer[] = [];
  const add = (source: PolicySource, policies: readonly AttachedPolicy[] | undefined, level = 0): void => {
    if (policies) layers.push({ source, level, policies });
  };
  const one = (policy: AttachedPolicy | undefined): AttachedPolicy[] | undefined => (policy ? [policy] : undefined);
  const isRetiring = action.toLowerCase() === 'kms:retiregrant';

  // kms:RetireGrant is not valid in a key policy, nor in a resource control policy
  if (resource.kind === 'role' || (resource.kind === 'key' && !isRetiring)) {
    if (resource.kind === 'key') add('keyPolicy', one(request.keyPolicy));
    else add('trustPolicy', one(request.trustPolicy));
    if (!resource.awsManaged && !isServiceLinked(caller)) {
      request.resourceControlPolicies?.forEach((level, index) => add('resourceControlPolicy', level, index));
    }
  }
  add('identityPolicy', caller.identityPolicies);
  add('permissionsBoundary', one(caller.boundary));
  add('sessionPolicy', caller.sessionPolicies);
  if (caller.kind !== 'service' && !isServiceLinked(caller)) {
    caller.serviceControlPolicies?.forEach((level, index) => add('serviceControlPolicy', level, index));
  }
  add('endpointPolicy', one(request.endpointPolicy));
  return layers;
}

function lookAt(request: AccessRequest, layers: readonly Layer[]): Findings {
  const { resource } = request;
  const action = request.action.toLowerCase();
  const considered: Consideration[] = [];
  const denies: StatementConsideration[] = [];
  const allows: Record<PolicySource, StatementConsideration[]> = {
    keyPolicy: [],
    trustPolicy: [],
    identityPolicy: [],
    permissionsBoundary: [],
    sessionPolicy: [],
    serviceControlPolicy: [],
    resourceControlPolicy: [],
    endpointPolicy: [],
  };
  for (const { source, level, policies } of layers) {
    const rules = RULES[source];
    for (const policy of policies) {
      const scope = { policy, rules, request, action };
      for (const statement of policy.document.statements) {
        const result = matchStatement(statement, scope);
        const consideration = { source, policy, level, statement, result };
        considered.push(consideration);
        if (result.applies) (statement.effect === 'Deny' ? denies : allows[source]).push(consideration);
      }
    }
  }
  if (resource.kind === 'key') {
    for (const grant of request.grants ?? []) {
      considered.push({ source: 'grant', grant, result: matchGrant(grant, request) });
    }
  }
  return { request, considered, denies, allows };
}

/** Step 1. */
function explicitDeny({ denies }: Findings): Reason | undefined {
  const [first] = denies;
  return first && { outcome: 'explicitDeny', through: first.source, because: denies };
}

const GUARDRAILS = new Set<PolicySource>(['serviceControlPolicy', 'resourceControlPolicy', 'endpointPolicy']);

/** Step 2: every level must allow. */
function closedCeiling({ allows }: Findings, layers: readonly Layer[]): Reason | undefined {
  const closed = layers.find(
    ({ source, level }) => GUARDRAILS.has(source) && !allows[source].some((allow) => allow.level === level),
  );
  return closed && { outcome: 'implicitDeny', missing: closed.source, because: [] };
}

/** Steps 3 to 6. */
function permission(findings: Findings): Reason {
  const { caller, resource, action } = findings.request;
  const row = actionRow(action.toLowerCase());
  // service principals have no account: they are never callers of another account
  const foreign = caller.kind !== 'service' && caller.account !== resource.account;
  if (resource.kind === 'role') return byTrust(findings, foreign);
  if (foreign && !row?.crossAccount) return { outcome: 'implicitDeny', missing: 'crossAccount', because: [] };
  if (row?.name === 'RetireGrant') return retirement(findings);
  if (resource.kind !== 'key' || !isKeyPolicyAction(row)) return byIdentity(findings, []);
  return byGrant(findings) ?? byResourcePolicy(findings, 'keyPolicy', foreign);
}

/** An action that the table does not know yet is taken for one on keys. */
const isKeyPolicyAction = (row: Action | undefined): boolean => row === undefined || row.keyPolicy;

/** Identity policies, bounded by the permissions boundary and the session policies. */
function identityLacks({ request: { caller }, allows }: Findings, needsAllow = true): Missing | undefined {
  if (caller.kind === 'root') return undefined; // the root user has no identity policies and needs none
  if (needsAllow && allows.identityPolicy.length === 0) return 'identityPolicy';
  if (caller.boundary && allows.permissionsBoundary.length === 0) return 'permissionsBoundary';
  if (caller.sessionPolicies?.length && allows.sessionPolicy.length === 0) return 'sessionPolicy';
  return undefined;
}

/** `delegations`: the statements or grants that let the account's identity policies decide. */
function byIdentity(findings: Findings, delegations: readonly Consideration[]): Reason {
  const { request, allows } = findings;
  const because = [...delegations, ...allows.identityPolicy];
  const missing = identityLacks(findings);
  if (missing) return { outcome: 'implicitDeny', missing, because };
  return { outcome: 'allow', through: request.caller.kind === 'root' ? 'rootUser' : 'identityPolicy', because };
}

/** Step 4. A grant to a whole account lets its identity policies decide; any other works like a direct one. */
function byGrant(findings: Findings): Reason | undefined {
  const grants = findings.considered.filter(
    (item): item is GrantConsideration => item.source === 'grant' && item.result.applies,
  );
  const direct = grants.filter(({ result }) => result.applies && result.match !== 'account');
  if (direct.length > 0) return { outcome: 'allow', through: 'grant', because: direct };
  if (grants.length === 0 || identityLacks(findings)) return undefined;
  return { outcome: 'allow', through: 'grant', because: [...grants, ...findings.allows.identityPolicy] };
}

/**
 * Step 5: what a matching statement of the key policy is worth, by how it names the caller. A role's trust policy must
 * allow access to the role as a key policy must to the key (IAM User Guide, Policy evaluation logic).
 */
function byResourcePolicy(findings: Findings, source: 'keyPolicy' | 'trustPolicy', foreign: boolean): Reason {
  const statements = findings.allows[source];
  if (statements.length === 0) return { outcome: 'implicitDeny', missing: source, because: [] };
  if (foreign) return byIdentity(findings, statements);
  const direct = statements.filter(({ result }) => result.match === 'direct');
  if (direct.length > 0) return { outcome: 'allow', through: source, because: direct };
  const byRole = statements.filter(({ result }) => result.match === 'role');
  if (byRole.length === 0) return byIdentity(findings, statements);
  const missing = identityLacks(findings, false);
  if (missing) return { outcome: 'implicitDeny', missing, because: byRole };
  return { outcome: 'allow', through: source, because: byRole };
}

/** A role of which no trust policy is known is for its own account, whose identity policies decide (ours). No root user assumes one. */
function byTrust(findings: Findings, foreign: boolean): Reason {
  // IAM User Guide, Switch to an IAM role (AWS CLI)
  if (findings.request.caller.kind === 'root') return { outcome: 'implicitDeny', missing: 'notRootUser', because: [] };
  if (findings.request.caller.kind === 'webIdentity') return byProvider(findings);
  if (findings.request.trustPolicy || foreign) return byResourcePolicy(findings, 'trustPolicy', foreign);
  return byIdentity(findings, []);
}

/** Users of a provider have no policies of their own: the trust policy alone can allow, and must name the provider. */
function byProvider({ allows }: Findings): Reason {
  const because = allows.trustPolicy.filter(({ result }) => result.match === 'direct');
  return because.length > 0
    ? { outcome: 'allow', through: 'trustPolicy', because }
    : { outcome: 'implicitDeny', missing: 'trustPolicy', because: [] };
}

/** RetireGrant: decided by the grant; accounts that may retire can delegate it to their identities. */
function retirement(findings: Findings): Reason {
  const { caller, resource, retiring: grant } = findings.request;
  const lacking: Reason = { outcome: 'implicitDeny', missing: 'retiringRight', because: [] };
  if (!grant) return lacking;
  const named = matchRetiring(grant, caller);
  const grantee = grant.operations.includes('RetireGrant') ? matchGrantee(grant, caller) : undefined;
  if ([named, grantee].some((match) => match === 'direct' || match === 'role')) {
    return { outcome: 'allow', through: 'retiringRight', because: [] };
  }
  const owners = owningAccounts(grant, resource.account);
  const mayDelegate = [named, grantee].includes('account') || owners.includes(caller.account);
  return mayDelegate ? byIdentity(findings, []) : lacking;
}

/** The AWS KMS Developer Guide does not say which account created the grant; both are accepted. */
const owningAccounts = (grant: Grant, keyAccount: string): (string | undefined)[] =>
  [keyAccount, grant.issuingAccount && accountOf(grant.issuingAccount)].filter((account) => account !== undefined);
