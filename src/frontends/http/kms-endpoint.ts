/** The KMS API over HTTP: AWS JSON 1.1. A request becomes a call, and its result an answer. */
import { isRegion } from '../../model/region.ts';
import { KmsError } from '../../model/error.ts';
import { findOperation } from '../../operations/index.ts';
import type { AnyOperation } from '../../operations/row/operation.ts';
import type { Kms } from '../../pipeline/invoke.ts';
import type { HttpAnswer } from './answer.ts';
import { signerOf, type CallerVerification } from './caller.ts';
import { faultOf } from './fault.ts';
import { fromWire, toWire } from '../../model/json-wire.ts';
import type { HttpRequest } from './request.ts';
import { readAuthorization } from './signature.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const TARGET = 'TrentService.';

export interface KmsEndpoint {
  readonly kms: Kms;
  readonly verification: CallerVerification;
  /** Of this request; its event has it too. */
  readonly requestId: string;
}

export async function answerKms(
  request: HttpRequest,
  { kms, verification, requestId }: KmsEndpoint,
): Promise<HttpAnswer> {
  const operation = await operationOf(request);
  const authorization = readAuthorization(request);
  const { output } = await kms.invoke(operation, readInput(operation, request.body), {
    caller: signerOf(verification, { request, authorization, service: 'kms' }),
    region: regionOf(authorization.region),
    sourceIp: request.sourceIp,
    userAgent: request.userAgent,
    connection: request.connection,
    requestId,
  });
  const members = Object.keys(operation.output.members);
  // an operation without output sends an empty body, not an empty object
  const body = members.length === 0 ? '' : JSON.stringify(toWire(operation.output, output));
  return { status: 200, headers: { 'content-type': CONTENT_TYPE }, body };
}

async function operationOf({ headers }: HttpRequest): Promise<AnyOperation> {
  const target = headers['x-amz-target'] ?? '';
  const operation = target.startsWith(TARGET) ? await findOperation(target.slice(TARGET.length)) : undefined;
  if (!operation) throw new KmsError('UnknownOperationException');
  return operation;
}

/** Of the credential's scope. */
function regionOf(region: string): string {
  if (isRegion(region)) return region;
  throw new KmsError('IncompleteSignatureException', `Credential should be scoped to a valid region, not '${region}'.`);
}

function readInput(operation: AnyOperation, body: Uint8Array): unknown {
  return fromWire(operation.input, body.length === 0 ? {} : parse(body)) ?? {};
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new KmsError('SerializationException');
  }
}

export function refuseKms(thrown: unknown): HttpAnswer {
  const { status, code, message } = faultOf(thrown);
  // AWS writes `message` for the model's errors; clients read either spelling
  const body = JSON.stringify({ __type: code, ...(message === '' ? {} : { message }) });
  return { status, headers: { 'content-type': CONTENT_TYPE, 'x-amzn-errortype': code }, body };
}
