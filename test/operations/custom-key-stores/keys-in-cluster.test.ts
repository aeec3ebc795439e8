/**
 * Whatever happens to the processes that make and delete keys in a cluster, to its password and to the cluster: in the end it
 * has the key material of the KMS keys, and none else but what the events of deletions say was left there.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY } from '../../../src/keyring/time.ts';
import type { Hsm } from '../../../src/key-managers/hsm/hsm.ts';
import { fixture, type Fixture } from '../../support/fixture.ts';
import { CLOUD_HSM, connect, describeAll, IN_CLUSTER } from './stores.ts';

const REFUSED = { Tags: [1, 2].map(() => ({ TagKey: 'same', TagValue: '' })) };
const CALLS = ['createKey', 'findKeys', 'destroyKeys', 'connect'] as const;
type HsmCall = (typeof CALLS)[number];

const event = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('create', 'refused', 'delete', 'reconnect', 'away', 'back') },
  { weight: 3, arbitrary: fc.constantFrom(1_000, 61_000, 61 * 60_000, 8 * DAY) },
  // a process ends there: before or after the cluster has done it
  { weight: 3, arbitrary: fc.record({ call: fc.constantFrom(...CALLS), isAfter: fc.boolean() }) },
);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

/** Ends the process of the next call that comes to it: that call never comes back. */
function killable(home: Fixture) {
  const { hsm } = home.managers;
  const real = { ...hsm };
  let kill: { readonly call: HsmCall; readonly isAfter: boolean } | undefined;
  let killed = (): void => {};
  const wrapped =
    (call: HsmCall) =>
    async (...given: readonly unknown[]): Promise<unknown> => {
      const doing = real[call] as (...given: readonly unknown[]) => Promise<unknown>;
      if (kill?.call !== call) return doing(...given);
      const { isAfter } = kill;
      kill = undefined;
      if (isAfter) await doing(...given).catch(() => undefined);
      killed();
      return new Promise(() => {});
    };
  Object.assign(hsm, Object.fromEntries(CALLS.map((call) => [call, wrapped(call)])) as Partial<Hsm>);
  return {
    arm: (next: typeof kill) => {
      kill = next;
    },
    /** Whatever the call returns, unless its process ends. */
    call: (operation: string, input: object = {}): Promise<Record<string, unknown> | undefined> =>
      Promise.race([
        home.call(operation, input).catch(() => undefined),
        new Promise<undefined>((resolve) => {
          killed = () => resolve(undefined);
        }),
      ]),
  };
}

async function play(events: readonly Event[]): Promise<void> {
  const home = await fixture();
  const CustomKeyStoreId = await connect(home, CLOUD_HSM);
  const cluster = home.managers.clusters.get(CLOUD_HSM.CloudHsmClusterId)!;
  const { arm, call } = killable(home);
  const keys = async (): Promise<string[]> =>
    ((await home.call('ListKeys'))['Keys'] as { readonly KeyArn: string }[]).map(({ KeyArn }) => KeyArn);
  const reconnect = async (): Promise<void> => {
    await call('DisconnectCustomKeyStore', { CustomKeyStoreId });
    await call('ConnectCustomKeyStore', { CustomKeyStoreId });
  };
  for (const one of events) {
    if (typeof one === 'number') home.now += one;
    else if (typeof one === 'object') arm(one);
    else if (one === 'away') home.managers.hsmError = 'NETWORK_ERRORS';
    else if (one === 'back') home.managers.hsmError = undefined;
    else if (one === 'reconnect') await reconnect();
    else if (one === 'delete') {
      arm(undefined);
      const [KeyId] = await keys();
      if (KeyId !== undefined) await call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    } else await call('CreateKey', { ...IN_CLUSTER, CustomKeyStoreId, ...(one === 'refused' ? REFUSED : {}) });
    await call('ListAliases');
  }
  arm(undefined);
  home.managers.hsmError = undefined;
  home.now += 61_000;
  await reconnect();
  expect(await describeAll(home)).toMatchObject([{ ConnectionState: 'CONNECTED' }]);
  for (let hour = 0; hour < events.length + 2; hour += 1) {
    home.now += 61 * 60_000;
    await home.call('ListAliases');
  }
  const kept = await keys();
  const deletions = home
    .events()
    .filter(({ eventName }) => eventName === 'DeleteKey')
    .map((deletion) => {
      const { keyId } = deletion['responseElements'] as { readonly keyId: string };
      const data = deletion['additionalEventData'] as { readonly backingKeysDeletionStatus: string };
      const statuses = JSON.parse(data.backingKeysDeletionStatus) as { readonly deletionStatus: string }[];
      return { keyId, statuses: statuses.map(({ deletionStatus }) => deletionStatus) };
    });
  expect(new Set(deletions.map(({ keyId }) => keyId)).size).toBe(deletions.length);
  for (const { keyId, statuses } of deletions) {
    expect(statuses).toHaveLength(1);
    if (statuses[0] === 'SUCCESS') expect(cluster.keys.has(keyId)).toBe(false);
  }
  const left = new Set(deletions.flatMap(({ keyId, statuses }) => (statuses[0] === 'FAILURE' ? [keyId] : [])));
  expect([...cluster.keys.keys()].filter((arn) => !left.has(arn)).toSorted()).toEqual(kept.toSorted());
}

test('a cluster has the key material of the KMS keys, and what the events of deletions say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 16 }), (events) => play(events)),
    { numRuns: 200 },
  );
});
