/** Look-ups of host names that calls share. */
import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { sharedLookup } from '../../../src/key-managers/xks/shared-lookup.ts';

type LookupCallback = Parameters<LookupFunction>[2];

test('while the system has not answered, it is not asked the same again', () => {
  const asked: { readonly host: string; readonly answered: LookupCallback }[] = [];
  const lookup = sharedLookup((host, _, answered) => void asked.push({ host, answered }));
  const got: unknown[] = [];
  const ask = (host: string, options = { all: true }): void =>
    lookup(host, options, (...answer) => void got.push([host, ...answer]));
  for (let count = 0; count < 100; count += 1) ask('one.example.com');
  ask('two.example.com');
  ask('one.example.com', { all: false });
  expect(asked.map(({ host }) => host)).toEqual(['one.example.com', 'two.example.com', 'one.example.com']);
  const addresses = [{ address: '192.0.2.1', family: 4 }];
  asked[0]!.answered(null, addresses);
  expect(got).toEqual(Array.from({ length: 100 }, () => ['one.example.com', null, addresses]));
  // nothing is kept
  ask('one.example.com');
  expect(asked).toHaveLength(4);
  const failure = Object.assign(new Error('no'), { code: 'ENOTFOUND' });
  asked[3]!.answered(failure, []);
  expect(got.at(-1)).toEqual(['one.example.com', failure, []]);
});
