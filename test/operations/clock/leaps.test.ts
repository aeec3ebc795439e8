import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KmsError } from '../../../src/model/error.ts';
import { fixture, newKey, REGION, START } from '../../support/fixture.ts';
import { DAY, eventsNamed } from '../timeline.ts';

const WEST = 'us-west-2';

type Step = readonly [operation: string, input: object, region: string];

const STEPS: readonly Step[] = [REGION, WEST].flatMap((region): Step[] => [
  ['EnableKeyRotation', { RotationPeriodInDays: 90 }, region],
  ['DisableKeyRotation', {}, region],
  ['RotateKeyOnDemand', {}, region],
  ['DisableKey', {}, region],
  ['EnableKey', {}, region],
  ['ScheduleKeyDeletion', { PendingWindowInDays: 7 }, region],
  ['CancelKeyDeletion', {}, region],
  ['ReplicateKey', { ReplicaRegion: WEST }, region],
  ['UpdatePrimaryRegion', { PrimaryRegion: region === WEST ? REGION : WEST }, region],
]);

interface Program {
  /** Days before each step. */
  readonly steps: readonly { readonly days: number; readonly step: Step }[];
  /** Every how many days somebody looks, and so runs what is due. */
  readonly glances: number;
}

/** What the service did by itself, and how the keys ended. */
async function outcome({ steps, glances }: Program): Promise<unknown> {
  const home = await fixture('leaps');
  const { id } = await newKey(home, { MultiRegion: true });
  let at = START;
  const until = async (time: number): Promise<void> => {
    for (let next = home.now + glances * DAY; next < time; next += glances * DAY) {
      home.now = next;
      await home.call('ListKeys');
    }
    home.now = time;
  };
  for (const { days, step } of steps) {
    const [operation, input, region] = step;
    at += days * DAY;
    await until(at);
    await home.call(operation, { KeyId: id, ...input }, { region }).catch((error: unknown) => {
      if (!(error instanceof KmsError)) throw error;
    });
  }
  await until(at + 500 * DAY);
  const described = [REGION, WEST].map(async (region) => {
    const answer = await home.call('DescribeKey', { KeyId: id }, { region }).catch(() => undefined);
    const { KeyState, MultiRegionConfiguration, DeletionDate } = (answer?.['KeyMetadata'] ?? {}) as Record<
      string,
      unknown
    >;
    const status = await home.call('GetKeyRotationStatus', { KeyId: id }, { region }).catch(() => undefined);
    return { KeyState, MultiRegionConfiguration, DeletionDate, status };
  });
  const ends = await Promise.all(described);
  const events = eventsNamed(home, 'RotateKey', 'DeleteKey', 'SynchronizeMultiRegionKey');
  return {
    events: events.map(({ eventName, eventTime, awsRegion }) => [eventName, eventTime, awsRegion]),
    ends,
  };
}

test('one leap in time does what as many steps of it do', async () => {
  const step = fc.record({ days: fc.integer({ min: 0, max: 200 }), step: fc.constantFrom(...STEPS) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), async (steps, glances) => {
      expect(await outcome({ steps, glances })).toEqual(await outcome({ steps, glances: Infinity }));
    }),
    { numRuns: 40 },
  );
});
