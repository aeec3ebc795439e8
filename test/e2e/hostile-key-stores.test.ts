/**
 * A keyring that somebody else has written, with key stores that name a cluster and a host that this user has entries for, and
 * jobs that wait. What it has of the token and the proxy is the attacker's: passwords, credentials, labels. As long as the
 * keyring is not trusted, no command loads the library or connects to the host; afterwards both are seen to be possible.
 */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createKms } from '../../src/index.ts';
import { putKeyStore, findKeyStore, type KeyStore } from '../../src/keyring/key-store.ts';
import { createPlace } from '../../src/keyring/open-place.ts';
import { putOutsideJob } from '../../src/keyring/outside-job.ts';
import { placeAt } from '../../src/keyring/place.ts';
import { ACCOUNT, fixture, REGION, START } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import {
  BEHIND_PROXY,
  CLOUD_HSM,
  connect,
  IN_CLUSTER,
  newKey,
  PUBLIC,
} from '../operations/custom-key-stores/stores.ts';
import { BIN, workplace, type Ran, type Workplace } from './command.ts';

const folder = temporaryFolders();
const HOST = PUBLIC.XksProxyUriEndpoint.replace('https://', '');
const CLUSTER = CLOUD_HSM.CloudHsmClusterId;
const UNSIGNED =
  'AWS4-HMAC-SHA256 Credential=TEST/20260101/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=00';

/** Written by its maker, in whatever state: its records need not be what calls would have made. */
interface HostileKeyring {
  readonly folder: string;
  readonly keyFile: string;
  readonly ids: {
    readonly store: string;
    readonly proxyStore: string;
    readonly key: string;
    readonly proxyKey: string;
  };
  readonly blobs: { readonly cluster: string; readonly proxy: string };
}

async function hostileKeyring(): Promise<HostileKeyring> {
  const at = folder();
  const ring = join(at, 'ring');
  mkdirSync(ring, { mode: 0o700 });
  const made = await fixture('hostile', createPlace(placeAt(ring)));
  const keyFile = join(at, 'key');
  writeFileSync(keyFile, made.keyFile, { mode: 0o600 });
  const store = await connect(made, CLOUD_HSM);
  const proxyStore = await connect(made, PUBLIC);
  const inCluster = { ...IN_CLUSTER, CustomKeyStoreId: store };
  const key = (await newKey(made, inCluster))['KeyId'] as string;
  const gone = (await newKey(made, inCluster))['KeyId'] as string;
  const proxyKey = (await newKey(made, { ...BEHIND_PROXY, CustomKeyStoreId: proxyStore }))['KeyId'] as string;
  const blobOf = async (KeyId: string): Promise<string> => {
    const { CiphertextBlob } = await made.call('Encrypt', { KeyId, Plaintext: Buffer.from('hello') });
    return Buffer.from(CiphertextBlob as Uint8Array).toString('base64');
  };
  const blobs = { cluster: await blobOf(key), proxy: await blobOf(proxyKey) };
  // due long before a command opens it
  await made.call('ScheduleKeyDeletion', { KeyId: gone, PendingWindowInDays: 7 });
  const home = { account: ACCOUNT, region: REGION };
  await made.keyring.transact(async (tx) => {
    const due = { ...home, due: START, time: START };
    putOutsideJob(tx, { ...due, kind: 'delete-backing-keys', keyStoreId: store, keyId: key });
    const named = (await findKeyStore(tx, home, proxyStore))!;
    putKeyStore(tx, { ...named, name: 'an\u001b]0;title\u0007other\nkey store' });
    // further stores on the same cluster and host, each with passwords to try
    for (const [at, id] of [store, proxyStore].entries()) {
      const another = `cks-${String(at).repeat(17)}`;
      const found = (await findKeyStore(tx, home, id))!;
      putKeyStore(tx, { ...found, id: another, name: another, state: 'CONNECTING' } satisfies KeyStore);
      putOutsideJob(tx, { ...due, kind: 'connect-key-store', keyStoreId: another, requestId: another });
    }
  });
  made.keyring.close();
  return { folder: ring, keyFile, ids: { store, proxyStore, key, proxyKey }, blobs };
}

