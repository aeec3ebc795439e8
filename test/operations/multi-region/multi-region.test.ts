import { describe, expect, test } from 'vitest';
import type { Caller } from '../../../src/policy/principal.ts';
import { ACCOUNT, fixture, newKey, refusal, REGION, START, type Fixture, type TestKey } from '../../support/fixture.ts';
import { policyOf, ROOT_MAY, userWith } from '../stage.ts';
import {
  DAY,
  describedKey,
  eventsNamed,
  expectedEvents,
  pass,
  SECOND,
  PAST_TRANSITION,
  stateOf,
  timesOf,
} from '../timeline.ts';
import { importInto, MATERIAL, OTHER_MATERIAL } from '../import/wrap.ts';

const WEST = 'us-west-2';
const EUROPE = 'eu-west-1';
const MULTI = { MultiRegion: true };

const arnIn = (region: string, { id }: TestKey): string => `arn:aws:kms:${region}:${ACCOUNT}:key/${id}`;
const related = (region: string, key: TestKey): object => ({ Arn: arnIn(region, key), Region: region });

async function primary(input: object = {}): Promise<{ home: Fixture; key: TestKey }> {
  const home = await fixture('multi-region');
  return { home, key: await newKey(home, { ...MULTI, ...input }) };
}

/** A primary and its replicas, all of them ready. */
async function replicated(
  regions: readonly string[] = [WEST],
  input: object = {},
): Promise<{ home: Fixture; key: TestKey }> {
  const { home, key } = await primary(input);
  for (const ReplicaRegion of regions) await home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion });
  await pass(home, PAST_TRANSITION);
  return { home, key };
}

const statusIn = (home: Fixture, region: string, { id }: TestKey): Promise<Record<string, unknown>> =>
  home.call('GetKeyRotationStatus', { KeyId: id }, { region });
const materialsIn = async (home: Fixture, region: string, { id }: TestKey): Promise<Record<string, unknown>[]> => {
  const input = { KeyId: id, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' };
  return (await home.call('ListKeyRotations', input, { region }))['Rotations'] as Record<string, unknown>[];
};
const encryptIn = async (home: Fixture, region: string, { id }: TestKey): Promise<unknown> =>
  (await home.call('Encrypt', { KeyId: id, Plaintext: Uint8Array.of(1, 2) }, { region }))['CiphertextBlob'];

describe('ReplicateKey', () => {
  test('a primary at first stands alone', async () => {
    const { home, key } = await primary();
    expect(key.id).toMatch(/^mrk-[0-9a-f]{32}$/);
    expect(await describedKey(home, key.id)).toMatchObject({
      MultiRegion: true,
      MultiRegionConfiguration: {
        MultiRegionKeyType: 'PRIMARY',
        PrimaryKey: related(REGION, key),
        ReplicaKeys: [],
      },
    });
  });

  test('the answer', async () => {
    const { home, key } = await primary({ Description: 'of the primary', Tags: [{ TagKey: 'a', TagValue: 'b' }] });
    const answer = await home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: WEST });
    expect(answer).toEqual({
      ReplicaKeyMetadata: {
        AWSAccountId: ACCOUNT,
        KeyId: key.id,
        Arn: arnIn(WEST, key),
        CreationDate: new Date(START),
        Enabled: false,
        Description: '',
        KeyUsage: 'ENCRYPT_DECRYPT',
        KeyState: 'Creating',
        Origin: 'AWS_KMS',
        KeyManager: 'CUSTOMER',
        CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
        KeySpec: 'SYMMETRIC_DEFAULT',
        EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
        MultiRegion: true,
        MultiRegionConfiguration: {
          MultiRegionKeyType: 'REPLICA',
          PrimaryKey: related(REGION, key),
          ReplicaKeys: [related(WEST, key)],
        },
      },
      ReplicaPolicy: expect.stringContaining('key-default-1'),
    });
  });

  test('policy, description and tags are the replica’s own', async () => {
    const { home, key } = await primary();
    const own = { Policy: policyOf(ROOT_MAY), Description: 'in the west', Tags: [{ TagKey: 'c', TagValue: 'd' }] };
    const answer = await home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: WEST, ...own });
    expect(answer).toMatchObject({ ReplicaPolicy: own.Policy, ReplicaTags: own.Tags });
    expect(await home.call('GetKeyPolicy', { KeyId: key.id }, { region: WEST })).toMatchObject({ Policy: own.Policy });
    expect((await home.call('ListResourceTags', { KeyId: key.id }, { region: WEST }))['Tags']).toEqual(own.Tags);
    expect((await home.call('ListResourceTags', { KeyId: key.id }))['Tags']).toEqual([]);
  });

  test('the replica is Creating for a few seconds', async () => {
    const { home, key } = await primary();
    await home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: WEST });
    await pass(home, 2 * SECOND - 1);
    expect(await refusal(encryptIn(home, WEST, key))).toEqual({
      code: 'KMSInvalidStateException',
      message: `${arnIn(WEST, key)} is creating.`,
    });
    expect(await home.call('GetKeyPolicy', { KeyId: key.id }, { region: WEST })).toHaveProperty('Policy');
    await pass(home, 1);
    expect(await stateOf(home, key.id, WEST)).toBe('Enabled');
    await encryptIn(home, WEST, key);
  });

  test('every key lists all of them', async () => {
    const { home, key } = await replicated([WEST, EUROPE]);
    for (const region of [REGION, WEST, EUROPE]) {
      expect((await describedKey(home, key.id, region))['MultiRegionConfiguration']).toEqual({
        MultiRegionKeyType: region === REGION ? 'PRIMARY' : 'REPLICA',
        PrimaryKey: related(REGION, key),
        ReplicaKeys: [related(WEST, key), related(EUROPE, key)],
      });
    }
  });

  test('lists are of one Region', async () => {
    const { home, key } = await replicated([WEST]);
    await newKey(home);
    const list = async (region: string): Promise<unknown> => (await home.call('ListKeys', {}, { region }))['Keys'];
    expect(await list(WEST)).toEqual([{ KeyId: key.id, KeyArn: arnIn(WEST, key) }]);
    expect(await list(EUROPE)).toEqual([]);
  });

  test('two records, the second in the replica’s Region', async () => {
    const { home, key } = await primary();
    await home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: WEST });
    const events = home.events().slice(-2);
    expect(events).toEqual(expectedEvents('replicate-key', key));
    expect(events[1]!['requestID']).toBe(events[0]!['requestID']);
    expect(events[1]!['eventID']).not.toBe(events[0]!['eventID']);
  });

  test('a call that is refused leaves one record, and no key', async () => {
    const { home, key } = await primary();
    const before = home.events().length;
    const Tags = [{ TagKey: 'aws:x', TagValue: '' }];
    await refusal(home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: WEST, Tags }));
    expect(home.events().slice(before)).toMatchObject([{ eventName: 'ReplicateKey', errorCode: 'TagException' }]);
    expect(await refusal(describedKey(home, key.id, WEST))).toMatchObject({ code: 'NotFoundException' });
    expect((await describedKey(home, key.id))['MultiRegionConfiguration']).toMatchObject({ ReplicaKeys: [] });
  });
});

