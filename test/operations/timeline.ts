/** A keyring whose clock the test moves, what it logged, and the records that it should have logged. */
import { expect } from 'vitest';
import { defaultKeyPolicy } from '../../src/policy/default-policy.ts';
import { ACCOUNT, REGION, type Fixture, type TestKey } from '../support/fixture.ts';
import EVENTS from '../vectors/scheduled-jobs/events.json' with { type: 'json' };

export const SECOND = 1000;
export const DAY = 24 * 60 * 60 * SECOND;
/** Longer than a replica is Creating, a primary Updating and a rotation on demand in progress. */
export const PAST_TRANSITION = 10 * SECOND;

/** Lets time pass; what was due in it is done at the next call. */
export async function pass(home: Fixture, time: number): Promise<void> {
  home.now += time;
  await home.call('ListKeys');
}

export const eventsNamed = (home: Fixture, ...names: readonly string[]): Record<string, unknown>[] =>
  home.events().filter(({ eventName }) => names.includes(eventName as string));

/** `RotateKey 2027-01-02T03:04:05Z` */
export const timesOf = (home: Fixture, ...names: readonly string[]): readonly string[] =>
  eventsNamed(home, ...names).map(({ eventName, eventTime }) => `${eventName as string} ${eventTime as string}`);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The records of a vector, for this key. */
export function expectedEvents(vector: keyof typeof EVENTS, { id }: Pick<TestKey, 'id'>): unknown[] {
  const fill = (value: unknown): unknown => {
    if (value === '<uuid>') return expect.stringMatching(UUID);
    if (value === '<material>') return expect.stringMatching(/^[0-9a-f]{64}$/);
    if (value === '<policy>') return defaultKeyPolicy({ account: ACCOUNT, region: REGION });
    if (typeof value === 'string') return value.replaceAll('<key>', id);
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fill(item)]));
  };
  return EVENTS[vector].map(fill);
}

export const describedKey = async (home: Fixture, KeyId: string, region = REGION): Promise<Record<string, unknown>> =>
  (await home.call('DescribeKey', { KeyId }, { region }))['KeyMetadata'] as Record<string, unknown>;

export const stateOf = async (home: Fixture, KeyId: string, region = REGION): Promise<unknown> =>
  (await describedKey(home, KeyId, region))['KeyState'];
