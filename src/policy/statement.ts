/** Evaluates one statement against a request: whether it applies, and if not, because of which element. */
import { parseArnPattern } from '../model/arn.ts';
import { evaluateCondition, type ConditionResult } from './condition.ts';
import type { PolicyDocument, Statement } from './document.ts';
import { matchesGlob, matchesPattern, readGlob, type Glob } from './glob.ts';
import { isExempt, matchAny, type Match } from './principal.ts';
import type { AccessRequest } from './request.ts';
import type { NamedPrincipal } from './document.ts';
import type { ContextValues } from './context-values.ts';
import type { AttachedPolicy } from './document.ts';
import { expand, globOf } from './variables.ts';

/** Why a statement does not apply. */
export type Miss =
  /** An element it needs is missing or contradicts another: the statement is without effect. */
  | 'incomplete'
  | 'principal'
  | 'action'
  | 'resource'
  | 'condition'
  /** An Allow whose condition cannot be evaluated never allows. */
  | 'unjudged';

export interface StatementResult {
  readonly applies: boolean;
  readonly miss?: Miss;
  /** How the statement's principal covers the caller, and by which of its principals. */
  readonly match?: Match;
  readonly named?: NamedPrincipal;
  readonly condition?: ConditionResult;
}

/** Differences between kinds of policies. */
export interface StatementRules {
  /** Resource policies name principals; identity policies belong to one. */
  readonly hasPrincipal: boolean;
  /**
   * `any`: ARNs. `self`: in a key policy the only effective Resource is `*`, this key (AWS KMS Developer Guide, Key policy
   * elements). `none`: a trust policy has no Resource, since it belongs to its role.
   */
  readonly resource: 'any' | 'self' | 'none';
  readonly keyPolicy: boolean;
}

export const KEY_POLICY_RULES: StatementRules = { hasPrincipal: true, resource: 'self', keyPolicy: true };

export interface StatementScope {
  readonly policy: AttachedPolicy;
  readonly rules: StatementRules;
  /** Its condition values are looked at only by statements that test one. */
  readonly request: Pick<AccessRequest, 'caller' | 'resource' | 'context'>;
  /** Lower-cased. */
  readonly action: string;
}

const miss = (why: Miss, more: Partial<StatementResult> = {}): StatementResult => ({
  applies: false,
  miss: why,
  ...more,
});

export function matchStatement(statement: Statement, scope: StatementScope): StatementResult {
  if (!isComplete(statement, scope.rules)) return miss('incomplete');
  const covered = scope.rules.hasPrincipal ? coverage(statement, scope) : {};
  if (!covered) return miss('principal');
  if (!matchesAction(statement, scope.action)) return miss('action', covered);
  if (!matchesResource(statement, scope)) return miss('resource', covered);
  if (statement.condition === undefined) return { applies: true, ...covered };
  const { hasVariables } = scope.policy.document;
  const { keyPolicy } = scope.rules;
  const condition = evaluateCondition(statement.condition, { values: scope.request.context, hasVariables, keyPolicy });
  const result = { ...covered, condition };
  if (condition.truth === 'holds') return { applies: true, ...result };
  if (condition.truth === 'fails') return miss('condition', result);
  // what cannot be evaluated is decided for safety: a Deny denies, an Allow does not allow
  return statement.effect === 'Deny' ? { applies: true, ...result } : miss('unjudged', result);
}

const either = (one: unknown, other: unknown): boolean => (one === undefined) !== (other === undefined);

function isComplete(statement: Statement, rules: StatementRules): boolean {
  const { effect, principals, notPrincipals, actions, notActions, resources, notResources } = statement;
  const hasResource = resources !== undefined || notResources !== undefined;
  if (rules.resource === 'none' ? hasResource : !either(resources, notResources)) return false;
  if (effect === undefined || !either(actions, notActions)) return false;
  return !rules.hasPrincipal || either(principals, notPrincipals);
}

type Coverage = Pick<StatementResult, 'match' | 'named'>;

/** NotPrincipal is supported only with Deny; with Allow it gives no access. */
function coverage({ effect, principals, notPrincipals }: Statement, scope: StatementScope): Coverage | undefined {
  const { policy, request } = scope;
  const { caller } = request;
  if (principals) return matchAny(principals, caller, { effect: effect ?? 'Allow', boundIds: policy.boundIds });
  return effect === 'Deny' && !isExempt(notPrincipals ?? [], caller, policy.boundIds) ? { match: 'direct' } : undefined;
}

/** @param action lower-cased */
export function matchesAction({ actions, notActions }: Statement, action: string): boolean {
  if (actions) return actions.some((pattern) => isAction(pattern, action));
  return notActions !== undefined && !notActions.some((pattern) => isAction(pattern, action));
}

/** Prefix and name are not case-sensitive. */
const isAction = (pattern: string, action: string): boolean =>
  pattern === 'kms:*' ? action.startsWith('kms:') : matchesPattern(pattern.toLowerCase(), action);

function matchesResource({ resources, notResources }: Statement, scope: StatementScope): boolean {
  if (scope.rules.resource === 'none') return true;
  if (scope.rules.resource === 'self') return resources !== undefined && resources.includes('*');
  if (resources) return resources.some((pattern) => isResource(pattern, scope, false));
  return notResources !== undefined && !notResources.some((pattern) => isResource(pattern, scope, true));
}

/** Case-sensitive over the whole ARN. A variable without value matches nothing: also NotResource then matches nothing. */
function isResource(pattern: string, scope: StatementScope, unresolved: boolean): boolean {
  if (!pattern.includes('${')) return matchesPattern(pattern, scope.request.resource.arn);
  const enabled = scope.policy.document.hasVariables && isInResourcePart(pattern);
  const { context: values, resource } = scope.request;
  const template = expand(pattern, { enabled, values, keyPolicy: scope.rules.keyPolicy });
  return template ? matchesGlob(globOf(template), resource.arn) : unresolved;
}

/** The resources that a statement names, as globs; a variable without value matches nothing. */
export const resourcePatterns = (
  { resources, notResources }: Statement,
  { hasVariables }: PolicyDocument,
  values: ContextValues,
): readonly Glob[] =>
  [...(resources ?? []), ...(notResources ?? [])].flatMap((pattern) => {
    if (!pattern.includes('${')) return [readGlob(pattern)];
    const template = expand(pattern, { enabled: hasVariables && isInResourcePart(pattern), values, keyPolicy: false });
    return template ? [globOf(template)] : [];
  });

/** Variables work only after the fifth colon of an ARN. */
const isInResourcePart = (pattern: string): boolean =>
  parseArnPattern(pattern.slice(0, pattern.indexOf('${'))) !== undefined;
