/**
 * Requests to an external key store proxy on this machine, in a process of its own, beside AES-GCM in this process: over a
 * connection that is kept alive, many at once, and over a new connection each. `npm run bench:external-key-store [MILLISECONDS]`
 */
import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../src/crypto/secret.ts';
import { createXksClient } from '../src/key-managers/xks/client.ts';
import type { Xks, XksProxyAddress } from '../src/key-managers/xks/xks.ts';
import { certificateAuthority } from '../test/support/certificates.ts';
import { startProxy } from '../test/support/external-proxy.ts';
import { cost } from './measure.ts';

const window = Number(process.argv[2] ?? 2000);
const TOGETHER = 64;
const HOST = 'xks.example.com';
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-bench-'));
const authority = certificateAuthority(folder);
const secret = randomBytes(32).toString('base64');
const material = randomBytes(32);
const proxy = await startProxy({
  credentials: { ABCDEFGHIJKLMNOPQRST: secret },
  keys: { one: { material: material.toString('hex') } },
  tls: authority.sign(HOST),
});
const findHost = (host: string) => ({
  host,
  connect: { address: '127.0.0.1', port: proxy.port },
  authorities: authority.cert,
});
const newClient = (): Xks => createXksClient({ clock: Date.now, findHost, onlyListed: true, timeout: 10_000 });

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

const rows = {
  'AES-GCM in this process': () => {
    const cipher = createCipheriv('aes-256-gcm', material, randomBytes(12)).setAAD(request.aad);
    return Buffer.concat([cipher.update(request.plaintext), cipher.final(), cipher.getAuthTag()]);
  },
  'through the proxy': encrypt,
  [`through the proxy, ${TOGETHER} at once`]: () => Promise.all(Array.from({ length: TOGETHER }, encrypt)),
  'through the proxy, a new connection each': async () => {
    const cold = newClient();
    await cold.encrypt(address, 'one', request);
    await cold.close();
  },
};

for (const [name, call] of Object.entries(rows)) {
  const each = (await cost(call, window)) / (name.includes('at once') ? TOGETHER : 1);
  process.stdout.write(
    `${name.padEnd(42)} ${each.toFixed(1).padStart(9)} us ${(1e6 / each).toFixed(0).padStart(8)} /s\n`,
  );
}
await client.close();
await proxy.stop();
rmSync(folder, { recursive: true });
