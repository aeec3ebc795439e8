/** Principals: the forms in policies and grants, callers, and matching between them. */
import { parseArn } from '../model/arn.ts';
import { hasWildcard } from './glob.ts';
import { isAccountId } from '../model/account.ts';
import {
  isServiceName,
  noPrincipal,
  readPrincipalArn,
  type PrincipalArn,
  type PrincipalForm,
} from '../model/principal-arn.ts';
import { principalIdOf, type WebIdentity } from '../model/principal-id.ts';
import type { AttachedPolicy, NamedPrincipal } from './document.ts';

export interface Caller {
  readonly kind: 'root' | 'user' | 'session' | 'federated' | 'webIdentity' | 'service';
  /** The host name of a service: services have no ARN and no account. */
  readonly arn: string;
  readonly account?: string;
  /** Sessions: the IAM role, with its path, which the session's own ARN leaves out. */
  readonly roleArn?: string;
  /** `AIDA...` of the user, or `AROA...` of the role behind a session. */
  readonly uniqueId?: string;
  readonly userName?: string;
  /** Of a user of an OpenID Connect provider, whose ARN is that of the provider: it can only assume roles. */
  readonly webIdentity?: WebIdentity;
  /** Of temporary credentials: when they were issued. Absent: they are as old as the call. */
  readonly tokenIssueTime?: Date;
  readonly tags?: Readonly<Record<string, string>>;
  readonly identityPolicies?: readonly AttachedPolicy[];
  readonly boundary?: AttachedPolicy;
  readonly sessionPolicies?: readonly AttachedPolicy[];
  /** Levels of the organization from its root down to the account; each level must allow. Absent: no organization. */
  readonly serviceControlPolicies?: readonly (readonly AttachedPolicy[])[];
  readonly organizationId?: string;
  readonly organizationPath?: string;
}

/** A session of a service-linked role. */
export const isServiceLinked = ({ roleArn }: Caller): boolean => roleArn?.includes(':role/aws-service-role/') ?? false;

/** The account of an ARN or of a bare 12-digit account ID. */
export const accountOf = (text: string): string | undefined =>
  isAccountId(text) ? text : parseArn(text)?.account || undefined;

/**
 * The caller that an ARN (or a service's host name) stands for. A role cannot call, so a role ARN means a session of
 * it. `more` adds what an ARN does not tell, above all the role ARN of a role with a path.
 * @throws EnvironmentError for a text that is not a principal
 */
export function callerOf(arn: string, more: Partial<Caller> = {}): Caller {
  const principal = readPrincipalArn(arn);
  if (!principal) {
    if (!isServiceName(arn)) throw noPrincipal(arn);
    return { kind: 'service', arn, ...more };
  }
  return { ...callerAs(principal, arn), ...more };
}

/** The caller behind an ARN that was read already, or made up in one of the forms. */
export function callerAs({ form, partition, account, name }: PrincipalArn, arn: string): Caller {
  switch (form) {
    case 'root':
      return { kind: 'root', arn, account };
    case 'user':
      return { kind: 'user', arn, account, userName: name };
    case 'role': {
      const session = `arn:${partition}:sts::${account}:assumed-role/${name}/session`;
      return { kind: 'session', arn: session, account, roleArn: arn };
    }
    case 'assumed-role':
      return { kind: 'session', arn, account, roleArn: `arn:${partition}:iam::${account}:role/${name}` };
    case 'federated-user':
      return { kind: 'federated', arn, account };
  }
}

export type PrincipalClass =
  | 'star'
  | 'account'
  | 'user'
  | 'role'
  | 'session'
  | 'federated'
  | 'service'
  /** Matches no caller; refused when a policy is written. */
  | 'invalid';

export type PrincipalFault = 'form' | 'type' | 'group' | 'wildcard' | 'account' | 'service';

export interface Principal {
  readonly class: PrincipalClass;
  readonly account?: string;
  readonly fault?: PrincipalFault;
  /** Named by unique ID, as deleted users, roles and sessions of deleted roles are in policies. */
  readonly byId?: boolean;
}

const STAR: Principal = { class: 'star' };
const SERVICE: Principal = { class: 'service' };
const invalid = (fault: PrincipalFault): Principal => ({ class: 'invalid', fault });

const read = new WeakMap<NamedPrincipal, Principal>();

/** Parses a principal; each principal of a policy is parsed once. */
export function readPrincipal(named: NamedPrincipal): Principal {
  let principal = read.get(named);
  if (!principal) read.set(named, (principal = formOf(named)));
  return principal;
}

function formOf({ type, text }: NamedPrincipal): Principal {
  if (type === '*') return text === '*' ? STAR : invalid('form');
  if (type === 'Service') return isServiceName(text) ? SERVICE : invalid('service');
  if (type !== 'AWS') return invalid('type');
  if (text === '*') return STAR;
  if (isAccountId(text)) return { class: 'account', account: text };
  if (isUniqueId(text, 'AIDA')) return { class: 'user', byId: true };
  if (isUniqueId(text, 'AROA')) return { class: 'role', byId: true };
  if (sessionOf(text) !== undefined) return { class: 'session', byId: true };
  // a path may have them, and names nobody who has it as it stands
  if (hasWildcard(text) && parseArn(text)) return invalid('wildcard');
  const principal = readPrincipalArn(text);
  if (principal) return { class: CLASSES[principal.form], account: principal.account };
  const parts = parseArn(text);
  if (!parts) return invalid(isServiceName(text) ? 'service' : 'form');
  if (!isAccountId(parts.account)) return invalid('account');
  return invalid(parts.service === 'iam' && parts.resource.startsWith('group/') ? 'group' : 'form');
}

