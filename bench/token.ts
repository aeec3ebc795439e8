/**
 * AES-256-GCM of 48 bytes: by node:crypto, and by a token of SoftHSM (which has to be installed) through the HSM port, in this
 * process and in one of its own. `npm run bench:token [MILLISECONDS]`
 */
import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../src/crypto/secret.ts';
import { clusterEntries } from '../src/key-managers/hsm/cluster-entry.ts';
import { pkcs11Hsm } from '../src/key-managers/hsm/pkcs11/pkcs11-hsm.ts';
import { softHsmToken } from '../test/support/pkcs11/token.ts';
import { cost } from './measure.ts';

const window = Number(process.argv[2] ?? 2000);
const clusterId = 'cluster-2a23b4cdefg';
const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-bench-'));
const { module, label: token, password: first, env } = softHsmToken(folder);
Object.assign(process.env, env);
clusterEntries(folder).write({ clusterId, module, token, pinFormat: 'PASSWORD', ivSource: 'CALLER' });

const side = { plaintext: randomBytes(48), aad: randomBytes(32) };
const [password, material] = [new Secret(Buffer.from('benchPassword')), randomBytes(32)];
const key = { clusterId, password, label: 'bench' };
const [here, elsewhere] = [false, true].map((inProcesses) => pkcs11Hsm({ configFolder: folder, inProcesses }));
await here!.connect(clusterId, [new Secret(Buffer.from(first))], password);
await here!.createKey(key);

const subjects = {
  'node:crypto': async () => {
    const cipher = createCipheriv('aes-256-gcm', material, randomBytes(12)).setAAD(side.aad);
    return Buffer.concat([cipher.update(side.plaintext), cipher.final(), cipher.getAuthTag()]);
  },
  'token, in this process': () => here!.encrypt(key, side),
  'token, in another process': () => elsewhere!.encrypt(key, side),
};
let baseline: number | undefined;
for (const [name, encrypt] of Object.entries(subjects)) {
  const each = await cost(encrypt, window);
  baseline ??= each;
  const ratio = (each / baseline).toFixed(1);
  process.stdout.write(`${name.padEnd(28)} ${each.toFixed(1).padStart(8)} us ${ratio.padStart(7)} x\n`);
}
await Promise.all([here!.close(), elsewhere!.close()]);
rmSync(folder, { recursive: true });
