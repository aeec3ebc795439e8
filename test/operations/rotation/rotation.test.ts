import { describe, expect, test } from 'vitest';
import { fixture, newKey, refusal, START, type Fixture, type TestKey } from '../../support/fixture.ts';
import { DAY, describedKey, eventsNamed, expectedEvents, pass, SECOND, PAST_TRANSITION, timesOf } from '../timeline.ts';

const iso = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;
const rotated = (...times: readonly number[]): readonly string[] => times.map((time) => `RotateKey ${iso(time)}`);

async function rotating(period?: number): Promise<{ home: Fixture; key: TestKey }> {
  const home = await fixture('rotation');
  const key = await newKey(home);
  await home.call('EnableKeyRotation', {
    KeyId: key.id,
    ...(period === undefined ? {} : { RotationPeriodInDays: period }),
  });
  return { home, key };
}

const statusOf = (home: Fixture, { id }: TestKey): Promise<Record<string, unknown>> =>
  home.call('GetKeyRotationStatus', { KeyId: id });
const listed = async (home: Fixture, { id }: TestKey, input: object = {}): Promise<Record<string, unknown>[]> =>
  (await home.call('ListKeyRotations', { KeyId: id, ...input }))['Rotations'] as Record<string, unknown>[];
const materialOf = async (home: Fixture, { id }: TestKey): Promise<unknown> =>
  (await describedKey(home, id))['CurrentKeyMaterialId'];

describe('the schedule', () => {
  test('is off at first', async () => {
    const home = await fixture();
    const key = await newKey(home);
    expect(await statusOf(home, key)).toEqual({ KeyRotationEnabled: false, KeyId: key.arn });
    await pass(home, 800 * DAY);
    expect(eventsNamed(home, 'RotateKey')).toEqual([]);
  });

  test.each([
    ['every 365 days from when it was enabled', undefined, 365, [365, 730, 1095]],
    ['every 90 days', 90, 90, [90, 180, 270, 360]],
    ['every 2560 days', 2560, 2560, [2560, 5120]],
  ])('%s', async (_, period, days, due) => {
    const { home, key } = await rotating(period);
    expect(await statusOf(home, key)).toEqual({
      KeyRotationEnabled: true,
      KeyId: key.arn,
      RotationPeriodInDays: days,
      NextRotationDate: new Date(START + days * DAY),
    });
    await pass(home, due.at(-1)! * DAY);
    expect(timesOf(home, 'RotateKey')).toEqual(rotated(...due.map((day) => START + day * DAY)));
    expect((await statusOf(home, key))['NextRotationDate']).toEqual(new Date(START + (due.at(-1)! + days) * DAY));
  });

  test('a millisecond before it is due nothing has happened', async () => {
    const { home } = await rotating();
    await pass(home, 365 * DAY - 1);
    expect(eventsNamed(home, 'RotateKey')).toEqual([]);
    await pass(home, 1);
    expect(eventsNamed(home, 'RotateKey')).toHaveLength(1);
  });

  test.each([
    [89, 'greater than or equal to 90'],
    [2561, 'less than or equal to 2560'],
  ])('a period of %i days is refused before the key is looked up', async (days, rule) => {
    const home = await fixture();
    expect(await refusal(home.call('EnableKeyRotation', { KeyId: 'none', RotationPeriodInDays: days }))).toEqual({
      code: 'ValidationException',
      message: `1 validation error detected: Value '${days}' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value ${rule}`,
    });
  });

  test('a new period begins when it is set; the same one again puts nothing off', async () => {
    const { home, key } = await rotating(365);
    await pass(home, 100 * DAY);
    await home.call('EnableKeyRotation', { KeyId: key.id });
    expect((await statusOf(home, key))['NextRotationDate']).toEqual(new Date(START + 365 * DAY));
    await home.call('EnableKeyRotation', { KeyId: key.id, RotationPeriodInDays: 180 });
    expect(await statusOf(home, key)).toMatchObject({
      RotationPeriodInDays: 180,
      NextRotationDate: new Date(START + 280 * DAY),
    });
    await pass(home, 300 * DAY);
    expect(timesOf(home, 'RotateKey')).toEqual(rotated(START + 280 * DAY));
  });

  test('switched off it keeps the material in use; switched on again it begins anew', async () => {
    const { home, key } = await rotating(90);
    await pass(home, 100 * DAY);
    const current = await materialOf(home, key);
    await home.call('DisableKeyRotation', { KeyId: key.id });
    expect(await statusOf(home, key)).toEqual({ KeyRotationEnabled: false, KeyId: key.arn });
    await pass(home, 400 * DAY);
    expect(await materialOf(home, key)).toBe(current);
    await home.call('EnableKeyRotation', { KeyId: key.id, RotationPeriodInDays: 90 });
    await pass(home, 90 * DAY);
    expect(timesOf(home, 'RotateKey')).toEqual(rotated(START + 90 * DAY, START + 590 * DAY));
  });

  test('the event of a rotation is the one that the service writes', async () => {
    const { home, key } = await rotating();
    const before = await materialOf(home, key);
    await pass(home, 365 * DAY);
    const events = eventsNamed(home, 'RotateKey');
    expect(events).toEqual(expectedEvents('rotate-key', key));
    expect(events[0]!['serviceEventDetails']).toMatchObject({
      previousKeyMaterialId: before,
      currentKeyMaterialId: await materialOf(home, key),
    });
  });

  test('the events of switching it', async () => {
    const { home, key } = await rotating();
    await home.call('DisableKeyRotation', { KeyId: key.arn });
    const events = eventsNamed(home, 'EnableKeyRotation', 'DisableKeyRotation');
    expect(events.map(({ requestParameters, responseElements }) => [requestParameters, responseElements])).toEqual([
      [{ keyId: key.id, rotationPeriodInDays: 365 }, { keyId: key.arn }],
      [{ keyId: key.arn }, null],
    ]);
  });
});

