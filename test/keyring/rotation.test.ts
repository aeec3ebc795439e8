import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyLog } from '../../src/audit/verify.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { logFile } from '../../src/keyring/log-file.ts';
import { isRotationDue, ROTATION_EVENT } from '../../src/keyring/rotation.ts';
import { DAY } from '../../src/keyring/time.ts';
import { fixture, newKey } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import { keyringFile, type KeyringFile } from '../support/keyring-file.ts';

const folder = temporaryFolders();

const settings = { account: '111122223333', region: 'us-east-1', created: 1_000 };
const start = { sequence: 10, mac: '0'.repeat(64) };

test.each([
  [{}, { events: 9, size: 1e9, now: 1e15 }, false],
  [{ logMaxSize: 0, logMaxAge: 0 }, { events: 9, size: 1e9, now: 1e15 }, false],
  [{ logMaxSize: 100 }, { events: 9, size: 99, now: 1e15 }, false],
  [{ logMaxSize: 100 }, { events: 9, size: 100, now: 0 }, true],
  [{ logMaxSize: 100 }, { events: 1, size: 5_000, now: 0 }, false], // only the event that it begins with
  [{ logMaxAge: 60 }, { events: 2, size: 1, now: 1_059 }, false],
  [{ logMaxAge: 60 }, { events: 2, size: 1, now: 1_060 }, true],
  [{ logMaxAge: 60 }, { events: 1, size: 1, now: 1e15 }, false],
  [{ logMaxAge: 60 }, { events: 2, size: 1, now: 5_059, logBegan: 5_000 }, false],
  [{ logMaxAge: 60 }, { events: 2, size: 1, now: 5_060, logBegan: 5_000 }, true],
  [{ logMaxAge: 60 }, { events: 2, size: 1, now: 1_030, clockOffset: 30 }, true],
  [{ logMaxSize: 100, logMaxAge: 60 }, { events: 2, size: 100, now: 0 }, true],
])('of the limits %o and the log %o: %s', (limits, { events, size, now, ...state }, expected) => {
  const { clockOffset = 0, logBegan } = state as { clockOffset?: number; logBegan?: number };
  const root = { logStart: start, logBegan, settings: { ...settings, clockOffset } };
  expect(isRotationDue(limits, { root, end: { ...start, sequence: 10 + events, size }, now })).toBe(expected);
});

const linesOf = (path: string): readonly { eventName: string; chain: { sequence: number } }[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { eventName: string; chain: { sequence: number } });

const logsOf = (home: Pick<KeyringFile, 'logPath'>): readonly string[] =>
  readdirSync(dirname(home.logPath))
    .filter((name) => /^audit.*\.jsonl$/.test(name))
    .toSorted()
    .map((name) => `${dirname(home.logPath)}/${name}`);

const rotate = (keyring: Keyring, limits?: object): Promise<string | undefined> =>
  keyring.rotateLog(limits, async (tx, begun) => {
    if (begun) tx.append({ eventName: 'Rotated', requestParameters: { ...begun } });
    return begun?.putAside;
  });

const isWhole = async (keyring: Keyring): Promise<void> => {
  await keyring.transact(async () => {});
  const report = await keyring.inspect(async ({ log, root, barrier: { auditKey }, end }) =>
    verifyLog(log.read(), { key: auditKey, start: root.logStart, head: end() }),
  );
  expect(report.problems).toEqual([]);
};

