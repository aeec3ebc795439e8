/** Many jobs that fall due at once: each costs as much as it would by itself. */
import { expect, test } from 'vitest';
import { sqliteStore } from '../../src/keyring/sqlite-store.ts';
import type { Store } from '../../src/keyring/store.ts';
import { fixture, newKey } from '../support/fixture.ts';
import { DAY, eventsNamed } from '../operations/timeline.ts';

interface Work {
  reads: number;
  writes: number;
}

/** Counts the values that are read and written. */
function counting(store: Store, work: Work): Store {
  return {
    ...store,
    transact: (run) =>
      store.transact((tx) =>
        run({
          version: () => tx.version(),
          get(path) {
            work.reads += 1;
            return tx.get(path);
          },
          put(path, value) {
            work.writes += 1;
            return tx.put(path, value);
          },
          delete(path) {
            work.writes += 1;
            return tx.delete(path);
          },
          async *rows(prefix, after) {
            for await (const row of tx.rows(prefix, after)) {
              work.reads += 1;
              yield row;
            }
          },
        }),
      ),
  };
}

async function workFor(count: number, operation: string, event: string): Promise<number> {
  const work = { reads: 0, writes: 0 };
  const home = await fixture('due', { store: counting(sqliteStore(':memory:', { create: true }), work) });
  for (let at = 0; at < count; at += 1) {
    const { id } = await newKey(home);
    await home.call(operation, { KeyId: id });
    home.now += 1;
  }
  Object.assign(work, { reads: 0, writes: 0 });
  home.now += 366 * DAY;
  await home.call('ListKeys');
  expect(eventsNamed(home, event)).toHaveLength(count);
  return work.reads + work.writes;
}

test.each([
  ['ScheduleKeyDeletion', 'DeleteKey'],
  ['EnableKeyRotation', 'RotateKey'],
])('after %s', async (operation, event) => {
  const [few, many] = [await workFor(50, operation, event), await workFor(200, operation, event)];
  expect(many).toBeLessThan(4.2 * few);
});
