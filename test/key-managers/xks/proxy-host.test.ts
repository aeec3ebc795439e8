/** Which hosts are connected to. */
import { expect, test } from 'vitest';
import { hostOf, type XksHost } from '../../../src/key-managers/xks/proxy-host.ts';

const mapped: XksHost = { host: 'localhost', connect: { address: '127.0.0.1', port: 8443 } };
const allowed: XksHost = { host: 'xks.example.com' };
const findHost = (host: string): XksHost | undefined => [mapped, allowed].find((entry) => entry.host === host);

test.each([
  ['https://xks.example.com', allowed],
  ['https://XKS.Example.COM', allowed],
  ['https://localhost', mapped],
])('%s has an entry', (uri, entry) => {
  expect(hostOf(uri, { findHost })).toBe(entry);
});

test.each([
  ['other.example.com', 'kms xks add other.example.com allows it, with --connect ADDRESS:PORT at another address.'],
  ['intranet', 'kms xks add intranet --connect ADDRESS:PORT allows it.'],
  ['127.0.0.1', 'The endpoint must be https:// and the name of a host.'],
])('%s has no entry: it is not connected to, and how it would be is said', (host, hint) => {
  expect(() => hostOf(`https://${host.toUpperCase()}`, { findHost })).toThrow(
    expect.objectContaining({ name: 'XksError', errorName: 'XksProxyNotAllowed', hints: [hint] }),
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
])('%s is not connected to without an entry', (uri) => {
  expect(() => hostOf(uri, { findHost: () => undefined })).toThrow(
    expect.objectContaining({ errorName: 'XksProxyNotAllowed' }),
  );
});