describe('a log that is rotated', () => {
  test('goes on in a new file, which says what it follows', async () => {
    const home = await keyringFile(folder());
    await newKey(home);
    await home.call('ListKeys');
    const old = readFileSync(home.logPath);
    expect(await rotate(home.keyring)).toBe('audit-000000000002.jsonl');
    await home.call('ListKeys');
    const [aside, current] = logsOf(home);
    expect(readFileSync(aside!)).toEqual(old);
    expect(linesOf(current!)).toMatchObject([
      {
        eventName: 'Rotated',
        requestParameters: {
          follows: { sequence: 2, mac: expect.stringMatching(/^[0-9a-f]{64}$/) },
          putAside: 'audit-000000000002.jsonl',
        },
        chain: { sequence: 3 },
      },
      { eventName: 'ListKeys', chain: { sequence: 4 } },
    ]);
    await isWhole(home.keyring);
    await isWhole(await home.reopen());
  });

  test('is read to its end by who has begun to, as when it is verified', async () => {
    const home = await keyringFile(folder());
    await newKey(home);
    const old = readFileSync(home.logPath);
    const pieces = home.log.snapshot(0);
    await home.call('ListKeys');
    await rotate(home.keyring);
    await home.call('ListKeys');
    expect(Buffer.concat([...pieces].map((piece) => Buffer.from(piece)))).toEqual(old);
  });

  test('stays if no limit is reached, and nothing is written', async () => {
    const home = await keyringFile(folder());
    await newKey(home);
    const [log, keyring] = [readFileSync(home.logPath), readFileSync(home.keyringPath)];
    expect(await rotate(home.keyring, { logMaxSize: 1_000_000, logMaxAge: DAY })).toBeUndefined();
    expect([readFileSync(home.logPath), readFileSync(home.keyringPath)]).toEqual([log, keyring]);
  });

  test('is not one whose end was changed', async () => {
    const home = await keyringFile(folder());
    await newKey(home);
    await home.call('ListKeys');
    truncateSync(home.logPath, 10);
    await expect(rotate(home.keyring)).rejects.toThrow('was truncated');
    expect(logsOf(home)).toHaveLength(1);
  });

  test('keeps the last uses that are only in the old file, also when it is begun anew', async () => {
    for (const begin of [
      rotate,
      (keyring: Keyring) => keyring.restartLog(async (tx) => tx.append({ eventName: 'Restarted' })),
    ]) {
      const home = await keyringFile(folder());
      const { id } = await newKey(home);
      await home.call('Encrypt', { KeyId: id, Plaintext: Buffer.from('x') });
      await begin(home.keyring);
      expect(await home.call('GetKeyLastUsage', { KeyId: id })).toMatchObject({
        KeyLastUsage: { Operation: 'Encrypt' },
      });
    }
  });
});

describe('the settings of the keyring', () => {
  test('rotate the log with the call that finds it so large', async () => {
    const home = await keyringFile(folder());
    const { id } = await newKey(home);
    await home.keyring.transact(async (tx) => tx.change({ kind: 'settings', settings: { logMaxSize: 4_096 } }));
    const other = await home.reopen();
    for (let count = 0; count < 30; count += 1) {
      await home.call(count % 7 === 0 ? 'CreateKey' : 'DescribeKey', count % 7 === 0 ? {} : { KeyId: id });
      if (count % 5 === 0) await other.transact(async (tx) => tx.append({ eventName: 'Other' }));
    }
    const logs = logsOf(home);
    expect(logs.length).toBeGreaterThan(3);
    const events = logs.flatMap(linesOf);
    expect(events.map(({ chain }) => chain.sequence)).toEqual(events.map((_, at) => at + 1));
    expect(events.filter(({ eventName }) => eventName === ROTATION_EVENT)).toHaveLength(logs.length - 1);
    expect(events.filter(({ eventName }) => eventName === 'Other')).toHaveLength(6);
    for (const log of logs.slice(1)) expect(linesOf(log)[0]).toMatchObject({ eventName: ROTATION_EVENT });
    await isWhole(home.keyring);
    await isWhole(other);
  });

  test('rotate it by its age, which counts from its first event', async () => {
    const logPath = `${folder()}/audit.jsonl`;
    const home = await fixture('age', { log: logFile(logPath) });
    const logs = (): readonly string[] => logsOf({ logPath });
    await newKey(home);
    await home.keyring.transact(async (tx) => tx.change({ kind: 'settings', settings: { logMaxAge: DAY } }));
    home.now += DAY - 1;
    await home.call('ListKeys');
    expect(logs()).toHaveLength(1);
    home.now += 1;
    await home.call('ListKeys');
    await home.call('ListKeys');
    expect(logs()).toHaveLength(2);
    home.now += DAY;
    await home.call('ListKeys');
    expect(logs()).toHaveLength(3);
  });

  test('keep a keyring in memory small', async () => {
    const home = await fixture();
    await home.keyring.transact(async (tx) => tx.change({ kind: 'settings', settings: { logMaxSize: 4_096 } }));
    for (let count = 0; count < 50; count += 1) await home.call('ListKeys');
    expect(home.log.size()).toBeLessThan(6_000);
    await isWhole(home.keyring);
  });

  test('a call that fails is logged in the new file, and only once', async () => {
    const home = await keyringFile(folder());
    await home.keyring.transact(async (tx) => tx.change({ kind: 'settings', settings: { logMaxSize: 1 } }));
    await home.call('ListKeys');
    await home.call('ListKeys');
    await expect(home.call('DescribeKey', { KeyId: 'alias/none' })).rejects.toThrow('not found');
    const events = logsOf(home).flatMap(linesOf);
    expect(events.filter(({ eventName }) => eventName === 'DescribeKey')).toHaveLength(1);
    expect(events.map(({ chain }) => chain.sequence)).toEqual(events.map((_, at) => at + 1));
  });
});
