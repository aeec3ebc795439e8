/**
 * Presigned URLs: Signature Version 4 in the query (IAM User Guide, "Create a signed AWS API request"), as the SDK's own
 * signer makes them, and by hand where it cannot.
 */
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, newKey } from '../../support/fixture.ts';
import { service, USER, type Credentials, type Service } from './service.ts';
import { Sha256 } from './sha256.ts';

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;

interface Wanted {
  readonly name: 'kms' | 'sts';
  readonly credentials: Credentials;
  readonly method?: string;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly expiresIn?: number;
}

/** By the SDK's own signer, which moves `x-amz-*` headers into the query. */
async function presign(
  made: Service,
  { name, credentials, method = 'GET', query = {}, headers = {}, body, expiresIn }: Wanted,
): Promise<string> {
  const { host, hostname } = new URL(made.url);
  const signer = new SignatureV4({ credentials, region: 'us-east-1', service: name, sha256: Sha256 as never });
  const signed = await signer.presign(
    { method, protocol: 'http:', hostname, path: '/', query, headers: { host, ...headers }, body },
    { signingDate: new Date(made.home.now), ...(expiresIn === undefined ? {} : { expiresIn }) },
  );
  return `${made.url}/?${new URLSearchParams(signed.query as Record<string, string>).toString().replaceAll('+', '%20')}`;
}

const identity = { Action: 'GetCallerIdentity', Version: '2011-06-15' };
const arnIn = (text: string): string | undefined => /<Arn>([^<]*)<\/Arn>/.exec(text)?.[1];
const codeIn = (text: string): string | undefined => /<Code>([^<]*)<\/Code>/.exec(text)?.[1];

describe('GetCallerIdentity', () => {
  test('tells whom the URL was signed for, with an event of its principal', async () => {
    const made = await service();
    const credentials = await made.accessKey(USER);
    const response = await fetch(await presign(made, { name: 'sts', credentials, query: identity }));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/xml']);
    expect(arnIn(await response.text())).toBe(USER);
    expect(made.home.events().at(-1)).toMatchObject({
      eventSource: 'sts.amazonaws.com',
      eventName: 'GetCallerIdentity',
      userIdentity: { type: 'IAMUser', arn: USER },
    });
  });

  // botocore presigns for the method of the model, POST, and moves the body into the query
  test('as a POST without a body, of whatever type', async () => {
    const made = await service();
    const credentials = await made.accessKey(USER);
    const url = await presign(made, { name: 'sts', credentials, method: 'POST', query: identity });
    for (const headers of [{}, { 'content-type': 'application/x-www-form-urlencoded' }]) {
      const response = await fetch(url, { method: 'POST', headers });
      expect([response.status, arnIn(await response.text())]).toEqual([200, USER]);
    }
    expect((await fetch(url)).status).toBe(403); // not for GET
  });

  // aws-iam-authenticator (pkg/token/token.go): the name of the cluster is a signed header; URLs are good for 15 minutes,
  // whatever X-Amz-Expires says
  test('as clusters use it: a signed header, and 15 minutes', async () => {
    const made = await service();
    const credentials = await made.accessKey(USER);
    const headers = { 'x-k8s-aws-id': 'cluster' };
    const url = await presign(made, { name: 'sts', credentials, query: identity, headers, expiresIn: 60 });
    expect(url).toContain('SignedHeaders=host%3Bx-k8s-aws-id');
    made.home.now += 14 * 60_000;
    expect((await fetch(url, { headers })).status).toBe(200);
    const other = await fetch(url, { headers: { 'x-k8s-aws-id': 'other' } });
    expect([other.status, codeIn(await other.text())]).toEqual([403, 'SignatureDoesNotMatch']);
    expect((await fetch(url)).status).toBe(403);
    made.home.now += 61_000;
    const late = await fetch(url, { headers });
    expect(await late.text()).toMatch(/<Code>SignatureDoesNotMatch<\/Code><Message>Signature expired: .* - 15 min\.\)/);
  });

  test('without X-Amz-Expires, as some signers leave it out', async () => {
    const made = await service();
    const { accessKeyId, secretAccessKey } = await made.accessKey(USER);
    const date = new Date(made.home.now).toISOString().replace(/[-:]|\.\d+/g, '');
    const scope = `${date.slice(0, 8)}/us-east-1/sts/aws4_request`;
    const query = [
      ['Action', 'GetCallerIdentity'],
      ['Version', '2011-06-15'],
      ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
      ['X-Amz-Credential', `${accessKeyId}/${scope}`],
      ['X-Amz-Date', date],
      ['X-Amz-SignedHeaders', 'host'],
    ]
      .map(([name, value]) => `${name}=${encodeURIComponent(value!)}`)
      .join('&');
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    const canonical = ['GET', '/', query, `host:${new URL(made.url).host}`, '', 'host', sha256('')].join('\n');
    const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
    const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
    const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')).toString('hex');
    const response = await fetch(`${made.url}/?${query}&X-Amz-Signature=${signature}`);
    expect([response.status, arnIn(await response.text())]).toEqual([200, USER]);
  });

  const CHANGES: readonly [what: string, change: (url: string) => string, code: string][] = [
    ['another signature', (url) => url.replace(/Signature=../, 'Signature=zz'), 'SignatureDoesNotMatch'],
    ['another parameter', (url) => `${url}&Extra=1`, 'SignatureDoesNotMatch'],
    ['a parameter twice', (url) => `${url}&Action=AssumeRole`, 'MalformedHttpRequestException'],
    ['no signature', (url) => url.replace(/&X-Amz-Signature=[^&]*/, ''), 'IncompleteSignature'],
    ['no date', (url) => url.replace(/&X-Amz-Date=[^&]*/, ''), 'IncompleteSignature'],
    ['too long', (url) => url.replace(/Expires=\d+/, 'Expires=604801'), 'IncompleteSignature'],
    ['another algorithm', (url) => url.replace('HMAC-SHA256', 'HMAC-SHA1'), 'IncompleteSignature'],
    ['no such key', (url) => url.replace(/Credential=AKIA/, 'Credential=AKIB'), 'InvalidClientTokenId'],
  ];
  test.each(CHANGES)('%s is refused, without an event', async (_, change, code) => {
    const made = await service();
    const credentials = await made.accessKey(USER);
    const url = change(await presign(made, { name: 'sts', credentials, query: identity }));
    const events = made.home.events().length;
    const text = await (await fetch(url)).text();
    expect(codeIn(text) ?? (JSON.parse(text) as { __type: string }).__type).toBe(code);
    expect(made.home.events()).toHaveLength(events);
  });

  test('a signature in the header too is one too many', async () => {
    const made = await service();
    const credentials = await made.accessKey(USER);
    const url = await presign(made, { name: 'sts', credentials, query: identity });
    const authorization = 'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sts/aws4_request';
    expect(codeIn(await (await fetch(url, { headers: { authorization } })).text())).toBe('IncompleteSignature');
  });
});

