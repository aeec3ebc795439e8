/** Errors of the query protocol, in XML. */
import type { HttpAnswer } from './answer.ts';
import type { Fault } from './fault.ts';
import { element, text } from './xml.ts';

/** It has names of its own for what the JSON services call otherwise, and 403 where they answer 400 ("Common errors"). */
const NAMES: { readonly [code: string]: readonly [name: string, status: number] } = {
  AccessDeniedException: ['AccessDenied', 403],
  ExpiredTokenException: ['ExpiredToken', 403],
  IncompleteSignatureException: ['IncompleteSignature', 403],
  InvalidSignatureException: ['SignatureDoesNotMatch', 403],
  KMSInternalException: ['InternalFailure', 500],
  MalformedPolicyDocumentException: ['MalformedPolicyDocument', 400],
  MissingAuthenticationTokenException: ['MissingAuthenticationToken', 403],
  UnknownOperationException: ['InvalidAction', 400],
  UnrecognizedClientException: ['InvalidClientTokenId', 403],
  ValidationException: ['ValidationError', 400],
};

/** The same fault as the query protocol names it. */
export function queryFault({ code, status, message }: Fault): Fault {
  const [name, as] = NAMES[code] ?? [code, status];
  return { code: name, status: as, message };
}

export const XML_TYPE = 'text/xml';

/** @param namespace attribute of the root element, with the blank before it */
export function queryError(thrown: Fault, requestId: string, namespace = ''): HttpAnswer {
  return namedError(queryFault(thrown), requestId, namespace);
}

/** @param named as the query protocol names it already */
export function namedError({ code, status, message }: Fault, requestId: string, namespace: string): HttpAnswer {
  const error =
    element('Type', status < 500 ? 'Sender' : 'Receiver') +
    element('Code', text(code)) +
    element('Message', text(message));
  const body = element(`ErrorResponse${namespace}`, element('Error', error) + element('RequestId', text(requestId)));
  return { status, headers: { 'content-type': XML_TYPE }, body };
}
