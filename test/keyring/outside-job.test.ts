/** Jobs that reach outside: what other versions have stored, and many of them. */
import { beforeEach, expect, test } from 'vitest';
import {
  forgetCreatedKeys,
  isNoneOutside,
  outsideJobsAt,
  putOutsideJob,
  type OutsideJob,
} from '../../src/keyring/outside-job.ts';
import { encodeRecord } from '../../src/keyring/record.ts';
import { CLOUD_HSM, connect } from '../operations/custom-key-stores/stores.ts';
import { ACCOUNT, fixture, REGION, START, type Fixture } from '../support/fixture.ts';

let home: Fixture;
let keyStoreId: string;
beforeEach(async () => {
  home = await fixture();
  keyStoreId = await connect(home, CLOUD_HSM);
});
const undo = (keyId: string): OutsideJob => ({
  kind: 'undo-create-key',
  account: ACCOUNT,
  region: REGION,
  keyStoreId,
  keyId,
  due: START,
  time: START,
});

test.each([
  ['of a kind that this version does not know', { kind: 'rotate-in-cluster' }, undefined],
  ['of a kind that every object has', { kind: 'constructor' }, undefined],
  ['whose path is not its own', {}, 'outside/0000000000001/undo-create-key/elsewhere'],
  ['whose time is no number', { time: {} }, 'outside/0000000000001/undo-create-key/elsewhere'],
  ['whose due time is no number', { due: 'x' }, undefined],
  ['whose keys are no list', { kind: 'delete-backing-keys', backingKeys: 7 }, undefined],
])('a job %s is left alone, and calls go on', async (_, more, path) => {
  const job = { ...undo('one'), ...more };
  const own = `outside/${START}/${job.kind}/${ACCOUNT}/${REGION}/${keyStoreId}/one`;
  await home.keyring.transact(async (tx) => tx.put(path ?? own, encodeRecord(job)));
  await home.keyring.transact(async (tx) => putOutsideJob(tx, undo('two')));
  home.managers.asked.length = 0;
  for (let at = 0; at < 3; at += 1) await home.call('ListKeys');
  expect(home.managers.asked).toEqual([{ what: 'destroyKeys' }]);
  const left = await home.keyring.transact((tx) => Array.fromAsync(tx.paths('outside/')));
  expect(left).toEqual([{ path: path ?? own }]);
});

test('a record that is no job is left alone, also where jobs of a key store are removed', async () => {
  const path = 'outside/0000000000001/undo-create-key/elsewhere';
  await home.keyring.transact(async (tx) => tx.put(path, encodeRecord(null)));
  await home.call('DisconnectCustomKeyStore', { CustomKeyStoreId: keyStoreId });
  await home.keyring.transact(async (tx) =>
    forgetCreatedKeys(tx, { id: keyStoreId, account: ACCOUNT, region: REGION }),
  );
  const left = await home.keyring.transact((tx) => Array.fromAsync(tx.paths('outside/')));
  expect(left).toEqual([{ path }]);
});

test('of many that may be done a call reads some, and calls after it the others', async () => {
  const jobs = Array.from({ length: 250 }, (_, at) => undo(String(at)));
  await home.keyring.transact(async (tx) => {
    for (const job of jobs) putOutsideJob(tx, job);
  });
  expect(await home.keyring.transact((tx) => outsideJobsAt(tx, START))).toHaveLength(100);
  home.managers.asked.length = 0;
  for (const _ of jobs) await home.call('ListKeys');
  expect(home.managers.asked).toHaveLength(jobs.length);
  expect(await home.keyring.transact(async (tx) => isNoneOutside(tx))).toBe(true);
});

test('of many that wait a call reads a few', async () => {
  await home.keyring.transact(async (tx) => {
    for (let at = 0; at < 250; at += 1) putOutsideJob(tx, { ...undo(String(at)), time: START + 1, moved: START });
  });
  let read = 0;
  const jobs = await home.keyring.transact(async (tx) => {
    const stored = tx.rows.bind(tx);
    tx.rows = async function* (prefix) {
      for await (const row of stored(prefix)) {
        read += 1;
        yield row;
      }
    };
    return outsideJobsAt(tx, START);
  });
  expect(jobs).toEqual([]);
  expect(read).toBe(10);
});
