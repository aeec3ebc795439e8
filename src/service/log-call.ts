/** From what came of a call to its audit event: the operation's row says what is logged beyond the rule. */
import { KmsError } from '../api/error.ts';
import { callEvent, type LoggedResource } from '../audit/event.ts';
import { requestParameters, type Logged } from '../audit/request-parameters.ts';
import type { AnyInput, AnyOperation, Call, Target } from '../operations/operation.ts';
import type { Circle } from './authorize.ts';

export interface Outcome {
  /** Absent if the input was refused. */
  readonly input: AnyInput | undefined;
  /** Those that were resolved. */
  readonly targets: readonly Target[];
  readonly call?: Call<AnyInput>;
  readonly output?: { readonly [name: string]: unknown };
  readonly error?: unknown;
}

interface Facts {
  readonly outcome: Outcome;
  readonly circle: Circle;
  readonly requestId: string;
  readonly eventId: string;
}

export function logCall(operation: AnyOperation, { outcome, circle, requestId, eventId }: Facts): object {
  return callEvent({
    eventName: operation.name,
    eventId,
    requestId,
    time: circle.time,
    region: circle.home.region,
    identity: circle.caller,
    sourceIp: circle.sourceIp,
    userAgent: circle.userAgent,
    readOnly: operation.access === 'read',
    account: circle.home.account,
    error: outcome.error === undefined ? undefined : loggedError(outcome.error),
    requestParameters: parametersOf(operation, outcome),
    responseElements: elementsOf(operation, outcome),
    resources: resourcesOf(operation, outcome),
  });
}

/** CloudTrail's name for a denial is AccessDenied (CT-46). A defect of ours is logged as what callers see of AWS's. */
function loggedError(error: unknown): { code: string; message: string } {
  if (!(error instanceof KmsError)) return { code: 'KMSInternalException', message: '' };
  const { code, message } = error;
  return { code: code === 'AccessDeniedException' ? 'AccessDenied' : code, message };
}

function parametersOf({ input: shape, log }: AnyOperation, { input, targets }: Outcome): Logged | null {
  if (!input || log?.request === null) return null;
  const logged = { ...requestParameters(shape, input), ...log?.request?.(input, targets) };
  return Object.keys(logged).length > 0 ? logged : null;
}

function elementsOf({ log }: AnyOperation, { call, output, targets }: Outcome): Logged | null {
  if (!call || !output || !log?.response) return null;
  if (log.response !== 'keyId') return log.response(output, call);
  return { keyId: targets.findLast((target) => target.kind === 'key')?.arn };
}

function resourcesOf({ log }: AnyOperation, { targets, call, output }: Outcome): readonly LoggedResource[] {
  if (call && output && log?.resources) return log.resources(output, call);
  return targets.flatMap((target) => {
    if (target.kind === 'key') return target.request.aside ? [] : [{ arn: target.arn, account: target.key.account }];
    return target.kind === 'alias' ? [{ arn: target.arn, account: target.arn.split(':')[4]! }] : [];
  });
}
