import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findKey } from '../../src/keyring/kms-key.ts';
import { KmsError } from '../../src/model/error.ts';
import { ACCOUNT, fixture, newKey, REGION, type Fixture } from '../support/fixture.ts';
import { DAY, pass, SECOND } from '../operations/timeline.ts';

const REGIONS = [REGION, 'eu-west-1', 'eu-west-2'] as const;
const HOUR = 3600 * SECOND;

type Step = readonly [what: string, region: (typeof REGIONS)[number], other: (typeof REGIONS)[number], amount: number];

const INPUTS: { readonly [operation: string]: (other: string) => object } = {
  ReplicateKey: (ReplicaRegion) => ({ ReplicaRegion }),
  UpdatePrimaryRegion: (PrimaryRegion) => ({ PrimaryRegion }),
  DisableKey: () => ({}),
  EnableKey: () => ({}),
  ScheduleKeyDeletion: () => ({ PendingWindowInDays: 7 }),
  CancelKeyDeletion: () => ({}),
  RotateKeyOnDemand: () => ({}),
  EnableKeyRotation: () => ({ RotationPeriodInDays: 90 }),
  DisableKeyRotation: () => ({}),
};

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(
    ...Object.keys(INPUTS),
    'ReplicateKey',
    'UpdatePrimaryRegion',
    'RotateKeyOnDemand',
    'pass',
    'pass',
    'transition time',
  ),
  fc.constantFrom(...REGIONS),
  fc.constantFrom(...REGIONS),
  fc.constantFrom(0, SECOND, 30 * SECOND, HOUR, 8 * DAY, 100 * DAY),
);

const recordsOf = (home: Fixture, id: string) =>
  home.keyring.transact(async (tx) => {
    const found = await Promise.all(REGIONS.map((region) => findKey(tx, { account: ACCOUNT, region }, id)));
    return found.filter((key) => key !== undefined);
  });

/** A call that is refused is no failure. */
async function take(home: Fixture, id: string, [what, region, other, amount]: Step): Promise<void> {
  if (what === 'pass') return pass(home, amount);
  if (what === 'transition time') {
    await home.keyring.transact(async (tx) =>
      tx.change({ kind: 'settings', settings: { transitionTime: Math.min(amount, HOUR) } }),
    );
    return;
  }
  try {
    await home.call(what, { KeyId: id, ...INPUTS[what]!(other) }, { region });
  } catch (error) {
    if (!(error instanceof KmsError)) throw error;
  }
}

describe('whatever is asked of multi-Region keys in transition, and whatever TransitionTime is', () => {
  test('they stay one primary and its replicas, and every transition ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const home = await fixture('transitions');
        const { id } = await newKey(home, { MultiRegion: true });
        const { CiphertextBlob } = await home.call('Encrypt', { KeyId: id, Plaintext: Uint8Array.of(7) });
        for (const one of steps) {
          await take(home, id, one);
          const keys = await recordsOf(home, id);
          const primaries = keys.filter((key) => (key.relations?.primary ?? key.region) === key.region);
          if (keys.length > 0) expect(primaries.length).toBe(1);
        }
        await pass(home, HOUR);
        const keys = await recordsOf(home, id);
        const regions = keys.map(({ region }) => region).sort();
        for (const key of keys) {
          expect(['Creating', 'Updating']).not.toContain(key.state);
          expect(key.transitionEnds).toBeUndefined();
          const { primary, replicas } = key.relations ?? { primary: key.region, replicas: [] };
          expect([primary, ...replicas].sort()).toEqual(regions);
          expect(key.backingKeys.map((material) => material.id)).toEqual(
            keys[0]!.backingKeys.map((material) => material.id),
          );
          expect(key.rotation).toEqual(keys[0]!.rotation);
          if (key.state !== 'Enabled') continue;
          const { Plaintext } = await home.call('Decrypt', { CiphertextBlob }, { region: key.region });
          expect(Plaintext).toEqual(Uint8Array.of(7));
          if (primary === key.region) expect(key.onDemandRotation).toBeUndefined();
        }
      }),
      { numRuns: 60 },
    );
  });
});