interface Interval {
  readonly rule: string;
  /** What happens, and on which day. */
  readonly steps: readonly (readonly [day: number, operation: string])[];
  /** The days on which it is rotated. */
  readonly rotations: readonly number[];
}

const INTERVALS: readonly Interval[] = [
  {
    rule: 'a key that is disabled is not rotated',
    steps: [
      [10, 'DisableKey'],
      [800, 'ListKeys'],
    ],
    rotations: [],
  },
  {
    rule: 'enabled too late, it is rotated at once and every period from then on',
    steps: [
      [10, 'DisableKey'],
      [500, 'EnableKey'],
      [900, 'ListKeys'],
    ],
    rotations: [500, 865],
  },
  {
    rule: 'enabled in time, it goes on as planned',
    steps: [
      [10, 'DisableKey'],
      [300, 'EnableKey'],
      [400, 'ListKeys'],
    ],
    rotations: [365],
  },
  {
    rule: 'enabled when it is due',
    steps: [
      [10, 'DisableKey'],
      [365, 'EnableKey'],
      [366, 'ListKeys'],
    ],
    rotations: [365],
  },
  {
    rule: 'a key that is pending deletion is not rotated',
    steps: [
      [350, 'ScheduleKeyDeletion'],
      [370, 'ListKeys'],
    ],
    rotations: [],
  },
  {
    rule: 'deletion canceled too late: rotated when it is enabled',
    steps: [
      [350, 'ScheduleKeyDeletion'],
      [370, 'CancelKeyDeletion'],
      [375, 'ListKeys'],
      [376, 'EnableKey'],
      [760, 'ListKeys'],
    ],
    rotations: [376, 741],
  },
  {
    rule: 'deletion canceled in time: as planned',
    steps: [
      [350, 'ScheduleKeyDeletion'],
      [355, 'CancelKeyDeletion'],
      [356, 'EnableKey'],
      [370, 'ListKeys'],
    ],
    rotations: [365],
  },
  {
    rule: 'a key that is gone is not rotated',
    steps: [
      [350, 'ScheduleKeyDeletion'],
      [390, 'ListKeys'],
    ],
    rotations: [],
  },
];

