/** Calls of which each depends on the answer before it: the pages of a list share commits, and have an event each. */
import { expect, test } from 'vitest';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import type { Store } from '../../src/keyring/store.ts';
import { listKeys } from '../../src/operations/keys/keys.ts';
import type { CallChain } from '../../src/pipeline/invoke.ts';
import { fixture, newKey, REGION, ROOT } from '../support/fixture.ts';

const PAGES = 20;
const origin = { caller: ROOT, region: REGION, sourceIp: '127.0.0.1', userAgent: 'test' };

/** One key a page. */
const keys: CallChain<string | null, { NextMarker?: string | undefined }> = {
  first: null,
  inputAt: (at) => ({ Limit: 1, ...(at === null ? {} : { Marker: at }) }),
  next: (_, { NextMarker }) => NextMarker,
};

async function keyring() {
  const memory = memoryStore();
  let transactions = 0;
  const store: Store = { ...memory, transact: (work) => ((transactions += 1), memory.transact(work)) };
  const home = await fixture('chain', { store });
  for (let at = 0; at < PAGES; at += 1) await newKey(home);
  const before = home.events().length;
  transactions = 0;
  return { home, transactions: () => transactions, events: () => home.events().slice(before) };
}

test('pages share commits; each has its event, with an ID of its own', async () => {
  const { home, transactions, events } = await keyring();
  const seen: unknown[] = [];
  for await (const { output } of home.kms.invokeChain(listKeys, keys, origin)) seen.push(...(output.Keys ?? []));
  expect(new Set(seen.map((key) => JSON.stringify(key))).size).toBe(PAGES);
  expect(transactions()).toBeLessThan(PAGES / 2); // one, on a machine that has nothing else to do
  expect(events().map(({ eventName }) => eventName)).toEqual(Array.from({ length: PAGES }, () => 'ListKeys'));
  expect(new Set(events().map(({ requestID }) => requestID)).size).toBe(PAGES);
});

test('a call that is refused comes after the answers before it, and ends the chain', async () => {
  const { home, events } = await keyring();
  const broken = {
    ...keys,
    next: (at: string | null, output: { NextMarker?: string | undefined }) =>
      at === null ? output.NextMarker : 'no marker',
  };
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const { output } of home.kms.invokeChain(listKeys, broken, origin)) seen.push(output);
  })();
  await expect(reading).rejects.toMatchObject({ code: 'InvalidMarkerException' });
  expect(seen).toHaveLength(2);
  expect(events().map(({ errorCode }) => errorCode)).toEqual([undefined, undefined, 'InvalidMarkerException']);
});
