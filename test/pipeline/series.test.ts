/** Calls in order that share commits: each sees those before it, has its own event, and fails alone. */
import { expect, test } from 'vitest';
import { EnvironmentError } from '../../src/model/error.ts';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import type { Store } from '../../src/keyring/store.ts';
import { createAlias } from '../../src/operations/aliases/aliases.ts';
import { encrypt } from '../../src/operations/encryption/encryption.ts';
import { describeKey, listKeys } from '../../src/operations/keys/keys.ts';
import type { CallOrigin } from '../../src/pipeline/call-origin.ts';
import { seriesCall, type SeriesCall, type SeriesOptions } from '../../src/pipeline/invoke.ts';
import { fixture, newKey, REGION, ROOT } from '../support/fixture.ts';

const origin: CallOrigin = { caller: ROOT, region: REGION, sourceIp: '127.0.0.1', userAgent: 'test' };
const Plaintext = new Uint8Array([1]);

async function keyring() {
  const memory = memoryStore();
  let transactions = 0;
  const store: Store = { ...memory, transact: (work) => ((transactions += 1), memory.transact(work)) };
  const home = await fixture('series', { store });
  const key = await newKey(home);
  const before = home.events().length;
  transactions = 0;
  const answers = async (calls: readonly SeriesCall[], options?: SeriesOptions, from = origin): Promise<string[]> => {
    const seen: string[] = [];
    try {
      for await (const group of home.kms.invokeSeries(calls, from, options)) {
        seen.push(...group.map((answer) => ('error' in answer ? answer.error.code : 'output')));
      }
    } catch (error) {
      seen.push(`thrown: ${(error as Error).message}`);
    }
    return seen;
  };
  const events = (): unknown[] =>
    home
      .events()
      .slice(before)
      .map(({ eventName, errorCode }) => [eventName, errorCode].filter(Boolean).join(' '));
  return { key, answers, events, transactions: () => transactions };
}

test('a call sees the changes of those before it; all share a commit, and each has its event', async () => {
  const { key, answers, events, transactions } = await keyring();
  const calls = [
    seriesCall(encrypt, { KeyId: 'alias/new', Plaintext }),
    seriesCall(createAlias, { AliasName: 'alias/new', TargetKeyId: key.id }),
    seriesCall(encrypt, { KeyId: 'alias/new', Plaintext }),
  ];
  expect(await answers(calls)).toEqual(['NotFoundException', 'output', 'output']);
  expect(events()).toEqual(['Encrypt NotFoundException', 'CreateAlias', 'Encrypt']);
  expect(transactions()).toBe(1);
});

test('after a refusal there are no calls, if that is asked for', async () => {
  const { answers, events } = await keyring();
  const calls = [seriesCall(listKeys, {}), seriesCall(describeKey, { KeyId: 'alias/none' }), seriesCall(listKeys, {})];
  expect(await answers(calls, { stopsAtRefusal: true })).toEqual(['output', 'NotFoundException']);
  expect(events()).toEqual(['ListKeys', 'DescribeKey NotFoundException']);
});

test('what is no refusal is thrown after the answers before it, and nothing is called behind it', async () => {
  const { answers, events } = await keyring();
  const broken: SeriesCall = {
    operation: {
      ...listKeys,
      run: () => {
        throw new EnvironmentError('the keyring is damaged');
      },
    },
    input: {},
  };
  const list = seriesCall(listKeys, {});
  expect(await answers([list, broken, list])).toEqual(['output', 'thrown: the keyring is damaged']);
  expect(events()).toEqual(['ListKeys']);
});

test('a call that is refused before it has a context has no event, and those behind it are made', async () => {
  const { answers, events } = await keyring();
  const list = seriesCall(listKeys, {});
  expect(await answers([list, list], {}, { ...origin, region: 'nowhere/' })).toEqual([
    'ValidationException',
    'ValidationException',
  ]);
  expect(events()).toEqual([]);
});

test('calls that take long are answered before those behind them', async () => {
  const { answers, transactions } = await keyring();
  const slow: SeriesCall = {
    operation: {
      ...listKeys,
      async run() {
        await new Promise((resolve) => setTimeout(resolve, 120));
        return {};
      },
    },
    input: {},
  };
  expect(await answers([slow, seriesCall(listKeys, {}), seriesCall(listKeys, {})])).toEqual(Array(3).fill('output'));
  expect(transactions()).toBe(2);
});
