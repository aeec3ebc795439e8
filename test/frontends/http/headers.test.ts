/** Headers that decide what a request means: which of them must be there once, signed, and name this server. */
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { loopbackHosts } from '../../../src/frontends/http/host.ts';
import { ACCOUNT } from '../../support/fixture.ts';
import { Sha256 } from './sha256.ts';
import { rawConnection, requestText, service, type Credentials, type Service } from './service.ts';

const ACCOUNT_ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const CLOSE = 'Connection: close';

async function answered(port: number, text: string): Promise<string> {
  const { socket, ended } = rawConnection(port);
  socket.write(text, 'latin1');
  return ended;
}

const withHost = (host: string): string =>
  requestText('ListKeys', {}, [CLOSE]).replace('Host: localhost\r\n', `Host: ${host}\r\n`);

describe('the Host of requests to a loopback address', () => {
  const hosts = loopbackHosts(['127.0.0.1', 'kms.test', 'KMS_1']);

  test.each([
    'localhost',
    'LOCALHOST:1',
    '127.0.0.1',
    '127.0.0.1:4599',
    '127.8.8.8:80',
    '[::1]',
    '[::1]:4599',
    'kms.test:4599',
    'Kms.Test',
    'kms_1',
  ])('%s is served', async (host) => {
    const { port } = await service({ hosts });
    expect(await answered(port, withHost(host))).toMatch(/^HTTP\/1\.1 200/);
  });

  test.each([
    'evil.example',
    'evil.example:4599',
    'localhost.evil.example',
    'evil.localhost',
    '127.0.0.1.evil.example',
    '127.evil.example',
    '0.0.0.0:4599',
    '10.0.0.1',
    '[::]:4599',
    '[::ffff:10.0.0.1]',
    'localhost@evil.example',
    'localhost:80:80',
    'localhost, evil.example',
    'kms.test.',
    'a.kms.test',
    'localhost/',
    '[localhost]',
    '',
  ])('%j is not, and leaves no event', async (host) => {
    const { port, home } = await service({ hosts });
    const text = await answered(port, withHost(host));
    expect(text).toMatch(/^HTTP\/1\.1 400/);
    expect(text).toContain('{"__type":"AccessDeniedException","message":"The host ');
    expect(home.events()).toEqual([]);
  });

  test('GET /ping and STS go by the same rule, and HTTP/1.0 without a Host is refused', async () => {
    const { port } = await service({ hosts });
    const ping = (host: string): string => `GET /ping HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}\r\n\r\n`;
    expect(await answered(port, ping('localhost'))).toMatch(/^HTTP\/1\.1 200/);
    expect(await answered(port, ping('evil.example'))).toMatch(/^HTTP\/1\.1 400/);
    expect(await answered(port, 'GET /ping HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
    const sts = withHost('evil.example').replace('application/x-amz-json-1.1', 'application/x-www-form-urlencoded');
    expect(await answered(port, sts)).toMatch(/^HTTP\/1\.1 403[^]*<Code>AccessDenied<\/Code>/);
  });

  test('elsewhere the Host is not looked at', async () => {
    const { port } = await service();
    expect(await answered(port, withHost('kms.example.com'))).toMatch(/^HTTP\/1\.1 200/);
  });

  test.each(['', 'a b', 'evil.example/', 'http://x', '*', 'x'.repeat(254)])('%j is no name to allow', (name) => {
    expect(() => loopbackHosts([name])).toThrow('is not a valid host name');
  });
});

describe('a header that is there twice', () => {
  test.each([
    ['Host', 'evil.example'],
    ['host', 'localhost'],
    ['X-Amz-Target', 'TrentService.ScheduleKeyDeletion'],
    ['x-amz-target', 'TrentService.ListKeys'],
    ['Authorization', 'AWS4-HMAC-SHA256 Credential=other/20260101/us-east-1/kms/aws4_request'],
    ['Content-Type', 'application/x-www-form-urlencoded'],
    ['User-Agent', 'other'],
    ['X-Amz-Anything', 'x'],
  ])('%s: %s', async (name, value) => {
    const { port, home } = await service();
    const more = [CLOSE, 'User-Agent: one', 'X-Amz-Anything: x', `${name}: ${value}`];
    const text = await answered(port, requestText('ListKeys', {}, more));
    expect(text).toMatch(/^HTTP\/1\.1 400/);
    expect(text).toContain(
      `{"__type":"MalformedHttpRequestException","message":"The header '${name.toLowerCase()}' must not occur more than once."}`,
    );
    expect(home.events()).toEqual([]);
  });

  test('is one of those that are signed', async () => {
    const { port } = await service();
    const twice = (signed: string): string =>
      requestText('ListKeys', {}, [CLOSE, 'Accept: a', 'Accept: b']).replace('=host;x-amz-date', `=${signed}`);
    expect(await answered(port, twice('host;x-amz-date'))).toMatch(/^HTTP\/1\.1 200/);
    expect(await answered(port, twice('accept;host;x-amz-date'))).toMatch(
      /^HTTP\/1\.1 400[^]*MalformedHttpRequestException/,
    );
  });
});

/** What a client sends, with headers that are added behind its signature. */
async function listWith(made: Service, credentials: Credentials, added: Record<string, string>): Promise<unknown> {
  const client = made.client(credentials);
  client.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: object }).headers, added);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  return client.send(new ListKeysCommand({})).then(
    () => 'answered',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe('headers that are not signed', () => {
  test.each(['x-amz-security', 'x-amz-meta', 'x-amz-', 'x-amz-content-sha256'])('%s is refused', async (name) => {
    const made = await service();
    const root = await made.accessKey(ACCOUNT_ROOT);
    // the SDK signs x-amz-content-sha256 itself: whoever replaces it is seen, whoever adds another header as well
    const seen = await listWith(made, root, { [name]: 'x' });
    if (name === 'x-amz-content-sha256') expect(seen).toContain('InvalidSignatureException');
    else {
      expect(seen).toBe(`InvalidSignatureException: '${name}' must be a 'SignedHeader' in the Authorization header.`);
    }
  });

  test.each(['x-amzn-trace-id', 'x-forwarded-for', 'accept-language'])('%s decides nothing', async (name) => {
    const made = await service();
    const root = await made.accessKey(ACCOUNT_ROOT);
    expect(await listWith(made, root, { [name]: 'x' })).toBe('answered');
  });

  test('an operation that is not signed is not made: a signer that leaves X-Amz-Target out', async () => {
    const made = await service();
    const root = await made.accessKey(ACCOUNT_ROOT);
    const { SignatureV4 } = await import('@smithy/signature-v4');
    const signer = new SignatureV4({ credentials: root, region: 'us-east-1', service: 'kms', sha256: Sha256 as never });
    const sent = async (signs: boolean): Promise<string> => {
      const target = { 'x-amz-target': 'TrentService.ListKeys' };
      const signed = await signer.sign({
        method: 'POST',
        protocol: 'http:',
        hostname: '127.0.0.1',
        path: '/',
        headers: { host: `127.0.0.1:${made.port}`, ...(signs ? target : {}) },
        body: '{}',
      });
      return new Promise((resolve) => {
        const headers = { ...signed.headers, ...target, 'content-length': 2 };
        httpRequest(made.url, { method: 'POST', headers }, (response) => {
          let text = `${response.statusCode} `;
          response.on('data', (piece: Buffer) => (text += piece.toString())).on('end', () => resolve(text));
        }).end('{}');
      });
    };
    expect(await sent(true)).toContain('200 {"Keys":[]');
    expect(await sent(false)).toContain(
      '400 {"__type":"InvalidSignatureException","message":"\'x-amz-target\' must be',
    );
    expect(made.home.events().map(({ eventName }) => eventName)).toEqual(['ListKeys']);
  });
});

test("the SDK's own further headers are signed, a browser's x-amz-user-agent too", async () => {
  const made = await service();
  const root = await made.accessKey(ACCOUNT_ROOT);
  let signed = '';
  const client = new KMSClient({
    endpoint: made.url,
    region: 'us-east-1',
    credentials: root,
    customUserAgent: 'app/1',
  });
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers['x-amz-user-agent'] = headers['user-agent']!;
      return next(args);
    },
    { step: 'build', priority: 'low' },
  );
  client.middlewareStack.add(
    (next) => (args) => {
      signed = (args.request as { headers: Record<string, string> }).headers['authorization']!;
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await client.send(new ListKeysCommand({}));
  expect(signed).toContain('x-amz-user-agent');
});
