import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readUint } from '../../src/crypto/bytes.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { barrier } from '../../src/keyring/barrier.ts';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import { type Store } from '../../src/keyring/store.ts';
import { bucketPath, EMPTY_GROUPS, groupPath, isTreePath, VersionTree } from '../../src/keyring/version-tree.ts';
import { seeded } from '../support/fixture.ts';

const random = seeded('version tree');
const above = barrier({
  keyringId: random(16),
  rootKey: new Secret(random(32)),
  terms: new Map([[1, new Secret(random(32))]]),
  random,
});

/** Sets versions in a transaction of its own; answers the new groups. */
const write = (store: Store, groups: Uint8Array, { version, changes }: { version: number; changes: Changes }) =>
  store.transact(async (tx) => {
    const tree = new VersionTree(above, tx, groups);
    for (const [path, present] of changes) await tree.set(path, present ? version : 0);
    return (await tree.flush(version)).slice();
  });
type Changes = readonly (readonly [path: string, present: boolean])[];

const read = <T>(store: Store, groups: Uint8Array, work: (tree: VersionTree) => T | Promise<T>): Promise<T> =>
  store.transact(async (tx) => work(new VersionTree(above, tx, groups)));

const nodesIn = (store: Store): Promise<string[]> =>
  store.transact(async (tx) => {
    const paths: string[] = [];
    for await (const { path } of tx.rows('=')) paths.push(path);
    return paths;
  });

const countRecords = (tree: VersionTree): Promise<number> =>
  tree.groupNumbers().reduce(async (sum, group) => {
    let count = await sum;
    for (const bucket of await tree.bucketNumbers(group)) count += await tree.recordsIn(group, bucket);
    return count;
  }, Promise.resolve(0));

test('paths of nodes stand apart from those of records', () => {
  expect([groupPath(3), bucketPath(3, 63)]).toEqual(['=03', '=03/63']);
  expect([isTreePath('=03'), isTreePath('=03/63'), isTreePath('key/1'), isTreePath('~root')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('a record has no version before it is set and after it is set to none; then no node is left', async () => {
  const store = memoryStore();
  const one = await write(store, EMPTY_GROUPS, { version: 5, changes: [['a', true]] });
  expect(await read(store, one, (tree) => tree.versionOf('a'))).toBe(5);
  expect(await read(store, one, (tree) => tree.versionOf('b'))).toBe(0);
  expect((await nodesIn(store)).length).toBe(2);
  const none = await write(store, one, { version: 6, changes: [['a', false]] });
  expect(none).toEqual(EMPTY_GROUPS);
  expect(await nodesIn(store)).toEqual([]);
});

test('setting does not change the groups that it was given', async () => {
  const store = memoryStore();
  const groups = EMPTY_GROUPS.slice();
  await write(store, groups, { version: 1, changes: [['a', true]] });
  expect(groups).toEqual(EMPTY_GROUPS);
});

test('deleting what is not there, and putting and deleting at once, leave nothing', async () => {
  const store = memoryStore();
  const groups = await write(store, EMPTY_GROUPS, {
    version: 1,
    changes: [
      ['never', false],
      ['briefly', true],
      ['briefly', false],
    ],
  });
  expect(groups).toEqual(EMPTY_GROUPS);
  expect(await nodesIn(store)).toEqual([]);
});

test('a change rewrites its own bucket and group only', async () => {
  const store = memoryStore();
  const paths = Array.from({ length: 200 }, (_, at) => `record/${at}`);
  const before = await write(store, EMPTY_GROUPS, { version: 1, changes: paths.map((path) => [path, true]) });
  const rows = (): Promise<Map<string, string>> =>
    store.transact(async (tx) => {
      const all = await Array.fromAsync(tx.rows(''));
      return new Map(all.map(({ path, value }) => [path, Buffer.from(value).toString('base64')]));
    });
  const old = await rows();
  await write(store, before, { version: 2, changes: [['record/7', true]] });
  const changed = [...(await rows())].filter(([path, value]) => old.get(path) !== value).map(([path]) => path);
  expect(changed.length).toBe(2);
  expect(changed[1]!.startsWith(changed[0]!)).toBe(true);
});

describe('damage', () => {
  const damaged = async (damage: (store: Store, node: string) => Promise<void>): Promise<unknown> => {
    const store = memoryStore();
    const old = await write(store, EMPTY_GROUPS, { version: 1, changes: [['a', true]] });
    const groups = await write(store, old, { version: 2, changes: [['a', true]] });
    const [group, bucket] = await nodesIn(store);
    await damage(store, bucket!);
    void group;
    return read(store, groups, (tree) => tree.versionOf('a'));
  };

  test('a node that is missing', async () => {
    const answer = damaged((store, node) => store.transact((tx) => tx.delete(node)));
    await expect(answer).rejects.toThrow(/record =\d\d\/\d\d is missing/);
  });

  test('a node put back to an earlier version', async () => {
    const answer = damaged((store, node) =>
      store.transact((tx) => tx.put(node, above.seal(node, 1, new Uint8Array(22)))),
    );
    await expect(answer).rejects.toThrow('is an earlier version (version 1, expected 2)');
  });
});

test('random changes: as a Map would have it, node for node', { timeout: 120_000 }, async () => {
  const path = fc.integer({ min: 0, max: 400 }).map((number) => `record/${number}`);
  const changes = fc.array(fc.tuple(path, fc.boolean()), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(fc.array(changes, { maxLength: 8 }), fc.boolean(), async (steps, empty) => {
      const store = memoryStore();
      const model = new Map<string, number>();
      let groups: Uint8Array = EMPTY_GROUPS;
      let version = 0;
      const step = async (changes: Changes): Promise<void> => {
        version += 1;
        for (const [path, present] of changes) {
          if (present) model.set(path, version);
          else model.delete(path);
        }
        groups = await write(store, groups, { version, changes });
        expect(await read(store, groups, countRecords)).toBe(model.size);
      };
      for (const changes of steps) await step(changes);
      if (empty) await step([...model.keys()].map((path) => [path, false]));

      await read(store, groups, async (tree) => {
        for (let number = 0; number <= 400; number += 1) {
          expect(await tree.versionOf(`record/${number}`)).toBe(model.get(`record/${number}`) ?? 0);
        }
        const expected: string[] = [];
        for (const group of tree.groupNumbers()) {
          const buckets = await tree.bucketNumbers(group);
          expect(readUint(groups, 6 * group, 6)).toBeGreaterThan(0);
          expected.push(groupPath(group), ...buckets.map((bucket) => bucketPath(group, bucket)));
          for (const bucket of buckets) expect(await tree.recordsIn(group, bucket)).toBeGreaterThan(0);
        }
        expect(model.size === 0).toBe(expected.length === 0);
      });
      const nodes = await nodesIn(store);
      expect(nodes).toEqual(
        await read(store, groups, async (tree) => {
          const all: string[] = [];
          for (const group of tree.groupNumbers()) {
            all.push(groupPath(group));
            for (const bucket of await tree.bucketNumbers(group)) all.push(bucketPath(group, bucket));
          }
          return all;
        }),
      );
    }),
    { numRuns: 40 },
  );
});