/** A library that says that it was loaded, and has no functions. */
function countingLibrary(): { readonly module: string; readonly loads: () => number } {
  const at = folder();
  const [source, module, log] = ['library.c', 'library.so', 'loads'].map((name) => join(at, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(
    source,
    `#include <stdio.h>
__attribute__((constructor)) static void loaded(void) { FILE *f = fopen("${log}", "a"); fputs("loaded\\n", f); fclose(f); }
`,
  );
  execFileSync('gcc', ['-shared', '-fPIC', '-o', module, source]);
  return { module, loads: () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').length : 0) };
}

async function countingHost(): Promise<{ readonly port: number; readonly connections: () => number; close(): void }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  return { port, connections: () => connections, close: () => void server.close() };
}

let hostile: HostileKeyring;
let library: ReturnType<typeof countingLibrary>;
let host: Awaited<ReturnType<typeof countingHost>>;

beforeAll(async () => {
  hostile = await hostileKeyring();
  library = countingLibrary();
  host = await countingHost();
});
afterAll(() => host.close());

interface Victim {
  readonly work: Workplace;
  readonly env: NodeJS.ProcessEnv;
  readonly kms: (...args: string[]) => Promise<Ran>;
}

/** Who has entries for the cluster and the host, and names the keyring of the attacker, with the key file that came with it. */
async function victim({ hasEntries = true } = {}): Promise<Victim> {
  const work = await workplace({ init: false });
  const ring = join(work.folder, 'theirs');
  execFileSync('cp', ['-a', hostile.folder, ring]);
  copyFileSync(hostile.keyFile, join(work.folder, 'key'));
  const runtime = join(work.folder, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const env = {
    ...work.env,
    POCKET_KMS_KEYRING: ring,
    POCKET_KMS_KEY_FILE: join(work.folder, 'key'),
    XDG_RUNTIME_DIR: runtime,
  };
  const kms = (...args: string[]): Promise<Ran> => work.kmsWith({ env, stdin: 'ignore' }, ...args);
  if (hasEntries) {
    await kms('hsm', 'add', CLUSTER, '--module', library.module, '--token', 'any');
    await kms('xks', 'add', HOST, '--connect', `127.0.0.1:${host.port}`);
  }
  return { work, env, kms };
}

const reached = () => ({ loads: library.loads(), connections: host.connections() });

describe('a keyring that is not trusted', () => {
  test('reaches nothing by any command', async () => {
    const { work, env, kms } = await victim();
    const { key, proxyKey, store, proxyStore } = hostile.ids;
    const write = (name: string, text: string): string => {
      writeFileSync(join(work.folder, name), text, { mode: 0o600 });
      return name;
    };
    const before = reached();
    const request = `${JSON.stringify({ Operation: 'Encrypt', Input: { KeyId: key, Plaintext: 'aGVsbG8=' } })}\n`;
    const plaintext = ['--plaintext', 'aGVsbG8='];
    const refused = 254;
    const commands: readonly (readonly [exit: number, ...words: string[]])[] = [
      [0, 'describe-custom-key-stores'],
      [0, 'list-keys'],
      [0, 'list-aliases'],
      [0, 'ls'],
      [0, 'show', key],
      [0, 'show', proxyKey],
      [0, 'describe-key', '--key-id', key],
      [refused, 'encrypt', '--key-id', key, ...plaintext],
      [refused, 'encrypt', '--key-id', proxyKey, ...plaintext],
      [refused, 'decrypt', '--ciphertext-blob', hostile.blobs.cluster],
      [refused, 'decrypt', '--ciphertext-blob', hostile.blobs.proxy],
      [refused, 're-encrypt', '--ciphertext-blob', hostile.blobs.proxy, '--destination-key-id', key],
      [refused, 'generate-data-key', '--key-id', key, '--key-spec', 'AES_256'],
      [refused, 'generate-data-key-without-plaintext', '--key-id', proxyKey, '--key-spec', 'AES_256'],
      [refused, 'generate-random', '--number-of-bytes', '8', '--custom-key-store-id', store],
      [refused, 'create-key', '--origin', 'AWS_CLOUDHSM', '--custom-key-store-id', store],
      [
        refused,
        'create-key',
        '--origin',
        'EXTERNAL_KEY_STORE',
        '--custom-key-store-id',
        proxyStore,
        '--xks-key-id',
        'one',
      ],
      [
        refused,
        'update-custom-key-store',
        '--custom-key-store-id',
        proxyStore,
        '--xks-proxy-uri-path',
        '/a/kms/xks/v1',
      ],
      [0, 'lint', '--all'],
      [0, 'explain-access', '--action', 'kms:Decrypt', '--key', key],
      [0, 'who-can', '--action', 'kms:Decrypt', '--key', key],
      [0, 'what-can', '--key', key],
      [0, 'keyring', 'status'],
      [0, 'keyring', 'verify'],
      [0, 'keyring', 'backup', 'copy.db'],
      [0, 'keyring', 'rekey'],
      [0, 'audit', 'verify'],
      [refused, 'batch'],
      [refused, 'env', 'set', 'A', '--key-id', key],
      [refused, 'env', 'get', 'A', '--file', write('theirs.env', `A=kms:${hostile.blobs.proxy}\n`)],
      [refused, 'env', 'rewrap', '--key-id', key, '--file', 'theirs.env'],
      [refused, 'seal', write('plain', 'secret'), '--key-id', key],
      [refused, 'envelope', 'encrypt', '--from', 'plain', '--to', 'message', '--key-ids', proxyKey],
      [0, 'apply', write('seed.yaml', 'Keys: []\n')],
      [0, 'clock', 'advance', '30d'],
      [0, 'list-keys'],
      [0, 'connect-custom-key-store', '--custom-key-store-id', store],
      [0, 'disconnect-custom-key-store', '--custom-key-store-id', store],
      [0, 'connect-custom-key-store', '--custom-key-store-id', store],
      [0, 'disconnect-custom-key-store', '--custom-key-store-id', proxyStore],
      [0, 'connect-custom-key-store', '--custom-key-store-id', proxyStore],
    ];
    for (const [exit, ...words] of commands) {
      const { exitCode, stdout, stderr } = await work.kmsWith(
        { env, input: words[0] === 'batch' ? request : 'value' },
        ...words,
      );
      if (words[0] !== 'describe-custom-key-stores') expect(stdout + stderr).not.toMatch(/[\u0007\u001b]|^key store/m);
      expect({ exitCode, reached: reached() }, `kms ${words.join(' ')}: ${stderr}`).toEqual({
        exitCode: exit,
        reached: before,
      });
    }
    const { stdout } = await kms('describe-custom-key-stores', '--query', 'CustomKeyStores[].ConnectionErrorCode');
    expect((JSON.parse(stdout) as string[]).toSorted()).toEqual(['CLUSTER_NOT_FOUND', 'XKS_PROXY_NOT_REACHABLE']);

    await kms('unlock');
    const { POCKET_KMS_KEY_FILE: _, ...throughAgent } = env;
    const ran = await work.kmsWith({ env: throughAgent }, 'encrypt', '--key-id', proxyKey, ...plaintext);
    expect({ ...ran, reached: reached() }).toMatchObject({ exitCode: refused, reached: before });
    expect(Number(JSON.parse((await kms('agent', 'status')).stdout).Calls)).toBe(1);
    await kms('lock');

    const server = spawn(process.execPath, [BIN, 'serve', '--listen', '127.0.0.1:0', '--no-verify-signatures'], {
      cwd: work.folder,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const endpoint = await new Promise<string>((resolve) =>
      server.stdout.once('data', (line: Buffer) => resolve(line.toString().trim())),
    );
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'x-amz-target': 'TrentService.ListKeys',
        'content-type': 'application/x-amz-json-1.1',
        authorization: UNSIGNED,
      },
      body: '{}',
    });
    expect(answer.status).toBe(200);
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
    expect(reached()).toEqual(before);
  });

  test('reaches nothing by the library', async () => {
    const { work, env } = await victim();
    const before = reached();
    vi.stubEnv('XDG_CONFIG_HOME', join(work.folder, '.config'));
    onTestFinished(() => void vi.unstubAllEnvs());
    const kms = await createKms({ folder: env['POCKET_KMS_KEYRING']!, keyFile: env['POCKET_KMS_KEY_FILE']! });
    for (const blob of Object.values(hostile.blobs)) {
      const call = kms.decrypt({ CiphertextBlob: Buffer.from(blob, 'base64') });
      await expect(call).rejects.toThrow('The keyring is not trusted');
    }
    kms.close();
    expect(reached()).toEqual(before);
    await work.kmsWith({ env }, 'keyring', 'trust');
    const trusted = await createKms({ folder: env['POCKET_KMS_KEYRING']!, keyFile: env['POCKET_KMS_KEY_FILE']! });
    await trusted.listKeys({});
    trusted.close();
    expect(reached().connections).toBeGreaterThan(before.connections);
  });

  test('says how it would be trusted; then its jobs, which have waited, are done', async () => {
    const { kms } = await victim();
    const before = reached();
    const { stderr } = await kms('decrypt', '--ciphertext-blob', hostile.blobs.cluster);
    expect(stderr).toContain('The keyring is not trusted, so its custom key stores reach nothing: kms keyring trust');
    expect((await kms('decrypt', '--ciphertext-blob', hostile.blobs.proxy)).stderr).toContain('kms keyring trust');
    expect(reached()).toEqual(before);
    expect((await kms('keyring', 'trust')).exitCode).toBe(0);
    await kms('list-keys');
    const after = reached();
    expect(after.loads).toBeGreaterThan(before.loads);
    expect(after.connections).toBeGreaterThan(before.connections);
  });
});

test('an agent reaches what the environment of whoever unlocked the keyring trusts', async () => {
  const { work, env, kms } = await victim();
  const { KeyringId, Fingerprint } = JSON.parse((await kms('keyring', 'status')).stdout) as Record<string, string>;
  const { POCKET_KMS_KEY_FILE: _, ...throughAgent } = env;
  const unlock = (more: NodeJS.ProcessEnv): Promise<Ran> => work.kmsWith({ env: { ...env, ...more } }, 'unlock');
  const describe = (): Promise<Ran> => work.kmsWith({ env: throughAgent }, 'describe-custom-key-stores');
  onTestFinished(async () => void (await kms('lock')));
  const before = reached();
  await unlock({ POCKET_KMS_TRUST: `${KeyringId}:${'0'.repeat(32)}` });
  await describe();
  expect(reached()).toEqual(before);
  await unlock({ POCKET_KMS_TRUST: `${KeyringId}:${Fingerprint}` });
  expect((await describe()).exitCode).toBe(0);
  expect(reached().connections).toBeGreaterThan(before.connections);
});

test('a keyring that is trusted reaches no cluster and no host without an entry', async () => {
  const { kms } = await victim({ hasEntries: false });
  const before = reached();
  expect((await kms('keyring', 'trust')).exitCode).toBe(0);
  const [cluster, proxy] = [
    await kms('decrypt', '--ciphertext-blob', hostile.blobs.cluster),
    await kms('decrypt', '--ciphertext-blob', hostile.blobs.proxy),
  ];
  expect(cluster.stderr).toContain('The operator has no entry for the CloudHSM cluster of the custom key store');
  expect(proxy.stderr).toContain(`kms xks add ${HOST} allows it`);
  expect(reached()).toEqual(before);
});
