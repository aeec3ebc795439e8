import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import { sqliteStore } from '../../src/keyring/sqlite-store.ts';
import { firstOf, type Store, type StoreTransaction } from '../../src/keyring/store.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();

function newFile(): string {
  const file = join(folder(), 'keyring.db');
  writeFileSync(file, '', { mode: 0o600 });
  return file;
}

const drivers: readonly [name: string, make: () => Store][] = [
  ['memory', memoryStore],
  ['sqlite in a file', () => sqliteStore(newFile(), { create: true })],
  ['sqlite in memory', () => sqliteStore(':memory:', { create: true })],
];

/** Path and value, as text. */
type Plain = readonly [path: string, value: string];

const plainRows = (rows: readonly { path: string; value: Uint8Array }[]): Plain[] =>
  rows.map(({ path, value }) => [path, Buffer.from(value).toString()]);

async function all(store: Store): Promise<Plain[]> {
  return store.transact(async (tx) => {
    const rows: Plain[] = [];
    for await (const row of tx.rows('')) rows.push(...plainRows([row]));
    return rows;
  });
}

describe.each(drivers)('%s', (_, make) => {
  function filled(...paths: readonly string[]): { store: Store; ready: Promise<void> } {
    const store = make();
    onTestFinished(() => store.close());
    const ready = store.transact(async (tx) => {
      for (const path of paths) await tx.put(path, utf8(`of ${path}`));
    });
    return { store, ready };
  }

  test('put, replace, get, delete', async () => {
    const { store } = filled();
    await store.transact(async (tx) => {
      expect(await tx.get('a')).toBeUndefined();
      await tx.put('a', utf8('1'));
      expect(await tx.get('a')).toEqual(utf8('1'));
      await tx.put('a', utf8('2'));
      await tx.put('b', utf8('3'));
      await tx.delete('b');
      await tx.delete('never');
    });
    expect(await all(store)).toEqual([['a', '2']]);
    await store.transact((tx) => tx.delete('a'));
    expect(await all(store)).toEqual([]);
  });

  test('an empty value is a value; every byte is kept', async () => {
    const { store } = filled();
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    await store.transact(async (tx) => {
      await tx.put('empty', new Uint8Array());
      await tx.put('bytes', bytes);
      await tx.put('long', new Uint8Array(100_000).fill(7));
      await tx.put('part', bytes.subarray(10, 12));
    });
    await store.transact(async (tx) => {
      expect(await tx.get('empty')).toEqual(new Uint8Array());
      expect(await tx.get('bytes')).toEqual(bytes);
      expect(await tx.get('long')).toEqual(new Uint8Array(100_000).fill(7));
      expect(await tx.get('part')).toEqual(Uint8Array.of(10, 11));
    });
  });

  test('what was put or got is a copy', async () => {
    const { store } = filled();
    const given = utf8('given');
    await store.transact(async (tx) => {
      await tx.put('a', given);
      given.fill(0);
      (await tx.get('a'))!.fill(0);
      (await Array.fromAsync(tx.rows('')))[0]!.value.fill(0);
    });
    expect(await all(store)).toEqual([['a', 'given']]);
  });

  test('rows: below the prefix, in the order of the bytes', async () => {
    const { store, ready } = filled('b/2', 'a', 'b/10', 'B/1', 'b', 'b0', '~root', '=01', 'b/1', 'b.');
    await ready;
    const paths = async (prefix: string): Promise<string[]> =>
      store.transact(async (tx) => (await Array.fromAsync(tx.rows(prefix))).map(({ path }) => path));
    expect(await paths('')).toEqual(['=01', 'B/1', 'a', 'b', 'b.', 'b/1', 'b/10', 'b/2', 'b0', '~root']);
    expect(await paths('b/')).toEqual(['b/1', 'b/10', 'b/2']);
    expect(await paths('b')).toEqual(['b', 'b.', 'b/1', 'b/10', 'b/2', 'b0']);
    expect(await paths('~')).toEqual(['~root']);
    expect(await paths('c')).toEqual([]);
    expect(await paths('%')).toEqual([]);
  });

  const starts: readonly [after: string | undefined, count: number, paths: readonly string[]][] = [
    [undefined, 2, ['k/1', 'k/2']],
    ['k/2', 2, ['k/3', 'k/4']],
    ['k/4', 2, []],
    ['k/25', 1, ['k/3']], // a path that is not there
    ['a', 1, ['k/1']], // before the prefix
    ['k/', 1, ['k/1']],
    ['', 1, ['k/1']],
    ['z', 9, []], // behind it
    [undefined, 99, ['k/1', 'k/2', 'k/3', 'k/4']],
  ];
  test.each(starts)('rows after %s, the first %i', async (after, count, paths) => {
    const { store, ready } = filled('k/1', 'k/2', 'k/3', 'k/4', 'j', 'l');
    await ready;
    const rows = await store.transact((tx) => firstOf(tx.rows('k/', after), count));
    expect(plainRows(rows)).toEqual(paths.map((path) => [path, `of ${path}`]));
  });

  test.each([3, 8, 9, 71, 72, 73, 100, 583, 584, 585, 1600, 2600])(
    'all of %i rows, however they are fetched',
    async (count) => {
      const paths = Array.from({ length: count }, (_, at) => `k/${String(at).padStart(5, '0')}`);
      const { store, ready } = filled('j', ...paths, 'l');
      await ready;
      const rows = await store.transact((tx) => Array.fromAsync(tx.rows('k/')));
      expect(rows.map(({ path }) => path)).toEqual(paths);
      const later = await store.transact((tx) => Array.fromAsync(tx.rows('k/', paths[1])));
      expect(later.map(({ path }) => path)).toEqual(paths.slice(2));
    },
  );

  test('all of a few rows that are large', async () => {
    const { store } = filled();
    const size = 3 * 1024 * 1024;
    await store.transact(async (tx) => {
      for (const path of ['a', 'b', 'c', 'd', 'e']) await tx.put(path, new Uint8Array(size));
    });
    const rows = await store.transact((tx) => Array.fromAsync(tx.rows('')));
    expect(rows.map(({ path, value }) => [path, value.length])).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((path) => [path, size]),
    );
  });

  test('rows that are put and deleted while others are asked for', async () => {
    const paths = Array.from({ length: 300 }, (_, at) => `k/${String(at).padStart(3, '0')}`);
    const { store, ready } = filled(...paths);
    await ready;
    const seen: string[] = [];
    await store.transact(async (tx) => {
      for await (const { path } of tx.rows('k/')) {
        seen.push(path);
        await tx.delete(path);
        await tx.put(path.replace('k/', 'a/'), utf8('moved'));
        for await (const row of tx.rows('a/')) if (row.path > path) break; // rows within rows
      }
    });
    expect(seen).toEqual(paths);
    expect((await all(store)).map(([path]) => path)).toEqual(paths.map((path) => path.replace('k/', 'a/')));
  });

  test('a throw undoes everything, and the store goes on', async () => {
    const { store, ready } = filled('a', 'b');
    await ready;
    const failed = store.transact(async (tx) => {
      await tx.put('a', utf8('changed'));
      await tx.put('c', utf8('new'));
      await tx.delete('b');
      expect((await Array.fromAsync(tx.rows(''))).map(({ path }) => path)).toEqual(['a', 'c']);
      throw new RangeError('no');
    });
    await expect(failed).rejects.toThrow(RangeError);
    expect(await all(store)).toEqual([
      ['a', 'of a'],
      ['b', 'of b'],
    ]);
  });

  test('the version stays as it is while nothing is written, and changes with everything that is', async () => {
    const { store, ready } = filled('a', 'b');
    await ready;
    const version = (): Promise<string> => store.transact((tx) => tx.version());
    const seen = [await version()];
    await store.transact(async (tx) => void (await tx.get('a')));
    expect(await version()).toBe(seen[0]);
    for (const write of [
      (tx: StoreTransaction) => tx.put('a', utf8('other')),
      (tx: StoreTransaction) => tx.delete('b'),
      (tx: StoreTransaction) => tx.put('c', utf8('new')),
    ]) {
      const during = await store.transact(async (tx) => {
        await write(tx);
        return tx.version();
      });
      expect(seen).not.toContain(during);
      expect(await version()).toBe(during);
      seen.push(during);
    }
  });

  test('the answer of the work is the answer', async () => {
    const { store } = filled();
    expect(await store.transact(async () => 42)).toBe(42);
  });

  test('transactions of one process run one at a time, in the order of the calls', async () => {
    const { store } = filled();
    const order: number[] = [];
    const turns = Array.from({ length: 20 }, (_, turn) =>
      store.transact(async (tx) => {
        order.push(turn);
        const count = Number(Buffer.from((await tx.get('count')) ?? utf8('0')).toString());
        for (let wait = 0; wait < 5; wait += 1) await new Promise(setImmediate);
        await tx.put('count', utf8(String(count + 1)));
        order.push(turn);
        if (turn % 3 === 0) throw new RangeError('every third fails');
      }),
    );
    const outcomes = await Promise.allSettled(turns);
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBe(7);
    expect(order).toEqual(turns.flatMap((_, turn) => [turn, turn]));
    expect(await all(store)).toEqual([['count', '13']]);
  });
});