test.each(INTERVALS)('$rule', async ({ steps, rotations }) => {
  const { home, key } = await rotating();
  for (const [day, operation] of steps) {
    home.now = START + day * DAY;
    await home.call(operation, operation === 'ListKeys' ? {} : { KeyId: key.id });
  }
  await home.call('ListKeys');
  expect(timesOf(home, 'RotateKey')).toEqual(rotated(...rotations.map((day) => START + day * DAY)));
});

test('what the status says meanwhile', async () => {
  const { home, key } = await rotating();
  const on = { KeyRotationEnabled: true, NextRotationDate: new Date(START + 365 * DAY) };
  await home.call('DisableKey', { KeyId: key.id });
  expect(await statusOf(home, key)).toMatchObject(on);
  await home.call('ScheduleKeyDeletion', { KeyId: key.id });
  expect(await statusOf(home, key)).toEqual({ KeyRotationEnabled: false, KeyId: key.arn });
  await home.call('CancelKeyDeletion', { KeyId: key.id });
  expect(await statusOf(home, key)).toMatchObject(on);
  await pass(home, 400 * DAY);
  expect(await statusOf(home, key)).toEqual({ KeyRotationEnabled: true, KeyId: key.arn, RotationPeriodInDays: 365 });
});

test('what any material encrypted opens for ever, and the newest encrypts', async () => {
  const { home, key } = await rotating(90);
  const kept: { blob: unknown; material: unknown }[] = [];
  for (let age = 0; age < 12; age += 1) {
    const { CiphertextBlob: blob } = await home.call('Encrypt', { KeyId: key.id, Plaintext: Uint8Array.of(age + 1) });
    kept.push({ blob, material: await materialOf(home, key) });
    await pass(home, 90 * DAY);
  }
  await home.call('DisableKeyRotation', { KeyId: key.id });
  expect(new Set(kept.map(({ material }) => material)).size).toBe(12);
  for (const [age, { blob, material }] of kept.entries()) {
    expect(await home.call('Decrypt', { CiphertextBlob: blob })).toMatchObject({
      Plaintext: Uint8Array.of(age + 1),
      KeyMaterialId: material,
    });
  }
});

