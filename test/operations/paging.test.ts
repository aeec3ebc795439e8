import { beforeAll, describe, expect, test } from 'vitest';
import { newKey, refusal } from '../support/fixture.ts';
import { stage, type Stage } from './stage.ts';

let on: Stage;
const KEYS = 105;
const TAGS = 50;
const ALIASES = 49;

/** 105 keys; the first has 50 tags and 49 aliases, the rest of the aliases stand with the others. */
beforeAll(async () => {
  on = await stage('paging');
  for (let more = 2; more < KEYS; more += 1) await newKey(on);
  const Tags = Array.from({ length: TAGS }, (_, at) => ({ TagKey: `t${at}`, TagValue: '' }));
  await on.call('TagResource', { KeyId: on.key.id, Tags });
  for (let more = 1; more < ALIASES; more += 1) {
    await on.call('CreateAlias', { AliasName: `alias/a${more}`, TargetKeyId: on.key.id });
    await on.call('CreateAlias', { AliasName: `alias/b${more}`, TargetKeyId: on.other.id });
  }
});

interface Page {
  readonly items: readonly unknown[];
  readonly marker?: string;
}

const page = async (operation: string, member: string, input: object): Promise<Page> => {
  const answer = await on.call(operation, input);
  const items = answer[member] as unknown[];
  const marker = answer['NextMarker'] as string | undefined;
  expect(answer['Truncated']).toBe(marker !== undefined);
  return { items, ...(marker === undefined ? {} : { marker }) };
};

const all = async (operation: string, member: string, input: object): Promise<Page[]> => {
  const pages = [await page(operation, member, input)];
  for (let marker = pages[0]!.marker; marker !== undefined; marker = pages.at(-1)!.marker) {
    pages.push(await page(operation, member, { ...input, Marker: marker }));
  }
  return pages;
};

/** The usual and the largest page (documented per operation), and the items that there are. */
const lists: readonly [
  name: string,
  operation: string,
  member: string,
  input: () => object,
  pages: readonly [usual: number, most: number, count: number],
][] = [
  ['keys', 'ListKeys', 'Keys', () => ({}), [100, 1000, KEYS]],
  ['tags', 'ListResourceTags', 'Tags', () => ({ KeyId: on.key.id }), [50, 50, TAGS]],
  ['aliases of a key', 'ListAliases', 'Aliases', () => ({ KeyId: on.key.id }), [50, 100, ALIASES]],
  ['key policies', 'ListKeyPolicies', 'PolicyNames', () => ({ KeyId: on.key.id }), [100, 1000, 1]],
];

describe.each(lists)('%s', (_, operation, member, input, [defaultCount, max, count]) => {
  test.each([1, 7, 50, 1000])('by pages of %i: each item once, in one order', async (Limit) => {
    const size = Math.min(Limit, max);
    const whole = (await all(operation, member, input())).flatMap(({ items }) => items);
    const pages = await all(operation, member, { ...input(), Limit });
    expect(pages.flatMap(({ items }) => items)).toEqual(whole);
    expect(new Set(whole.map((item) => JSON.stringify(item))).size).toBe(count);
    expect(pages.length).toBe(Math.max(1, Math.ceil(count / size)));
    for (const { items } of pages.slice(0, -1)) expect(items.length).toBe(size);
  });

  test('without a Limit, pages have the usual size', async () => {
    const [first] = await all(operation, member, input());
    expect(first!.items.length).toBe(Math.min(defaultCount, count));
  });

  test.each(['none', 'AA', '%%%', 'bm9uZQ==', '-', '/', 'é', 'x'.repeat(1024)])('marker %s is none', async (Marker) => {
    const code = (await refusal(on.call(operation, { ...input(), Marker }))).code;
    // which ListKeyPolicies does not have
    expect(code).toBe(operation === 'ListKeyPolicies' ? 'ValidationException' : 'InvalidMarkerException');
  });

  const limits: readonly [limit: unknown, code: string, message: RegExp][] = [
    [0, 'ValidationException', /Value '0' at 'limit' .* greater than or equal to 1$/],
    [1001, 'ValidationException', /Value '1001' at 'limit' .* less than or equal to 1000$/],
    ['5', 'SerializationException', /^STRING_VALUE can not be converted to a Integer$/],
  ];
  test.each(limits)('limit %j', async (Limit, code, message) => {
    const refused = await refusal(on.call(operation, { ...input(), Limit }));
    expect(refused).toEqual({ code, message: expect.stringMatching(message) });
  });

  test('an empty marker, and one that is too long', async () => {
    for (const Marker of ['', 'x'.repeat(1025)]) {
      expect(await refusal(on.call(operation, { ...input(), Marker }))).toMatchObject({ code: 'ValidationException' });
    }
  });
});

