/** Keys of a token behind a proxy, over a token of the test: what it is asked, and what its errors become. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { utf8 } from '../../../src/crypto/bytes.ts';
import { Secret } from '../../../src/crypto/secret.ts';
import { refusalOf } from '../../../src/frontends/xks-proxy/refusal.ts';
import { logIn, tokenKeys } from '../../../src/frontends/xks-proxy/token-keys.ts';
import { HsmError, type Hsm, type HsmErrorCode } from '../../../src/key-managers/hsm/hsm.ts';
import { METADATA } from './proxy.ts';

const user = { clusterId: 'cluster-1234567890a', password: new Secret(utf8('secret1')) };
const REQUEST = { ...METADATA, requestId: 'r-1', sourceIp: '127.0.0.1', connection: { tls: undefined } };
const key = { externalKeyId: 'one', key: 'label-1', usage: new Set(['ENCRYPT', 'DECRYPT'] as const) };

function token() {
  const material = randomBytes(32);
  let failure: HsmErrorCode | undefined;
  let randoms = 0;
  const connect = vi.fn<Hsm['connect']>();
  const check = (label = 'label-1'): void => {
    if (failure) throw new HsmError(failure, `the token says ${failure}`);
    if (label !== 'label-1') throw new HsmError('KEY_NOT_FOUND', `no key ${label}`);
  };
  const hsm: Hsm = {
    checkCluster: async () => check(),
    connect,
    disconnect: async () => {},
    createKey: async () => ({ keyHandle: '16', backingKeyId: '1' }),
    async encrypt({ label }, { plaintext, aad }) {
      check(label);
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', material, iv).setAAD(aad);
      const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      return { iv, ciphertext, tag: cipher.getAuthTag() };
    },
    async decrypt({ label }, { iv, ciphertext, tag, aad }) {
      check(label);
      const decipher = createDecipheriv('aes-256-gcm', material, iv).setAAD(aad).setAuthTag(tag);
      const plaintext = decipher.update(ciphertext);
      try {
        decipher.final();
        return plaintext;
      } catch {
        return undefined;
      }
    },
    async random(_, size) {
      check();
      randoms += 1;
      return randomBytes(size);
    },
    findKeys: async () => [],
    destroyKeys: async () => {},
    close: async () => {},
  };
  const told: unknown[] = [];
  let now = 1_000_000;
  const keys = tokenKeys({ hsm, user, clock: () => now, failed: (_, thrown) => void told.push(thrown) });
  return {
    hsm,
    keys,
    told,
    connect,
    randoms: () => randoms,
    fail: (code?: HsmErrorCode) => void (failure = code),
    after: (ms: number) => void (now += ms),
  };
}

const plaintext = utf8('Hello World!');
const aad = utf8('project=nile');

test('what is encrypted is decrypted, with the additional authenticated data of the specification and no metadata', async () => {
  const { keys, hsm } = token();
  const made = await keys.encrypt(key, { plaintext, aad }, REQUEST);
  expect(made.metadata).toHaveLength(0);
  expect(made.ciphertext).toHaveLength(plaintext.length);
  expect(Buffer.from(await keys.decrypt(key, { ...made, aad }, REQUEST))).toEqual(Buffer.from(plaintext));
  const inToken = Buffer.concat([Uint8Array.of(0, aad.length), aad, Uint8Array.of(0)]);
  expect(await hsm.decrypt({ ...user, label: 'label-1' }, { ...made, aad: inToken })).toBeDefined();
  expect(await keys.describe(key, REQUEST)).toEqual({ keySpec: 'AES_256', keyStatus: 'ENABLED' });
});

test.each([
  ['other AAD', { aad: utf8('other') }],
  ['metadata', { metadata: Uint8Array.of(1) }],
  ['an IV of 16 bytes', { iv: new Uint8Array(16) }],
  ['a short tag', { tag: new Uint8Array(12) }],
  ['another ciphertext', { ciphertext: new Uint8Array(plaintext.length) }],
])('%s is an invalid ciphertext', async (_, change) => {
  const { keys } = token();
  const made = await keys.encrypt(key, { plaintext, aad }, REQUEST);
  const refused = await keys.decrypt(key, { ...made, aad, ...change }, REQUEST).catch(refusalOf);
  expect(refused).toMatchObject({ errorName: 'InvalidCiphertextException' });
});

test.each([
  ['KEY_NOT_FOUND', 'KeyNotFoundException'],
  ['NO_FREE_SESSION', 'ThrottlingException'],
  ['NETWORK_ERRORS', 'DependencyTimeoutException'],
  ['INVALID_CREDENTIALS', 'InternalException'],
  ['INTERNAL_ERROR', 'InternalException'],
] as const)('%s of the token is %s, and its text is for the log', async (code, errorName) => {
  const { keys, fail } = token();
  fail(code);
  for (const work of [
    keys.encrypt(key, { plaintext, aad }, REQUEST),
    keys.describe(key, REQUEST),
    keys.decrypt(key, { ...PARTS, aad }, REQUEST),
  ]) {
    const refused = await work.catch(refusalOf);
    expect(refused).toMatchObject({ errorName, reason: `the token says ${code}` });
    expect(refused).not.toMatchObject({ message: expect.stringContaining('token says') });
  }
});
const PARTS = {
  iv: new Uint8Array(12),
  tag: new Uint8Array(16),
  ciphertext: new Uint8Array(4),
  metadata: new Uint8Array(),
};

test('the health is looked at twice a minute at most', async () => {
  const { keys, fail, after, told, randoms } = token();
  const active = { id: user.clusterId, healthStatus: 'ACTIVE' };
  for (let turn = 0; turn < 3; turn += 1) expect(await keys.health(REQUEST)).toMatchObject(active);
  expect(randoms()).toBe(1);
  fail('NETWORK_ERRORS');
  expect(await keys.health(REQUEST)).toMatchObject(active);
  after(30_001);
  expect(await keys.health(REQUEST)).toMatchObject({ healthStatus: 'UNAVAILABLE' });
  expect(told).toMatchObject([{ code: 'NETWORK_ERRORS' }]);
  fail();
  after(30_001);
  expect(await keys.health(REQUEST)).toMatchObject(active);
});

test('the password comes from a file, and stays as it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-pin-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = (text: string, mode = 0o600): string => {
    const path = join(folder, `pin-${mode}`);
    writeFileSync(path, text, { mode });
    return path;
  };
  const { hsm, connect } = token();
  const { clusterId } = user;
  await logIn(hsm, { clusterId, pinFile: file('secret1\n') });
  const [, passwords, next] = connect.mock.calls[0]!;
  expect([...passwords, next].map((one) => Buffer.from(one.expose()).toString())).toEqual(['secret1', 'secret1']);
  await expect(logIn(hsm, { clusterId, pinFile: undefined })).rejects.toThrow('--hsm requires --pin-file');
  await expect(logIn(hsm, { clusterId, pinFile: file('\n') })).rejects.toThrow('is empty');
  await expect(logIn(hsm, { clusterId, pinFile: file('x', 0o644) })).rejects.toThrow('is accessible to other users');
  connect.mockRejectedValueOnce(new HsmError('INVALID_CREDENTIALS', 'the token says INVALID_CREDENTIALS'));
  await expect(logIn(hsm, { clusterId, pinFile: file('secret1') })).rejects.toThrow(
    'the token says INVALID_CREDENTIALS',
  );
});
