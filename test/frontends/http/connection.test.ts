/** Connections as clients really have them: pipelined, half-closed, slow, oversized, idle by the thousand. */
import { execFileSync } from 'node:child_process';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isLoopback, readAddress, resolveAddress } from '../../../src/frontends/http/listen.ts';
import { readTlsFiles } from '../../../src/frontends/http/tls.ts';
import { memoryLog } from '../../../src/keyring/memory-log.ts';
import { fixture, newKey } from '../../support/fixture.ts';
import { temporaryFolders } from '../../support/folder.ts';
import { rawConnection, requestText, service } from './service.ts';

const folder = temporaryFolders();
const CLOSE = ['Connection: close'];
const answers = (text: string): number => text.split('HTTP/1.1 ').length - 1;

describe('one connection', () => {
  test('pipelined requests are answered in their order', async () => {
    const { port, home } = await service();
    const { id } = await newKey(home);
    const { socket, ended } = rawConnection(port);
    const texts = Array.from({ length: 50 }, (_, at) =>
      requestText('UpdateKeyDescription', { KeyId: id, Description: `${at}` }),
    );
    socket.write(texts.join('') + requestText('DescribeKey', { KeyId: id }, CLOSE));
    const text = await ended;
    expect(answers(text)).toBe(51);
    expect(text).toContain('"Description":"49"');
    const ids = Array.from(text.matchAll(/x-amzn-requestid: (\S+)/g), ([, requestId]) => requestId);
    expect(
      home
        .events()
        .slice(-51)
        .map(({ requestID }) => requestID),
    ).toEqual(ids);
  });

  test('stays for the next request, and a refused one does not end it', async () => {
    const { port } = await service();
    const { socket, ended } = rawConnection(port);
    socket.write(requestText('Nonsense', {}));
    await new Promise((resolve) => socket.once('data', resolve));
    socket.write(requestText('ListKeys', {}, CLOSE));
    const text = await ended;
    expect(text).toContain('HTTP/1.1 404');
    expect(text).toContain('HTTP/1.1 200');
  });

  test('half-closed after the request: the answer still comes', async () => {
    const { port } = await service();
    const { socket, ended } = rawConnection(port);
    socket.end(requestText('ListKeys', {}));
    expect(await ended).toContain('HTTP/1.1 200');
  });

  test('gone before the answer, and in the middle of a body: the server goes on', async () => {
    const { port, said, home } = await service();
    for (const text of [requestText('ListKeys', {}), requestText('ListKeys', {}).slice(0, -1)]) {
      const { socket, ended } = rawConnection(port);
      await new Promise<void>((resolve) => void socket.write(text, () => resolve()));
      socket.resetAndDestroy();
      await ended;
    }
    const { socket, ended } = rawConnection(port);
    socket.write(requestText('ListAliases', {}, CLOSE));
    expect(await ended).toContain('HTTP/1.1 200');
    expect(said).toEqual([]);
    expect(home.events().at(-1)).toMatchObject({ eventName: 'ListAliases' });
  });

  test.each([
    ['headers', 'POST / HTTP/1.1\r\nHost: x\r\n'],
    ['a body', requestText('ListKeys', {}, ['X-Padding: 1']).slice(0, -1)],
  ])('%s that do not come are not waited for', async (_, text) => {
    const { port } = await service({ limits: { headers: 300, request: 600, idle: 1000 } });
    const { socket, ended } = rawConnection(port);
    socket.write(text);
    expect(await ended).toContain('HTTP/1.1 408');
  });

  test.each([
    ['by its length', (body: string) => [`Content-Length: ${body.length}`, '', body]],
    ['in chunks', (body: string) => ['Transfer-Encoding: chunked', '', body.length.toString(16), body, '0', '', '']],
  ])('a body that is too large, %s', async (_, send) => {
    const { port } = await service();
    const { socket, ended } = rawConnection(port);
    const head = requestText('ListKeys', '').replace(/Content-Length: 0\r\n\r\n$/, '');
    socket.write(head + send('x'.repeat(1 << 21)).join('\r\n'));
    expect(await ended).toMatch(/^HTTP\/1\.1 413/);
  });

  test('headers that are too large', async () => {
    const { port } = await service();
    const { socket, ended } = rawConnection(port);
    socket.write(requestText('ListKeys', {}, [`X-Long: ${'x'.repeat(1 << 15)}`]));
    expect(await ended).toMatch(/^HTTP\/1\.1 431/);
  });
});