interface Refused {
  readonly rule: string;
  readonly on: () => Promise<{ home: Fixture; key: TestKey }>;
  readonly input?: object;
  readonly region?: string;
  readonly steps?: readonly string[];
  readonly code: string;
  readonly text?: (key: TestKey) => string;
}

const noPrimary =
  (region: string) =>
  (key: TestKey): string =>
    `${arnIn(region, key)} is not a multi-region primary key.`;

const REFUSED: readonly Refused[] = [
  {
    rule: 'a single-Region key',
    on: () => primary({ MultiRegion: false }),
    code: 'UnsupportedOperationException',
    text: noPrimary(REGION),
  },
  {
    rule: 'a replica',
    on: () => replicated(),
    region: WEST,
    input: { ReplicaRegion: EUROPE },
    code: 'UnsupportedOperationException',
    text: noPrimary(WEST),
  },
  { rule: 'a Region that has one', on: () => replicated(), code: 'AlreadyExistsException' },
  {
    rule: 'its own Region',
    on: () => primary(),
    input: { ReplicaRegion: REGION },
    code: 'AlreadyExistsException',
  },
  {
    rule: 'another partition',
    on: () => primary(),
    input: { ReplicaRegion: 'us-gov-west-1' },
    code: 'UnsupportedOperationException',
  },
  { rule: 'disabled', on: () => primary(), steps: ['DisableKey'], code: 'DisabledException' },
  {
    rule: 'pending deletion',
    on: () => primary(),
    steps: ['ScheduleKeyDeletion'],
    code: 'KMSInvalidStateException',
    text: (key) => `${key.arn} is pending deletion.`,
  },
  {
    rule: 'pending import',
    on: () => primary({ Origin: 'EXTERNAL' }),
    code: 'KMSInvalidStateException',
    text: (key) => `${key.arn} is pending import.`,
  },
  {
    rule: 'a policy that would lock the caller out',
    on: () => primary(),
    input: {
      Policy: policyOf({ ...ROOT_MAY, Action: 'kms:Encrypt' }),
    },
    code: 'MalformedPolicyDocumentException',
  },
  {
    rule: 'a Region’s name',
    on: () => primary(),
    input: { ReplicaRegion: 'Oregon' },
    code: 'ValidationException',
  },
];

