import { describe, expect, test } from 'vitest';
import { createKms } from '../../../src/pipeline/invoke.ts';
import { runDueJobs } from '../../../src/pipeline/run-due-jobs.ts';
import type { KeyringChange } from '../../../src/commands/command/local-command.ts';
import type { ScheduledWork } from '../../../src/runtime/capabilities.ts';
import { clock, clockAdvance } from '../../../src/commands/keyring/clock.ts';
import { callNamed, fixture, newKey, REGION, ROOT, START, type Fixture } from '../../support/fixture.ts';
import { sessionParts } from '../../support/session-parts.ts';
import { DAY, eventsNamed, SECOND, stateOf, timesOf } from '../timeline.ts';

/** What the two commands need, around a keyring in memory. */
const sessionOf = (home: Fixture): KeyringChange & ScheduledWork => ({
  ...sessionParts(home),
  runDueJobs: (tx, now) => runDueJobs(tx, { now, random: home.random }),
});

const advance = (home: Fixture, Duration: string) => clockAdvance.run({ Duration }, sessionOf(home));
const show = (home: Fixture) => clock.run({}, sessionOf(home));

describe('kms clock', () => {
  test('at first shows the system’s time', async () => {
    const home = await fixture();
    const now = new Date(START);
    expect(await show(home)).toEqual({ Time: now, SystemTime: now, Offset: '0s', OffsetInSeconds: 0 });
  });

  test.each([
    ['1s', SECOND],
    ['90m', 5400 * SECOND],
    ['36h', 1.5 * DAY],
    ['400d', 400 * DAY],
    ['2w', 14 * DAY],
    ['1d12h30m', 1.5 * DAY + 1800 * SECOND],
  ])('advance %s', async (duration, length) => {
    const home = await fixture();
    const after = { Time: new Date(START + length), SystemTime: new Date(START), OffsetInSeconds: length / SECOND };
    expect(await advance(home, duration)).toMatchObject(after);
    expect(await show(home)).toMatchObject(after);
  });

  test('what it shows as offset can be given to it', async () => {
    const [one, two] = [await fixture(), await fixture()];
    const { Offset } = await advance(one, '3w1d26h61m61s');
    expect(Offset).toBe('23d3h2m1s');
    expect(await advance(two, Offset)).toEqual(await show(one));
  });

  test.each(['', '400', 'd', '-1d', '1.5d', '0s', '1y', '1d 2h', '400D', 'tomorrow'])('refuses "%s"', async (text) => {
    const home = await fixture();
    await expect(advance(home, text)).rejects.toThrow('is not a valid duration');
    expect((await show(home)).OffsetInSeconds).toBe(0);
  });

  test('refuses a time that no record could be put in order by', async () => {
    const home = await fixture();
    await expect(advance(home, '99999d')).rejects.toThrow('beyond 2286-11-20');
  });

  test('moves for good, and adds up', async () => {
    const home = await fixture();
    await advance(home, '400d');
    home.now += 10 * SECOND;
    await advance(home, '1h');
    expect(await show(home)).toEqual({
      Time: new Date(START + 400 * DAY + 3610 * SECOND),
      SystemTime: new Date(START + 10 * SECOND),
      Offset: '400d1h',
      OffsetInSeconds: 400 * 86_400 + 3600,
    });
  });

  test('is recorded in the log, at the time before', async () => {
    const home = await fixture();
    await advance(home, '400d');
    expect(eventsNamed(home, 'AdvanceClock')).toMatchObject([
      {
        eventTime: '2026-01-02T03:04:05Z',
        eventSource: 'pocket-kms',
        requestParameters: { duration: '400d', from: '2026-01-02T03:04:05.678Z', to: '2027-02-06T03:04:05.678Z' },
      },
    ]);
  });

  test('is what calls and their events go by', async () => {
    const home = await fixture();
    await advance(home, '400d');
    const { KeyMetadata } = await home.call('CreateKey');
    expect(KeyMetadata).toMatchObject({ CreationDate: new Date(START + 400 * DAY) });
    expect(home.events().at(-1)).toMatchObject({ eventName: 'CreateKey', eventTime: '2027-02-06T03:04:05Z' });
  });

  test('does what is due at once', async () => {
    const home = await fixture();
    const [key, other] = [await newKey(home), await newKey(home)];
    await home.call('EnableKeyRotation', { KeyId: key.id });
    await home.call('ScheduleKeyDeletion', { KeyId: other.id, PendingWindowInDays: 7 });
    await advance(home, '400d');
    expect(timesOf(home, 'AdvanceClock', 'DeleteKey', 'RotateKey')).toEqual([
      'AdvanceClock 2026-01-02T03:04:05Z',
      'DeleteKey 2026-01-09T03:04:05Z',
      'RotateKey 2027-01-02T03:04:05Z',
    ]);
  });

  test('does not move the clock of another keyring', async () => {
    const [one, two] = [await fixture('one'), await fixture('two')];
    await advance(one, '400d');
    expect((await show(two)).OffsetInSeconds).toBe(0);
  });
});

