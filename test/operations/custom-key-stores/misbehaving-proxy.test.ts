/**
 * An external key store whose proxy misbehaves, from the bytes of its answers to what callers get: the exception, the
 * ConnectionErrorCode, the event; and that nothing is changed or lost by it (AWS KMS Developer Guide, "Troubleshooting
 * external key stores"; AWS KMS External Key Store Proxy API Specification, "Error codes").
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createXksClient } from '../../../src/key-managers/xks/client.ts';
import type { Xks } from '../../../src/key-managers/xks/xks.ts';
import { createKms } from '../../../src/pipeline/invoke.ts';
import { certificateAuthority, type Authority } from '../../support/certificates.ts';
import { startProxy, type ExternalProxy } from '../../support/external-proxy.ts';
import { callNamed, fixture, refusal, REGION, ROOT, type Fixture } from '../../support/fixture.ts';
import { temporaryFolders } from '../../support/folder.ts';
import { BEHIND_PROXY, connect, describeAll, newKey, PUBLIC, SECRET } from './stores.ts';

const folder = temporaryFolders();
const HOST = 'xks.example.com';
const OTHER_KEY = { Origin: 'EXTERNAL_KEY_STORE', XksKeyId: 'other' };
const EXTERNAL_KEYS = {
  [BEHIND_PROXY.XksKeyId]: { material: '0b'.repeat(32), metadata: 'key_version=1' },
  [OTHER_KEY.XksKeyId]: { material: '0c'.repeat(32) },
  third: { material: '0d'.repeat(32) },
};
const Plaintext = Buffer.from('attack at dawn');

let authority: Authority;
let proxy: ExternalProxy;
let xks: Xks;
let clients: Xks[] = [];
let home: Pick<Fixture, 'call' | 'events'>;
let CustomKeyStoreId: string;
let KeyId: string;
let CiphertextBlob: Uint8Array;

beforeAll(async () => {
  authority = certificateAuthority(folder());
  proxy = await startProxy({
    prefix: ['/example', '/example/second', '/example/other'],
    credentials: { [PUBLIC.XksProxyAuthenticationCredential.AccessKeyId]: SECRET },
    keys: EXTERNAL_KEYS,
    tls: authority.sign(HOST),
  });
});
afterAll(() => proxy.stop());

beforeEach(async () => {
  await proxy.behave({});
  xks = clientOf(PATIENT);
  const base = await fixture();
  const kms = createKms({
    keyring: base.keyring,
    clock: () => base.now,
    random: base.random,
    keyManagers: async () => ({ hsm: base.managers.hsm, xks }),
  });
  home = {
    events: base.events,
    call: async (operation, input = {}) =>
      (
        await callNamed(kms, {
          operation,
          input,
          caller: ROOT,
          region: REGION,
          sourceIp: '127.0.0.1',
          userAgent: 'test',
        })
      ).output,
  };
  CustomKeyStoreId = await connect(home, PUBLIC);
  KeyId = (await newKey(home, { ...BEHIND_PROXY, CustomKeyStoreId }))['KeyId'] as string;
  CiphertextBlob = (await home.call('Encrypt', { KeyId, Plaintext }))['CiphertextBlob'] as Uint8Array;
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
});

/** Milliseconds: as long as a busy machine may need, and for what never comes. */
const PATIENT = 20_000;
const SHORT = 250;

function clientOf(timeout: number): Xks {
  const client = createXksClient({
    clock: Date.now,
    hosts: () => [],
    timeout,
    findHost: (host) => ({ host, connect: { address: '127.0.0.1', port: proxy.port }, authorities: authority.cert }),
  });
  clients.push(client);
  return client;
}

async function misbehave(how: object): Promise<void> {
  await proxy.behave(how);
  if ('headerDelay' in how || 'bodyDelay' in how) xks = clientOf(SHORT);
}

async function recover(): Promise<void> {
  await proxy.behave({});
  xks = clientOf(PATIENT);
}

const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusal(call)).code;
const stateOf = async (): Promise<unknown> => {
  const [store] = await describeAll(home, { CustomKeyStoreId });
  return [store!['ConnectionState'], store!['ConnectionErrorCode']];
};
const keys = async (): Promise<number> => ((await home.call('ListKeys'))['Keys'] as unknown[]).length;
const decrypted = async (): Promise<string> =>
  Buffer.from((await home.call('Decrypt', { CiphertextBlob }))['Plaintext'] as Uint8Array).toString();

const INVALID = ['XksProxyInvalidResponseException', 'XKS_PROXY_INVALID_RESPONSE', 'interpret the response'] as const;
const SLOW = ['XksProxyUriUnreachableException', 'XKS_PROXY_TIMED_OUT', 'did not respond'] as const;

