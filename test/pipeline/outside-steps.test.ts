/** Calls that reach outside of the process within series, chains and units: between transactions there too. */
import { beforeEach, expect, test } from 'vitest';
import type { Members } from '../../src/model/shape.ts';
import { loadOperation } from '../../src/operations/index.ts';
import { seriesCall, type SeriesAnswer } from '../../src/pipeline/invoke.ts';
import {
  BEHIND_PROXY,
  CLOUD_HSM,
  connect,
  IN_CLUSTER,
  newKey,
  PUBLIC,
} from '../operations/custom-key-stores/stores.ts';
import { fixture, ROOT, REGION, type Fixture } from '../support/fixture.ts';

const origin = { caller: ROOT, region: REGION, sourceIp: '127.0.0.1', userAgent: 'test' };
const Plaintext = Buffer.from('attack at dawn');

let home: Fixture;
let CustomKeyStoreId: string;
/** Whether a transaction of the keyring was open when the cluster or the proxy was asked. */
let nested: boolean[];
beforeEach(async () => {
  home = await fixture();
  CustomKeyStoreId = await connect(home, CLOUD_HSM);
  nested = [];
  home.managers.before = async () => {
    // a transaction that waits for another one does not come before it
    nested.push(
      await Promise.race([
        home.keyring.transact(async () => false),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 200)),
      ]),
    );
  };
});
const names = (): unknown[] => home.events().map(({ eventName, errorCode }) => errorCode ?? eventName);
const cluster = () => home.managers.clusters.get(CLOUD_HSM.CloudHsmClusterId)!;

test('a series: answers in order, each call with one event, none within a transaction', async () => {
  const { KeyId: stored } = await newKey(home, { ...IN_CLUSTER, CustomKeyStoreId });
  const { KeyId: plain } = await newKey(home, {});
  const encrypt = await loadOperation('Encrypt');
  const keys = [plain, stored, stored, plain, 'alias/unknown', stored, plain] as string[];
  const before = home.events().length;
  const answers: SeriesAnswer[] = [];
  const calls = keys.map((KeyId) => seriesCall(encrypt, { KeyId, Plaintext }));
  for await (const some of home.kms.invokeSeries(calls, origin)) answers.push(...some);
  expect(answers.map((one) => ('error' in one ? one.error.code : 'done'))).toEqual([
    'done',
    'done',
    'done',
    'done',
    'NotFoundException',
    'done',
    'done',
  ]);
  expect(names().slice(before)).toEqual([
    ...Array.from({ length: 4 }, () => 'Encrypt'),
    'NotFoundException',
    'Encrypt',
    'Encrypt',
  ]);
  const ids = home.events().map(({ requestID }) => requestID);
  expect(new Set(ids).size).toBe(ids.length);
  expect(nested).not.toContain(true);
});

test('a series: what connects a key store is done before the next call', async () => {
  await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
  const connecting = await loadOperation('ConnectCustomKeyStore');
  const creating = await loadOperation('CreateKey');
  const calls = [
    seriesCall(connecting, { CustomKeyStoreId }),
    seriesCall(creating, { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId }),
  ];
  const answers: SeriesAnswer[] = [];
  for await (const some of home.kms.invokeSeries<Members>(calls, origin)) answers.push(...some);
  expect(answers).toMatchObject([{ output: {} }, { output: { KeyMetadata: { KeyState: 'Enabled' } } }]);
});

test('a series goes on after keys of which one is refused: what was made for it in the cluster is deleted', async () => {
  const creating = await loadOperation('CreateKey');
  const refused = { Tags: [1, 2].map(() => ({ TagKey: 'same', TagValue: '' })) };
  const input = { ...IN_CLUSTER, CustomKeyStoreId };
  const inputs = [input, { ...input, ...refused }, input];
  const answers: SeriesAnswer[] = [];
  const calls = inputs.map((one) => seriesCall<Members, Members>(creating, one));
  for await (const some of home.kms.invokeSeries<Members>(calls, origin)) answers.push(...some);
  expect(answers).toMatchObject([{ output: {} }, { error: { code: 'TagException' } }, { output: {} }]);
  expect(await home.call('ListKeys')).toMatchObject({ Keys: [{}, {}] });
  expect(cluster().keys.size).toBe(2);
  expect(nested).not.toContain(true);
});