type Step =
  | readonly ['put', path: string, value: string]
  | readonly ['delete', path: string]
  | readonly ['get', path: string]
  | readonly ['rows', prefix: string, after: string | undefined, count: number];
interface Work {
  readonly steps: readonly Step[];
  readonly fails: boolean;
}

const path = fc.string({ unit: fc.constantFrom('a', 'b', '/', '~', '='), minLength: 1, maxLength: 4 });
const value = fc.string({ maxLength: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constant('put' as const), path, value),
  fc.tuple(fc.constant('delete' as const), path),
  fc.tuple(fc.constant('get' as const), path),
  fc.tuple(
    fc.constant('rows' as const),
    fc.oneof(fc.constant(''), path),
    fc.option(path, { nil: undefined }),
    fc.integer({ min: 1, max: 12 }),
  ),
);
const program: fc.Arbitrary<Work[]> = fc.array(
  fc.record({ steps: fc.array(step, { maxLength: 12 }), fails: fc.boolean() }),
  { maxLength: 5 },
);

async function take(tx: StoreTransaction, [kind, ...operands]: Step): Promise<unknown> {
  const [path, second, count] = operands as [string, string | undefined, number];
  switch (kind) {
    case 'put':
      return tx.put(path, utf8(second!));
    case 'delete':
      return tx.delete(path);
    case 'get':
      return Buffer.from((await tx.get(path)) ?? utf8('(none)')).toString();
    case 'rows':
      return plainRows(await firstOf(tx.rows(path, second), count));
  }
}

