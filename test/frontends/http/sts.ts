/** Calls of STS in its query protocol, and what they answer. */
import { Sha256 } from './sha256.ts';
import type { Credentials, Service } from './service.ts';

interface StsAnswer {
  readonly status: number;
  readonly text: string;
  readonly credentials: Credentials;
}

/** STS in its query protocol, signed by the SDK's own signer. */
export async function sts(made: Service, signer: Credentials, form: Record<string, string>): Promise<StsAnswer> {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const body = new URLSearchParams(form).toString();
  const url = new URL(made.url);
  const signed = await new SignatureV4({
    credentials: signer,
    region: 'us-east-1',
    service: 'sts',
    sha256: Sha256 as never,
  }).sign({
    method: 'POST',
    protocol: 'http:',
    hostname: url.hostname,
    path: '/',
    headers: { host: url.host, 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
  const { host: _, ...headers } = signed.headers;
  const response = await fetch(made.url, { method: 'POST', headers, body });
  const text = await response.text();
  const part = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '';
  return {
    status: response.status,
    text,
    credentials: {
      accessKeyId: part('AccessKeyId'),
      secretAccessKey: part('SecretAccessKey'),
      sessionToken: part('SessionToken'),
    },
  };
}