describe('KMS', () => {
  const target = { 'x-amz-target': 'TrentService.Encrypt', 'content-type': 'application/x-amz-json-1.1' };

  test('a POST with its body, as the SDK signs it: for as long as it says', async () => {
    const made = await service();
    const credentials = await made.accessKey(ROOT);
    const { id } = await newKey(made.home);
    const body = JSON.stringify({ KeyId: id, Plaintext: 'aGVsbG8=' });
    const url = await presign(made, {
      name: 'kms',
      credentials,
      method: 'POST',
      headers: target,
      body,
      expiresIn: 3600,
    });
    const post = (content: string) =>
      fetch(url, { method: 'POST', headers: { 'content-type': target['content-type'] }, body: content });
    made.home.now += 3_599_000;
    const response = await post(body);
    expect(await response.json()).toMatchObject({ CiphertextBlob: expect.any(String) });
    expect(await (await post(body.replace('aGVs', 'aGVt'))).json()).toMatchObject({
      __type: 'InvalidSignatureException',
    });
    made.home.now += 2_000;
    expect(await (await post(body)).json()).toMatchObject({ message: expect.stringContaining('Signature expired') });
  });

  // botocore/auth.py, SigV4QueryAuth: what was the body is in the query, and the header X-Amz-Target is signed and sent
  test('members in the query', async () => {
    const made = await service();
    const credentials = await made.accessKey(ROOT);
    const { id } = await newKey(made.home);
    const query = { KeyId: id, Plaintext: 'aGVsbG8=' };
    const url = await presign(made, {
      name: 'kms',
      credentials,
      query,
      headers: { 'x-amz-target': 'TrentService.Encrypt' },
    });
    const response = await fetch(url);
    expect([response.status, await response.json()]).toMatchObject([200, { CiphertextBlob: expect.any(String) }]);
    expect(made.home.events().at(-1)).toMatchObject({ eventName: 'Encrypt' });
  });

  test('a URL for STS is none for KMS', async () => {
    const made = await service();
    const credentials = await made.accessKey(ROOT);
    const headers = { 'x-amz-target': 'TrentService.ListKeys' };
    const response = await fetch(await presign(made, { name: 'sts', credentials, headers }));
    expect(await response.json()).toMatchObject({ __type: 'InvalidSignatureException' });
  });
});
