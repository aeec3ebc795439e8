/** Authorizing: every target of a call is put to the policy engine, with the values of its condition keys. */
import { keyArn, type Home } from '../model/arn.ts';
import type { TlsDetails } from '../audit/event.ts';
import { aliasesOf } from '../keyring/alias.ts';
import { grantsTo } from '../keyring/grant.ts';
import type { KmsKey } from '../keyring/kms-key.ts';
import { multiRegionKeyType } from '../keyring/multi-region.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { partiesOf } from '../operations/grants/grant-party.ts';
import { readGrantToken } from '../operations/grants/grant-token.ts';
import { membershipOf } from '../operations/principals/known-callers.ts';
import type { AnyInput, AnyOperation, Target } from '../operations/row/operation.ts';
import { actionRow } from '../policy/actions.ts';
import { contextOf, type RequestAttributes, type ContextBuilder } from '../policy/context.ts';
import type { Decision } from '../policy/decision.ts';
import { requireAllowed } from '../policy/denial.ts';
import { attachPolicy } from '../policy/document.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Caller } from '../policy/principal.ts';
import { newKeyResource, noResource, type AccessRequest, type Resource } from '../policy/request.ts';
import type { AttachedPolicy } from '../policy/document.ts';
import { describeDecision, type Trace } from './trace.ts';

/** How a call came over the network. */
export interface Connection {
  /** undefined: in clear. */
  readonly tls: TlsDetails | undefined;
}

/** That a service calls for the caller, and for which resource. */
export type Service = Pick<RequestAttributes, 'viaService' | 'sourceArn' | 'sourceAccount'>;

/** Where in AWS's network a call is taken to come from, and with which proof of presence. */
export type Network = Pick<RequestAttributes, 'vpcEndpointId' | 'vpcId' | 'mfa'>;

/** Who calls, from where, and when: what every decision of a call is made under. */
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
export async function authorize(tx: Transaction, circle: CallContext, request: Request): Promise<void> {
  const { grantTokens: member } = request.operation;
  const tokens = (member === undefined ? undefined : request.input[member]) ?? [];
  // Grants count as soon as they are made, so that a token is one of ours is all that there is to it
  for (const token of tokens as readonly string[]) readGrantToken(tx, token);
  for (const target of request.targets) {
    const decision = await decide(tx, { circle, request, target });
    request.trace?.('authorize', describeDecision(decision));
    requireAllowed(decision);
  }
}

/** Grants only ever allow, so they are looked for where the policies do not. */
async function decide(tx: Transaction, question: Question): Promise<Decision> {
  const { target } = question;
  const request = await accessRequest(tx, question);
  const decision = evaluate(request);
  const isOpen = decision.outcome === 'implicitDeny' && actionRow(request.action.toLowerCase())?.grantable;
  if (!isOpen || target.kind !== 'key') return decision;
  const grants = await grantsTo(tx, target.key, partiesOf(request.caller));
  return grants.length > 0 ? evaluate({ ...request, grants }) : decision;
}

interface Question {
  readonly circle: CallContext;
  readonly request: Request;
  readonly target: Target;
}

async function accessRequest(tx: Transaction, { circle: at, request, target }: Question): Promise<AccessRequest> {
  const { operation, input, targets } = request;
  const { action } = target.request;
  const circle = 'region' in target.request ? inRegion(at, target.request.region) : at;
  const { caller } = circle;
  const context = target.kind === 'key' ? keyContext(circle, target.key) : callerContext(circle);
  const keys = targets.flatMap((other) => (other.kind === 'key' ? [other.key] : []));
  const conditions = { ...operation.conditions?.(input, action), ...operation.keyConditions?.(keys) };
  for (const [name, values] of Object.entries(conditions)) context.set(name, values);
  const resource = resourceOf(target, circle.home);
  if (operation.aboutGrants) context.set('kms:GrantIsForAWSResource', circle.service?.viaService !== undefined);
  const encryptionContext = operation.encryptionContext?.(input, action) ?? input['EncryptionContext'];
  const newGrant = operation.newGrant?.(input);
  const base = { caller, action, resource, context: context.values() };
  if (target.kind !== 'key') return base;
  context.set('kms:RequestAlias', target.requestAlias);
  // Only identity policies see a key's aliases; without any there is no need to look
  if (caller.identityPolicies) {
    const names = (await aliasesOf(tx, target.key, target.key.keyId)).map(({ name }) => name);
    context.set('kms:ResourceAliases', names);
  }
  const member = await membershipOf(tx, target.key.account);
  context.setResourceOrganization(member);
  const controls = member?.resourceControlPolicies;
  return {
    ...base,
    ...(controls ? { resourceControlPolicies: controls } : {}),
    keyPolicy: tx.memoize(target.key, () => keyPolicyOf(target.key)),
    ...(encryptionContext ? { encryptionContext: encryptionContext as Record<string, string> } : {}),
    ...(newGrant ? { newGrant } : {}),
    ...(target.grant ? { retiring: target.grant } : {}),
  };
}

const inRegion = (circle: CallContext, region: string | undefined): CallContext =>
  region === undefined ? circle : { ...circle, home: { ...circle.home, region } };

export function callerContext(circle: CallContext, key?: KmsKey): ContextBuilder {
  const { caller, home, time, sourceIp, userAgent, connection, service, network } = circle;
  return contextOf(caller, {
    ...service,
    ...network,
    time: new Date(time),
    region: home.region,
    sourceIp,
    userAgent,
    secureTransport: connection === undefined || connection.tls !== undefined,
    resourceAccount: key?.account ?? home.account,
    ...(key ? { resourceTags: Object.fromEntries(key.tags.map(({ TagKey, TagValue }) => [TagKey, TagValue])) } : {}),
  });
}

export function keyContext(circle: CallContext, key: KmsKey): ContextBuilder {
  return callerContext(circle, key)
    .set('kms:KeySpec', key.spec)
    .set('kms:CustomerMasterKeySpec', key.spec)
    .set('kms:KeyUsage', key.usage)
    .set('kms:CustomerMasterKeyUsage', key.usage)
    .set('kms:KeyOrigin', key.origin)
    .set('kms:MultiRegion', key.multiRegion)
    .set('kms:MultiRegionKeyType', multiRegionKeyType(key));
}

function resourceOf(target: Target, home: Home): Resource {
  if (target.kind === 'key') {
    return { kind: 'key', arn: target.arn, account: target.key.account, awsManaged: target.key.manager === 'AWS' };
  }
  if (target.kind === 'alias') return { kind: 'alias', arn: target.arn, account: home.account };
  return target.request.newKeyResource ? newKeyResource(home) : noResource(home);
}

export const keyPolicyOf = ({ policy, boundIds }: KmsKey): AttachedPolicy =>
  attachPolicy('default', policy, boundIds && new Map(Object.entries(boundIds)));

/** What would be decided on a key as it would be: for the lock-out check. */
export function decideOn(
  circle: CallContext,
  { action, key }: { readonly action: string; readonly key: KmsKey },
): Decision {
  return evaluate({
    caller: circle.caller,
    action,
    resource: { kind: 'key', arn: keyArn(key, key.keyId), account: key.account },
    keyPolicy: keyPolicyOf(key),
    context: keyContext(inRegion(circle, key.region), key).values(),
  });
}