describe('what is no call', () => {
  test.each([
    ['GET', '/ping', {}, 200],
    ['HEAD', '/ping', {}, 200],
    ['GET', '/', {}, 404],
    ['OPTIONS', '/', { origin: 'https://example.com' }, 400],
    ['POST', '/', {}, 404],
    ['POST', '/elsewhere', { 'x-amz-target': 'TrentService.ListKeys' }, 404],
    ['POST', '/', { origin: 'https://example.com', 'x-amz-target': 'TrentService.ListKeys' }, 400],
    ['POST', '/', { 'x-amz-target': 'TrentService.toString' }, 404],
    ['POST', '/', { 'x-amz-target': 'DynamoDB_20120810.ListTables' }, 404],
  ] as const)('%s %s %j: %d', async (method, path, headers, status) => {
    const { url, home } = await service();
    const response = await fetch(url + path, { method, headers });
    expect(response.status).toBe(status);
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(home.events()).toEqual([]);
  });

  test.each(['{', '[]', '"x"', '\xff', '{"KeyId":1}', '{"KeyId":["a"]}'])('a body of %s', async (body) => {
    const { port } = await service();
    const { socket, ended } = rawConnection(port);
    socket.write(requestText('DescribeKey', body, CLOSE), 'latin1');
    const text = await ended;
    expect(text).toMatch(/^HTTP\/1\.1 400/);
    expect(text).toContain('"__type":"SerializationException"');
  });

  test.each(['****', 'a', 'aGVsbG8', 'aGVsbG8=='])('a blob of %s is base64 or is refused', async (blob) => {
    const { port } = await service();
    const { socket, ended } = rawConnection(port);
    socket.write(requestText('Decrypt', { CiphertextBlob: blob }, CLOSE));
    // without padding it is taken, as the service takes it
    expect(await ended).toContain(blob === 'aGVsbG8' ? 'InvalidCiphertextException' : 'SerializationException');
  });
});

