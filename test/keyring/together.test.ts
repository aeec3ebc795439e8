/** Units of work that share a transaction, and what a keyring that stays open remembers: and when it must not. */
import { describe, expect, test, vi } from 'vitest';
import { text, utf8 } from '../../src/crypto/bytes.ts';
import { verifyLog } from '../../src/audit/verify.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { memoryLog } from '../../src/keyring/memory-log.ts';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import { RecordCache } from '../../src/keyring/record-cache.ts';
import type { Store } from '../../src/keyring/store.ts';
import { verifyKeyring } from '../../src/keyring/verify.ts';
import { createKms } from '../../src/pipeline/invoke.ts';
import { callNamed, fixture, newKey, REGION, refusal, ROOT } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import { keyringFile } from '../support/keyring-file.ts';

const folder = temporaryFolders();

/** A store that counts its transactions, and can fail to commit. */
function watched(): { store: Store; commits: () => number; fail: (times: number) => void; replay: () => void } {
  const below = memoryStore();
  let [commits, failures, replays] = [0, 0, 0];
  return {
    commits: () => commits,
    fail: (times) => (failures = times),
    replay: () => (replays += 1),
    store: {
      close: () => below.close(),
      async transact(work) {
        commits += 1;
        if (replays > 0) {
          replays -= 1;
          // a conflict: what was done is undone, and done again
          await below
            .transact(async (tx) => {
              await work(tx);
              throw new Error('conflict');
            })
            .catch(() => undefined);
        }
        return below.transact(async (tx) => {
          const result = await work(tx);
          if (failures > 0) {
            failures -= 1;
            throw new Error('no space');
          }
          return result;
        });
      },
    },
  };
}

const put = (keyring: Keyring, name: string): Promise<void> =>
  keyring.transact(async (tx) => {
    tx.put(`r/${name}`, utf8(name));
    tx.append({ eventName: name });
  });

const names = (keyring: Keyring): Promise<string[]> =>
  keyring.transact(async (tx) => (await Array.fromAsync(tx.rows('r/'))).map(({ value }) => text(value)));

async function warm() {
  const below = watched();
  const log = memoryLog();
  const home = await fixture('together', { store: below.store, log });
  await put(home.keyring, 'first');
  return { ...home, ...below, log };
}

async function expectSound({ keyring }: { readonly keyring: Keyring }): Promise<void> {
  expect((await verifyKeyring(keyring)).problems).toEqual([]);
  const { problems } = await keyring.inspect(async ({ log, barrier, root, end }) =>
    verifyLog(log.read(), { key: barrier.auditKey, start: root.logStart, head: end() }),
  );
  expect(problems).toEqual([]);
}

