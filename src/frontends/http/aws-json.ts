/** Requests and responses of the KMS API in AWS JSON 1.1. */
import { KmsError } from '../../model/error.ts';
import { fromWire, toWire } from '../../model/json-wire.ts';
import { findOperation } from '../../operations/index.ts';
import type { AnyInput, AnyOperation } from '../../operations/row/operation.ts';
import type { HttpAnswer } from './answer.ts';
import type { Fault } from './fault.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const TARGET = 'TrentService.';

/** @param target of the header `X-Amz-Target` */
export async function operationOf(target = ''): Promise<AnyOperation> {
  const operation = target.startsWith(TARGET) ? await findOperation(target.slice(TARGET.length)) : undefined;
  if (!operation) throw new KmsError('UnknownOperationException');
  return operation;
}

/** The input, for the pipeline to check. */
export function readInput({ input }: AnyOperation, body: Uint8Array): unknown {
  return fromWire(input, body.length === 0 ? {} : parse(body)) ?? {};
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(UTF_8.decode(body));
  } catch {
    throw new KmsError('SerializationException');
  }
}

export function answerWith({ output: shape }: AnyOperation, output: AnyInput): HttpAnswer {
  // an operation without output sends an empty body, not an empty object
  const body = Object.keys(shape.members).length === 0 ? '' : JSON.stringify(toWire(shape, output));
  return { status: 200, headers: { 'content-type': CONTENT_TYPE }, body };
}

export function refuseWith({ status, code, message }: Fault): HttpAnswer {
  // AWS writes `message` for the model's errors; clients read either spelling
  const body = JSON.stringify({ __type: code, ...(message === '' ? {} : { message }) });
  return { status, headers: { 'content-type': CONTENT_TYPE, 'x-amzn-errortype': code }, body };
}