test.each(REFUSED)('ReplicateKey refuses $rule', async ({ on, input, region = REGION, steps = [], code, text }) => {
  const { home, key } = await on();
  for (const step of steps) await home.call(step, { KeyId: key.id });
  const call = home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: WEST, ...input }, { region });
  const refused = await refusal(call);
  expect(refused.code).toBe(code);
  if (text) expect(refused.message).toBe(text(key));
});

describe('what related keys share', () => {
  test('the ciphertexts of any open in every Region', async () => {
    const { home, key } = await primary();
    const early = await encryptIn(home, REGION, key);
    for (const ReplicaRegion of [WEST, EUROPE]) await home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion });
    await pass(home, PAST_TRANSITION);
    const blobs = [early, await encryptIn(home, WEST, key), await encryptIn(home, EUROPE, key)];
    for (const region of [REGION, WEST, EUROPE]) {
      for (const CiphertextBlob of blobs) {
        expect(await home.call('Decrypt', { CiphertextBlob }, { region })).toMatchObject({
          KeyId: arnIn(region, key),
          Plaintext: Uint8Array.of(1, 2),
        });
      }
    }
  });

  test('each works while the others do not', async () => {
    const { home, key } = await replicated([WEST, EUROPE]);
    const CiphertextBlob = await encryptIn(home, REGION, key);
    await home.call('DisableKey', { KeyId: key.id });
    await home.call('DisableKey', { KeyId: key.id }, { region: EUROPE });
    expect(await home.call('Decrypt', { CiphertextBlob }, { region: WEST })).toHaveProperty('Plaintext');
    expect(await stateOf(home, key.id, WEST)).toBe('Enabled');
  });

  test('one key pair, wherever it signs', async () => {
    const { home, key } = await replicated([WEST], { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const publicKey = async (region: string): Promise<unknown> =>
      (await home.call('GetPublicKey', { KeyId: key.id }, { region }))['PublicKey'];
    expect(await publicKey(WEST)).toEqual(await publicKey(REGION));
    const about = { KeyId: key.id, Message: Uint8Array.of(5), SigningAlgorithm: 'ECDSA_SHA_256' };
    const { Signature } = await home.call('Sign', about, { region: WEST });
    expect(await home.call('Verify', { ...about, Signature })).toMatchObject({ SignatureValid: true });
  });

  test('all earlier material goes to a new replica', async () => {
    const { home, key } = await primary();
    await home.call('EnableKeyRotation', { KeyId: key.id, RotationPeriodInDays: 90 });
    const old = await encryptIn(home, REGION, key);
    await pass(home, 200 * DAY);
    await home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: WEST });
    await pass(home, PAST_TRANSITION);
    expect(await materialsIn(home, WEST, key)).toEqual(await materialsIn(home, REGION, key));
    expect(await home.call('Decrypt', { CiphertextBlob: old }, { region: WEST })).toHaveProperty('Plaintext');
  });

  test('rotation is that of the primary, and reaches every replica with it', async () => {
    const { home, key } = await replicated([WEST, EUROPE]);
    await home.call('EnableKeyRotation', { KeyId: key.id });
    const next = { KeyRotationEnabled: true, NextRotationDate: new Date(home.now + 365 * DAY) };
    for (const region of [REGION, WEST, EUROPE]) expect(await statusIn(home, region, key)).toMatchObject(next);
    await pass(home, 365 * DAY);
    const materials = await materialsIn(home, REGION, key);
    expect(materials).toHaveLength(2);
    for (const region of [WEST, EUROPE]) expect(await materialsIn(home, region, key)).toEqual(materials);
    expect(eventsNamed(home, 'RotateKey')).toMatchObject([{ awsRegion: REGION }]);
    const blob = await encryptIn(home, EUROPE, key);
    expect(await home.call('Decrypt', { CiphertextBlob: blob }, { region: WEST })).toMatchObject({
      KeyMaterialId: materials[1]!['KeyMaterialId'],
    });
    await home.call('DisableKeyRotation', { KeyId: key.id });
    expect(await statusIn(home, WEST, key)).toMatchObject({ KeyRotationEnabled: false });
  });

  test('on demand too', async () => {
    const { home, key } = await replicated([WEST]);
    await home.call('RotateKeyOnDemand', { KeyId: key.id });
    await pass(home, PAST_TRANSITION);
    expect(await materialsIn(home, WEST, key)).toEqual(await materialsIn(home, REGION, key));
    expect(await materialsIn(home, WEST, key)).toHaveLength(2);
  });

  test.each(['EnableKeyRotation', 'DisableKeyRotation', 'RotateKeyOnDemand'])(
    '%s is not for replicas',
    async (operation) => {
      const { home, key } = await replicated([WEST]);
      expect(await refusal(home.call(operation, { KeyId: key.id }, { region: WEST }))).toEqual({
        code: 'UnsupportedOperationException',
        message: noPrimary(WEST)(key),
      });
    },
  );

  test('descriptions, tags, policies and states stay apart', async () => {
    const { home, key } = await replicated([WEST]);
    await home.call('UpdateKeyDescription', { KeyId: key.id, Description: 'of the primary' });
    await home.call('TagResource', { KeyId: key.id, Tags: [{ TagKey: 'a', TagValue: 'b' }] });
    await home.call('PutKeyPolicy', { KeyId: key.id, Policy: policyOf(ROOT_MAY) });
    await home.call('EnableKeyRotation', { KeyId: key.id });
    await pass(home, 400 * DAY);
    expect(await describedKey(home, key.id, WEST)).toMatchObject({ Description: '', KeyState: 'Enabled' });
    expect((await home.call('ListResourceTags', { KeyId: key.id }, { region: WEST }))['Tags']).toEqual([]);
    expect((await home.call('GetKeyPolicy', { KeyId: key.id }, { region: WEST }))['Policy']).not.toBe(
      policyOf(ROOT_MAY),
    );
  });

  test('every synchronization is an event', async () => {
    const { home, key } = await primary();
    await home.call('EnableKeyRotation', { KeyId: key.id });
    await pass(home, SECOND);
    expect(eventsNamed(home, 'SynchronizeMultiRegionKey')).toEqual([]); // nobody to synchronize with
    home.now = START;
    await home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: WEST });
    await home.call('ListKeys');
    expect(eventsNamed(home, 'SynchronizeMultiRegionKey')).toEqual(expectedEvents('synchronize-multi-region-key', key));
  });
});