const CLASSES: { readonly [F in PrincipalForm]: PrincipalClass } = {
  root: 'account',
  user: 'user',
  role: 'role',
  'assumed-role': 'session',
  'federated-user': 'federated',
};

const isUniqueId = (text: string, prefix: string): boolean =>
  text.length >= 16 && text.startsWith(prefix) && /^[A-Z0-9]+$/.test(text);

/** What `AROA...:i-0abc` names. @returns undefined for any other text */
export function sessionOf(text: string): { readonly roleId: string; readonly session: string } | undefined {
  const at = text.indexOf(':');
  const [roleId, session] = [text.slice(0, at), text.slice(at + 1)];
  return at > 0 && isUniqueId(roleId, 'AROA') && /^[\w+=,.@-]+$/.test(session) ? { roleId, session } : undefined;
}

/**
 * How a principal covers a caller: `direct` (the very identity), `role` (a session through its role) or `account`
 * (an identity of that account: in an Allow a delegation to its identity policies, in a Deny a denial).
 */
export type Match = 'direct' | 'role' | 'account';

/** Further inputs of a match. */
export interface MatchRules {
  readonly effect: 'Allow' | 'Deny';
  /** Unique IDs of users, roles and sessions of roles, as they were when the policy was saved. */
  readonly boundIds?: ReadonlyMap<string, string> | undefined;
}

export function matchPrincipal(named: NamedPrincipal, caller: Caller, rules: MatchRules): Match | undefined {
  if (caller.kind === 'webIdentity' && named.type === 'Federated')
    return caller.arn === named.text ? 'direct' : undefined;
  const principal = readPrincipal(named);
  switch (principal.class) {
    case 'star':
      // guardrails name everyone; whether it trusts every provider, AWS does not say, so that only its ARN does
      if (caller.kind === 'webIdentity') return rules.effect === 'Deny' ? 'direct' : 'account';
      // The bare "*" is everyone. AWS does not say whether {"AWS": "*"} means services too, so that it allows them
      // nothing, and denies them.
      return named.type === '*' || caller.kind !== 'service' || rules.effect === 'Deny' ? 'direct' : undefined;
    case 'account':
      // an account has the identities in it, not those of providers
      if (caller.account !== principal.account || caller.kind === 'webIdentity') return undefined;
      return caller.kind === 'root' ? 'direct' : 'account';
    case 'user':
      if (caller.kind !== 'user') return undefined;
      if (principal.byId) return caller.uniqueId === named.text ? 'direct' : undefined;
      return caller.arn === named.text && isBound(caller.uniqueId, named.text, rules) ? 'direct' : undefined;
    case 'role':
      if (caller.kind !== 'session') return undefined;
      if (principal.byId) return caller.uniqueId === named.text ? 'role' : undefined;
      return caller.roleArn === named.text && isBound(caller.uniqueId, named.text, rules) ? 'role' : undefined;
    case 'session':
      if (caller.kind !== 'session') return undefined;
      if (principal.byId) return idOf(caller) === named.text ? 'direct' : undefined;
      return caller.arn === named.text && isBound(idOf(caller), named.text, rules) ? 'direct' : undefined;
    case 'federated':
    case 'service':
      return caller.kind === principal.class && caller.arn === named.text ? 'direct' : undefined;
    case 'invalid':
      return undefined;
  }
}

/**
 * A user or role that was created again under the same name is not the one in the policy. One that was deleted has no
 * unique ID: it is allowed nothing by its name, and is still denied.
 */
function isBound(id: string | undefined, arn: string, { effect, boundIds }: MatchRules): boolean {
  const bound = boundIds?.get(arn);
  return bound === undefined || (id === undefined ? effect === 'Deny' : bound === id);
}

/** Of a session the unique ID of its role, with its name. */
const idOf = (caller: Caller): string | undefined => principalIdOf(caller, () => undefined);

/** The strongest match of a list: a statement may name an identity and its account at once. */
export function matchAny(
  list: readonly NamedPrincipal[],
  caller: Caller,
  rules: MatchRules,
): { readonly match: Match; readonly named: NamedPrincipal } | undefined {
  let best: { match: Match; named: NamedPrincipal } | undefined;
  for (const named of list) {
    const match = matchPrincipal(named, caller, rules);
    if (match === 'direct') return { match, named };
    if (match && (!best || best.match === 'account')) best = { match, named };
  }
  return best;
}

/**
 * Whether the NotPrincipal of a Deny excludes a caller. The account, the role and the session (or the account and the
 * user) must all be listed, and a caller with a permissions boundary is never excluded. As an Allow does, {"AWS": "*"} here
 * does not include services.
 */
export function isExempt(
  list: readonly NamedPrincipal[],
  caller: Caller,
  boundIds?: ReadonlyMap<string, string>,
): boolean {
  if (caller.boundary) return false;
  const rules: MatchRules = { effect: 'Allow', boundIds };
  const matches = new Map(list.map((named) => [named, matchPrincipal(named, caller, rules)]));
  for (const [named, match] of matches) if (match && readPrincipal(named).class === 'star') return true;
  const kinds = new Set(matches.values());
  if (caller.kind === 'root' || caller.kind === 'service' || caller.kind === 'webIdentity') return kinds.has('direct');
  const itself = kinds.has('direct') && kinds.has('account');
  return caller.kind === 'session' ? itself && kinds.has('role') : itself;
}
