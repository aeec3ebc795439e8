/** Why calls of key managers have failed, for whoever runs a command or a server with `--debug`. */
import { expect, test } from 'vitest';
import { Secret } from '../../src/crypto/secret.ts';
import { tracingFailures } from '../../src/runtime/traced-failures.ts';
import { TRUST_ANCHOR, testKeyManagers } from '../support/key-managers.ts';

const secret = new Secret(Buffer.from('the secret of a test'));
const CLUSTER = 'cluster-2a23b4cdefg';
const key = { clusterId: CLUSTER, password: secret, label: 'label' };
const bytes = new Uint8Array(16);
const address = {
  uriEndpoint: 'https://xks.example.com',
  uriPath: '/kms/xks/v1',
  accessKeyId: 'ID',
  secret,
  region: 'r',
};
const metadata = { awsPrincipalArn: 'arn', kmsOperation: 'Encrypt', kmsRequestId: 'id', kmsKeyArn: 'arn' };

function traced() {
  const lines: string[] = [];
  const managers = testKeyManagers();
  return { lines, managers, tracing: tracingFailures(managers, (logger, line) => lines.push(`${logger} ${line}`)) };
}

test('every call of a cluster that fails is told with the reason, and throws what it threw', async () => {
  const { lines, managers, tracing } = traced();
  managers.hsmError = 'USER_LOCKED_OUT';
  const { hsm } = tracing;
  const sealed = { iv: bytes, ciphertext: bytes, tag: bytes, aad: bytes };
  const calls = [
    hsm.checkCluster(CLUSTER, TRUST_ANCHOR),
    hsm.connect(CLUSTER, [secret], secret),
    hsm.createKey(key),
    hsm.encrypt(key, { plaintext: bytes, aad: bytes }),
    hsm.decrypt(key, sealed),
    hsm.random(key, 8),
    hsm.findKeys(key),
    hsm.destroyKeys(key),
  ];
  const names = ['look for the cluster', 'connect', 'create a key', 'encrypt', 'decrypt', 'random bytes', 'find keys'];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'USER_LOCKED_OUT' });
  expect(lines).toEqual(
    [...names, 'destroy keys'].map((name) => `hsm ${name}: USER_LOCKED_OUT: told to fail with USER_LOCKED_OUT`),
  );
});

test('so is every request to a proxy, with its endpoint, and neither has a secret', async () => {
  const { lines, managers, tracing } = traced();
  managers.xksError = 'XksProxyTls';
  const { xks } = tracing;
  const calls = [
    xks.getHealthStatus(address, { kmsRequestId: 'id', kmsOperation: 'ConnectCustomKeyStore' }),
    xks.getKeyMetadata(address, 'one', metadata),
    xks.encrypt(address, 'one', { plaintext: bytes, aad: bytes, metadata }),
    xks.decrypt(address, 'one', { iv: bytes, ciphertext: bytes, tag: bytes, aad: bytes, metadata }),
  ];
  for (const call of calls) await expect(call).rejects.toMatchObject({ errorName: 'XksProxyTls' });
  expect(lines).toEqual(
    ['GetHealthStatus', 'GetKeyMetadata', 'Encrypt', 'Decrypt'].map(
      (name) => `xks ${name} at https://xks.example.com: XksProxyTls: told to fail with XksProxyTls`,
    ),
  );
  expect(lines.join()).not.toContain('secret of a test');
});

test('what succeeds is not told, and answers the same', async () => {
  const { lines, tracing } = traced();
  await tracing.hsm.checkCluster(CLUSTER, TRUST_ANCHOR);
  await tracing.hsm.disconnect(CLUSTER);
  expect(tracing.xks.findEntry(address.uriEndpoint)).toBeDefined();
  expect(tracing.xks.privateDnsNameOf('com.amazonaws.vpce.us-east-1.vpce-svc-1')).toBeUndefined();
  expect(await tracing.xks.getKeyMetadata(address, 'one', metadata)).toMatchObject({ keySpec: 'AES_256' });
  await Promise.all([tracing.hsm.close(), tracing.xks.close()]);
  expect(lines).toEqual([]);
});