describe('UpdatePrimaryRegion', () => {
  const move = (home: Fixture, { id }: TestKey, PrimaryRegion = WEST): Promise<unknown> =>
    home.call('UpdatePrimaryRegion', { KeyId: id, PrimaryRegion });

  test('the roles change, the others follow the new primary', async () => {
    const { home, key } = await replicated([WEST, EUROPE]);
    expect(await move(home, key)).toEqual({});
    await pass(home, PAST_TRANSITION);
    for (const region of [REGION, WEST, EUROPE]) {
      expect(await describedKey(home, key.id, region)).toMatchObject({
        KeyState: 'Enabled',
        MultiRegionConfiguration: {
          MultiRegionKeyType: region === WEST ? 'PRIMARY' : 'REPLICA',
          PrimaryKey: related(WEST, key),
          ReplicaKeys: [related(REGION, key), related(EUROPE, key)],
        },
      });
    }
    await home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: 'ap-south-1' }, { region: WEST });
  });

  test('both are Updating for a few seconds, and work', async () => {
    const { home, key } = await replicated([WEST]);
    await move(home, key);
    const updating = { code: 'KMSInvalidStateException', message: `${arnIn(WEST, key)} is updating.` };
    for (const region of [REGION, WEST]) {
      expect(await stateOf(home, key.id, region)).toBe('Updating');
      await encryptIn(home, region, key);
    }
    for (const operation of ['EnableKey', 'DisableKey', 'ScheduleKeyDeletion']) {
      expect(await refusal(home.call(operation, { KeyId: key.id }, { region: WEST }))).toEqual(updating);
    }
    const replicate = home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: EUROPE }, { region: WEST });
    expect(await refusal(replicate)).toEqual(updating);
    await home.call('EnableKeyRotation', { KeyId: key.id }, { region: WEST });
    await pass(home, 2 * SECOND);
    for (const region of [REGION, WEST]) expect(await stateOf(home, key.id, region)).toBe('Enabled');
  });

  test('nor is their material to be deleted or parameters to be had', async () => {
    const { home, key } = await primary({ Origin: 'EXTERNAL' });
    await importInto(home, key, MATERIAL);
    await home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: WEST });
    await pass(home, PAST_TRANSITION);
    await importInto(home, key, MATERIAL, { region: WEST });
    await move(home, key);
    const parameters = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' };
    for (const [operation, input] of [
      ['GetParametersForImport', parameters],
      ['DeleteImportedKeyMaterial', {}],
    ] as const) {
      expect(await refusal(home.call(operation, { KeyId: key.id, ...input }))).toEqual({
        code: 'KMSInvalidStateException',
        message: `${key.arn} is updating.`,
      });
    }
  });

  test('the schedule of rotation goes with the role', async () => {
    const { home, key } = await replicated([WEST]);
    await home.call('EnableKeyRotation', { KeyId: key.id });
    await move(home, key);
    await pass(home, 365 * DAY);
    expect(eventsNamed(home, 'RotateKey')).toMatchObject([{ awsRegion: WEST }]);
    expect(await materialsIn(home, REGION, key)).toEqual(await materialsIn(home, WEST, key));
    expect(await materialsIn(home, REGION, key)).toHaveLength(2);
  });

  test('and a rotation that is in progress', async () => {
    const { home, key } = await replicated([WEST]);
    await home.call('RotateKeyOnDemand', { KeyId: key.id });
    await move(home, key);
    await pass(home, PAST_TRANSITION);
    expect(eventsNamed(home, 'RotateKey')).toMatchObject([{ awsRegion: WEST }]);
    expect(await materialsIn(home, REGION, key)).toHaveLength(2);
    expect(await statusIn(home, REGION, key)).not.toHaveProperty('OnDemandRotationStartDate');
  });

  test('two records', async () => {
    const { home, key } = await replicated([WEST]);
    await move(home, key);
    const events = eventsNamed(home, 'UpdatePrimaryRegion');
    expect(events).toEqual(expectedEvents('update-primary-region', key));
    expect(events[1]!['requestID']).toBe(events[0]!['requestID']);
  });

  test.each([
    ['no replica there', REGION, EUROPE, [], 'NotFoundException'],
    ['called on a replica', WEST, REGION, [], 'UnsupportedOperationException'],
    ['the Region that has the primary', REGION, REGION, [], 'UnsupportedOperationException'],
    ['a primary that is disabled', REGION, WEST, [['DisableKey', REGION]], 'DisabledException'],
    ['a replica that is disabled', REGION, WEST, [['DisableKey', WEST]], 'DisabledException'],
    ['a replica that goes', REGION, WEST, [['ScheduleKeyDeletion', WEST]], 'KMSInvalidStateException'],
  ] as const)('refuses %s', async (_, region, PrimaryRegion, steps, code) => {
    const { home, key } = await replicated([WEST]);
    for (const [step, where] of steps) await home.call(step, { KeyId: key.id }, { region: where });
    const call = home.call('UpdatePrimaryRegion', { KeyId: key.id, PrimaryRegion }, { region });
    expect(await refusal(call)).toMatchObject({ code });
  });

  test('refuses a single-Region key', async () => {
    const home = await fixture();
    const key = await newKey(home);
    expect(await refusal(move(home, key))).toEqual({
      code: 'UnsupportedOperationException',
      message: noPrimary(REGION)(key),
    });
  });
});