test('a series ends at a call that fails outside, where it is to end at a refusal', async () => {
  const { KeyId } = await newKey(home, { ...IN_CLUSTER, CustomKeyStoreId });
  const encrypt = await loadOperation('Encrypt');
  const asked = home.managers.asked.length;
  home.managers.hsmError = 'NETWORK_ERRORS';
  const calls = [1, 2, 3].map(() => seriesCall(encrypt, { KeyId: KeyId as string, Plaintext }));
  const answers: SeriesAnswer[] = [];
  for await (const some of home.kms.invokeSeries(calls, origin, { stopsAtRefusal: true })) answers.push(...some);
  expect(answers).toMatchObject([{ error: { code: 'KMSInvalidStateException' } }]);
  expect(home.managers.asked.length - asked).toBe(1);
});

test('a unit: keys in a cluster are made between its transactions, once each', async () => {
  const createKey = await loadOperation('CreateKey');
  const made: string[] = await home.kms.allOrNothing(async ({ invoke }) => {
    const arns: string[] = [];
    for (const input of [{}, { ...IN_CLUSTER, CustomKeyStoreId }, { ...IN_CLUSTER, CustomKeyStoreId }]) {
      const { output } = await invoke(createKey, input, origin);
      arns.push((output as { readonly KeyMetadata: { readonly Arn: string } }).KeyMetadata.Arn);
    }
    return arns;
  });
  expect([...cluster().keys.keys()].toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
    made.slice(1).toSorted((a, b) => (a < b ? -1 : 1)),
  );
  expect(names().filter((name) => name === 'CreateKey')).toHaveLength(3);
  expect(await home.call('ListKeys')).toMatchObject({ Keys: [{}, {}, {}] });
  expect(nested).toEqual([false, false]);
});

test.each(['refused', 'thrown'])('a unit that is %s leaves no key in the cluster', async (how) => {
  const createKey = await loadOperation('CreateKey');
  const unit = home.kms.allOrNothing(async ({ invoke }) => {
    for (const _ of [1, 2]) await invoke(createKey, { ...IN_CLUSTER, CustomKeyStoreId }, origin);
    if (how === 'thrown') throw new Error('no more');
    await invoke(createKey, { KeySpec: 'RSA_2048' }, origin);
  });
  await expect(unit).rejects.toThrow();
  expect(home.managers.asked.filter(({ what }) => what === 'createKey')).toHaveLength(2);
  expect(cluster().keys.size).toBe(0);
  expect(await home.call('ListKeys')).toMatchObject({ Keys: [] });
});

test('a unit that makes another call instead when it is tried again leaves no key in the cluster', async () => {
  const [createKey, listKeys] = [await loadOperation('CreateKey'), await loadOperation('ListKeys')];
  let tries = 0;
  // as where another process has made the key meanwhile
  await home.kms.allOrNothing<unknown>(({ invoke }) =>
    ++tries === 1 ? invoke(createKey, { ...IN_CLUSTER, CustomKeyStoreId }, origin) : invoke(listKeys, {}, origin),
  );
  expect(tries).toBe(2);
  expect(cluster().keys.size).toBe(0);
});

test('a unit that goes on after a call that waits is tried again all the same', async () => {
  const createKey = await loadOperation('CreateKey');
  await home.kms.allOrNothing(async ({ invoke }) => {
    await invoke(createKey, { ...IN_CLUSTER, CustomKeyStoreId }, origin).catch(() => undefined);
  });
  expect(await home.call('ListKeys')).toMatchObject({ Keys: [{}] });
});

test('the password changes meanwhile: what was done with the old one is done again', async () => {
  const { KeyId } = await newKey(home, { ...IN_CLUSTER, CustomKeyStoreId });
  const before = home.managers.asked.length;
  home.managers.before = async (what) => {
    if (what !== 'hsm encrypt') return;
    home.managers.before = undefined;
    await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await home.call('ConnectCustomKeyStore', { CustomKeyStoreId });
  };
  await home.call('Encrypt', { KeyId, Plaintext });
  const asked = home.managers.asked.slice(before).map(({ what }) => what);
  expect(asked.filter((what) => what === 'hsm encrypt')).toHaveLength(2);
  expect(names().filter((name) => name === 'Encrypt')).toHaveLength(1);
});

test('an external key that another call takes meanwhile is in use', async () => {
  const proxy = await connect(home, PUBLIC);
  const input = { ...BEHIND_PROXY, CustomKeyStoreId: proxy };
  home.managers.before = async (what) => {
    if (what !== 'metadata') return;
    home.managers.before = undefined;
    await newKey(home, input);
  };
  await expect(newKey(home, input)).rejects.toMatchObject({ code: 'XksKeyAlreadyInUseException' });
  expect(await home.call('ListKeys')).toMatchObject({ Keys: [{}] });
});