test('1,000 idle connections do not stand in the way of the next', { timeout: 60_000 }, async () => {
  const { port } = await service();
  const idle: Socket[] = [];
  onTestFinished(() => idle.forEach((socket) => socket.destroy()));
  for (let count = 0; count < 1_000; count += 1) {
    const socket = connect(port, '127.0.0.1');
    idle.push(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
  }
  const { socket, ended } = rawConnection(port);
  socket.write(requestText('ListKeys', {}, CLOSE));
  expect(await ended).toContain('HTTP/1.1 200');
});

test('connections beyond the limit are closed, and those that are there go on', async () => {
  const { port } = await service({ limits: { connections: 2 } });
  const [one, two] = [rawConnection(port), rawConnection(port)];
  for (const { socket } of [one, two]) await new Promise((resolve) => socket.once('connect', resolve));
  expect(await rawConnection(port).ended).toBe('');
  for (const { socket, ended } of [one, two]) {
    socket.write(requestText('ListKeys', {}, ['Connection: close']));
    expect(await ended).toContain('HTTP/1.1 200');
  }
  const next = rawConnection(port);
  next.socket.write(requestText('ListKeys', {}, ['Connection: close']));
  expect(await next.ended).toContain('HTTP/1.1 200');
});

test('stopping finishes what runs, and ends what is idle', async () => {
  const made = await service();
  const idle = rawConnection(made.port);
  await new Promise((resolve) => idle.socket.once('connect', resolve));
  const { socket, ended } = rawConnection(made.port);
  const [first, last] = ['CreateKey', 'ListKeys'].map((operation) =>
    requestText(operation, operation === 'CreateKey' ? { KeySpec: 'RSA_4096', KeyUsage: 'SIGN_VERIFY' } : {}),
  );
  const began = new Promise((resolve) => made.running.server.once('request', resolve));
  socket.write(first! + last!.slice(0, 0));
  await began;
  await made.running.stop();
  expect(await ended).toContain('RSA_4096');
  expect(await idle.ended).toBe('');
  const refusedNow = rawConnection(made.port);
  expect(await refusedNow.ended).toBe('');
});

test('stopping waits for the call of a client that has gone: what it needs is not closed before', async () => {
  const log = memoryLog();
  const { promise: syncing, resolve: begun } = Promise.withResolvers<void>();
  const { promise: synced, resolve: sync } = Promise.withResolvers<void>();
  const home = await fixture('gone', {
    log: {
      ...log,
      syncInBackground() {
        begun();
        return synced;
      },
    },
  });
  await newKey(home);
  home.keyring.setLongLived();
  const { port, running } = await service({ home });
  const { socket, ended } = rawConnection(port);
  socket.write(requestText('ListKeys', {}));
  await syncing;
  socket.resetAndDestroy();
  await ended;
  let hasStopped = false;
  const stopped = running.stop().then(() => (hasStopped = true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(hasStopped).toBe(false);
  sync();
  await stopped;
  expect(home.events().at(-1)).toMatchObject({ eventName: 'ListKeys' });
});

function certificate(): { cert: string; key: string } {
  const at = folder();
  const [cert, key] = [join(at, 'cert.pem'), join(at, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const key256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...key256, '-keyout', key, '-out', cert, '-days', '2', ...subject], {
    stdio: 'ignore',
  });
  execFileSync('chmod', ['600', key]);
  return { cert, key };
}

describe('TLS', () => {
  test('a handshake that does not go on is not waited for', async () => {
    const { port } = await service({ tls: readTlsFiles(certificate()), limits: { headers: 300 } });
    const { socket, ended } = rawConnection(port);
    socket.write('\u0016\u0003\u0001'); // the beginning of a handshake record
    expect(await ended).toBe('');
  });

  test('is 1.3, with a hybrid key agreement, and the event records it', async () => {
    const files = readTlsFiles(certificate());
    const { port, home } = await service({ tls: files });
    const handshake = (options: object): Promise<TLSSocket> =>
      new Promise((resolve, reject) => {
        const socket: TLSSocket = connectTls(
          { port, host: '127.0.0.1', servername: 'localhost', ca: files.cert, ...options },
          () => resolve(socket),
        );
        socket.once('error', reject);
        onTestFinished(() => void socket.destroy());
      });
    const hybrid = await handshake({ ecdhCurve: 'X25519MLKEM768' });
    expect(hybrid.getProtocol()).toBe('TLSv1.3');
    const both = await handshake({ ecdhCurve: 'X25519:X25519MLKEM768' });
    expect(both.getEphemeralKeyInfo()).toMatchObject({ name: 'X25519MLKEM768' });
    await expect(handshake({ maxVersion: 'TLSv1.2' })).rejects.toThrow();

    hybrid.write(requestText('ListKeys', {}, CLOSE));
    await new Promise((resolve) => hybrid.once('close', resolve).resume());
    expect(home.events().at(-1)).toMatchObject({
      eventName: 'ListKeys',
      sourceIPAddress: '127.0.0.1',
      tlsDetails: {
        tlsVersion: 'TLSv1.3',
        cipherSuite: expect.stringMatching(/^TLS_/),
        clientProvidedHostHeader: 'localhost',
      },
    });
  });

  test('policies see whether a call came in clear', async () => {
    const Policy = JSON.stringify({
      Statement: [
        { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' },
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 'kms:DescribeKey',
          Resource: '*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    });
    const files = readTlsFiles(certificate());
    const [clear, safe] = [await service(), await service({ tls: files })];
    const { id } = await newKey(clear.home, { Policy });
    const { id: other } = await newKey(safe.home, { Policy });
    const { socket, ended } = rawConnection(clear.port);
    socket.write(requestText('DescribeKey', { KeyId: id }, CLOSE));
    expect(await ended).toContain('AccessDeniedException');
    const text = requestText('DescribeKey', { KeyId: other });
    const headers = Object.fromEntries(
      text
        .split('\r\n')
        .slice(1, 6)
        .map((line) => line.split(': ', 2) as [string, string]),
    );
    const status = await new Promise((resolve, reject) => {
      httpsRequest(safe.url, { method: 'POST', headers, ca: files.cert }, (response) => resolve(response.statusCode))
        .on('error', reject)
        .end(JSON.stringify({ KeyId: other }));
    });
    expect(status).toBe(200);
  });

  test('a key that is accessible to other users, or of another certificate, is refused', () => {
    const [one, other] = [certificate(), certificate()];
    expect(() => readTlsFiles({ cert: one.cert, key: other.key })).toThrow('cannot be used');
    execFileSync('chmod', ['644', one.key]);
    expect(() => readTlsFiles(one)).toThrow('is accessible to other users');
  });
});

test.each([
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }, true],
  ['127.8.8.8:1', { host: '127.8.8.8', port: 1 }, true],
  ['[::1]:443', { host: '::1', port: 443 }, true],
  ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }, false],
  ['[::]:80', { host: '::', port: 80 }, false],
  ['[::ffff:127.0.0.1]:80', { host: '::ffff:127.0.0.1', port: 80 }, false],
])('the address %s', async (text, address, loopback) => {
  expect(readAddress(text)).toEqual(address);
  expect(await resolveAddress(address)).toEqual(address);
  expect(isLoopback(address)).toBe(loopback);
});

test('a name is what it stands for', async () => {
  const { host, port } = await resolveAddress(readAddress('localhost:80'));
  expect([isLoopback({ host, port }), port]).toEqual([true, 80]);
  expect(isLoopback(readAddress('127.example.com:80'))).toBe(false);
  await expect(resolveAddress(readAddress('nowhere.invalid:80'))).rejects.toThrow('the name cannot be resolved');
});

test.each(['', '4599', ':1', 'host:', 'host:99999', 'a:b:1'])('%j is no address', (text) => {
  expect(() => readAddress(text)).toThrow('is not a valid address');
});
