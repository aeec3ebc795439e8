/**
 * Whole calls of Encrypt in this process: with a key of the keyring, with one in a token of SoftHSM (if that is installed),
 * and with one behind the proxy of an external key store, on this machine. One after the other, and many at once.
 * `npm run bench:key-stores [MILLISECONDS]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterEntries } from '../src/key-managers/hsm/cluster-entry.ts';
import { pkcs11Hsm } from '../src/key-managers/hsm/pkcs11/pkcs11-hsm.ts';
import { createXksClient } from '../src/key-managers/xks/client.ts';
import { createKms } from '../src/pipeline/invoke.ts';
import { certificateAuthority } from '../test/support/certificates.ts';
import { startProxy } from '../test/support/external-proxy.ts';
import { callNamed, fixture, REGION, ROOT } from '../test/support/fixture.ts';
import { softHsmToken } from '../test/support/pkcs11/token.ts';
import { cost } from './measure.ts';

const window = Number(process.argv[2] ?? 3000);
const TOGETHER = 64;
const HOST = 'xks.example.com';
const CLUSTER = 'cluster-2a23b4cdefg';
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const CREDENTIAL = { AccessKeyId: 'ABCDEFGHIJKLMNOPQRST', RawSecretAccessKey: 'c2VjcmV0'.repeat(6) };

const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-bench-'));
const authority = certificateAuthority(folder);
const proxy = await startProxy({
  credentials: { [CREDENTIAL.AccessKeyId]: CREDENTIAL.RawSecretAccessKey },
  keys: { one: { material: '07'.repeat(32) } },
  tls: authority.sign(HOST),
});
const xks = createXksClient({
  clock: Date.now,
  hosts: () => [],
  timeout: 10_000, // many calls at once on a busy machine
  findHost: (host) => ({
    host,
    connect: { address: '127.0.0.1', port: proxy.port },
    authorities: authority.cert,
  }),
});
const hsm = pkcs11Hsm({ configFolder: folder, inProcesses: true });
const home = await fixture('bench');
const kms = createKms({
  keyring: home.keyring,
  clock: Date.now,
  random: home.random,
  keyManagers: async () => ({ hsm, xks }),
});
const call = async (operation: string, input: object): Promise<Record<string, unknown>> =>
  (await callNamed(kms, { operation, input, caller: ROOT, region: REGION, sourceIp: '127.0.0.1', userAgent: 'bench' }))
    .output;
const newKey = async (input: object): Promise<string> =>
  ((await call('CreateKey', input))['KeyMetadata'] as { readonly KeyId: string }).KeyId;
const connected = async (input: object): Promise<string> => {
  const { CustomKeyStoreId } = await call('CreateCustomKeyStore', input);
  await call('ConnectCustomKeyStore', { CustomKeyStoreId });
  return CustomKeyStoreId as string;
};

/** undefined: it is not installed. */
async function inToken(): Promise<string | undefined> {
  try {
    const { module, label, password, env } = softHsmToken(join(folder, 'softhsm'));
    Object.assign(process.env, env);
    clusterEntries(folder).write({
      clusterId: CLUSTER,
      module,
      token: label,
      pinFormat: 'PASSWORD',
      ivSource: 'CALLER',
    });
    const CustomKeyStoreId = await connected({
      CustomKeyStoreName: 'token',
      CloudHsmClusterId: CLUSTER,
      KeyStorePassword: password,
      TrustAnchorCertificate: CERTIFICATE,
    });
    return await newKey({ Origin: 'AWS_CLOUDHSM', CustomKeyStoreId });
  } catch (error) {
    process.stderr.write(`without a token: ${(error as Error).message}\n`);
    return undefined;
  }
}

const store = await connected({
  CustomKeyStoreName: 'proxy',
  CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
  XksProxyConnectivity: 'PUBLIC_ENDPOINT',
  XksProxyUriEndpoint: `https://${HOST}`,
  XksProxyUriPath: '/kms/xks/v1',
  XksProxyAuthenticationCredential: CREDENTIAL,
});
const keys = {
  'in the keyring': await newKey({}),
  'in a token': await inToken(),
  'behind a proxy': await newKey({ Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId: store, XksKeyId: 'one' }),
};

const Plaintext = new Uint8Array(48).fill(7);
const baselines = new Map<number, number>();
for (const [name, KeyId] of Object.entries(keys)) {
  if (KeyId === undefined) continue;
  for (const together of [1, TOGETHER]) {
    const encrypt = (): Promise<unknown> => call('Encrypt', { KeyId, Plaintext });
    const all = (): Promise<unknown> => Promise.all(Array.from({ length: together }, encrypt));
    const each = (await cost(all, window)) / together;
    if (!baselines.has(together)) baselines.set(together, each);
    const ratio = (each / baselines.get(together)!).toFixed(1);
    const what = `${name}, ${together === 1 ? 'one by one' : `${together} at once`}`;
    process.stdout.write(
      `${what.padEnd(32)} ${each.toFixed(1).padStart(9)} us ${(1e6 / each).toFixed(0).padStart(8)} /s ${ratio.padStart(7)} x\n`,
    );
  }
}
await hsm.close();
await xks.close();
await proxy.stop();
rmSync(folder, { recursive: true });
