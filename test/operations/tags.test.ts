import { beforeEach, describe, expect, test } from 'vitest';
import { refusal } from '../support/fixture.ts';
import { stage, type Stage } from './stage.ts';

let on: Stage;
beforeEach(async () => {
  on = await stage();
});

const tags = (...pairs: readonly string[]): object[] =>
  pairs.map((pair) => ({ TagKey: pair.split('=')[0], TagValue: pair.split('=')[1] ?? '' }));
const tag = (...pairs: readonly string[]) => on.call('TagResource', { KeyId: on.key.id, Tags: tags(...pairs) });
const untag = (...TagKeys: readonly string[]) => on.call('UntagResource', { KeyId: on.key.id, TagKeys });
const listed = async (): Promise<string[]> => {
  const { Tags } = (await on.call('ListResourceTags', { KeyId: on.key.id })) as {
    Tags: { TagKey: string; TagValue: string }[];
  };
  return Tags.map(({ TagKey, TagValue }) => `${TagKey}=${TagValue}`);
};
const many = (count: number): string[] => Array.from({ length: count }, (_, at) => `t${at}`);

test('a new key has none', async () => {
  expect(await on.call('ListResourceTags', { KeyId: on.key.id })).toEqual({ Tags: [], Truncated: false });
});

test('tags come, change their value, differ in case, may be empty, and go', async () => {
  expect(await tag('a=1', 'b=2')).toEqual({});
  await tag('A=4', 'a=3', 'empty=');
  // a tag that is there keeps its place: recorded from AWS (LocalStack, test_update_and_add_tags_on_tagged_key)
  expect(await listed()).toEqual(['a=3', 'b=2', 'A=4', 'empty=']);
  expect(await untag('a', 'never')).toEqual({});
  expect(await listed()).toEqual(['b=2', 'A=4', 'empty=']);
  await untag('A', 'b', 'empty');
  expect(await listed()).toEqual([]);
});

test('they are those of one key', async () => {
  await tag('a=1');
  expect((await on.call('ListResourceTags', { KeyId: on.other.id }))['Tags']).toEqual([]);
});

test('at most 50', async () => {
  await tag(...many(49));
  expect(await refusal(tag('x', 'y'))).toEqual({ code: 'TagException', message: 'Too many tags' });
  await tag('x');
  await tag('x=changed', 't0=changed'); // none more than before
  expect(await refusal(tag('y'))).toEqual({ code: 'TagException', message: 'Too many tags' });
  expect((await listed()).length).toBe(50);
});

type Row = readonly [name: string, call: () => Promise<unknown>, code: string, message: string];
const null_ = (member: string): string =>
  `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`;

const refused: readonly Row[] = [
  ['51 at once', () => tag(...many(51)), 'TagException', 'Too many tags'],
  ['one twice', () => tag('a=1', 'a=2'), 'TagException', 'Duplicate tag keys'],
  ['one of aws:', () => tag('aws:a'), 'TagException', 'Tags beginning with aws: are reserved'],
  ['one of Aws:', () => tag('Aws:a'), 'TagException', 'Tags beginning with aws: are reserved'],
  ['taking one of aws: away', () => untag('aws:a'), 'TagException', 'Tags beginning with aws: are reserved'],
  ['none', () => tag(), 'ValidationException', 'At least one tag is required.'],
  ['taking none away', () => untag(), 'ValidationException', 'At least one tag is required.'],
  ['without the list', () => on.call('TagResource', { KeyId: on.key.id }), 'ValidationException', null_('tags')],
  ['without the keys', () => on.call('UntagResource', { KeyId: on.key.id }), 'ValidationException', null_('tagKeys')],
  [
    'without a value',
    () => on.call('TagResource', { KeyId: on.key.id, Tags: [{ TagKey: 'a' }] }),
    'ValidationException',
    null_('tags.1.member.tagValue'),
  ],
  [
    'without a key',
    () => on.call('TagResource', { KeyId: on.key.id, Tags: [...tags('a'), { TagValue: 'a' }] }),
    'ValidationException',
    null_('tags.2.member.tagKey'),
  ],
  [
    'an empty key',
    () => tag('=a'),
    'ValidationException',
    "1 validation error detected: Value '' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length greater than or equal to 1",
  ],
];

describe('refused', () => {
  test.each(refused)('%s', async (_, call, code, message) => {
    expect(await refusal(call())).toEqual({ code, message });
    expect(await listed()).toEqual([]);
  });
});

test('the longest ones', async () => {
  const [TagKey, TagValue] = ['k'.repeat(128), 'v'.repeat(256)];
  await on.call('TagResource', { KeyId: on.key.id, Tags: [{ TagKey, TagValue }] });
  expect(await listed()).toEqual([`${TagKey}=${TagValue}`]);
});
