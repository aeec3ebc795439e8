/** Which service a request is for, and in which protocol its client expects errors. */
import { statedScope } from './signature.ts';
import type { HttpRequest } from './request.ts';

export type AddressedService = 'kms' | 'sts' | 'other';

/** Of STS: the only version of its API. */
const STS_VERSION = '2011-06-15';
const OWN = new Set(['kms', 'sts']);
const KMS_TARGET = 'TrentService.';

/** In the header, or in the query of a presigned URL: signers move headers there, under the names that they had. */
export const targetOf = ({ headers, query }: HttpRequest): string | undefined =>
  headers['x-amz-target'] ?? query['X-Amz-Target'] ?? query['x-amz-target'];

const isForm = ({ method, headers }: HttpRequest): boolean =>
  method === 'POST' && (headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');

/** Parameters of the query protocol: in the body, or in the URL, where signers of URLs move them. */
export const parametersOf = (request: HttpRequest): URLSearchParams =>
  isForm(request) && request.body.length > 0
    ? new URLSearchParams(Buffer.from(request.body).toString())
    : new URLSearchParams(request.query);

export function serviceOf(request: HttpRequest): AddressedService {
  const { method, path } = request;
  if (path !== '/') return 'other';
  const target = targetOf(request);
  const service = (): string | undefined => statedScope(request)?.service;
  if (isForm(request) || request.query['Action'] !== undefined) {
    const version = parametersOf(request).get('Version') ?? STS_VERSION;
    // signed for KMS, it is a call of STS with a wrong signature: KMS has no such protocol
    return version === STS_VERSION && OWN.has(service() ?? 'sts') ? 'sts' : 'other';
  }
  if (target !== undefined) return target.startsWith(KMS_TARGET) && isCall(method) ? 'kms' : 'other';
  return method === 'POST' && (service() ?? 'kms') === 'kms' ? 'kms' : 'other';
}

/** A presigned URL may be opened with GET. */
const isCall = (method: string): boolean => method === 'POST' || method === 'GET';

/** Smithy, "AWS protocols". `json` is that of REST services too: their clients read the same members and header. */
export type Protocol = 'json' | 'query' | 'ec2' | 's3';

/** Services whose operations are paths and whose answers are XML. */
const REST_XML = new Set(['cloudfront', 'route53']);

export function protocolOf(request: HttpRequest): Protocol {
  const service = statedScope(request)?.service ?? '';
  if (isForm(request) || request.query['Action'] !== undefined) return service === 'ec2' ? 'ec2' : 'query';
  if (targetOf(request) !== undefined) return 'json';
  if (service.startsWith('s3')) return 's3';
  return REST_XML.has(service) ? 'query' : 'json';
}
