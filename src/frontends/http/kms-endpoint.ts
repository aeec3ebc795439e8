/** The KMS API over HTTP: AWS JSON 1.1. A request becomes a call, and its result an answer. */
import type { Kms } from '../../pipeline/invoke.ts';
import type { HttpAnswer } from './answer.ts';
import { answerWith, operationOf, readInput, refuseWith } from './aws-json.ts';
import { signerOf, type CallerVerification } from './caller.ts';
import { faultOf } from './fault.ts';
import type { HttpRequest } from './request.ts';
import { targetOf } from './service.ts';
import { isPresigned, readAuthorization } from './signature.ts';

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
  const operation = await operationOf(targetOf(request));
  const authorization = readAuthorization(request);
  const { output } = await kms.invoke(operation, readInput(operation, bodyOf(request)), {
    caller: signerOf(verification, { request, authorization, service: 'kms' }),
    region: authorization.region,
    sourceIp: request.sourceIp,
    userAgent: request.userAgent,
    connection: request.connection,
    requestId,
  });
  return answerWith(operation, output);
}

/**
 * The input of a call. Some signers move it from the body into the query of a presigned URL (botocore's does), where members
 * are texts.
 */
function bodyOf({ query, body }: HttpRequest): Uint8Array {
  if (body.length > 0 || !isPresigned(query)) return body;
  const members = Object.entries(query).filter(([name]) => !/^x-amz-/i.test(name));
  return Buffer.from(JSON.stringify(Object.fromEntries(members)));
}

export const refuseKms = (thrown: unknown): HttpAnswer => refuseWith(faultOf(thrown));
