/**
 * Encrypt under a key of an external key store beside that under a plain key, over a keyring in memory; and the requests
 * alone, to a proxy on this machine in a process of its own: over a connection that is kept alive, many at once, and over a
 * new connection each. `npm run bench:external-key-store [MILLISECONDS]`
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomSource } from '../src/crypto/random.ts';
import { Secret } from '../src/crypto/secret.ts';
import { createXksClient } from '../src/key-managers/xks/client.ts';
import type { Xks, XksProxyAddress } from '../src/key-managers/xks/xks.ts';
import { loadOperation, type OperationName } from '../src/operations/index.ts';
import type { AnyInput, AnyOperation, KeyManagers } from '../src/operations/row/operation.ts';
import { createKms } from '../src/pipeline/invoke.ts';
import { NO_KEY_MANAGERS } from '../src/pipeline/no-key-managers.ts';
import { callerOf } from '../src/policy/principal.ts';
import { memoryKeyring } from '../src/runtime/memory-keyring.ts';
import { certificateAuthority } from '../test/support/certificates.ts';
import { startProxy } from '../test/support/external-proxy.ts';
import { cost } from './measure.ts';

const window = Number(process.argv[2] ?? 2000);
const TOGETHER = 64;
const HOST = 'xks.example.com';
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-bench-'));
const authority = certificateAuthority(folder);
const secret = randomBytes(32).toString('base64');
const proxy = await startProxy({
  credentials: { ABCDEFGHIJKLMNOPQRST: secret },
  keys: { one: { material: '0b'.repeat(32) } },
  tls: authority.sign(HOST),
});
const findHost = (host: string) => ({
  host,
  connect: { address: '127.0.0.1', port: proxy.port },
  authorities: authority.cert,
});
const newClient = (): Xks => createXksClient({ clock: Date.now, findHost, hosts: () => [], timeout: 10_000 });

const address: XksProxyAddress = {
  uriEndpoint: `https://${HOST}`,
  uriPath: '/kms/xks/v1',
  accessKeyId: 'ABCDEFGHIJKLMNOPQRST',
  secret: new Secret(new TextEncoder().encode(secret)),
  region: 'us-east-1',
};
const request = {
  plaintext: randomBytes(92),
  aad: randomBytes(60),
  metadata: { awsPrincipalArn: 'a', kmsOperation: 'Encrypt', kmsRequestId: 'r', kmsKeyArn: 'k' },
};

const client = newClient();
const encrypt = (): Promise<unknown> => client.encrypt(address, 'one', request);

const region = 'us-east-1';
const { keyring } = await memoryKeyring({ account: '111122223333', region, clock: Date.now, random: randomSource() });
const keyManagers = async (): Promise<KeyManagers> => ({ hsm: NO_KEY_MANAGERS.hsm, xks: client });
const kms = createKms({ keyring, clock: Date.now, random: randomSource(), keyManagers });
const origin = {
  caller: callerOf('arn:aws:iam::111122223333:root'),
  region,
  sourceIp: '127.0.0.1',
  userAgent: 'bench',
};
const call = async (operation: OperationName, input: object): Promise<AnyInput> => {
  const row: AnyOperation = await loadOperation(operation);
  return (await kms.invoke(row, input, origin)).output;
};
const newKey = async (input: object): Promise<unknown> => {
  const { KeyMetadata } = await call('CreateKey', input);
  return (KeyMetadata as { readonly KeyId: string }).KeyId;
};
const { CustomKeyStoreId } = await call('CreateCustomKeyStore', {
  CustomKeyStoreName: 'bench',
  CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
  XksProxyConnectivity: 'PUBLIC_ENDPOINT',
  XksProxyUriEndpoint: address.uriEndpoint,
  XksProxyUriPath: address.uriPath,
  XksProxyAuthenticationCredential: { AccessKeyId: address.accessKeyId, RawSecretAccessKey: secret },
});
await call('ConnectCustomKeyStore', { CustomKeyStoreId });
const plain = await newKey({});
const external = await newKey({ Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId, XksKeyId: 'one' });
const Plaintext = randomBytes(64);

const rows = {
  'Encrypt, a plain key': () => call('Encrypt', { KeyId: plain, Plaintext }),
  'Encrypt, a key of an external key store': () => call('Encrypt', { KeyId: external, Plaintext }),
  [`Encrypt, a key of an external key store, ${TOGETHER} at once`]: () =>
    Promise.all(Array.from({ length: TOGETHER }, () => call('Encrypt', { KeyId: external, Plaintext }))),
  'the request alone': encrypt,
  [`the request alone, ${TOGETHER} at once`]: () => Promise.all(Array.from({ length: TOGETHER }, encrypt)),
  'the request alone, a new connection each': async () => {
    const cold = newClient();
    await cold.encrypt(address, 'one', request);
    await cold.close();
  },
};

for (const [name, call] of Object.entries(rows)) {
  const each = (await cost(call, window)) / (name.includes('at once') ? TOGETHER : 1);
  process.stdout.write(
    `${name.padEnd(54)} ${each.toFixed(1).padStart(9)} us ${(1e6 / each).toFixed(0).padStart(8)} /s\n`,
  );
}
await client.close();
await proxy.stop();
rmSync(folder, { recursive: true });
