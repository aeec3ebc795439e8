/** Authorization: the policy engine evaluates an access request for every target of a call. */
import { keyArn, type Home } from '../model/arn.ts';
import type { TlsDetails } from '../audit/event.ts';
import { aliasesOf } from '../keyring/alias.ts';
import { grantsTo } from '../keyring/grant.ts';
import type { KmsKey } from '../keyring/kms-key.ts';
import { multiRegionKeyTypeOf } from '../keyring/multi-region.ts';
import { hasOrganizations } from '../keyring/organization.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { partiesOf } from '../operations/grants/grant-party.ts';
import { readGrantToken } from '../operations/grants/grant-token.ts';
import { membershipOf } from '../operations/principals/known-callers.ts';
import type { AnyInput, AnyOperation, KeyRequest, Target } from '../operations/row/operation.ts';
import { actionRow } from '../policy/actions.ts';
import { accessRequest } from '../policy/access-request.ts';
import type { InputRules, KeyFacts } from '../policy/request-facts.ts';
import type { RequestAttributes } from '../policy/context.ts';
import type { InputCondition } from '../policy/input-condition.ts';
import type { Decision } from '../policy/decision.ts';
import { requireAllowed } from '../policy/denial.ts';
import { attachPolicy } from '../policy/document.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Caller } from '../policy/principal.ts';
import { type AccessRequest } from '../policy/request.ts';
import { newKeyResource, noResource, type Resource } from '../policy/resource.ts';
import type { AttachedPolicy } from '../policy/document.ts';
import { describeDecision, type Trace } from './trace.ts';

/** How a call came over the network. */
export interface Connection {
  /** undefined: in clear. */
  readonly tls: TlsDetails | undefined;
}

/** The service that calls on behalf of the caller, and the resource for which it does. */
export type Service = Pick<RequestAttributes, 'viaService' | 'sourceArn' | 'sourceAccount'>;

/** The network of a call, and whether the caller used MFA. */
export type Network = Pick<RequestAttributes, 'vpcEndpointId' | 'vpcId' | 'mfa'>;

/** The context of a call, in which all its access requests are decided. */
export interface CallContext {
  readonly caller: Caller;
  readonly home: Home;
  readonly time: number;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly connection?: Connection | undefined;
  readonly service?: Service | undefined;
  readonly network?: Network | undefined;
}

export interface Request {
  readonly operation: AnyOperation;
  readonly input: AnyInput;
  readonly targets: readonly Target[];
  readonly trace?: Trace | undefined;
}

/**
 * @throws AccessDeniedException for the first target that is not allowed
 * @throws InvalidGrantTokenException
 */
export async function authorize(tx: Transaction, callContext: CallContext, request: Request): Promise<void> {
  const { grantTokens: member } = request.operation;
  const tokens = (member === undefined ? undefined : request.input[member]) ?? [];
  // grants are effective at once, so a token need only be valid
  for (const token of tokens as readonly string[]) readGrantToken(tx, token);
  const call: Decision[] = [];
  for (const target of request.targets) {
    const decision = await decide(tx, { callContext, request, target });
    request.trace?.('authorize', describeDecision(decision));
    call.push(decision);
  }
  requireAllowed(call);
}

/** Grants never deny, so they are read only if the policies do not allow. */
async function decide(tx: Transaction, question: AuthorizationQuestion): Promise<Decision> {
  const { target } = question;
  const request = await requestFor(tx, question);
  const decision = evaluate(request);
  const isOpen = decision.outcome === 'implicitDeny' && actionRow(request.action.toLowerCase())?.grantable;
  if (!isOpen || target.kind !== 'key') return decision;
  const grants = await grantsTo(tx, target.key, partiesOf(request.caller));
  return grants.length > 0 ? evaluate({ ...request, grants }) : decision;
}

interface AuthorizationQuestion {
  readonly callContext: CallContext;
  readonly request: Request;
  readonly target: Target;
}

