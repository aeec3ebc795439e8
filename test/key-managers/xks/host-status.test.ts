/** What `kms xks status` finds, against servers that are not ours. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { hostStatus, type HostStatus } from '../../../src/key-managers/xks/host-status.ts';
import type { XksHost } from '../../../src/key-managers/xks/proxy-host.ts';
import { certificateAuthority, type Authority } from '../../support/certificates.ts';
import { temporaryFolders } from '../../support/folder.ts';

const folder = temporaryFolders();
const HOST = 'xks.example.com';
let authority: Authority;
let servers: Server[] = [];
beforeAll(() => {
  authority = certificateAuthority(folder());
});
afterEach(() => {
  for (const server of servers) server.close();
  servers = [];
});

async function listening(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const tlsServer = (options: TlsOptions): Promise<number> =>
  listening(createTlsServer(options, (socket) => socket.on('error', () => {}).resume()));

const statusAt = (port: number, more: Partial<XksHost> = {}): Promise<HostStatus> =>
  hostStatus({ host: HOST, connect: { address: '127.0.0.1', port }, authorities: authority.cert, ...more });

test('a proxy that can be connected to', async () => {
  const port = await tlsServer(authority.sign(HOST));
  const entry = { host: HOST, connect: { address: '127.0.0.1', port }, authorities: authority.cert };
  const status = await hostStatus(entry, 20_000); // on a machine that does much else at the time
  expect(status).toEqual({
    status: 'READY',
    protocol: 'TLSv1.3',
    certificate: { subject: `CN=${HOST}`, names: `DNS:${HOST}`, notAfter: expect.any(Date) },
    milliseconds: expect.any(Number),
  });
});

// AWS KMS Developer Guide, "General configuration errors"
test.each([
  ['of an authority that is not trusted', HOST, {}, 2, /SIGNATURE|ISSUER/, { authorities: undefined }],
  ['of another host', 'other.example.com', {}, 2, /ALTNAME/, {}],
  ['that has expired', HOST, {}, -1, /EXPIRED/, {}],
] as const)('a certificate %s', async (_, name, options, days, reason, entry) => {
  const found = await statusAt(await tlsServer({ ...options, ...authority.sign(name, days) }), entry);
  expect(found).toMatchObject({
    status: 'XKS_PROXY_INVALID_TLS_CONFIGURATION',
    certificate: { subject: `CN=${name}` },
  });
  expect(found.problem).toMatch(reason);
});

test.each([
  ['a version of TLS that is too old', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
  ['cipher suites that AWS KMS does not offer', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }],
] as const)('%s', async (_, options) => {
  const found = await statusAt(await tlsServer({ ...options, ...authority.sign(HOST) }));
  expect(found).toMatchObject({ status: 'XKS_PROXY_INVALID_TLS_CONFIGURATION', problem: expect.stringMatching(/./) });
  expect(found).not.toHaveProperty('certificate');
});

test('a server without TLS', async () => {
  const port = await listening(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  expect(await statusAt(port)).toMatchObject({ status: 'XKS_PROXY_INVALID_TLS_CONFIGURATION' });
});

test('nobody is there, and where that was', async () => {
  const server = createServer();
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  expect(await statusAt(port)).toEqual({
    status: 'XKS_PROXY_NOT_REACHABLE',
    problem: `connect ECONNREFUSED 127.0.0.1:${port}`,
  });
});

test('a connection that takes longer than a call has', async () => {
  const behind = await tlsServer(authority.sign(HOST));
  const slow = createServer((near) => {
    const far = connect(behind, '127.0.0.1');
    far.pipe(near);
    setTimeout(() => near.pipe(far), 300);
    for (const socket of [near, far]) socket.on('error', () => {});
  });
  expect(await statusAt(await listening(slow))).toMatchObject({
    status: 'XKS_PROXY_TIMED_OUT',
    problem: expect.stringMatching(/^the connection took \d+ ms; a call has 250 ms/),
  });
});
