import { beforeAll, describe, expect, test } from 'vitest';
import { lookupEvents, type FoundEvent, type LoggedFile, type Lookup } from '../../src/audit/lookup.ts';
import { utf8 } from '../../src/crypto/bytes.ts';
import { callerOf } from '../../src/policy/principal.ts';
import { fixture, newKey, refusal, START, type TestKey } from '../support/fixture.ts';

const DAY = 24 * 60 * 60 * 1000;
let events: Record<string, unknown>[];
let key: TestKey;
let other: TestKey;

beforeAll(async () => {
  const home = await fixture('lookup');
  const alice = callerOf('arn:aws:iam::111122223333:user/alice');
  const session = callerOf('arn:aws:sts::111122223333:assumed-role/App/i-0abc');
  key = await newKey(home);
  other = await newKey(home);
  home.now += DAY;
  await home.call('CreateAlias', { AliasName: 'alias/a', TargetKeyId: key.id });
  await refusal(home.call('ListKeys', {}, { caller: alice }));
  home.now += DAY;
  const { CiphertextBlob } = await home.call('Encrypt', { KeyId: 'alias/a', Plaintext: utf8('x') });
  await refusal(home.call('DescribeKey', { KeyId: key.id }, { caller: session }));
  await home.call('ReEncrypt', { CiphertextBlob, DestinationKeyId: other.id });
  events = home.events();
});

/** The same, whichever way it is read. */
async function find(lookup: Partial<Lookup>): Promise<string[]> {
  const named = async (file: LoggedFile): Promise<string[]> =>
    (await lookupEvents([file], { attributes: [], ...lookup })).map(({ EventName }) => EventName);
  const found = await named({ order: 'oldest first', records: events });
  expect(await named({ order: 'newest first', records: events.toReversed() })).toEqual(found);
  return found;
}
const by = (key: string, value: string) => ({ attributes: [{ key, value }] });

test('the newest first, in the shape of LookupEvents', async () => {
  expect(await find({})).toEqual([
    'ReEncrypt',
    'DescribeKey',
    'Encrypt',
    'ListKeys',
    'CreateAlias',
    'CreateKey',
    'CreateKey',
  ]);
  const found: FoundEvent = (
    await lookupEvents([{ order: 'oldest first', records: events }], { attributes: [], max: 1 })
  )[0]!;
  expect(found).toEqual({
    EventId: events.at(-1)!['eventID'],
    EventName: 'ReEncrypt',
    ReadOnly: 'true',
    EventTime: new Date(Math.floor((START + 2 * DAY) / 1000) * 1000),
    EventSource: 'kms.amazonaws.com',
    Username: 'root',
    Resources: [key.arn, other.arn].map((ResourceName) => ({ ResourceType: 'AWS::KMS::Key', ResourceName })),
    CloudTrailEvent: JSON.stringify(events.at(-1)),
  });
});

describe('filters', () => {
  const rows: readonly [name: string, lookup: () => Partial<Lookup>, found: readonly string[]][] = [
    ['by name', () => by('EventName', 'CreateKey'), ['CreateKey', 'CreateKey']],
    ['the name is whole', () => by('EventName', 'Create'), []],
    ['by ID', () => by('EventId', String(events[2]!['eventID'])), ['CreateAlias']],
    ['what writes', () => by('ReadOnly', 'false'), ['CreateAlias', 'CreateKey', 'CreateKey']],
    ['by key ARN', () => by('ResourceName', other.arn), ['ReEncrypt', 'CreateKey']],
    [
      'by key ID',
      () => by('ResourceName', key.id),
      ['ReEncrypt', 'DescribeKey', 'Encrypt', 'CreateAlias', 'CreateKey'],
    ],
    ['by alias', () => by('ResourceName', 'a'), ['CreateAlias']],
    [
      'by kind of resource',
      () => by('ResourceType', 'AWS::KMS::Key'),
      ['ReEncrypt', 'DescribeKey', 'Encrypt', 'CreateAlias', 'CreateKey', 'CreateKey'],
    ],
    ['by user', () => by('Username', 'alice'), ['ListKeys']],
    ['by session', () => by('Username', 'i-0abc'), ['DescribeKey']],
    ['by source', () => by('EventSource', 'pocket-kms'), []],
    ['by an attribute that is none', () => by('Color', 'red'), []],
    [
      'by two attributes: both',
      () => ({
        attributes: [
          { key: 'ReadOnly', value: 'false' },
          { key: 'ResourceName', value: other.id },
        ],
      }),
      ['CreateKey'],
    ],
    ['from a time on', () => ({ from: new Date(START + 2 * DAY - 1000) }), ['ReEncrypt', 'DescribeKey', 'Encrypt']],
    ['up to a time', () => ({ to: new Date(START) }), ['CreateKey', 'CreateKey']],
    ['between', () => ({ from: new Date(START + 1000), to: new Date(START + DAY) }), ['ListKeys', 'CreateAlias']],
    ['the newest few', () => ({ max: 2 }), ['ReEncrypt', 'DescribeKey']],
    ['the newest few of a kind', () => ({ ...by('EventName', 'CreateKey'), max: 1 }), ['CreateKey']],
  ];
  test.each(rows)('%s', async (_, lookup, found) => {
    expect(await find(lookup())).toEqual(found);
  });
});

test('a service event has no user', async () => {
  const event = { ...events[0]!, userIdentity: { accountId: '111122223333', invokedBy: 'AWS Internal' } };
  expect(
    (await lookupEvents([{ order: 'oldest first', records: [event] }], { attributes: [] }))[0]!.Username,
  ).toBeUndefined();
});