test('all aliases, page by page', async () => {
  const pages = await all('ListAliases', 'Aliases', { Limit: 10 });
  const names = pages.flatMap(({ items }) => (items as { AliasName: string }[]).map(({ AliasName }) => AliasName));
  const made = names.filter((name) => !name.startsWith('alias/aws/'));
  expect([made.length, new Set(names).size]).toEqual([2 * ALIASES - 1, names.length]);
});

test('what is deleted or made between two pages does not move the others', async () => {
  const first = await page('ListAliases', 'Aliases', { KeyId: on.key.id, Limit: 10 });
  const names = ({ items }: Page): string[] => (items as { AliasName: string }[]).map(({ AliasName }) => AliasName);
  const last = names(first).at(-1)!;
  await on.call('DeleteAlias', { AliasName: last }); // the very one that the marker stands for
  const rest = await all('ListAliases', 'Aliases', { KeyId: on.key.id, Limit: 10, Marker: first.marker });
  await on.call('CreateAlias', { AliasName: last, TargetKeyId: on.key.id });
  const seen = [...names(first), ...rest.flatMap(names)];
  expect([seen.length, new Set(seen).size]).toEqual([ALIASES, ALIASES]);
});

test('a marker goes on with its own list alone', async () => {
  const ends: readonly [operation: string, member: string, input: object][] = [
    ['ListKeys', 'Keys', {}],
    ['ListAliases', 'Aliases', {}],
    ['ListAliases', 'Aliases', { KeyId: on.key.id }],
    ['ListAliases', 'Aliases', { KeyId: on.other.id }],
    ['ListResourceTags', 'Tags', { KeyId: on.key.id }],
  ];
  for (const [operation, member, input] of ends) {
    const { marker } = await page(operation, member, { ...input, Limit: 1 });
    for (const [other, , more] of ends) {
      if (other === operation && more === input) continue;
      const refused = await refusal(on.call(other, { ...more, Marker: marker }));
      expect(refused).toMatchObject({ code: 'InvalidMarkerException' });
    }
  }
});

test('a marker does not reveal a name', async () => {
  const { marker } = await page('ListAliases', 'Aliases', { KeyId: on.key.id, Limit: 1 });
  expect(Buffer.from(marker!, 'base64url').toString()).not.toContain('alias');
});

/** The items of a list by pages, while one of those that were shown goes between two pages. */
async function whileOneGoes(
  on: Stage,
  { operation, member, input }: { readonly operation: string; readonly member: string; readonly input: object },
  remove: (shown: readonly unknown[]) => Promise<unknown>,
): Promise<readonly unknown[]> {
  const first = await on.call(operation, { ...input, Limit: 3 });
  const shown = first[member] as unknown[];
  await remove(shown);
  const items = [...shown];
  for (let marker = first['NextMarker']; marker !== undefined;) {
    const next = await on.call(operation, { ...input, Limit: 3, Marker: marker });
    items.push(...(next[member] as unknown[]));
    marker = next['NextMarker'];
  }
  return items;
}

describe('what is removed between two pages makes no other item disappear', () => {
  test.each([0, 1, 2])('tag %i', async (at) => {
    const home = await stage('tags between pages');
    const Tags = Array.from({ length: 7 }, (_, number) => ({ TagKey: `t ${number}`, TagValue: '' }));
    await home.call('TagResource', { KeyId: home.key.id, Tags });
    const list = { operation: 'ListResourceTags', member: 'Tags', input: { KeyId: home.key.id } };
    const remove = () => home.call('UntagResource', { KeyId: home.key.id, TagKeys: [`t ${at}`] });
    expect(await whileOneGoes(home, list, remove)).toEqual(Tags);
  });

  test.each([0, 1, 2])('key %i', async (at) => {
    const home = await stage('keys between pages');
    for (let more = 0; more < 5; more += 1) await newKey(home);
    const before = (await home.call('ListKeys', {}))['Keys'] as { KeyId: string }[];
    const found = await whileOneGoes(home, { operation: 'ListKeys', member: 'Keys', input: {} }, async () => {
      await home.call('ScheduleKeyDeletion', { KeyId: before[at]!.KeyId, PendingWindowInDays: 7 });
      home.now += 8 * 24 * 60 * 60 * 1000;
    });
    expect(found).toEqual(before);
  });
});
