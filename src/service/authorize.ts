/** Authorizing: every target of a call is put to the policy engine, with the values of its condition keys. */
import { keyArn, type Home } from '../api/arn.ts';
import { aliasesOf } from '../keyring/alias.ts';
import type { KmsKey } from '../keyring/kms-key.ts';
import type { Transaction } from '../keyring/transaction.ts';
import type { AnyInput, AnyOperation, Target } from '../operations/operation.ts';
import { contextOf, type ContextBuilder } from '../policy/context.ts';
import type { Decision } from '../policy/decision.ts';
import { requireAllowed } from '../policy/denial.ts';
import { attachPolicy } from '../policy/document.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Caller } from '../policy/principal.ts';
import { keyToBe, noResource, type AccessRequest, type Resource } from '../policy/request.ts';

/** Who calls, from where, and when: what every decision of a call is made under. */
export interface Circle {
  readonly caller: Caller;
  readonly home: Home;
  readonly time: number;
  readonly sourceIp: string;
  readonly userAgent: string;
}

export interface Request {
  readonly operation: AnyOperation;
  readonly input: AnyInput;
  readonly targets: readonly Target[];
}

/** @throws AccessDeniedException for the first target that is not allowed */
export async function authorize(tx: Transaction, circle: Circle, request: Request): Promise<void> {
  for (const target of request.targets) requireAllowed(evaluate(await accessRequest(tx, { circle, request, target })));
}

interface Question {
  readonly circle: Circle;
  readonly request: Request;
  readonly target: Target;
}

async function accessRequest(tx: Transaction, { circle, request, target }: Question): Promise<AccessRequest> {
  const { operation, input, targets } = request;
  const { action } = target.request;
  const { caller } = circle;
  const context = target.kind === 'key' ? keyContext(circle, target.key) : callerContext(circle);
  const keys = targets.flatMap((other) => (other.kind === 'key' ? [other.key] : []));
  const conditions = { ...operation.conditions?.(input, action), ...operation.keyConditions?.(keys) };
  for (const [name, values] of Object.entries(conditions)) context.set(name, values);
  const resource = resourceOf(target, circle.home);
  const { EncryptionContext: encryptionContext } = input;
  const base = { caller, action, resource, context: context.values() };
  if (target.kind !== 'key') return base;
  context.set('kms:RequestAlias', target.requestAlias);
  // Only identity policies see a key's aliases (condition-keys.md, kms:ResourceAliases); without any there is no need to look
  if (caller.identityPolicies) {
    const names = (await aliasesOf(tx, target.key, target.key.keyId)).map(({ name }) => name);
    context.set('kms:ResourceAliases', names);
  }
  return {
    ...base,
    keyPolicy: attachPolicy('default', target.key.policy),
    ...(encryptionContext ? { encryptionContext: encryptionContext as Record<string, string> } : {}),
  };
}

function callerContext({ caller, home, time, sourceIp, userAgent }: Circle, key?: KmsKey): ContextBuilder {
  return contextOf(caller, {
    time: new Date(time),
    region: home.region,
    sourceIp,
    userAgent,
    ...(key
      ? {
          resourceAccount: key.account,
          resourceTags: Object.fromEntries(key.tags.map(({ TagKey, TagValue }) => [TagKey, TagValue])),
        }
      : {}),
  });
}

function keyContext(circle: Circle, key: KmsKey): ContextBuilder {
  return callerContext(circle, key)
    .set('kms:KeySpec', key.spec)
    .set('kms:CustomerMasterKeySpec', key.spec)
    .set('kms:KeyUsage', key.usage)
    .set('kms:CustomerMasterKeyUsage', key.usage)
    .set('kms:KeyOrigin', key.origin)
    .set('kms:MultiRegion', key.multiRegion)
    .set('kms:MultiRegionKeyType', key.multiRegion ? 'PRIMARY' : undefined);
}

function resourceOf(target: Target, home: Home): Resource {
  if (target.kind === 'key') {
    return { kind: 'key', arn: target.arn, account: target.key.account, awsManaged: target.key.manager === 'AWS' };
  }
  if (target.kind === 'alias') return { kind: 'alias', arn: target.arn, account: home.account };
  return target.request.keyToBe ? keyToBe(home) : noResource(home);
}

/** What would be decided on a key as it would be: for the lock-out check. */
export function decideOn(circle: Circle, { action, key }: { readonly action: string; readonly key: KmsKey }): Decision {
  return evaluate({
    caller: circle.caller,
    action,
    resource: { kind: 'key', arn: keyArn(key, key.keyId), account: key.account },
    keyPolicy: attachPolicy('default', key.policy),
    context: keyContext(circle, key).values(),
  });
}