async function requestFor(
  tx: Transaction,
  { callContext: at, request, target }: AuthorizationQuestion,
): Promise<AccessRequest> {
  const { operation, input, targets } = request;
  const { action } = target.request;
  const callContext = 'region' in target.request ? inRegion(at, target.request.region) : at;
  const keys = targets.flatMap((other) => (other.kind === 'key' ? [other.key] : []));
  const facts = {
    caller: callContext.caller,
    action,
    resource: resourceOf(target, callContext.home),
    attributes: attributesOf(callContext),
    input,
    rules: rulesFor(operation, action),
    values: operation.keyConditions?.(keys) ?? {},
  };
  const endpointId = callContext.network?.vpcEndpointId;
  const endpointPolicies = endpointId === undefined ? undefined : await endpointPoliciesOf(tx, endpointId);
  if (target.kind !== 'key') return accessRequest({ ...facts, key: undefined }, { endpointPolicies });
  const { key } = target;
  const member = hasOrganizations(tx) ? await membershipOf(tx, key.account) : undefined;
  const resourceControlPolicies = member?.resourceControlPolicies;
  // A key policy does not see the aliases of its key: without any other policy there is no need to look
  const isAlone = !hasPolicies(callContext.caller) && !resourceControlPolicies && !endpointPolicies;
  const aliases = isAlone ? undefined : await aliasNames(tx, key);
  const known = tx.memoize(key, () => ({ facts: factsOf(key), policy: keyPolicyOf(key) }));
  const keyFacts = { ...known.facts, organization: member, aliases, requestAlias: target.requestAlias };
  return accessRequest(
    { ...facts, key: keyFacts, retiring: target.grant },
    {
      keyPolicy: known.policy,
      resourceControlPolicies,
      endpointPolicies,
    },
  );
}

const hasPolicies = ({ identityPolicies, boundary, sessionPolicies, serviceControlPolicies }: Caller): boolean =>
  [identityPolicies, boundary, sessionPolicies, serviceControlPolicies].some((one) => one !== undefined);

async function endpointPoliciesOf(tx: Transaction, id: string): Promise<readonly AttachedPolicy[] | undefined> {
  const { endpointPolicyOf } = await import('../operations/principals/endpoint-policy.ts');
  const policy = await endpointPolicyOf(tx, id);
  return policy && [policy];
}

export async function aliasNames(tx: Transaction, key: KmsKey): Promise<readonly string[] | undefined> {
  const names = (await aliasesOf(tx, key, key.keyId)).map(({ name }) => name);
  return names.length > 0 ? names : undefined;
}

/** The condition keys of one action of an operation's row. */
export function rulesFor(operation: AnyOperation, action: string): InputRules {
  const { input, conditions = [], aboutGrants } = operation;
  const own = Array.isArray(conditions)
    ? (conditions as readonly InputCondition[])
    : (conditions as { readonly [action: string]: readonly InputCondition[] })[action];
  return {
    members: input.members,
    conditions: own ?? [],
    aboutGrants: aboutGrants === true,
    newGrant: operation.newGrant && ((given) => operation.newGrant!(given)),
  };
}

const inRegion = (callContext: CallContext, region: string | undefined): CallContext =>
  region === undefined ? callContext : { ...callContext, home: { ...callContext.home, region } };

export function attributesOf(callContext: CallContext): RequestAttributes {
  const { home, time, sourceIp, userAgent, connection, service, network } = callContext;
  return {
    ...service,
    ...network,
    time: new Date(time),
    region: home.region,
    sourceIp,
    userAgent,
    secureTransport: connection === undefined || connection.tls !== undefined,
    resourceAccount: home.account,
  };
}

export const factsOf = (key: KmsKey): KeyFacts => ({
  spec: key.spec,
  usage: key.usage,
  origin: key.origin,
  multiRegion: key.multiRegion,
  multiRegionKeyType: multiRegionKeyTypeOf(key),
  account: key.account,
  tags: Object.fromEntries(key.tags.map(({ TagKey, TagValue }) => [TagKey, TagValue])),
});

function resourceOf(target: Target, home: Home): Resource {
  if (target.kind === 'key') {
    return { kind: 'key', arn: target.arn, account: target.key.account, awsManaged: target.key.manager === 'AWS' };
  }
  if (target.kind === 'alias') return { kind: 'alias', arn: target.arn, account: home.account };
  return target.request.newKeyResource ? newKeyResource(home) : noResource(home);
}

export const keyPolicyOf = ({ policy, boundIds }: KmsKey): AttachedPolicy =>
  attachPolicy('default', policy, boundIds && new Map(Object.entries(boundIds)));

/** The decision on a call about a key with a new policy, for the lock-out check. */
export function decideOn(
  tx: Transaction,
  callContext: CallContext,
  { operation, key }: { readonly operation: AnyOperation; readonly key: KmsKey },
): Promise<Decision> {
  const arn = keyArn(key, key.keyId);
  const request: KeyRequest = {
    kind: 'key',
    identifier: arn,
    action: `kms:${operation.name}`,
    alias: 'refused',
    region: key.region,
  };
  const target: Target = { kind: 'key', request, key, arn };
  return decide(tx, { callContext, request: { operation, input: {}, targets: [target] }, target });
}

export const NO_INPUT: InputRules = { members: {}, conditions: [], aboutGrants: false };
