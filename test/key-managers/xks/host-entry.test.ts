/** The operator's entries for hosts of external key store proxies, and what of them is believed. */
import { chmodSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EntryFolder } from '../../../src/files/entry-folder.ts';
import { certificatesIn, hostEntries, parseAddress } from '../../../src/key-managers/xks/host-entry.ts';
import { hostOf, type XksHost } from '../../../src/key-managers/xks/proxy-host.ts';
import { certificateAuthority } from '../../support/certificates.ts';
import { temporaryFolders } from '../../support/folder.ts';

const folder = temporaryFolders();
const host = 'xks.example.com';

const entriesWith = (...all: readonly XksHost[]): EntryFolder<XksHost> => {
  const entries = hostEntries(join(folder(), 'conf'));
  for (const entry of all) entries.write(entry);
  return entries;
};

test('an entry is as it was written, in a file for this user alone', () => {
  const full = {
    host,
    connect: { address: '::1', port: 8443 },
    authorities: 'PEM',
    vpcEndpointServiceName: 'com.amazonaws.vpce.us-east-1.vpce-svc-1',
  };
  const entries = entriesWith(full, { host: 'localhost' });
  expect(entries.all()).toEqual([{ host: 'localhost' }, full]);
  expect(entries.find(host)).toEqual(full);
  expect(statSync(entries.file(host)).mode & 0o777).toBe(0o600);
  expect(entries.file(host)).toMatch(/conf\/key-managers\/xks\/xks\.example\.com\.json$/);
});

test.each(['../config', 'a/b', '', '.', '..', 'XKS.example.com', '127.0.0.1', 'a'.repeat(121)])(
  'no entry is named %j',
  (name) => {
    expect(() => entriesWith().find(name)).toThrow('a host has a name such as');
  },
);

test.each([
  ['127.0.0.1', { address: '127.0.0.1', port: 443 }],
  ['127.0.0.1:8443', { address: '127.0.0.1', port: 8443 }],
  ['proxy', { address: 'proxy', port: 443 }],
  ['Proxy.internal:1', { address: 'proxy.internal', port: 1 }],
  ['[::1]:65535', { address: '::1', port: 65535 }],
  ['[2001:db8::1]', { address: '2001:db8::1', port: 443 }],
  ['::1', { address: '::1', port: 443 }],
  ['', undefined],
  [':8443', undefined],
  ['127.0.0.1:0', undefined],
  ['127.0.0.1:65536', undefined],
  ['127.0.0.1:', undefined],
  ['127.0.0.1:-1', undefined],
  ['127.0.0.1:1e3', undefined],
  ['127.0.0.256', undefined],
  ['[127.0.0.1]:443', undefined],
  ['[::1', undefined],
  ['::1]:443', undefined],
  ['https://proxy', undefined],
  ['proxy/path', undefined],
  ['a b', undefined],
])('the address %j', (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});

describe('entries that allow nothing', () => {
  const refused = (entries: EntryFolder<XksHost>, message: string): void => {
    expect(() => hostOf(`https://${host}`, { findHost: entries.find })).toThrow(
      expect.objectContaining({
        errorName: 'XksProxyNotAllowed',
        message: expect.stringContaining(message),
        hints: ['kms xks list shows why'],
      }),
    );
  };

  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['another host', '{"Host":"other.example.com"}'],
    ['no host', '{"Address":"127.0.0.1","Port":443}'],
    ['an address without a port', `{"Host":"${host}","Address":"127.0.0.1"}`],
    ['a port without an address', `{"Host":"${host}","Port":443}`],
    ['a port that is a text', `{"Host":"${host}","Address":"127.0.0.1","Port":"443"}`],
    ['port 65536', `{"Host":"${host}","Address":"127.0.0.1","Port":65536}`],
    ['an address that is none', `{"Host":"${host}","Address":"/tmp/socket","Port":443}`],
    ['no authorities', `{"Host":"${host}","Authorities":""}`],
    ['too much', `{"Host":"${host}","More":"${'x'.repeat(1 << 16)}"}`],
  ])('%s', (_, text) => {
    const entries = entriesWith({ host });
    writeFileSync(entries.file(host), text);
    refused(entries, 'is malformed');
  });

  test('one that others can write, and a link', () => {
    const entries = entriesWith({ host });
    chmodSync(entries.file(host), 0o666);
    refused(entries, 'is writable by other users');
    chmodSync(entries.file(host), 0o600);
    renameSync(entries.file(host), `${entries.file(host)}.away`);
    symlinkSync(`${entries.file(host)}.away`, entries.file(host));
    refused(entries, 'is a symbolic link');
  });
});

test('of a file with certificates, nothing else is taken', () => {
  const authority = certificateAuthority(folder());
  const { key, cert } = authority.sign(host);
  const found = certificatesIn(`text\n${key}${cert}${authority.cert}`);
  expect(found?.map(({ subject }) => subject)).toEqual([`CN=${host}`, 'CN=Authority']);
  expect(found?.map(String).join('')).toBe(cert + authority.cert);
  expect(certificatesIn(key)).toBeUndefined();
  expect(certificatesIn(cert.replace(/M/g, 'N'))).toBeUndefined();
});
