/** An external key store in the library: the operator's entries are those of the user, and the time of tests is not the proxy's. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKms } from '../../src/index.ts';
import { hostEntries } from '../../src/key-managers/xks/host-entry.ts';
import { certificateAuthority } from '../support/certificates.ts';
import { startProxy, type ExternalProxy } from '../support/external-proxy.ts';
import { temporaryFolders } from '../support/folder.ts';
import { BEHIND_PROXY, PUBLIC, SECRET } from '../operations/custom-key-stores/stores.ts';

const folder = temporaryFolders();
const config = process.env['XDG_CONFIG_HOME'];
let proxy: ExternalProxy;

beforeAll(async () => {
  const authority = certificateAuthority(folder());
  proxy = await startProxy({
    prefix: '/example',
    credentials: { [PUBLIC.XksProxyAuthenticationCredential.AccessKeyId]: SECRET },
    keys: { [BEHIND_PROXY.XksKeyId]: { material: '0b'.repeat(32) } },
    tls: authority.sign('xks.example.com'),
  });
  const home = folder();
  process.env['XDG_CONFIG_HOME'] = home;
  hostEntries(join(home, 'pocket-kms')).write({
    host: 'xks.example.com',
    connect: { address: '127.0.0.1', port: proxy.port },
    authorities: authority.cert,
  });
});
afterAll(async () => {
  if (config === undefined) delete process.env['XDG_CONFIG_HOME'];
  else process.env['XDG_CONFIG_HOME'] = config;
  await proxy.stop();
});

test('years later by the clock of the test, the proxy still takes the signatures; close() ends the connections', async () => {
  let now = new Date('2031-01-01T00:00:00Z');
  const kms = await createKms({ clock: () => now });
  const { CustomKeyStoreId } = await kms.createCustomKeyStore({
    ...PUBLIC,
    CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
    XksProxyConnectivity: 'PUBLIC_ENDPOINT',
  });
  await kms.connectCustomKeyStore({ CustomKeyStoreId: CustomKeyStoreId! });
  const { KeyMetadata } = await kms.createKey({
    CustomKeyStoreId,
    Origin: 'EXTERNAL_KEY_STORE',
    XksKeyId: BEHIND_PROXY.XksKeyId,
  });
  const { CiphertextBlob } = await kms.encrypt({ KeyId: KeyMetadata!.KeyId!, Plaintext: Buffer.from('text') });
  now = new Date('2032-01-01T00:00:00Z');
  const { Plaintext } = await kms.decrypt({ CiphertextBlob: CiphertextBlob! });
  expect(Buffer.from(Plaintext!).toString()).toBe('text');
  expect((await proxy.log()).open).toBe(1);
  kms.close();
  let open = 1;
  for (let tries = 0; open > 0 && tries < 200; tries += 1) {
    open = (await proxy.log()).open;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(open).toBe(0);
});
