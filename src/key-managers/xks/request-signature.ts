/** Signature Version 4 of requests to external key store proxies (AWS KMS External Key Store Proxy API Specification, appendix A). */
import { createHash, createHmac } from 'node:crypto';
import { concat, utf8 } from '../../crypto/bytes.ts';
import type { XksProxyAddress } from './xks.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 'kms-xks-proxy';
const SIGNED_HEADERS = 'host;x-amz-date';

interface UnsignedRequest {
  readonly host: string;
  /** Of characters that no encoding changes. */
  readonly path: string;
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export interface SignatureHeaders {
  readonly authorization: string;
  readonly 'x-amz-date': string;
}

const hmac = (key: Uint8Array, data: string): Uint8Array => createHmac('sha256', key).update(data).digest();
const digest = (data: string): string => createHash('sha256').update(data).digest('hex');

export function signRequest(
  { host, path, body, time }: UnsignedRequest,
  { accessKeyId, secret, region }: Pick<XksProxyAddress, 'accessKeyId' | 'secret' | 'region'>,
): SignatureHeaders {
  const instant = new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const date = instant.slice(0, 8);
  const canonical = ['POST', path, '', `host:${host}`, `x-amz-date:${instant}`, '', SIGNED_HEADERS, digest(body)];
  const scope = [date, region, SERVICE, 'aws4_request'];
  // the text of the secret is the key: it is not decoded
  const initial = concat(utf8('AWS4'), secret.expose());
  const key = scope.reduce(hmac, initial);
  initial.fill(0);
  const toSign = [ALGORITHM, instant, scope.join('/'), digest(canonical.join('\n'))].join('\n');
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  return {
    authorization: `${ALGORITHM} Credential=${accessKeyId}/${scope.join('/')}, SignedHeaders=${SIGNED_HEADERS}, Signature=${signature}`,
    'x-amz-date': instant,
  };
}