/** Of every answer: what CreateCustomKeyStore fails with, the code of the connection, a part of the message for callers. */
const ALWAYS: readonly (readonly [string, object, readonly [string, string, string]])[] = [
  ['no answer', { headerDelay: 60_000 }, SLOW],
  ['half an answer', { bodyDelay: 60_000 }, SLOW],
  ['an answer that is cut off', { close: 'half' }, INVALID],
  ['an answer without end', { endless: 'body' }, INVALID],
  ['headers without end', { endless: 'headers' }, INVALID],
  ['a redirect', { status: 308, headers: { location: `https://${HOST}/elsewhere` } }, INVALID],
  ['HTML', { status: 502, body: '<html>Bad gateway</html>' }, INVALID],
  ['no JSON', { body: '{"plaintext":' }, INVALID],
  ['no connection', { close: 'silent' }, ['XksProxyUriUnreachableException', 'XKS_PROXY_NOT_REACHABLE', 'communicate']],
  [
    'a wrong credential',
    { error: [401, 'AuthenticationFailedException', 'SECRET OF THE PROXY'] },
    ['XksProxyIncorrectAuthenticationCredentialException', 'INVALID_CREDENTIALS', 'authenticate'],
  ],
  [
    'a wrong path',
    { error: [404, 'InvalidUriPathException', 'SECRET OF THE PROXY'] },
    ['XksProxyInvalidConfigurationException', 'XKS_PROXY_INVALID_CONFIGURATION', 'URI path'],
  ],
  [
    'too many requests',
    { error: [429, 'ThrottlingException', 'SECRET OF THE PROXY'] },
    ['XksProxyUriUnreachableException', 'XKS_PROXY_NOT_REACHABLE', 'high rate'],
  ],
  [
    'a failure of its own',
    { error: [500, 'InternalException', 'SECRET OF THE PROXY'] },
    ['XksProxyInvalidResponseException', 'XKS_PROXY_INVALID_RESPONSE', 'failed'],
  ],
];

describe.each(ALWAYS)('a proxy that gives %s', (_, how, [created, code, text]) => {
  test('callers get it, in events too, and nothing is changed', async () => {
    const other = (await newKey(home, { ...OTHER_KEY, CustomKeyStoreId }))['KeyId'] as string;
    const count = await keys();
    await misbehave(how);
    for (const [operation, input] of [
      ['Encrypt', { KeyId, Plaintext }],
      ['Decrypt', { CiphertextBlob }],
      ['GenerateDataKey', { KeyId, KeySpec: 'AES_256' }],
      ['GenerateDataKeyWithoutPlaintext', { KeyId, KeySpec: 'AES_128' }],
      ['ReEncrypt', { CiphertextBlob, DestinationKeyId: other }],
    ] as const) {
      const { code: name, message } = await refusal(home.call(operation, input));
      expect([operation, name]).toEqual([operation, 'KMSInvalidStateException']);
      expect(message).toContain(text);
      expect(message).not.toContain('SECRET OF THE PROXY');
      expect(home.events().at(-1)).toMatchObject({
        eventName: operation,
        errorCode: 'KMSInvalidStateException',
        errorMessage: message,
        responseElements: null,
        additionalEventData: { customKeyStoreId: CustomKeyStoreId },
      });
    }
    const third = { Origin: 'EXTERNAL_KEY_STORE', XksKeyId: 'third', CustomKeyStoreId };
    expect(await codeOf(home.call('CreateKey', third))).toBe('CustomKeyStoreInvalidStateException');
    expect(await keys()).toBe(count);
    const second = { ...PUBLIC, CustomKeyStoreName: 'second', XksProxyUriPath: '/example/second/kms/xks/v1' };
    expect(await codeOf(home.call('CreateCustomKeyStore', second))).toBe(created);
    const update = { CustomKeyStoreId, XksProxyUriPath: '/example/other/kms/xks/v1' };
    expect(await codeOf(home.call('UpdateCustomKeyStore', update))).toBe(created);
    const stores = await describeAll(home);
    expect(stores).toHaveLength(1);
    expect(stores[0]).toMatchObject({
      ConnectionState: 'CONNECTED',
      XksProxyConfiguration: { UriPath: PUBLIC.XksProxyUriPath },
    });
    await recover();
    expect(await decrypted()).toBe(Plaintext.toString());
  });

  test('a key store fails to connect, and connects when the proxy is well', async () => {
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await misbehave(how);
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await stateOf()).toEqual(['FAILED', code]);
    expect(await codeOf(decrypted())).toBe('KMSInvalidStateException');
    await recover();
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
    expect(await stateOf()).toEqual(['CONNECTED', undefined]);
    expect(await decrypted()).toBe(Plaintext.toString());
  });
});

const base64 = (length: number): string => Buffer.alloc(length, 7).toString('base64');

