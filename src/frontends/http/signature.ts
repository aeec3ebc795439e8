/**
 * Signatures of requests: AWS Signature Version 4, in the Authorization header or in the query of a presigned URL. The signature
 * is computed anew with a key of the caller's secret access key, and compared. The path and the query get their canonical
 * form from AWS's own library.
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { SignatureV4Base } from '@smithy/signature-v4';
import { isRegion } from '../../model/region.ts';
import { KmsError } from '../../model/error.ts';
import { twice, type HttpRequest } from './request.ts';
import type { SigningKeys } from './signing-keys.ts';

/** The signature of a request and what it says of itself, taken apart. */
export interface Authorization extends CredentialScope {
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken: string | undefined;
  /** As it stands in the request. */
  readonly signedAt: string | undefined;
  /** Of a presigned URL: for how long it is good, in seconds; undefined: it does not say. */
  readonly expires: number | undefined;
}

interface CredentialScope {
  readonly accessKeyId: string;
  /** `20260131` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** AWS allows clocks to differ by five minutes. */
const SKEW_MS = 5 * 60_000;
/** For how long a signature is good; STS says 15 minutes in its errors, whatever a presigned URL says. */
const LIFETIMES: { readonly [S in Signed['service']]: { readonly ms: number; readonly isFixed: boolean } } = {
  kms: { ms: SKEW_MS, isFixed: false },
  sts: { ms: 15 * 60_000, isFixed: true },
  // "XKS Proxy API Specification", Appendix A, Task 4
  'kms-xks-proxy': { ms: SKEW_MS, isFixed: true },
};
/** In seconds, of a presigned URL ("Authenticating Requests: Using Query Parameters"). */
const MAX_EXPIRES = 604_800;

type QueryParameters = HttpRequest['query'];

/** "Create a signed AWS API request": the query has the algorithm and the signature. */
export const isPresigned = (query: QueryParameters): boolean =>
  query['X-Amz-Algorithm'] !== undefined || query['X-Amz-Signature'] !== undefined;

/** Whom and what a request says that it is signed for, before anything of it is verified. */
export function statedScope({ headers, query }: Pick<HttpRequest, 'headers' | 'query'>): CredentialScope | undefined {
  const text = query['X-Amz-Credential'] ?? /\bCredential=([^,\s]+)/.exec(headers['authorization'] ?? '')?.[1];
  return text === undefined ? undefined : scopeOf(text);
}

function scopeOf(credential: string): CredentialScope | undefined {
  const [accessKeyId, date, region, service, end, ...more] = credential.split('/');
  if (!accessKeyId || !date || !region || !service || end !== 'aws4_request' || more.length > 0) return undefined;
  return { accessKeyId, date, region, service };
}

/** Texts of the AWS service front ends. */
export function readAuthorization(request: Pick<HttpRequest, 'headers' | 'query' | 'repeated'>): Authorization {
  const { headers, query, repeated } = request;
  const header = headers['authorization'];
  if (header !== undefined && isPresigned(query)) {
    throw incomplete('Only one of the Authorization header and the query parameters may have a signature.');
  }
  if (header === undefined && !isPresigned(query)) {
    throw new KmsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const authorization = header === undefined ? fromQuery(query) : fromHeader(header, headers);
  const { region, signedHeaders } = authorization;
  if (!isRegion(region)) throw incomplete(`Credential should be scoped to a valid region, not '${region}'.`);
  for (const name of signedHeaders) if (repeated.has(name)) throw twice(name);
  return authorization;
}

function fromHeader(header: string, headers: HttpRequest['headers']): Authorization {
  const space = header.indexOf(' ');
  const algorithm = space < 0 ? header : header.slice(0, space);
  checkAlgorithm(algorithm);
  const fields = new Map<string, string | undefined>();
  for (const text of header.slice(algorithm.length).split(',')) {
    const [name, value] = text.trim().split('=', 2);
    fields.set(name!, value);
  }
  const field = (name: string): string => {
    const value = fields.get(name);
    if (!value) throw incomplete(`Authorization header requires '${name}' parameter. Authorization=${algorithm}`);
    return value;
  };
  return {
    ...requiredScope(field('Credential')),
    signedHeaders: field('SignedHeaders').split(';'),
    signature: field('Signature'),
    sessionToken: headers['x-amz-security-token'],
    signedAt: headers['x-amz-date'],
    expires: undefined,
  };
}

function fromQuery(query: QueryParameters): Authorization {
  const field = (name: string): string => {
    const value = query[name];
    if (value) return value;
    throw incomplete(`AWS query-string parameters must include '${name}'. Re-examine the query-string parameters.`);
  };
  checkAlgorithm(field('X-Amz-Algorithm'));
  return {
    ...requiredScope(field('X-Amz-Credential')),
    signedHeaders: field('X-Amz-SignedHeaders').split(';'),
    signature: field('X-Amz-Signature'),
    sessionToken: query['X-Amz-Security-Token'],
    signedAt: field('X-Amz-Date'),
    expires: expiresOf(query['X-Amz-Expires']),
  };
}

function checkAlgorithm(algorithm: string | undefined): void {
  if (algorithm !== ALGORITHM) throw incomplete(`Unsupported AWS 'algorithm': '${algorithm}'.`);
}

function requiredScope(credential: string): CredentialScope {
  const scope = scopeOf(credential);
  if (scope) return scope;
  throw incomplete('Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.');
}

function expiresOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MAX_EXPIRES) return seconds;
  throw incomplete(`X-Amz-Expires must be a number of seconds between 1 and ${MAX_EXPIRES}, not '${text}'.`);
}

