/** Which hosts are connected to. */
import { expect, test } from 'vitest';
import { hostOf, type XksHost } from '../../../src/key-managers/xks/proxy-host.ts';
import { XksError } from '../../../src/key-managers/xks/xks.ts';

const mapped: XksHost = { host: 'localhost', connect: { address: '127.0.0.1', port: 8443 } };
const allowed: XksHost = { host: 'xks.example.com' };
const findHost = (host: string): XksHost | undefined => [mapped, allowed].find((entry) => entry.host === host);

test.each([
  ['https://xks.example.com', allowed],
  ['https://XKS.Example.COM', allowed],
  ['https://localhost', mapped],
])('%s has an entry', (uri, entry) => {
  expect(hostOf(uri, { findHost, onlyListed: true })).toBe(entry);
});

test('a host without an entry is connected to by a process that serves nobody else', () => {
  expect(hostOf('https://Other.example.com', { findHost, onlyListed: false })).toEqual({ host: 'other.example.com' });
  const serve = (): unknown => hostOf('https://other.example.com', { findHost, onlyListed: true });
  expect(serve).toThrow(XksError);
  expect(serve).toThrow(
    expect.objectContaining({ errorName: 'XksProxyNotAllowed', hints: ['kms xks add other.example.com allows it'] }),
  );
});

test.each([
  'https://127.0.0.1',
  'https://0x7f.1',
  'https://2130706433',
  'https://10.0.0.1',
  'https://intranet',
  'https://one.localhost',
  'https://example.com.',
  'https://.example.com',
  'https://a..example.com',
  'https://-a.example.com',
  'https://a-.example.com',
  `https://${'a'.repeat(64)}.example.com`,
  'https://xks.example.com:443',
  'https://user@xks.example.com',
  'http://xks.example.com',
  'https://xks.example.com/path',
  'https://[::1]',
])('%s is never connected to without an entry', (uri) => {
  expect(() => hostOf(uri, { findHost: () => undefined, onlyListed: false })).toThrow(
    expect.objectContaining({ errorName: 'XksProxyNotAllowed' }),
  );
});
