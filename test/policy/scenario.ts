/** Reads a case of access.json: short names and short statements become a request. */
import type { GrantTerms } from '../../src/model/grant-terms.ts';
import type { Grant } from '../../src/policy/grant.ts';
import { attachPolicy } from '../../src/policy/document.ts';
import { type AccessRequest } from '../../src/policy/request.ts';
import { newKeyResource, noResource, type Resource } from '../../src/policy/resource.ts';
import type { AttachedPolicy } from '../../src/policy/document.ts';
import { ACCOUNT, ALIAS_ARN, CALLERS, KEY_ARN, principalOf, ROLE_ARN } from './callers.ts';

type Json = { readonly [name: string]: unknown };
type Text = string | readonly string[];
/** Or a statement as it is. `[effect, principals, actions, condition?]` */
export type ShortResourceStatement = readonly [string, Text, Text, Json?];
type ResourceStatement = ShortResourceStatement | Json;
/** `[effect, actions, resources?, condition?]`, the condition also in third place. */
export type ShortIdentityStatement = readonly [string, Text, (Text | Json)?, Json?];
type IdentityStatement = ShortIdentityStatement | Json;

export interface Scenario {
  readonly case: string;
  readonly caller: string;
  readonly action?: string;
  readonly on?: 'key' | 'alias' | 'none' | 'keyToBe' | 'role';
  readonly awsManaged?: boolean;
  readonly version?: string;
  readonly key?: readonly ResourceStatement[];
  /** Of the role that is assumed; its statements have no Resource. */
  readonly trust?: readonly ShortResourceStatement[];
  readonly endpoint?: readonly ResourceStatement[];
  readonly rcp?: readonly (readonly ResourceStatement[])[];
  readonly identity?: readonly IdentityStatement[];
  readonly boundary?: readonly IdentityStatement[];
  readonly session?: readonly IdentityStatement[];
  readonly scp?: readonly (readonly IdentityStatement[])[];
  readonly grants?: readonly Grant[];
  readonly newGrant?: GrantTerms;
  readonly retiring?: Grant;
  readonly context?: { readonly [key: string]: readonly string[] };
  readonly encryptionContext?: { readonly [key: string]: string };
  readonly expect: string;
}

const HOME = { account: ACCOUNT, region: 'us-west-2' };
const DELEGATION: readonly ResourceStatement[] = [['Allow', 'account', 'kms:*']];

export function requestOf(scenario: Scenario): AccessRequest {
  const { caller: name, action = 'Decrypt', version = '2012-10-17', key = DELEGATION } = scenario;
  const policy = (source: string, statements: readonly unknown[]): AttachedPolicy =>
    attachPolicy(source, JSON.stringify({ Version: version, Statement: statements }));
  const ofResource = (source: string, list: readonly ResourceStatement[]): AttachedPolicy =>
    policy(source, list.map(resourceStatement));
  const ofIdentity = (source: string, list: readonly IdentityStatement[]): AttachedPolicy =>
    policy(source, list.map(identityStatement));
  const caller = CALLERS[name]!;
  return {
    caller: {
      ...caller,
      ...given('identityPolicies', scenario.identity && [ofIdentity('identity', scenario.identity)]),
      ...given('boundary', scenario.boundary && ofIdentity('boundary', scenario.boundary)),
      ...given('sessionPolicies', scenario.session && [ofIdentity('session', scenario.session)]),
      ...given(
        'serviceControlPolicies',
        scenario.scp?.map((level) => (level.length ? [ofIdentity('scp', level)] : [])),
      ),
    },
    action: permission(action),
    resource: { ...RESOURCES[scenario.on ?? 'key']!, ...given('awsManaged', scenario.awsManaged) },
    keyPolicy: ofResource('default', key),
    context: new Map([
      ...(caller.account === undefined ? [] : [['kms:calleraccount', [caller.account]] as const]),
      ...Object.entries(scenario.context ?? {}),
    ]),
    ...given(
      'resourceControlPolicies',
      scenario.rcp?.map((level) => [ofResource('rcp', level)]),
    ),
    ...given(
      'trustPolicy',
      scenario.trust &&
        policy(
          'trust',
          scenario.trust.map((statement) => {
            const { Resource: _, ...rest } = resourceStatement(statement);
            return rest;
          }),
        ),
    ),
    ...given('endpointPolicy', scenario.endpoint && ofResource('endpoint', scenario.endpoint)),
    ...given('grants', scenario.grants?.map(grantOf)),
    ...given('newGrant', scenario.newGrant),
    ...given('retiring', scenario.retiring && grantOf(scenario.retiring)),
    ...given('encryptionContext', scenario.encryptionContext),
  };
}

const RESOURCES: { readonly [on: string]: Resource } = {
  key: { kind: 'key', arn: KEY_ARN, account: ACCOUNT },
  alias: { kind: 'alias', arn: ALIAS_ARN, account: ACCOUNT },
  none: noResource(HOME),
  keyToBe: newKeyResource(HOME),
  role: { kind: 'role', arn: ROLE_ARN, account: ACCOUNT },
};

type Given<K extends string, V> = { readonly [name in K]?: NonNullable<V> };
const given = <K extends string, V>(name: K, value: V): Given<K, V> =>
  (value === undefined ? {} : { [name]: value }) as Given<K, V>;

const grantOf = (grant: Grant): Grant => ({
  ...grant,
  ...given('granteePrincipal', grant.granteePrincipal && principalOf(grant.granteePrincipal)),
  ...given('retiringPrincipal', grant.retiringPrincipal && principalOf(grant.retiringPrincipal)),
  ...given('issuingAccount', grant.issuingAccount && principalOf(grant.issuingAccount)),
});

const list = (text: Text): readonly string[] => (typeof text === 'string' ? [text] : text);
const permission = (action: string): string => (action === '*' || action.includes(':') ? action : `kms:${action}`);
const resource = (text: string): string => (text === 'KEY' ? KEY_ARN : text === 'ALIAS' ? ALIAS_ARN : text);

function actions(given: Text): Json {
  const [first, ...rest] = list(given);
  return first === '!' ? { NotAction: rest.map(permission) } : { Action: list(given).map(permission) };
}

function principals(given: Text): Json {
  const [first, ...rest] = list(given);
  if (first === '!') return { NotPrincipal: { AWS: rest.map(principalOf) } };
  if (given === '*') return { Principal: '*' };
  if (first!.startsWith('Service:')) return { Principal: { Service: first!.slice('Service:'.length) } };
  return { Principal: { AWS: list(given).map((name) => principalOf(name === 'AWS:*' ? '*' : name)) } };
}

const isShort = <T extends readonly unknown[]>(statement: T | Json): statement is T => Array.isArray(statement);

function resourceStatement(statement: ResourceStatement): Json {
  if (!isShort(statement))
    return typeof statement['Resource'] === 'string'
      ? { ...statement, Resource: resource(statement['Resource']) }
      : statement;
  const [effect, who, what, condition] = statement;
  return { Effect: effect, ...principals(who), ...actions(what), Resource: '*', ...given('Condition', condition) };
}

function identityStatement(statement: IdentityStatement): Json {
  if (!isShort(statement)) return statement;
  const [effect, what, third, fourth] = statement;
  const isCondition = typeof third === 'object' && !Array.isArray(third);
  const on = third === undefined || isCondition ? '*' : list(third as Text).map(resource);
  return {
    Effect: effect,
    ...actions(what),
    Resource: on,
    ...given('Condition', isCondition ? (third as Json) : fourth),
  };
}