describe('works that wait together', () => {
  test('are committed together, in their order, each with its event', async () => {
    const home = await warm();
    const before = home.commits();
    await Promise.all(Array.from({ length: 100 }, (_, at) => put(home.keyring, `w${at}`)));
    expect(home.commits() - before).toBeLessThanOrEqual(3);
    expect(
      home
        .events()
        .slice(1)
        .map(({ eventName }) => eventName),
    ).toEqual(Array.from({ length: 100 }, (_, at) => `w${at}`));
    await expectSound(home);
  });

  test('do not wait for others that take long', async () => {
    const home = await warm();
    const before = home.commits();
    const busy = (): Promise<void> =>
      home.keyring.transact(async (tx) => {
        tx.append({ eventName: 'busy' });
        for (const until = performance.now() + 25; performance.now() < until;);
      });
    await Promise.all(Array.from({ length: 4 }, busy));
    expect(home.commits() - before).toBe(4);
    await expectSound(home);
  });

  test('see what those before them have done, and run one at a time', async () => {
    const { keyring } = await warm();
    const add = (): Promise<number> =>
      keyring.transact(async (tx) => {
        const count = Number(text((await tx.get('r/count')) ?? utf8('0')));
        await Promise.resolve();
        tx.put('r/count', utf8(String(count + 1)));
        return count + 1;
      });
    const counts = await Promise.all(Array.from({ length: 50 }, add));
    expect(counts).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
  });

  test('one that throws takes nothing of the others with it, and leaves nothing', async () => {
    const home = await warm();
    const failing = home.keyring.transact(async (tx) => {
      tx.put('r/lost', utf8('lost'));
      tx.append({ eventName: 'lost' });
      throw new RangeError('no');
    });
    const others = [put(home.keyring, 'a'), put(home.keyring, 'b')];
    await expect(failing).rejects.toThrow(RangeError);
    await Promise.all(others);
    expect(await names(home.keyring)).toEqual(['a', 'b', 'first']);
    expect(home.events().map(({ eventName }) => eventName)).toEqual(['first', 'a', 'b']);
  });

  test('a commit that fails fails all of them, and the keyring goes on from what is stored', async () => {
    const home = await warm();
    home.fail(1);
    const results = await Promise.allSettled([put(home.keyring, 'a'), put(home.keyring, 'b')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await names(home.keyring)).toEqual(['first']);
    await put(home.keyring, 'c');
    expect(await names(home.keyring)).toEqual(['c', 'first']);
    await expectSound(home);
  });

  test('of a commit that fails half-way nothing is remembered', async () => {
    const below = memoryStore();
    let isFull = false;
    const home = await fixture('half-way', {
      store: {
        close: () => below.close(),
        transact: (work) =>
          below.transact((tx) =>
            work({
              ...tx,
              put(path, value) {
                if (isFull && path === 'r/b') throw new Error('no space');
                return tx.put(path, value);
              },
            }),
          ),
      },
    });
    await put(home.keyring, 'first');
    isFull = true;
    const results = await Promise.allSettled([put(home.keyring, 'a'), put(home.keyring, 'b')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isFull = false;
    expect(await home.keyring.transact((tx) => tx.get('r/a'))).toBeUndefined();
    await put(home.keyring, 'c');
    await expectSound(home);
  });

  test('a store may replay them', async () => {
    const home = await warm();
    home.replay();
    await Promise.all([put(home.keyring, 'a'), put(home.keyring, 'b')]);
    expect(await names(home.keyring)).toEqual(['a', 'b', 'first']);
    expect(home.events()).toHaveLength(3);
    await expectSound(home);
  });

  test('a sync that takes long is shared also with those that call again soon', async () => {
    const log = memoryLog();
    let syncs = 0;
    const home = await fixture('gathering', {
      log: {
        ...log,
        async syncInBackground() {
          syncs += 1;
          await new Promise((resolve) => setTimeout(resolve, 40));
        },
      },
    });
    await put(home.keyring, 'first');
    home.keyring.setLongLived();
    const client = async (turns: number): Promise<void> => {
      for (let call = 0; call < 3; call += 1) {
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        await home.keyring.transact(async (tx) => tx.append({ eventName: 'Read' }));
      }
    };
    await client(0); // how long a sync takes is known by then
    syncs = 0;
    await Promise.all([1, 2, 3, 4].map(client));
    expect(syncs).toBe(4); // the first call is one that nobody was expected with
    await client(0); // those that have gone are not waited for
    await expectSound(home);
  });

  test('while the disk is waited for the process does other things, but no other transaction, and answers nobody', async () => {
    const log = memoryLog();
    const steps: string[] = [];
    let synced: (() => void) | undefined;
    const home = await fixture('background', {
      log: {
        ...log,
        syncInBackground() {
          steps.push('sync');
          return new Promise((resolve) => (synced = resolve));
        },
      },
    });
    await put(home.keyring, 'first');
    home.keyring.setLongLived();
    const read = (name: string): Promise<void> =>
      home.keyring
        .transact(async (tx) => {
          steps.push(`run ${name}`);
          tx.append({ eventName: name });
        })
        .then(() => void steps.push(`answer ${name}`));
    const turns = async (): Promise<void> => {
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    const calls = [read('a'), read('b')];
    await turns();
    calls.push(read('c'));
    await turns();
    expect(steps.splice(0)).toEqual(['run a', 'run b', 'sync']);
    synced!();
    await vi.waitFor(() => expect(steps).toContain('sync')); // it may wait for those that were answered to call again
    expect(steps.splice(0)).toEqual(['answer a', 'answer b', 'run c', 'sync']);
    synced!();
    await Promise.all(calls);
    await expectSound(home);
  });

  test('no call is answered before the commit', async () => {
    const home = await warm();
    let answered = false;
    const before = home.commits();
    const call = put(home.keyring, 'a').then(() => (answered = true));
    const seen: boolean[] = [];
    void home.keyring.transact(async () => seen.push(answered));
    await call;
    expect(seen).toEqual([false]);
    expect(home.commits()).toBe(before + 1);
  });
});

describe('what is remembered', () => {
  test('a change by another process is seen by the next call', async () => {
    const home = await keyringFile(folder());
    const { id } = await newKey(home);
    await home.call('DescribeKey', { KeyId: id });
    const elsewhere = createKms({ keyring: await home.reopen(), clock: () => home.now, random: home.random });
    const call = (operation: string): Promise<unknown> =>
      callNamed(elsewhere, {
        operation,
        input: { KeyId: id },
        caller: ROOT,
        region: REGION,
        sourceIp: '',
        userAgent: '',
      });
    const encrypt = (): Promise<unknown> => home.call('Encrypt', { KeyId: id, Plaintext: utf8('x') });
    await encrypt();
    await call('DisableKey');
    expect((await refusal(encrypt())).code).toBe('DisabledException');
    await call('EnableKey');
    await encrypt();
    await expectSound(home);
  });

  test('a record is decoded once, and again when it was changed', async () => {
    const { keyring } = await warm();
    let decoded = 0;
    const read = (): Promise<string | undefined> =>
      keyring.transact((tx) =>
        tx.read('r/first', (bytes) => {
          decoded += 1;
          return text(bytes);
        }),
      );
    await read();
    await read();
    expect(decoded).toBe(1);
    await keyring.transact(async (tx) => {
      tx.put('r/first', utf8('second'));
      expect(await tx.read('r/first', text)).toBe('second');
    });
    expect(await read()).toBe('second');
    await keyring.transact(async (tx) => tx.delete('r/first'));
    expect(await read()).toBeUndefined();
  });

  test('what a failed work read of its own draft is forgotten', async () => {
    const { keyring } = await warm();
    const failed = keyring.transact(async (tx) => {
      tx.put('r/first', utf8('draft'));
      expect(await tx.read('r/first', text)).toBe('draft');
      throw new RangeError('no');
    });
    await expect(failed).rejects.toThrow();
    expect(await keyring.transact((tx) => tx.read('r/first', text))).toBe('first');
  });

  test('a keyring that is put back while it is in use is refused, for as long as it is', async () => {
    const below = memoryStore();
    const { keyring, log } = await fixture('restore', { store: below });
    await put(keyring, 'first');
    const rows = await below.transact((tx) => Array.fromAsync(tx.rows('')));
    const size = Buffer.concat([...log.read()]).length;
    await keyring.transact(async (tx) => tx.put('r/first', utf8('later')));
    expect(await keyring.transact((tx) => tx.read('r/first', text))).toBe('later');
    await below.transact(async (tx) => {
      for (const { path, value } of rows) await tx.put(path, value);
    });
    expect(size).toBeGreaterThan(0);
    for (let again = 0; again < 2; again += 1) {
      await expect(keyring.transact((tx) => tx.read('r/first', text))).rejects.toThrow(
        'was put back to an earlier state',
      );
    }
  });
});

test('the cache keeps the newest, and only the version that is asked for', () => {
  const cache = new RecordCache({ records: 2, bytes: 100 });
  cache.keep('a', { version: 1, value: 'a', size: 1 });
  cache.keep('b', { version: 1, value: 'b', size: 1 });
  expect(cache.find('a', 1)?.value).toBe('a');
  cache.keep('c', { version: 1, value: 'c', size: 1 });
  expect(cache.find('b', 1)).toBeUndefined();
  expect(cache.find('a', 2)).toBeUndefined();
  expect(cache.find('a', 1)).toBeUndefined();
  expect(cache.find('c', 1)?.value).toBe('c');
});

test('and no more bytes than it may, however few records that are', () => {
  const cache = new RecordCache({ records: 10, bytes: 100 });
  const kept = (): string =>
    'abcdef'
      .split('')
      .filter((path) => cache.find(path, 1) !== undefined)
      .join('');
  const keep = (path: string, size: number): void => cache.keep(path, { version: 1, value: path, size });
  for (const path of 'abcde') keep(path, 20);
  expect(kept()).toBe('cde');
  keep('e', 51);
  expect(kept()).toBe('cd');
  keep('f', 50);
  expect(kept()).toBe('cf');
  keep('a', 50);
  expect(kept()).toBe('af');
});

test('and those that are found stay, whatever else is read', () => {
  const cache = new RecordCache({ records: 10, bytes: 1_000 });
  for (let at = 0; at < 100; at += 1) {
    cache.keep(`other ${at}`, { version: 1, value: at, size: 1 });
    if (at === 0) cache.keep('often', { version: 1, value: 'often', size: 1 });
    expect(cache.find('often', 1)?.value).toBe('often');
  }
});