describe('on demand', () => {
  test('begins at once, is in progress for a little while, and leaves the schedule alone', async () => {
    const { home, key } = await rotating();
    await pass(home, DAY);
    const before = await materialOf(home, key);
    const started = home.now;
    expect(await home.call('RotateKeyOnDemand', { KeyId: key.id })).toEqual({ KeyId: key.arn });
    expect(await statusOf(home, key)).toMatchObject({ OnDemandRotationStartDate: new Date(started) });
    expect(await materialOf(home, key)).toBe(before);
    expect(await listed(home, key)).toEqual([]);
    await pass(home, PAST_TRANSITION);
    expect(await statusOf(home, key)).toEqual({
      KeyRotationEnabled: true,
      KeyId: key.arn,
      RotationPeriodInDays: 365,
      NextRotationDate: new Date(START + 365 * DAY),
    });
    const current = await materialOf(home, key);
    expect(current).not.toBe(before);
    expect(await listed(home, key)).toEqual([
      {
        KeyId: key.id,
        KeyMaterialId: current,
        KeyMaterialState: 'CURRENT',
        RotationDate: new Date(started + 2 * SECOND),
        RotationType: 'ON_DEMAND',
      },
    ]);
    expect(eventsNamed(home, 'RotateKeyOnDemand', 'RotateKey')).toMatchObject([
      { requestParameters: { keyId: key.id }, responseElements: { keyId: key.arn }, readOnly: false },
      {
        serviceEventDetails: {
          rotationType: 'ON_DEMAND',
          previousKeyMaterialId: before,
          currentKeyMaterialId: current,
        },
      },
    ]);
  });

  test('needs no automatic rotation, and switching that off does not stop it', async () => {
    const { home, key } = await rotating();
    await home.call('RotateKeyOnDemand', { KeyId: key.id });
    await home.call('DisableKeyRotation', { KeyId: key.id });
    await pass(home, PAST_TRANSITION);
    expect(eventsNamed(home, 'RotateKey')).toHaveLength(1);
    await home.call('RotateKeyOnDemand', { KeyId: key.id });
    await pass(home, PAST_TRANSITION);
    expect(eventsNamed(home, 'RotateKey')).toHaveLength(2);
  });

  test('25 times a key, and no more', async () => {
    const home = await fixture();
    const key = await newKey(home);
    for (let count = 0; count < 25; count += 1) {
      await home.call('RotateKeyOnDemand', { KeyId: key.id });
      await pass(home, PAST_TRANSITION);
    }
    expect(await refusal(home.call('RotateKeyOnDemand', { KeyId: key.id }))).toEqual({
      code: 'LimitExceededException',
      message: `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${key.arn}`,
    });
    expect(await listed(home, key)).toHaveLength(25);
  });

  test('not while one is in progress, nor shortly before an automatic one', async () => {
    const { home, key } = await rotating();
    const conflict = { code: 'ConflictException' };
    await home.call('RotateKeyOnDemand', { KeyId: key.id });
    expect(await refusal(home.call('RotateKeyOnDemand', { KeyId: key.id }))).toMatchObject(conflict);
    home.now = START + 365 * DAY - 20 * 60 * SECOND;
    expect(await refusal(home.call('RotateKeyOnDemand', { KeyId: key.id }))).toMatchObject(conflict);
    home.now = START + 365 * DAY - 20 * 60 * SECOND - 1;
    expect(await home.call('RotateKeyOnDemand', { KeyId: key.id })).toEqual({ KeyId: key.arn });
  });

  test('one that the key was disabled for is made up for', async () => {
    const home = await fixture();
    const key = await newKey(home);
    await home.call('RotateKeyOnDemand', { KeyId: key.id });
    await home.call('DisableKey', { KeyId: key.id });
    await pass(home, PAST_TRANSITION);
    expect(eventsNamed(home, 'RotateKey')).toEqual([]);
    await home.call('EnableKey', { KeyId: key.id });
    await home.call('ListKeys');
    expect(timesOf(home, 'RotateKey')).toEqual(rotated(home.now));
  });
});

