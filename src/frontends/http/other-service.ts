/** Requests to other services of AWS: refused with a text, in the format that their clients can read. */
import { KmsError } from '../../model/error.ts';
import type { HttpAnswer } from './answer.ts';
import { refuseWith } from './aws-json.ts';
import { faultOf, type Fault } from './fault.ts';
import { queryError, queryFault, XML_TYPE } from './query-error.ts';
import type { HttpRequest } from './request.ts';
import { protocolOf, type Protocol } from './service.ts';
import { element, text } from './xml.ts';

export const notServed = (): KmsError => new KmsError('UnknownOperationException', 'only KMS and STS are served here');

const codeAndMessage = ({ code, message }: Fault): string =>
  element('Code', text(code)) + element('Message', text(message));

const xml = (status: number, body: string): HttpAnswer => ({ status, headers: { 'content-type': XML_TYPE }, body });

const REFUSALS: { readonly [P in Protocol]: (fault: Fault, requestId: string) => HttpAnswer } = {
  json: refuseWith,
  query: queryError,
  // Amazon EC2 API Reference, "Error codes for the Amazon EC2 API"
  ec2(thrown, requestId) {
    const fault = queryFault(thrown);
    const errors = element('Errors', element('Error', codeAndMessage(fault)));
    return xml(fault.status, element('Response', errors + element('RequestID', text(requestId))));
  },
  // Amazon S3 API Reference, "Error responses"
  s3(thrown, requestId) {
    const fault =
      thrown.code === 'UnknownOperationException'
        ? { ...thrown, code: 'NotImplemented', status: 501 }
        : queryFault(thrown);
    return xml(fault.status, element('Error', codeAndMessage(fault) + element('RequestId', text(requestId))));
  },
};

export const refuseOther = (request: HttpRequest, thrown: unknown, requestId: string): HttpAnswer =>
  REFUSALS[protocolOf(request)](faultOf(thrown), requestId);