describe('lies about what was encrypted', () => {
  test.each<readonly [string, object]>([
    ['a ciphertext of another length', { patch: { ciphertext: base64(10) }, seal: true }],
    ['metadata of 21 bytes', { patch: { ciphertextMetadata: base64(21) }, seal: true }],
    ['an IV of 13 bytes', { patch: { initializationVector: base64(13) }, seal: true }],
    ['a tag of 15 bytes', { patch: { authenticationTag: base64(15) }, seal: true }],
    ['another tag', { patch: { authenticationTag: base64(16) } }],
    ['another integrity value', { patch: { ciphertextDataIntegrityValue: base64(32) } }],
    ['no integrity value', { patch: { ciphertextDataIntegrityValue: null } }],
    ['no base64', { patch: { initializationVector: '!' } }],
  ])('%s: no ciphertext is given out', async (_, how) => {
    await proxy.behave(how);
    for (const operation of ['Encrypt', 'GenerateDataKey', 'ReEncrypt']) {
      const input = {
        Encrypt: { KeyId, Plaintext },
        GenerateDataKey: { KeyId, KeySpec: 'AES_256' },
        ReEncrypt: { CiphertextBlob, DestinationKeyId: KeyId },
      }[operation];
      const { code, message } = await refusal(home.call(operation, input));
      expect([operation, code]).toEqual([operation, 'KMSInvalidStateException']);
      expect(message).toContain('interpret the response');
    }
  });

  test('metadata and IVs of the largest size come back', async () => {
    await proxy.configure({
      keys: { [BEHIND_PROXY.XksKeyId]: { material: '0d'.repeat(32), metadata: 'm'.repeat(20), ivLength: 16 } },
    });
    const large = Buffer.alloc(4096, 1);
    const { CiphertextBlob: blob } = await home.call('Encrypt', { KeyId, Plaintext: large });
    expect((await home.call('Decrypt', { CiphertextBlob: blob }))['Plaintext']).toEqual(new Uint8Array(large));
    await proxy.configure({ keys: EXTERNAL_KEYS });
  });
});

describe('lies about what was decrypted', () => {
  test.each([
    ['another plaintext of its length', (length: number) => base64(length), 'submitted for decryption'],
    ['a shorter one', (length: number) => base64(length - 1), 'interpret the response'],
  ])('%s', async (_, lie, text) => {
    // the inner ciphertext: the plaintext, and what binds it to the KMS key
    const inner = await innerLength();
    await proxy.behave({ patch: { plaintext: lie(inner) } });
    const { code, message } = await refusal(home.call('Decrypt', { CiphertextBlob }));
    expect(code).toBe('KMSInvalidStateException');
    expect(message).toContain(text);
    await proxy.behave({});
    expect(await decrypted()).toBe(Plaintext.toString());
  });

  /** As long as the proxy's own ciphertext, which ends the blob. */
  async function innerLength(): Promise<number> {
    for (let length = Plaintext.length; length < 300; length += 1) {
      await proxy.behave({ patch: { plaintext: base64(length) } }, 1);
      const { message } = await refusal(home.call('Decrypt', { CiphertextBlob }));
      if (message.includes('submitted for decryption')) return length;
    }
    throw new Error('no length fits');
  }
});

test('all key managers are unavailable: neither created, changed nor connected', async () => {
  await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
  const manager = { id: 'one', model: 'm', healthStatus: 'UNAVAILABLE' };
  await proxy.behave({ patch: { ekmFleetDetails: [manager, manager] } });
  await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
  expect(await stateOf()).toEqual(['FAILED', 'XKS_PROXY_NOT_REACHABLE']);
  const second = { ...PUBLIC, CustomKeyStoreName: 'second', XksProxyUriPath: '/example/second/kms/xks/v1' };
  expect(await codeOf(home.call('CreateCustomKeyStore', second))).toBe('XksProxyUriUnreachableException');
  await proxy.behave({ patch: { ekmFleetDetails: [manager, { ...manager, healthStatus: 'DEGRADED' }] } });
  await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
  await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
  expect(await stateOf()).toEqual(['CONNECTED', undefined]);
});

test('a call that waits for its proxy holds up no other, not even on its key', async () => {
  const plain = (await newKey(home, {}))['KeyId'] as string;
  await proxy.log();
  await proxy.behave({ headerDelay: 900 }, 1);
  const order: string[] = [];
  const slow = home.call('Encrypt', { KeyId, Plaintext }).then(() => order.push('slow'));
  for (let sent = 0; sent === 0;) sent = (await proxy.log()).requests.length;
  await home.call('Encrypt', { KeyId: plain, Plaintext });
  order.push('another key');
  await home.call('TagResource', { KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] });
  order.push('a change of its key');
  await home.call('Encrypt', { KeyId, Plaintext });
  order.push('its key');
  await slow;
  expect(order).toEqual(['another key', 'a change of its key', 'its key', 'slow']);
});

test('the proxy sees the request ID of the event', async () => {
  await proxy.log();
  await home.call('Decrypt', { CiphertextBlob });
  const { requestID } = home.events().at(-1)!;
  const { requests } = await proxy.log();
  expect(requests.map(({ metadata }) => metadata)).toMatchObject([
    { kmsRequestId: requestID, kmsOperation: 'Decrypt' },
  ]);
});
