import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EnvironmentError } from '../../src/model/error.ts';
import { verifyLog } from '../../src/audit/verify.ts';
import { utf8 } from '../../src/crypto/bytes.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { openKeyring } from '../../src/keyring/open.ts';
import type { Log } from '../../src/keyring/log.ts';
import { logFile } from '../../src/keyring/log-file.ts';
import { memoryLog } from '../../src/keyring/memory-log.ts';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import type { Store, StoreTransaction } from '../../src/keyring/store.ts';
import { verifyKeyring } from '../../src/keyring/verify.ts';
import { createKms } from '../../src/pipeline/invoke.ts';
import { callNamed, ACCOUNT, fixture, newKey, REGION, ROOT, START, type Fixture } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import { keyringFile } from '../support/keyring-file.ts';

const folder = temporaryFolders();

const rowsOf = async (store: Store): Promise<Map<string, string>> => {
  const rows = await store.transact((tx) => Array.fromAsync(tx.rows('')));
  return new Map(rows.map(({ path, value }) => [path, Buffer.from(value).toString('hex')]));
};

const reportOf = (keyring: Keyring) =>
  keyring.inspect(async ({ log, root, barrier, end }) =>
    verifyLog(log.read(), { key: barrier.auditKey, start: root.logStart, head: end() }),
  );

test('a new keyring has its settings, one slot and no records', async () => {
  const { keyring, store } = await fixture();
  expect([...(await rowsOf(store)).keys()]).toEqual(['~keyring', '~root', '~slot/1', '~terms']);
  const root = await keyring.inspect(async ({ root }) => root);
  expect(root).toMatchObject({
    generation: 0,
    settings: { account: ACCOUNT, region: REGION, created: START },
    head: { sequence: 0, size: 0, mac: '0'.repeat(64) },
    logStart: { sequence: 0 },
  });
  expect(await verifyKeyring(keyring)).toEqual({ generation: 0, records: 0, problems: [] });
});

test('a new keyring does not go on with a log that is there', async () => {
  const place = folder();
  writeFileSync(join(place, 'audit.jsonl'), '{"old":"log"}\n');
  await expect(keyringFile(place)).rejects.toThrow(/there is an audit log at .*audit\.jsonl already/);
});

test('a file that is not a keyring is reported', async () => {
  const open = (store: Store): Promise<Keyring> =>
    openKeyring({ store, log: memoryLog(), random: (length) => new Uint8Array(length), clock: () => START }, () => {
      throw new Error('nothing to unlock');
    });
  const message = 'the file is not a pocket-kms keyring, or has an unsupported format version';
  await expect(open(memoryStore())).rejects.toMatchObject({ name: 'EnvironmentError', message });
  const newer = memoryStore();
  await newer.transact((tx) => tx.put('~keyring', utf8(`pocket-kms keyring 2\n${'x'.repeat(16)}`)));
  await expect(open(newer)).rejects.toMatchObject({ name: 'EnvironmentError', message });
});

describe('no answer without its event', () => {
  interface Faults {
    sync?: Error;
    write?: Error;
  }
  /** A keyring whose log fails when it is told to. */
  async function failing(): Promise<{ home: Fixture; faults: Faults; path: string }> {
    const faults: Faults = {};
    const path = join(folder(), 'audit.jsonl');
    const file = logFile(path);
    const log: Log = {
      ...file,
      sync() {
        if (faults.sync) throw faults.sync;
        file.sync();
      },
      write(lines, at) {
        if (faults.write) throw faults.write;
        file.write(lines, at);
      },
    };
    return { home: await fixture('failing', { log }), faults, path };
  }
  const full = new EnvironmentError('the audit log cannot be written: the disk is full');

  test('if the log cannot be made durable, nothing has happened', async () => {
    const { home, faults } = await failing();
    await newKey(home);
    const before = await rowsOf(home.store);
    faults.sync = full;
    await expect(newKey(home)).rejects.toBe(full);
    expect(await rowsOf(home.store)).toEqual(before);
    delete faults.sync;
    expect((await home.call('ListKeys'))['Keys']).toHaveLength(1);
    expect(home.events().map(({ eventName }) => eventName)).toEqual(['CreateKey', 'ListKeys']);
  });

  test('if the lines of a change cannot be written, it is answered: the root has them, and the next call writes them', async () => {
    const { home, faults, path } = await failing();
    faults.write = full;
    const { id } = await newKey(home);
    expect(readFileSync(path, 'utf8')).toBe('');
    await expect(home.call('DescribeKey', { KeyId: id })).rejects.toBe(full);
    delete faults.write;
    expect((await home.call('ListKeys'))['Keys']).toHaveLength(1);
    expect(home.events().map(({ eventName }) => eventName)).toEqual(['CreateKey', 'ListKeys']);
    expect(await reportOf(home.keyring)).toEqual({ events: 2, problems: [] });
  });

  test('a log that was tampered with stops every call, reading ones too', async () => {
    const { home, path } = await failing();
    await newKey(home);
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -10));
    writeFileSync(path, `${readFileSync(path, 'utf8')}0123456789`);
    await expect(home.call('ListKeys')).rejects.toThrow('the end of the audit log');
  });
});

