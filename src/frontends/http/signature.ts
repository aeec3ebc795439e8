/**
 * Signatures of requests: AWS Signature Version 4 in the Authorization header. The signature is computed anew with the
 * caller's secret access key, by AWS's own library, and compared.
 */
import { createHash, createHmac, timingSafeEqual, type Hash, type Hmac } from 'node:crypto';
import { isRegion } from '../../model/region.ts';
import { KmsError } from '../../model/error.ts';
import { twice, type HttpRequest } from './request.ts';

/** The Authorization header, taken apart. */
export interface Authorization {
  readonly accessKeyId: string;
  /** `20260131` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken: string | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** AWS allows clocks to differ by five minutes. */
const SKEW_MS = 5 * 60_000;

/** Texts of the AWS service front ends. */
export function readAuthorization({ headers, repeated }: Pick<HttpRequest, 'headers' | 'repeated'>): Authorization {
  const header = headers['authorization'];
  if (header === undefined) throw new KmsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [algorithm, ...rest] = header.split(' ');
  if (algorithm !== ALGORITHM) throw incomplete(`Unsupported AWS 'algorithm': '${algorithm}'.`);
  const fields = new Map(
    rest
      .join(' ')
      .split(',')
      .map((field) => field.trim().split('=', 2) as [string, string | undefined]),
  );
  const field = (name: string): string => {
    const value = fields.get(name);
    if (!value) throw incomplete(`Authorization header requires '${name}' parameter. Authorization=${algorithm}`);
    return value;
  };
  const [accessKeyId, date, region, service, end, ...more] = field('Credential').split('/');
  if (!accessKeyId || !date || !region || !service || end !== 'aws4_request' || more.length > 0) {
    throw incomplete('Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.');
  }
  if (!isRegion(region)) throw incomplete(`Credential should be scoped to a valid region, not '${region}'.`);
  const signedHeaders = field('SignedHeaders').split(';');
  for (const name of signedHeaders) if (repeated.has(name)) throw twice(name);
  return {
    accessKeyId,
    date,
    region,
    service,
    signedHeaders,
    signature: field('Signature'),
    sessionToken: headers['x-amz-security-token'],
  };
}

const incomplete = (text: string): KmsError => new KmsError('IncompleteSignatureException', text);

interface Signed {
  readonly request: HttpRequest;
  readonly authorization: Authorization;
  readonly secretAccessKey: string;
  /** Of the real clock, in milliseconds since 1970: signers know no other. */
  readonly now: number;
  readonly service: 'kms' | 'sts';
}

/**
 * "Create a signed AWS API request" in the IAM User Guide: the signed headers have `host` and every `x-amz-*` header in
 * them. So none can be added or replaced in transit, in particular the operation in `x-amz-target`.
 * @throws InvalidSignatureException, IncompleteSignatureException
 */
export async function verifySignature({
  request,
  authorization,
  secretAccessKey,
  now,
  service,
}: Signed): Promise<void> {
  const { headers, body } = request;
  const signedAt = readDate(headers['x-amz-date']);
  checkScope(authorization, { service, signedAt });
  checkSkew(signedAt, now);
  for (const name of ['host', 'x-amz-date', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))]) {
    if (!authorization.signedHeaders.includes(name))
      throw invalid(`'${name}' must be a 'SignedHeader' in the Authorization header.`);
  }
  const expected = await signatureOf(request, { ...authorization, secretAccessKey }, signedAt);
  const stated = headers['x-amz-content-sha256'];
  const tampered = stated !== undefined && stated !== createHash('sha256').update(body).digest('hex');
  if (tampered || !isSame(expected, authorization.signature)) throw invalid(MISMATCH);
}

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

const invalid = (text: string): KmsError => new KmsError('InvalidSignatureException', text);

/** ISO 8601 basic: `20260131T120000Z`. */
const basic = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');

function readDate(text: string | undefined): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '') ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (!Number.isNaN(time)) return time;
  throw incomplete(
    `Date must be in ISO-8601 'basic format'. Got '${text ?? ''}'. See http://en.wikipedia.org/wiki/ISO_8601`,
  );
}

function checkScope(
  { date, service: named }: Authorization,
  { service, signedAt }: { service: string; signedAt: number },
): void {
  if (named !== service) throw invalid(`Credential should be scoped to correct service: '${service}'. `);
  const day = basic(signedAt).slice(0, 8);
  if (date !== day) {
    throw invalid(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${day}', from '${basic(signedAt)}'.`,
    );
  }
}

function checkSkew(signedAt: number, now: number): void {
  const [at, here] = [basic(signedAt), basic(now)];
  if (signedAt < now - SKEW_MS) {
    throw invalid(`Signature expired: ${at} is now earlier than ${basic(now - SKEW_MS)} (${here} - 5 min.)`);
  }
  if (signedAt > now + SKEW_MS) {
    throw invalid(`Signature not yet current: ${at} is still later than ${basic(now + SKEW_MS)} (${here} + 5 min.)`);
  }
}

function isSame(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

async function signatureOf(
  { method, path, query, headers, body }: HttpRequest,
  {
    accessKeyId,
    secretAccessKey,
    region,
    service,
    signedHeaders,
  }: Authorization & { readonly secretAccessKey: string },
  signedAt: number,
): Promise<string> {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const wanted = new Set(signedHeaders);
  const signed = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname: 'localhost',
      path,
      query,
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => wanted.has(name))),
      body,
    },
    { signingDate: new Date(signedAt), signableHeaders: wanted },
  );
  return /Signature=([0-9a-f]+)$/.exec(signed.headers['authorization'] ?? '')?.[1] ?? '';
}

type HashInput = string | ArrayBuffer | ArrayBufferView;

const bytesOf = (source: HashInput): Uint8Array =>
  typeof source === 'string'
    ? Buffer.from(source)
    : ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source);

/** SHA-256 and HMAC-SHA-256 in the form that the library asks for. */
class Sha256 {
  #hash: Hash | Hmac;
  constructor(secret?: HashInput) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(chunk: HashInput): void {
    this.#hash.update(bytesOf(chunk));
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }
  reset(): void {
    throw new Error('a digest is used once');
  }
}