/** Everything that a program sees, and what it leaves. */
async function runOn(store: Store, programs: readonly Work[]): Promise<unknown> {
  const seen: unknown[] = [];
  for (const { steps, fails } of programs) {
    const ran = store.transact(async (tx) => {
      for (const one of steps) seen.push(await take(tx, one));
      if (fails) throw new RangeError('as planned');
    });
    await ran.catch((error: unknown) => seen.push(error instanceof RangeError));
  }
  return [seen, await all(store)];
}

describe('random programs see the same on sqlite as in memory', () => {
  async function compare(make: () => Store, numRuns: number): Promise<void> {
    await fc.assert(
      fc.asyncProperty(program, async (programs) => {
        const store = make();
        try {
          expect(await runOn(store, programs)).toEqual(await runOn(memoryStore(), programs));
        } finally {
          store.close();
        }
      }),
      { numRuns },
    );
  }

  test('in memory', () => compare(() => sqliteStore(':memory:', { create: true }), 300));
  test('in a file', () => compare(() => sqliteStore(newFile(), { create: true }), 25));
});

test('the version of a file changes with what another connection commits', async () => {
  const file = newFile();
  const [one, other] = [sqliteStore(file, { create: true }), sqliteStore(file)];
  const version = (): Promise<string> => one.transact((tx) => tx.version());
  const before = await version();
  await other.transact(async (tx) => void (await tx.get('a')));
  expect(await version()).toBe(before);
  await other.transact((tx) => tx.put('a', utf8('1')));
  expect(await version()).not.toBe(before);
  one.close();
  other.close();
});

test('a sqlite file is there for the next one that opens it, and only whole transactions are', async () => {
  const file = newFile();
  const first = sqliteStore(file, { create: true });
  await first.transact((tx) => tx.put('kept', utf8('yes')));
  const second = sqliteStore(file);
  await first.transact((tx) => tx.put('later', utf8('too')));
  expect(await all(second)).toEqual([
    ['kept', 'yes'],
    ['later', 'too'],
  ]);
  first.close();
  second.close();
});

test('threads with connections of their own take turns, and none loses what another did', async () => {
  const file = newFile();
  const store = sqliteStore(file, { create: true });
  const steps = 12;
  const threads = Array.from({ length: 3 }, async () => {
    const worker = new Worker(new URL('../support/counting-worker.ts', import.meta.url), {
      workerData: { file, steps },
    });
    await once(worker, 'exit');
  });
  await Promise.all(threads);
  expect(await all(store)).toEqual([['count', String(3 * steps)]]);
  store.close();
});

const unusable: readonly [name: string, content: string, message: RegExp][] = [
  ['no database', 'x'.repeat(5000), /is not a keyring$/],
  ['an empty file', '', /is not a keyring, or is damaged$/],
];

test.each(unusable)('%s is reported as what it is', async (_, content, message) => {
  const file = newFile();
  writeFileSync(file, content);
  const open = async (): Promise<unknown> => sqliteStore(file).transact((tx) => tx.get('a'));
  await expect(open()).rejects.toMatchObject({ name: 'EnvironmentError', message: expect.stringMatching(message) });
});