describe('deletion', () => {
  const schedule = (home: Fixture, { id }: TestKey, region: string, days: number): Promise<Record<string, unknown>> =>
    home.call('ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays: days }, { region });

  test('a replica goes by itself, and can be made again', async () => {
    const { home, key } = await replicated([WEST, EUROPE]);
    const blob = await encryptIn(home, WEST, key);
    expect(await schedule(home, key, WEST, 7)).toMatchObject({ KeyState: 'PendingDeletion', KeyId: arnIn(WEST, key) });
    await pass(home, 7 * DAY);
    expect(await refusal(describedKey(home, key.id, WEST))).toMatchObject({ code: 'NotFoundException' });
    for (const region of [REGION, EUROPE]) {
      expect((await describedKey(home, key.id, region))['MultiRegionConfiguration']).toMatchObject({
        ReplicaKeys: [related(EUROPE, key)],
      });
    }
    await home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: WEST });
    await pass(home, PAST_TRANSITION);
    expect(await home.call('Decrypt', { CiphertextBlob: blob }, { region: WEST })).toHaveProperty('Plaintext');
  });

  test('a primary waits for its replicas first', async () => {
    const { home, key } = await replicated([WEST, EUROPE]);
    const start = home.now;
    expect(await schedule(home, key, REGION, 10)).toEqual({
      KeyId: key.arn,
      KeyState: 'PendingReplicaDeletion',
      PendingWindowInDays: 10,
    });
    expect(eventsNamed(home, 'ScheduleKeyDeletion')[0]).toMatchObject({
      responseElements: { keyId: key.arn, keyState: 'PendingReplicaDeletion', pendingWindowInDays: 10 },
    });
    const waiting = await describedKey(home, key.id);
    expect(waiting).toMatchObject({ KeyState: 'PendingReplicaDeletion', PendingDeletionWindowInDays: 10 });
    expect(waiting).not.toHaveProperty('DeletionDate');
    expect(await refusal(encryptIn(home, REGION, key))).toMatchObject({
      message: `${key.arn} is pending replica deletion.`,
    });
    await encryptIn(home, WEST, key);
    await schedule(home, key, WEST, 7);
    await schedule(home, key, EUROPE, 20); // at the same time
    await pass(home, 8 * DAY);
    expect(await stateOf(home, key.id)).toBe('PendingReplicaDeletion');
    await pass(home, 12 * DAY);
    const going = await describedKey(home, key.id);
    expect(going).toMatchObject({ KeyState: 'PendingDeletion', DeletionDate: new Date(start + 30 * DAY) });
    expect(going).not.toHaveProperty('PendingDeletionWindowInDays');
    await pass(home, 10 * DAY);
    expect(await refusal(describedKey(home, key.id))).toMatchObject({ code: 'NotFoundException' });
    const deleted = eventsNamed(home, 'DeleteKey').map(({ awsRegion, eventTime }) => [awsRegion, eventTime]);
    const day = (days: number): string => `${new Date(start + days * DAY).toISOString().slice(0, 19)}Z`;
    expect(deleted).toEqual([
      [WEST, day(7)],
      [EUROPE, day(20)],
      [REGION, day(30)],
    ]);
  });

  test('all of it in one go, each thing at its own time', async () => {
    const { home, key } = await replicated([WEST]);
    const start = home.now;
    await schedule(home, key, REGION, 7);
    await schedule(home, key, WEST, 7);
    await pass(home, 100 * DAY);
    const day = (days: number): string => `DeleteKey ${new Date(start + days * DAY).toISOString().slice(0, 19)}Z`;
    expect(timesOf(home, 'DeleteKey')).toEqual([day(7), day(14)]);
  });

  test('a primary without replicas goes like any key', async () => {
    const { home, key } = await primary();
    expect(await schedule(home, key, REGION, 7)).toMatchObject({
      KeyState: 'PendingDeletion',
      DeletionDate: new Date(START + 7 * DAY),
    });
  });

  test('canceled, also while it waits for its replicas', async () => {
    const { home, key } = await replicated([WEST]);
    await schedule(home, key, REGION, 7);
    await schedule(home, key, WEST, 7);
    for (const region of [REGION, WEST]) {
      await home.call('CancelKeyDeletion', { KeyId: key.id }, { region });
      expect(await stateOf(home, key.id, region)).toBe('Disabled');
      await home.call('EnableKey', { KeyId: key.id }, { region });
    }
    await pass(home, 100 * DAY);
    expect(eventsNamed(home, 'DeleteKey')).toEqual([]);
    expect(await describedKey(home, key.id)).not.toHaveProperty('PendingDeletionWindowInDays');
  });

  test('canceled by the last replica, the primary goes on waiting', async () => {
    const { home, key } = await replicated([WEST]);
    await schedule(home, key, WEST, 7);
    await schedule(home, key, REGION, 7);
    await home.call('CancelKeyDeletion', { KeyId: key.id }, { region: WEST });
    await pass(home, 1000 * DAY);
    expect(await stateOf(home, key.id)).toBe('PendingReplicaDeletion');
  });

  test('a replica that is scheduled while it is Creating', async () => {
    const { home, key } = await primary();
    await home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: WEST });
    await schedule(home, key, WEST, 7);
    await pass(home, PAST_TRANSITION);
    expect(await stateOf(home, key.id, WEST)).toBe('PendingDeletion');
    await pass(home, 7 * DAY);
    expect(timesOf(home, 'DeleteKey')).toHaveLength(1);
  });
});