describe('a commit that breaks off', () => {
  /** A store that fails at the n-th change of a transaction. */
  function fragile(below: Store): Store & { failAt: number } {
    const self = {
      failAt: Infinity,
      transact: <T>(work: (tx: StoreTransaction) => Promise<T>) =>
        below.transact((tx) => {
          let changes = 0;
          const count = (): void => {
            changes += 1;
            if (changes === self.failAt) throw new EnvironmentError('the disk is full');
          };
          return work({
            ...tx,
            put: async (path, value) => {
              count();
              await tx.put(path, value);
            },
            delete: async (path) => {
              count();
              await tx.delete(path);
            },
          });
        }),
      close: () => below.close(),
    };
    return self;
  }

  test('at any change, leaves everything as it was', async () => {
    const store = fragile(memoryStore());
    const home = await fixture('fragile', { store });
    const { id } = await newKey(home);
    const [before, events] = [await rowsOf(store), home.events().length];
    const call = (): Promise<unknown> => home.call('CreateAlias', { AliasName: 'alias/a', TargetKeyId: id });
    let failures = 0;
    for (store.failAt = 1; ; store.failAt += 1) {
      try {
        await call();
        break;
      } catch (error) {
        expect(error).toMatchObject({ message: 'the disk is full' });
        failures += 1;
      }
      expect(await rowsOf(store)).toEqual(before);
      expect(home.events().length).toBe(events);
    }
    expect(failures).toBeGreaterThan(4); // two records, their nodes, the root
    store.failAt = Infinity;
    expect((await verifyKeyring(home.keyring)).problems).toEqual([]);
    expect((await home.call('ListAliases', { KeyId: id }))['Aliases']).toHaveLength(1);
  });
});

test('work may be run again after a conflict: only its last run counts', async () => {
  const below = memoryStore();
  let conflicts = 0;
  const replaying: Store = {
    async transact<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T> {
      const undone = new Error('conflict');
      const outcome = await below
        .transact(async (tx) => {
          const before = await tx.version();
          const result = await work(tx);
          if ((await tx.version()) === before) return { result };
          throw undone;
        })
        .catch((error: unknown) => {
          if (error !== undone) throw error;
          conflicts += 1;
        });
      return outcome ? outcome.result : below.transact(work);
    },
    close() {},
  };
  const home = await fixture('replay', { store: replaying });
  const { id } = await newKey(home);
  await home.call('TagResource', { KeyId: id, Tags: [{ TagKey: 'a', TagValue: 'b' }] });
  expect(conflicts).toBe(3); // the keyring, CreateKey, TagResource
  expect((await home.call('ListKeys'))['Keys']).toHaveLength(1);
  expect((await verifyKeyring(home.keyring)).problems).toEqual([]);
  expect(await reportOf(home.keyring)).toEqual({ events: 3, problems: [] });
});

test('calls at once in one process: each sees the ones before it', async () => {
  const home = await keyringFile(folder());
  const { id } = await newKey(home);
  const tags = Array.from({ length: 30 }, (_, at) => ({ TagKey: `t${at}`, TagValue: 'x' }));
  const kms = createKms({ keyring: home.keyring, clock: () => START, random: home.random });
  await Promise.all(
    tags.map((tag) =>
      callNamed(kms, {
        operation: 'TagResource',
        input: { KeyId: id, Tags: [tag] },
        caller: ROOT,
        region: REGION,
        sourceIp: '127.0.0.1',
        userAgent: 'test',
      }),
    ),
  );
  expect((await home.call('ListResourceTags', { KeyId: id }))['Tags']).toEqual(tags);
  expect(await reportOf(home.keyring)).toEqual({ events: 32, problems: [] });
  home.keyring.close();
});