const incomplete = (text: string): KmsError => new KmsError('IncompleteSignatureException', text);

interface Signed {
  readonly request: HttpRequest;
  readonly authorization: Authorization;
  readonly keys: SigningKeys;
  /** Of the real clock, in milliseconds since 1970: signers know no other. */
  readonly now: number;
  readonly service: 'kms' | 'sts' | 'kms-xks-proxy';
}

/**
 * "Create a signed AWS API request" in the IAM User Guide: the signed headers have `host` and every `x-amz-*` header in
 * them. So none can be added or replaced in transit, in particular the operation in `x-amz-target`.
 * @throws InvalidSignatureException, IncompleteSignatureException
 */
export function verifySignature({ request, authorization, keys, now, service }: Signed): void {
  const { headers, query, body } = request;
  const { signedHeaders } = authorization;
  const { text: date, time: signedAt } = readDate(authorization.signedAt);
  checkScope(authorization, { service, signedAt: date });
  const { ms, isFixed } = LIFETIMES[service];
  const lifetime = isFixed || authorization.expires === undefined ? ms : authorization.expires * 1000;
  checkTime(signedAt, { now, lifetime });
  requireSigned('host', signedHeaders);
  if (!isPresigned(query)) requireSigned('x-amz-date', signedHeaders);
  for (const name in headers) if (name.startsWith('x-amz-')) requireSigned(name, signedHeaders);
  const bodyHash = hash('sha256', body);
  const key = keys.keyFor(authorization);
  const toSign = textToSign(canonicalRequest(request, signedHeaders, bodyHash), authorization);
  const expected = createHmac('sha256', key.expose()).update(toSign).digest('hex');
  const stated = headers['x-amz-content-sha256'] ?? bodyHash;
  if (stated !== bodyHash || !isSame(expected, authorization.signature)) throw invalid(MISMATCH);
  keys.remember(authorization, key);
}

function requireSigned(name: string, signedHeaders: readonly string[]): void {
  if (!signedHeaders.includes(name)) throw invalid(`'${name}' must be a 'SignedHeader' in the Authorization header.`);
}

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

const invalid = (text: string): KmsError => new KmsError('InvalidSignatureException', text);

/** ISO 8601 basic: `20260131T120000Z`. */
const basic = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');

function readDate(text = ''): { readonly text: string; readonly time: number } {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (!Number.isNaN(time)) return { text, time };
  throw incomplete(`Date must be in ISO-8601 'basic format'. Got '${text}'. See http://en.wikipedia.org/wiki/ISO_8601`);
}

function checkScope(
  { date, service: named }: Authorization,
  { service, signedAt }: { readonly service: string; readonly signedAt: string },
): void {
  if (named !== service) throw invalid(`Credential should be scoped to correct service: '${service}'. `);
  const day = signedAt.slice(0, 8);
  if (date !== day) {
    throw invalid(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${day}', from '${signedAt}'.`,
    );
  }
}

/** Dates are written only in errors: that takes more time than to compare them. */
function checkTime(signedAt: number, { now, lifetime }: { readonly now: number; readonly lifetime: number }): void {
  if (signedAt < now - lifetime) {
    throw invalid(
      `Signature expired: ${basic(signedAt)} is now earlier than ${basic(now - lifetime)} (${basic(now)} - ${lifetime / 60_000} min.)`,
    );
  }
  if (signedAt > now + SKEW_MS) {
    throw invalid(
      `Signature not yet current: ${basic(signedAt)} is still later than ${basic(now + SKEW_MS)} (${basic(now)} + 5 min.)`,
    );
  }
}

function isSame(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** "Create a signed AWS API request": "Create a string to sign". */
const textToSign = (canonical: string, { signedAt, date, region, service }: Authorization): string =>
  `${ALGORITHM}\n${signedAt}\n${date}/${region}/${service}/aws4_request\n${hash('sha256', canonical)}`;

/** With the signed headers alone. What the library does not sign by itself is signed where the caller signed it. */
function canonicalRequest(request: HttpRequest, signedHeaders: readonly string[], bodyHash: string): string {
  const headers: { [name: string]: string } = {};
  for (const name of signedHeaders) {
    const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
    if (value !== undefined) headers[name] = value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '');
  }
  return CANONICAL.requestOf(request, headers, bodyHash);
}

/** The library's canonical form of requests, without the rest of its signer. */
class CanonicalForm extends SignatureV4Base {
  constructor() {
    const credentials = { accessKeyId: '', secretAccessKey: '' };
    super({ credentials, region: '', service: '', sha256: NoHash });
  }
  requestOf({ method, path, query }: HttpRequest, headers: { readonly [name: string]: string }, bodyHash: string) {
    const request = { method, protocol: 'http:', hostname: 'localhost', path, query: { ...query }, headers: {} };
    return this.createCanonicalRequest(request, headers, bodyHash);
  }
}

/** The hash that the signer of the library would use. */
class NoHash {
  update(): never {
    throw new Error('the library hashes nothing here');
  }
  async digest(): Promise<never> {
    throw new Error('the library hashes nothing here');
  }
  reset(): void {}
}

const CANONICAL = new CanonicalForm();