describe('imported material', () => {
  async function imported(regions: readonly string[] = [WEST]): Promise<{ home: Fixture; key: TestKey }> {
    const { home, key } = await primary({ Origin: 'EXTERNAL' });
    await importInto(home, key, MATERIAL);
    for (const ReplicaRegion of regions) await home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion });
    await pass(home, PAST_TRANSITION);
    return { home, key };
  }

  test('is never copied: a replica waits for its own import', async () => {
    const { home, key } = await imported();
    expect(await stateOf(home, key.id, WEST)).toBe('PendingImport');
    await importInto(home, key, MATERIAL, { region: WEST });
    expect(await stateOf(home, key.id, WEST)).toBe('Enabled');
    const CiphertextBlob = await encryptIn(home, REGION, key);
    expect(await home.call('Decrypt', { CiphertextBlob }, { region: WEST })).toHaveProperty('Plaintext');
  });

  test('must be the same', async () => {
    const { home, key } = await imported();
    expect(await refusal(importInto(home, key, OTHER_MATERIAL, { region: WEST }))).toMatchObject({
      code: 'IncorrectKeyMaterialException',
    });
    const asNew = { region: WEST, ImportType: 'NEW_KEY_MATERIAL' };
    expect(await refusal(importInto(home, key, OTHER_MATERIAL, asNew))).toMatchObject({
      code: 'UnsupportedOperationException',
    });
  });

  test('expires for each by itself', async () => {
    const { home, key } = await imported();
    const ends = { ExpirationModel: undefined, ValidTo: new Date(home.now + DAY) };
    await importInto(home, key, MATERIAL, { region: WEST, ...ends });
    await pass(home, 2 * DAY);
    expect(await stateOf(home, key.id, WEST)).toBe('PendingImport');
    expect(await stateOf(home, key.id)).toBe('Enabled');
    expect(eventsNamed(home, 'DeleteExpiredKeyMaterial')).toMatchObject([{ awsRegion: WEST }]);
  });

  test('two sets with the same material do not interoperate', async () => {
    const { home, key } = await imported([]);
    const other = await newKey(home, { ...MULTI, Origin: 'EXTERNAL' });
    await importInto(home, other, MATERIAL);
    const CiphertextBlob = await encryptIn(home, REGION, key);
    expect(await refusal(home.call('Decrypt', { CiphertextBlob, KeyId: other.id }))).toMatchObject({
      code: 'IncorrectKeyException',
    });
  });

  test('new material is imported everywhere before the primary rotates all of them to it', async () => {
    const { home, key } = await imported([WEST, EUROPE]);
    for (const region of [WEST, EUROPE]) await importInto(home, key, MATERIAL, { region });
    const old = await encryptIn(home, WEST, key);
    const { KeyMaterialId: next } = await importInto(home, key, OTHER_MATERIAL, { ImportType: 'NEW_KEY_MATERIAL' });
    const waiting = { KeyMaterialId: next, KeyMaterialState: 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION' };
    expect((await materialsIn(home, REGION, key))[1]).toMatchObject({ ...waiting, ImportState: 'IMPORTED' });
    expect((await materialsIn(home, WEST, key))[1]).toMatchObject({ ...waiting, ImportState: 'PENDING_IMPORT' });
    await importInto(home, key, OTHER_MATERIAL, { region: WEST });
    expect(await refusal(home.call('RotateKeyOnDemand', { KeyId: key.id }))).toEqual({
      code: 'KMSInvalidStateException',
      message: `No available key material pending rotation for the key: ${key.arn}.`,
    });
    await importInto(home, key, OTHER_MATERIAL, { region: EUROPE });
    expect((await materialsIn(home, WEST, key))[1]).toMatchObject({ KeyMaterialState: 'PENDING_ROTATION' });
    await home.call('RotateKeyOnDemand', { KeyId: key.id });
    await pass(home, PAST_TRANSITION);
    for (const region of [REGION, WEST, EUROPE]) {
      expect(await describedKey(home, key.id, region)).toMatchObject({
        KeyState: 'Enabled',
        CurrentKeyMaterialId: next,
      });
      expect(await home.call('Decrypt', { CiphertextBlob: old }, { region })).toHaveProperty('Plaintext');
    }
    const fresh = await encryptIn(home, EUROPE, key);
    expect(await home.call('Decrypt', { CiphertextBlob: fresh })).toMatchObject({ KeyMaterialId: next });
  });

  test('waiting material that the primary deletes goes from the replicas; one that a replica deletes stays elsewhere', async () => {
    const { home, key } = await imported([WEST]);
    await importInto(home, key, MATERIAL, { region: WEST });
    const { KeyMaterialId } = await importInto(home, key, OTHER_MATERIAL, { ImportType: 'NEW_KEY_MATERIAL' });
    await importInto(home, key, OTHER_MATERIAL, { region: WEST });
    await home.call('DeleteImportedKeyMaterial', { KeyId: key.id, KeyMaterialId }, { region: WEST });
    expect((await materialsIn(home, WEST, key))[1]).toMatchObject({ ImportState: 'PENDING_IMPORT' });
    expect((await materialsIn(home, REGION, key))[1]).toMatchObject({ ImportState: 'IMPORTED' });
    expect(await stateOf(home, key.id, WEST)).toBe('Enabled');
    await home.call('DeleteImportedKeyMaterial', { KeyId: key.id, KeyMaterialId });
    for (const region of [REGION, WEST]) expect(await materialsIn(home, region, key)).toHaveLength(1);
  });
});