describe('scheduled jobs', () => {
  test('is done in the order of its time, whatever it is and whenever it was asked for', async () => {
    const home = await fixture();
    const [late, soon, rotated] = [await newKey(home), await newKey(home), await newKey(home)];
    await home.call('ScheduleKeyDeletion', { KeyId: late.id, PendingWindowInDays: 30 });
    await home.call('EnableKeyRotation', { KeyId: rotated.id, RotationPeriodInDays: 90 });
    home.now += 15 * DAY;
    await home.call('ScheduleKeyDeletion', { KeyId: soon.id, PendingWindowInDays: 7 });
    home.now += 200 * DAY;
    await home.call('ListKeys');
    const at = (day: number): string => `${new Date(START + day * DAY).toISOString().slice(0, 19)}Z`;
    const events = eventsNamed(home, 'DeleteKey', 'RotateKey').map(({ eventName, eventTime, resources }) => [
      eventName,
      eventTime,
      (resources as { ARN: string }[])[0]!.ARN,
    ]);
    expect(events).toEqual([
      ['DeleteKey', at(22), soon.arn],
      ['DeleteKey', at(30), late.arn],
      ['RotateKey', at(90), rotated.arn],
      ['RotateKey', at(180), rotated.arn],
    ]);
    expect(home.events().at(-1)).toMatchObject({ eventName: 'ListKeys' });
  });

  test('is done before a call that fails too, and stays done', async () => {
    const home = await fixture();
    const key = await newKey(home);
    await home.call('ScheduleKeyDeletion', { KeyId: key.id, PendingWindowInDays: 7 });
    home.now += 7 * DAY;
    await expect(home.call('DescribeKey', { KeyId: key.id })).rejects.toThrow('does not exist');
    expect(eventsNamed(home, 'DeleteKey')).toHaveLength(1);
    await home.call('ListKeys');
    expect(eventsNamed(home, 'DeleteKey')).toHaveLength(1);
  });

  test('that was made void does nothing', async () => {
    const home = await fixture();
    const key = await newKey(home);
    await home.call('EnableKeyRotation', { KeyId: key.id });
    await home.call('ScheduleKeyDeletion', { KeyId: key.id });
    await home.call('CancelKeyDeletion', { KeyId: key.id });
    await home.call('EnableKey', { KeyId: key.id });
    await home.call('DisableKeyRotation', { KeyId: key.id });
    const left = await home.keyring.transact((tx) => Array.fromAsync(tx.rows('due/')));
    expect(left).toEqual([]);
    home.now += 1000 * DAY;
    expect(await stateOf(home, key.id)).toBe('Enabled');
    expect(eventsNamed(home, 'DeleteKey', 'RotateKey')).toEqual([]);
  });

  test('asks a clock that went back for nothing', async () => {
    const home = await fixture();
    const key = await newKey(home);
    await home.call('EnableKeyRotation', { KeyId: key.id });
    const kms = createKms({ keyring: home.keyring, clock: () => START - DAY, random: home.random });
    await callNamed(kms, {
      operation: 'ListKeys',
      input: {},
      caller: ROOT,
      region: REGION,
      sourceIp: '127.0.0.1',
      userAgent: 'test',
    });
    expect(eventsNamed(home, 'RotateKey')).toEqual([]);
  });
});