const UNSUPPORTED = { code: 'UnsupportedOperationException', message: '' };
const RSA = { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' };
const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
const EXTERNAL = { Origin: 'EXTERNAL' };
const origin = (arn: string): object => ({
  code: 'UnsupportedOperationException',
  message: `${arn} origin is EXTERNAL which is not valid for this operation.`,
});
const pendingImport = (arn: string): object => ({
  code: 'KMSInvalidStateException',
  message: `${arn} is pending import.`,
});

interface Kind {
  readonly operation: string;
  readonly key: object;
  readonly refused: object | ((arn: string) => object);
}

const KINDS: readonly Kind[] = [
  { operation: 'EnableKeyRotation', key: RSA, refused: UNSUPPORTED },
  { operation: 'EnableKeyRotation', key: HMAC, refused: UNSUPPORTED },
  { operation: 'EnableKeyRotation', key: EXTERNAL, refused: origin },
  { operation: 'DisableKeyRotation', key: EXTERNAL, refused: origin },
  { operation: 'RotateKeyOnDemand', key: RSA, refused: UNSUPPORTED },
  { operation: 'RotateKeyOnDemand', key: HMAC, refused: UNSUPPORTED },
  { operation: 'RotateKeyOnDemand', key: EXTERNAL, refused: pendingImport },
  { operation: 'RotateKeyOnDemand', key: { ...RSA, ...EXTERNAL }, refused: pendingImport },
  { operation: 'ListKeyRotations', key: RSA, refused: UNSUPPORTED },
  { operation: 'ListKeyRotations', key: HMAC, refused: UNSUPPORTED },
];

test.each(KINDS)('$operation of $key', async ({ operation, key: input, refused }) => {
  const home = await fixture();
  const key = await newKey(home, input);
  const expected = typeof refused === 'function' ? refused(key.arn) : refused;
  expect(await refusal(home.call(operation, { KeyId: key.id }))).toEqual(expected);
});

test.each([RSA, HMAC, EXTERNAL])('the status of %o is false', async (input) => {
  const home = await fixture();
  const key = await newKey(home, input);
  expect(await statusOf(home, key)).toEqual({ KeyRotationEnabled: false, KeyId: key.arn });
});

test.each([RSA, HMAC])('DisableKeyRotation of %o does nothing', async (input) => {
  const home = await fixture();
  const key = await newKey(home, input);
  expect(await home.call('DisableKeyRotation', { KeyId: key.id })).toEqual({});
});

describe.each(['EnableKeyRotation', 'DisableKeyRotation', 'RotateKeyOnDemand'])('%s', (operation) => {
  test.each([
    ['DisableKey', 'DisabledException', 'is disabled.'],
    ['ScheduleKeyDeletion', 'KMSInvalidStateException', 'is pending deletion.'],
  ])('after %s', async (step, code, text) => {
    const home = await fixture();
    const key = await newKey(home);
    await home.call(step, { KeyId: key.id });
    expect(await refusal(home.call(operation, { KeyId: key.id }))).toEqual({ code, message: `${key.arn} ${text}` });
  });

  test('takes no alias', async () => {
    const home = await fixture();
    expect(await refusal(home.call(operation, { KeyId: 'alias/none' }))).toEqual({
      code: 'InvalidArnException',
      message: 'Key Aliases are not supported for this operation.',
    });
  });
});

describe('ListKeyRotations', () => {
  async function rotatedThrice(): Promise<{ home: Fixture; key: TestKey }> {
    const { home, key } = await rotating(90);
    await pass(home, 90 * DAY);
    await home.call('RotateKeyOnDemand', { KeyId: key.id });
    await pass(home, 90 * DAY);
    return { home, key };
  }

  test('lists the rotations, and with ALL_KEY_MATERIAL of the first material too', async () => {
    const { home, key } = await rotatedThrice();
    const rotations = await listed(home, key);
    expect(rotations.map(({ RotationType, KeyMaterialState }) => [RotationType, KeyMaterialState])).toEqual([
      ['AUTOMATIC', 'NON_CURRENT'],
      ['ON_DEMAND', 'NON_CURRENT'],
      ['AUTOMATIC', 'CURRENT'],
    ]);
    expect(await listed(home, key, { IncludeKeyMaterial: 'ROTATIONS_ONLY' })).toEqual(rotations);
    const [first, ...rest] = await listed(home, key, { IncludeKeyMaterial: 'ALL_KEY_MATERIAL' });
    expect(rest).toEqual(rotations);
    expect(Object.keys(first!)).toEqual(['KeyId', 'KeyMaterialId', 'KeyMaterialState']);
  });

  test('comes in pages', async () => {
    const { home, key } = await rotatedThrice();
    const all = await listed(home, key);
    const page = await home.call('ListKeyRotations', { KeyId: key.id, Limit: 2 });
    expect(page).toEqual({ Rotations: all.slice(0, 2), NextMarker: expect.any(String), Truncated: true });
    const rest = await home.call('ListKeyRotations', { KeyId: key.id, Limit: 2, Marker: page['NextMarker'] });
    expect(rest).toEqual({ Rotations: all.slice(2), Truncated: false });
    expect(await refusal(home.call('ListKeyRotations', { KeyId: key.id, Marker: '!' }))).toMatchObject({
      code: 'InvalidMarkerException',
    });
  });

  test('answers in any state', async () => {
    const { home, key } = await rotatedThrice();
    await home.call('ScheduleKeyDeletion', { KeyId: key.id });
    expect(await listed(home, key)).toHaveLength(3);
  });
});
