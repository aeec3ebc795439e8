/** The audit event of a call; the operation's row has the differences from the default event. */
import { parseArn } from '../model/arn.ts';
import { camel } from '../model/spelling.ts';
import { KmsError } from '../model/error.ts';
import { callEvent, type LoggedResource } from '../audit/event.ts';
import { requestParameters, type Logged } from '../audit/request-parameters.ts';
import type { VerifiedRecipient } from '../operations/encryption/recipient.ts';
import type { AnyInput, AnyOperation, Call, Target } from '../operations/row/operation.ts';
import type { CallContext } from './authorize.ts';

export interface CallOutcome {
  /** Absent if the input was refused. */
  readonly input?: AnyInput;
  /** Those that were resolved. */
  readonly targets: readonly Target[];
  readonly call?: Call<AnyInput>;
  readonly output?: { readonly [name: string]: unknown };
  /** The result of the step, if there was one. */
  readonly done?: unknown;
  readonly error?: unknown;
  /** Verified; its event says so, of a call that is refused too. */
  readonly recipient?: Pick<VerifiedRecipient, 'logged'>;
}

export interface Facts {
  readonly outcome: CallOutcome;
  readonly context: CallContext;
  readonly requestId: string;
  /** Of an event. */
  readonly newId: () => string;
}

export function logCall(operation: AnyOperation, { outcome, context, requestId, newId }: Facts): object {
  const { viaService } = context.service ?? {};
  const service = viaService === undefined ? serviceNamed(context) : hostOf(viaService);
  return callEvent({
    eventName: operation.name,
    eventId: newId(),
    requestId,
    time: context.time,
    region: context.home.region,
    identity: context.caller,
    sourceIp: service ?? context.sourceIp,
    userAgent: service ?? context.userAgent,
    vpcEndpointId: context.network?.vpcEndpointId,
    tlsDetails: context.connection?.tls,
    readOnly: operation.access === 'read',
    account: context.home.account,
    error: outcome.error === undefined ? undefined : loggedError(outcome.error),
    requestParameters: parametersOf(operation, outcome),
    responseElements: elementsOf(operation, outcome),
    additionalEventData: additionalOf(operation, outcome),
    invokedBy: viaService === undefined ? undefined : service,
    resources: resourcesOf(operation, outcome),
  });
}

/** A service that calls for itself. */
const serviceNamed = ({ caller }: CallContext): string | undefined =>
  caller.kind === 'service' ? caller.arn : undefined;

/** As services call themselves in the records of calls that they make for somebody: without the Region of `kms:ViaService`. */
const hostOf = (viaService: string): string =>
  viaService.replace(/^([a-z0-9-]+)\.[a-z]{2,}(?:-[a-z]+)+-\d+\.(amazonaws\.com(?:\.cn)?)$/, '$1.$2');

/** The records of other Regions have the call's requestID, and name the service as the one that called. */
export function logReplicated(
  operation: AnyOperation,
  { outcome, context, requestId, newId }: Facts,
): readonly object[] {
  const { call, output } = outcome;
  if (!call || !output) return [];
  return (operation.log?.replicatedEvents?.(output, call) ?? []).map((record) =>
    callEvent({
      ...record,
      eventId: newId(),
      requestId,
      time: context.time,
      identity: context.caller,
      invokedBy: 'kms.amazonaws.com',
      sourceIp: context.sourceIp,
      userAgent: 'AWS Internal',
      readOnly: false,
      account: context.home.account,
    }),
  );
}

/** CloudTrail's error code for a denial is AccessDenied. An internal error is logged as KMSInternalException. */
export function loggedError(error: unknown): { code: string; message: string } {
  if (!(error instanceof KmsError)) return { code: 'KMSInternalException', message: '' };
  const { code, message } = error;
  return { code: code === 'AccessDeniedException' ? 'AccessDenied' : code, message };
}

function parametersOf({ input: shape, log }: AnyOperation, { input, targets }: CallOutcome): Logged | null {
  if (!input || log?.request === null) return null;
  const logged: { [name: string]: unknown } = requestParameters(shape, input);
  for (const name of log?.redact ?? []) delete logged[camel(name)];
  Object.assign(logged, log?.request?.(input, targets));
  return Object.keys(logged).length > 0 ? logged : null;
}

function elementsOf({ log }: AnyOperation, { call, output, targets }: CallOutcome): Logged | null {
  if (!call || !output || !log?.response) return null;
  if (log.response !== 'keyId') return log.response(output, call);
  return { keyId: targets.findLast((target) => target.kind === 'key')?.arn };
}

/** Of a call that uses a key of a custom key store this is known even if it has failed. */
function additionalOf(
  { log, state }: AnyOperation,
  { call, output, done, targets, recipient }: CallOutcome,
): Logged | undefined {
  const stored = state === 'use' ? storedKeyOf(targets) : undefined;
  const own = call && output ? log?.additional?.(output, call, done) : undefined;
  const document = recipient && { recipient: recipient.logged };
  return stored || own || document ? { ...stored, ...own, ...document } : undefined;
}

/** AWS KMS Developer Guide, Decrypt (CloudTrail): an external key store's key has the ID of its external key too. */
function storedKeyOf(targets: readonly Target[]): Logged | undefined {
  const target = targets.find((one) => one.kind === 'key' && one.key.customKeyStoreId !== undefined);
  if (target?.kind !== 'key') return undefined;
  const { customKeyStoreId, externalKeyId: xksKeyId } = target.key;
  return { customKeyStoreId, ...(xksKeyId === undefined ? {} : { xksKeyId }) };
}

function resourcesOf(
  { log }: AnyOperation,
  { targets, call, output }: CallOutcome,
): readonly LoggedResource[] | undefined {
  if (log?.resources === null) return undefined;
  if (call && output && log?.resources) return log.resources(output, call);
  return targets.flatMap((target) => {
    if (target.kind === 'key')
      return target.request.authorizeOnly ? [] : [{ arn: target.arn, account: target.key.account }];
    return target.kind === 'alias' ? [{ arn: target.arn, account: parseArn(target.arn)!.account }] : [];
  });
}
