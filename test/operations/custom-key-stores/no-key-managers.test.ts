/** A keyring for which no key managers are reached, since its user does not trust it: calls are refused, and jobs wait. */
import { beforeEach, expect, test } from 'vitest';
import { createKms } from '../../../src/pipeline/invoke.ts';
import { callNamed, fixture, refusal, REGION, ROOT, type Fixture } from '../../support/fixture.ts';
import { BEHIND_PROXY, CLOUD_HSM, connect, create, describeAll, IN_CLUSTER, newKey, PUBLIC, VPC } from './stores.ts';

const DAYS = 24 * 60 * 60 * 1000;
const WHY = 'The keyring is not trusted, so its custom key stores reach nothing: kms keyring trust allows it.';

let home: Fixture;
/** The same keyring without key managers. */
let alone: Pick<Fixture, 'call'>;
let cluster: { store: string; key: string; blob: Uint8Array };
let proxy: typeof cluster;

beforeEach(async () => {
  home = await fixture();
  const kms = createKms({ keyring: home.keyring, clock: () => home.now, random: home.random });
  alone = {
    async call(operation, input = {}) {
      const call = { operation, input, caller: ROOT, region: REGION, sourceIp: '127.0.0.1', userAgent: 'test' };
      return (await callNamed(kms, call)).output;
    },
  };
  const made = async (input: object, origin: object): Promise<typeof cluster> => {
    const store = await connect(home, input);
    const key = (await newKey(home, { ...origin, CustomKeyStoreId: store }))['KeyId'] as string;
    const { CiphertextBlob } = await home.call('Encrypt', { KeyId: key, Plaintext: Buffer.from('hello') });
    return { store, key, blob: CiphertextBlob as Uint8Array };
  };
  cluster = await made(CLOUD_HSM, IN_CLUSTER);
  proxy = await made(PUBLIC, BEHIND_PROXY);
  home.managers.asked.length = 0;
});

const OTHER_PATH = { ...PUBLIC, CustomKeyStoreName: 'other', XksProxyUriPath: '/other/kms/xks/v1' };
const OTHER_CLUSTER = { ...CLOUD_HSM, CustomKeyStoreName: 'other', CloudHsmClusterId: 'cluster-3a23b4cdefg' };
const AES = { KeySpec: 'AES_256' };

test.each<readonly [operation: string, code: string, input: () => object]>([
  ['CreateCustomKeyStore', 'CloudHsmClusterNotFoundException', () => OTHER_CLUSTER],
  ['CreateCustomKeyStore', 'XksProxyUriUnreachableException', () => OTHER_PATH],
  ['CreateCustomKeyStore', 'XksProxyUriUnreachableException', () => VPC],
  [
    'UpdateCustomKeyStore',
    'XksProxyUriUnreachableException',
    () => ({ CustomKeyStoreId: proxy.store, XksProxyUriPath: OTHER_PATH.XksProxyUriPath }),
  ],
  ['CreateKey', 'CustomKeyStoreInvalidStateException', () => ({ ...IN_CLUSTER, CustomKeyStoreId: cluster.store })],
  [
    'CreateKey',
    'CustomKeyStoreInvalidStateException',
    () => ({ ...BEHIND_PROXY, XksKeyId: 'another', CustomKeyStoreId: proxy.store }),
  ],
  [
    'GenerateRandom',
    'CustomKeyStoreInvalidStateException',
    () => ({ CustomKeyStoreId: cluster.store, NumberOfBytes: 8 }),
  ],
  ['Encrypt', 'KMSInvalidStateException', () => ({ KeyId: cluster.key, Plaintext: Buffer.from('hello') })],
  ['Encrypt', 'KMSInvalidStateException', () => ({ KeyId: proxy.key, Plaintext: Buffer.from('hello') })],
  ['Decrypt', 'KMSInvalidStateException', () => ({ CiphertextBlob: cluster.blob })],
  ['Decrypt', 'KMSInvalidStateException', () => ({ CiphertextBlob: proxy.blob })],
  ['ReEncrypt', 'KMSInvalidStateException', () => ({ CiphertextBlob: proxy.blob, DestinationKeyId: cluster.key })],
  ['GenerateDataKey', 'KMSInvalidStateException', () => ({ ...AES, KeyId: cluster.key })],
  ['GenerateDataKeyWithoutPlaintext', 'KMSInvalidStateException', () => ({ ...AES, KeyId: proxy.key })],
])('%s is refused with %s', async (operation, code, input) => {
  const refused = await refusal(alone.call(operation, input()));
  expect(refused.code).toBe(code);
  expect(refused.message).toContain(WHY);
  expect(home.events().at(-1)).toMatchObject({ eventName: operation, errorCode: code });
  expect(home.managers.asked).toEqual([]);
});

test('connecting fails; disconnecting succeeds', async () => {
  for (const { store: CustomKeyStoreId } of [cluster, proxy]) {
    await alone.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await alone.call('ConnectCustomKeyStore', { CustomKeyStoreId });
  }
  const stores = await describeAll(alone);
  expect(stores).toMatchObject(
    stores.map(({ CustomKeyStoreType }) => ({
      ConnectionState: 'FAILED',
      ConnectionErrorCode: CustomKeyStoreType === 'AWS_CLOUDHSM' ? 'CLUSTER_NOT_FOUND' : 'XKS_PROXY_NOT_REACHABLE',
    })),
  );
  expect(home.managers.asked).toEqual([]);
});

test('what is to be deleted in the cluster waits for who can delete it', async () => {
  await home.call('ScheduleKeyDeletion', { KeyId: cluster.key, PendingWindowInDays: 7 });
  home.now += 8 * DAYS;
  const deletions = () => home.events().filter(({ eventName }) => eventName === 'DeleteKey');
  await alone.call('ListKeys');
  home.now += DAYS;
  await alone.call('ListKeys');
  expect(home.managers.asked).toEqual([]);
  expect(deletions()).toEqual([]);
  await home.call('ListKeys');
  expect(home.managers.asked.map(({ what }) => what)).toContain('destroyKeys');
  expect(deletions()).toHaveLength(1);
});

test('a key store that another process was connecting is left to it', async () => {
  await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId: proxy.store });
  home.managers.before = () => new Promise(() => {});
  void home.call('ConnectCustomKeyStore', { CustomKeyStoreId: proxy.store });
  await expect.poll(() => home.managers.asked.at(-1)?.what).toBe('health');
  home.now += 61_000;
  const stateOf = async (): Promise<unknown> =>
    (await describeAll(alone, { CustomKeyStoreId: proxy.store }))[0]!['ConnectionState'];
  expect(await stateOf()).toBe('CONNECTING');
  home.managers.before = undefined;
  await home.call('ListKeys');
  expect(await stateOf()).toBe('CONNECTED');
  expect(await create(home, OTHER_PATH)).toMatch(/^cks-/);
});
