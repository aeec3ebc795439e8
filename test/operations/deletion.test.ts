import { beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { countKeys } from '../../src/keyring/kms-key.ts';
import { verifyKeyring } from '../../src/keyring/verify.ts';
import { ACCOUNT, newKey, refusal, REGION, START } from '../support/fixture.ts';
import { aliasArnOf, DAY, stage, type Stage } from './stage.ts';

let on: Stage;
beforeEach(async () => {
  on = await stage();
});

const describeKey = async (KeyId: string): Promise<Record<string, unknown>> =>
  (await on.call('DescribeKey', { KeyId }))['KeyMetadata'] as Record<string, unknown>;
const schedule = (KeyId: string, days?: number): Promise<Record<string, unknown>> =>
  on.call('ScheduleKeyDeletion', { KeyId, ...(days === undefined ? {} : { PendingWindowInDays: days }) });
const gone = (arn: string): object => ({ code: 'NotFoundException', message: `Key '${arn}' does not exist` });
const deletions = (): Record<string, unknown>[] => on.events().filter(({ eventName }) => eventName === 'DeleteKey');

describe('scheduling', () => {
  test.each([
    [undefined, 30],
    [7, 7],
    [30, 30],
  ])('in %s days', async (given, days) => {
    const DeletionDate = new Date(START + days * DAY);
    expect(await schedule(on.key.arn, given)).toEqual({
      KeyId: on.key.arn,
      DeletionDate,
      KeyState: 'PendingDeletion',
      PendingWindowInDays: days,
    });
    expect(await describeKey(on.key.id)).toMatchObject({ KeyState: 'PendingDeletion', Enabled: false, DeletionDate });
    expect(await describeKey(on.key.id)).not.toHaveProperty('PendingDeletionWindowInDays');
  });

  test.each([1, 6, 31, 365])('in %i days is refused', async (days) => {
    expect(await refusal(schedule(on.key.id, days))).toMatchObject({ code: 'ValidationException' });
    expect(await describeKey(on.key.id)).toMatchObject({ KeyState: 'Enabled' });
  });

  test.each([0, 366])('in %i days is refused by the shape', async (days) => {
    expect((await refusal(schedule(on.key.id, days))).message).toContain(`Value '${days}' at 'pendingWindowInDays'`);
  });

  test('twice is refused, and does not move the date', async () => {
    await schedule(on.key.id, 7);
    on.now += DAY;
    expect(await refusal(schedule(on.key.id, 30))).toEqual({
      code: 'KMSInvalidStateException',
      message: `${on.key.arn} is pending deletion.`,
    });
    expect(await describeKey(on.key.id)).toMatchObject({ DeletionDate: new Date(START + 7 * DAY) });
  });
});

describe('cancelling', () => {
  test('makes the key Disabled, and it stays', async () => {
    await schedule(on.key.id, 7);
    on.now += 6 * DAY;
    expect(await on.call('CancelKeyDeletion', { KeyId: on.key.id })).toEqual({ KeyId: on.key.arn });
    expect(await describeKey(on.key.id)).toMatchObject({ KeyState: 'Disabled', Enabled: false });
    expect(await describeKey(on.key.id)).not.toHaveProperty('DeletionDate');
    on.now += 365 * DAY;
    expect(await describeKey('alias/example')).toMatchObject({ KeyId: on.key.id });
    expect(deletions()).toEqual([]);
    await on.call('EnableKey', { KeyId: on.key.id });
    await on.call('Encrypt', { KeyId: on.key.id, Plaintext: utf8('x') });
  });

  test('what is not pending is refused', async () => {
    const expected = {
      code: 'KMSInvalidStateException',
      message: `${on.key.arn} is not pending deletion (or pending replica deletion).`,
    };
    expect(await refusal(on.call('CancelKeyDeletion', { KeyId: on.key.id }))).toEqual(expected);
    await on.call('DisableKey', { KeyId: on.key.id });
    expect(await refusal(on.call('CancelKeyDeletion', { KeyId: on.key.id }))).toEqual(expected);
  });

  test('is too late when the time has come', async () => {
    await schedule(on.key.id, 7);
    on.now += 7 * DAY;
    expect(await refusal(on.call('CancelKeyDeletion', { KeyId: on.key.id }))).toEqual(gone(on.key.arn));
  });

  test('scheduled again, the new date counts', async () => {
    await schedule(on.key.id, 7);
    await on.call('CancelKeyDeletion', { KeyId: on.key.id });
    on.now += DAY;
    await schedule(on.key.id, 20);
    on.now += 19 * DAY;
    await describeKey(on.key.id);
    on.now += DAY;
    expect(await refusal(on.call('DescribeKey', { KeyId: on.key.id }))).toEqual(gone(on.key.arn));
    expect(deletions().length).toBe(1);
  });
});

describe('when the waiting period is over', () => {
  test('not a millisecond earlier', async () => {
    await schedule(on.key.id, 7);
    on.now += 7 * DAY - 1;
    expect(await describeKey(on.key.id)).toMatchObject({ KeyState: 'PendingDeletion' });
    on.now += 1;
    expect(await refusal(on.call('DescribeKey', { KeyId: on.key.id }))).toEqual(gone(on.key.arn));
  });

  test('key, aliases, tags, policy and material are gone, the name is free, the count is less', async () => {
    await on.call('CreateAlias', { AliasName: 'alias/second', TargetKeyId: on.key.id });
    const { CiphertextBlob } = await on.call('Encrypt', { KeyId: on.key.id, Plaintext: utf8('x') });
    const paths = async (): Promise<string[]> =>
      (await on.store.transact((tx) => Array.fromAsync(tx.rows('')))).map(({ path }) => path);
    expect((await paths()).some((path) => path.includes(on.key.id))).toBe(true);
    await schedule(on.key.id, 7);
    on.now += 8 * DAY;
    expect((await on.call('ListKeys'))['Keys']).toEqual([{ KeyId: on.other.id, KeyArn: on.other.arn }]);
    expect((await paths()).filter((path) => path.includes(on.key.id))).toEqual([`deleted-key/${ACCOUNT}/${on.key.id}`]);
    for (const name of ['alias/example', 'alias/second']) {
      expect(await refusal(on.call('DescribeKey', { KeyId: name }))).toEqual({
        code: 'NotFoundException',
        message: `Alias ${aliasArnOf(name)} is not found.`,
      });
    }
    expect(await refusal(on.call('Decrypt', { CiphertextBlob }))).toMatchObject({ code: 'AccessDeniedException' });
    expect(await on.keyring.transact((tx) => countKeys(tx, { account: ACCOUNT, region: REGION }))).toBe(1);
    await on.call('CreateAlias', { AliasName: 'alias/example', TargetKeyId: on.other.id });
    expect((await verifyKeyring(on.keyring)).problems).toEqual([]);
  });

  test('the event is as of the time that it was due, before the event of the call that found it', async () => {
    await schedule(on.key.id, 7);
    on.now += 100 * DAY;
    await on.call('ListAliases');
    const [deleted, call] = on.events().slice(-2);
    expect(deleted).toMatchObject({
      eventName: 'DeleteKey',
      eventTime: '2026-01-09T03:04:05Z',
      eventType: 'AwsServiceEvent',
    });
    expect(call).toMatchObject({ eventName: 'ListAliases', eventTime: '2026-04-12T03:04:05Z' });
  });

  test('several are deleted in the order of their times, whichever caller and result the call has', async () => {
    const third = await newKey(on);
    await schedule(third.id, 9);
    await schedule(on.other.id, 8);
    await schedule(on.key.id, 7);
    on.now += 30 * DAY;
    expect(await refusal(on.call('DescribeKey', { KeyId: 'no key' }))).toMatchObject({ code: 'NotFoundException' });
    const keyIds = deletions().map(({ responseElements }) => (responseElements as { keyId: string }).keyId);
    expect(keyIds).toEqual([on.key.arn, on.other.arn, third.arn]);
    expect((await on.call('ListKeys'))['Keys']).toEqual([]);
    expect(deletions().length).toBe(3); // once each
  });

  test('keys of other Regions are deleted in their own', async () => {
    const abroad = await newKey({ call: (operation, input) => on.call(operation, input, { region: 'eu-west-1' }) });
    await on.call('ScheduleKeyDeletion', { KeyId: abroad.id, PendingWindowInDays: 7 }, { region: 'eu-west-1' });
    on.now += 8 * DAY;
    await on.call('ListKeys');
    expect(deletions()).toMatchObject([{ awsRegion: 'eu-west-1', responseElements: { keyId: abroad.arn } }]);
  });

  test('the alias that moved away in time stays', async () => {
    await schedule(on.key.id, 7);
    await on.call('UpdateAlias', { AliasName: 'alias/example', TargetKeyId: on.other.id });
    on.now += 8 * DAY;
    expect(await describeKey('alias/example')).toMatchObject({ KeyId: on.other.id });
  });
});