describe('who may', () => {
  const allow = (Action: string, more: object = {}) => ({ Effect: 'Allow', Action, Resource: '*', ...more });
  const requested = (region: string) => ({ Condition: { StringEquals: { 'aws:RequestedRegion': region } } });

  test('ReplicateKey on the primary, and CreateKey in the replica’s Region', async () => {
    const { home, key } = await primary();
    const input = { KeyId: key.id, ReplicaRegion: WEST };
    const rows = [
      [[allow('kms:ReplicateKey')], 'kms:CreateKey'],
      [[allow('kms:CreateKey')], 'kms:ReplicateKey'],
      [[allow('kms:ReplicateKey'), allow('kms:CreateKey', requested(REGION))], 'kms:CreateKey'],
    ] as const;
    for (const [statements, missing] of rows) {
      const refused = await refusal(home.call('ReplicateKey', input, { caller: userWith(...statements) }));
      expect(refused.code).toBe('AccessDeniedException');
      expect(refused.message).toContain(missing);
    }
    const may = [allow('kms:ReplicateKey', requested(REGION)), allow('kms:CreateKey', requested(WEST))];
    const tagged = { ...input, Tags: [{ TagKey: 'a', TagValue: 'b' }] };
    expect(await refusal(home.call('ReplicateKey', tagged, { caller: userWith(...may) }))).toMatchObject({
      message: expect.stringContaining('kms:TagResource'),
    });
    await home.call('ReplicateKey', input, { caller: userWith(...may) });
  });

  const CONDITIONS: readonly (readonly [key: string, value: string, action: string, allowed: boolean])[] = [
    ['kms:ReplicaRegion', WEST, 'kms:ReplicateKey', true],
    ['kms:ReplicaRegion', EUROPE, 'kms:ReplicateKey', false],
    ['kms:MultiRegionKeyType', 'PRIMARY', 'kms:ReplicateKey', true],
    ['kms:MultiRegionKeyType', 'REPLICA', 'kms:ReplicateKey', false],
    ['kms:MultiRegionKeyType', 'REPLICA', 'kms:CreateKey', true],
    ['kms:MultiRegionKeyType', 'PRIMARY', 'kms:CreateKey', false],
    ['kms:MultiRegion', 'true', 'kms:CreateKey', true],
    ['kms:KeyOrigin', 'AWS_KMS', 'kms:CreateKey', true],
    ['kms:KeySpec', 'RSA_2048', 'kms:CreateKey', false],
  ];

  test.each(CONDITIONS)('ReplicateKey where %s is %s for %s: %s', async (name, value, action, allowed) => {
    const { home, key } = await primary();
    const other = action === 'kms:CreateKey' ? 'kms:ReplicateKey' : 'kms:CreateKey';
    const caller = userWith(allow(action, { Condition: { StringEquals: { [name]: value } } }), allow(other));
    const call = home.call('ReplicateKey', { KeyId: key.id, ReplicaRegion: WEST }, { caller });
    if (allowed) expect(await call).toHaveProperty('ReplicaKeyMetadata');
    else expect(await refusal(call)).toMatchObject({ code: 'AccessDeniedException' });
  });

  test('kms:MultiRegionKeyType is that of the key in its Region, and changes with the primary', async () => {
    const { home, key } = await replicated([WEST]);
    const caller = userWith(allow('kms:*', { Condition: { StringEquals: { 'kms:MultiRegionKeyType': 'REPLICA' } } }));
    const disable = (region: string): Promise<unknown> =>
      home.call('DisableKey', { KeyId: key.id }, { region, caller });
    expect(await refusal(disable(REGION))).toMatchObject({ code: 'AccessDeniedException' });
    await home.call('UpdatePrimaryRegion', { KeyId: key.id, PrimaryRegion: WEST });
    await pass(home, PAST_TRANSITION);
    await disable(REGION);
    expect(await refusal(disable(WEST))).toMatchObject({ code: 'AccessDeniedException' });
  });

  test('UpdatePrimaryRegion on both keys, each in its Region', async () => {
    const { home, key } = await replicated([WEST, EUROPE]);
    const move = (caller: Caller, PrimaryRegion = WEST): Promise<unknown> =>
      home.call('UpdatePrimaryRegion', { KeyId: key.id, PrimaryRegion }, { caller });
    const on = (region: string, more: object = {}) =>
      allow('kms:UpdatePrimaryRegion', { Resource: arnIn(region, key), ...more });
    for (const region of [REGION, WEST]) {
      expect(await refusal(move(userWith(on(region))))).toMatchObject({ code: 'AccessDeniedException' });
    }
    const toWest = { Condition: { StringEquals: { 'kms:PrimaryRegion': WEST } } };
    const caller = userWith(on(REGION, toWest), on(WEST, toWest), on(EUROPE));
    expect(await refusal(move(caller, EUROPE))).toMatchObject({ code: 'AccessDeniedException' });
    await move(caller);
  });
});
