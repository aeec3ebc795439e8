import {
  appendFileSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyLog } from '../../src/audit/verify.ts';
import { backupKeyring, restoreKeyring } from '../../src/keyring/backup.ts';
import type { Meter } from '../../src/model/progress.ts';
import { utf8 } from '../../src/crypto/bytes.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { logFile } from '../../src/keyring/log-file.ts';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import { sqliteStore } from '../../src/keyring/sqlite-store.ts';
import { type Store } from '../../src/keyring/store.ts';
import { verifyKeyring } from '../../src/keyring/verify.ts';
import { createKms } from '../../src/pipeline/invoke.ts';
import { callNamed, newKey, REGION, ROOT, type Fixture } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import { keyringFile, type KeyringFile } from '../support/keyring-file.ts';

const folder = temporaryFolders();

const rowsOf = (store: Store): Promise<Map<string, string>> =>
  store.transact(async (tx) => {
    const rows = new Map<string, string>();
    for await (const { path, value } of tx.rows('')) rows.set(path, Buffer.from(value).toString('hex'));
    return rows;
  });

const reportOf = (keyring: Keyring) =>
  keyring.inspect(async ({ log, root, barrier, end }) =>
    verifyLog(log.read(), { key: barrier.auditKey, start: root.logStart, head: end() }),
  );

const listKeys = async (keyring: Keyring, home: Fixture): Promise<unknown[]> => {
  const kms = createKms({ keyring, clock: () => home.now, random: home.random });
  const answer = await callNamed(kms, {
    operation: 'ListKeys',
    input: {},
    caller: ROOT,
    region: REGION,
    sourceIp: '127.0.0.1',
    userAgent: 'test',
  });
  return answer.output['Keys'] as unknown[];
};

test('a backup has every row as it is, and opens', async () => {
  const home = await keyringFile(folder());
  await newKey(home);
  const to = memoryStore();
  const { records: rows } = await backupKeyring(home.keyring, to);
  expect(await rowsOf(to)).toEqual(await rowsOf(home.store));
  expect(rows).toBe((await rowsOf(to)).size);
  const copy = await home.reopen({ store: to });
  expect(await verifyKeyring(copy)).toMatchObject({ problems: [], records: 2 });
});

test('a backup does not begin the log of the keyring it was made of', async () => {
  const home = await keyringFile(folder());
  const backedUpNow = async (): Promise<void> => {
    const to = memoryStore();
    await backupKeyring(home.keyring, to);
    const elsewhere = logFile(join(folder(), 'audit.jsonl'));
    const copy = await home.reopen({ store: to, log: elsewhere });
    await expect(copy.transact(async () => {})).rejects.toThrow('is missing');
    expect(elsewhere.exists()).toBe(false);
    expect(await verifyKeyring(copy)).toMatchObject({ problems: [] });
  };
  await backedUpNow(); // without an event
  await newKey(home);
  await backedUpNow(); // with one, which is all that the log has
  await home.keyring.restartLog(async (tx) => tx.append({ eventName: 'Restarted' }));
  await backedUpNow();
  const copied = join(folder(), 'keyring.db');
  copyFileSync(home.keyringPath, copied);
  const copy = await home.reopen({ store: sqliteStore(copied), log: logFile(join(copied, '../audit.jsonl')) });
  await expect(copy.transact(async () => {})).rejects.toThrow('is missing');
});

test('a keyring that is put back behind its log is refused, just after a log was begun too', async () => {
  const home = await keyringFile(folder());
  const restart = (): Promise<void> => home.keyring.restartLog(async (tx) => tx.append({ eventName: 'Restarted' }));
  await newKey(home);
  await restart();
  const saved = readFileSync(home.keyringPath);
  const putBack = async (): Promise<void> => {
    const now = readFileSync(home.keyringPath);
    writeFileSync(home.keyringPath, saved);
    const keyring = await home.reopen();
    await expect(keyring.transact(async () => {})).rejects.toThrow(/ahead of the keyring|was changed|was truncated/);
    keyring.close();
    writeFileSync(home.keyringPath, now);
  };
  await newKey(home);
  await putBack();
  await restart();
  await putBack();
  await newKey(home);
  await putBack();
  rmSync(home.logPath);
  writeFileSync(home.keyringPath, saved);
  const keyring = await home.reopen();
  await expect(keyring.transact(async () => {})).rejects.toThrow('is missing');
});

test('edits in a log that was just begun are kept and reported', async () => {
  const home = await keyringFile(folder());
  await newKey(home);
  await home.keyring.restartLog(async (tx) => tx.append({ eventName: 'Restarted' }));
  writeFileSync(home.logPath, readFileSync(home.logPath, 'utf8').replace('Restarted', 'Restaxted'));
  await home.keyring.transact(async () => {});
  expect((await reportOf(home.keyring)).problems).toMatchObject([{ line: 1, kind: 'edited' }]);
});

/** A keyring with two keys, one of them newer than the backup. */
async function backedUp(): Promise<{ home: KeyringFile; backup: string }> {
  const home = await keyringFile(folder());
  await newKey(home, { Description: 'in the backup' });
  const backup = join(folder(), 'backup.db');
  writeFileSync(backup, '', { mode: 0o600 });
  const to = sqliteStore(backup, { create: true });
  await backupKeyring(home.keyring, to);
  to.close();
  await newKey(home, { Description: 'later' });
  await home.call('ListKeys');
  return { home, backup };
}

/** In one transaction, with an event. */
async function restore(home: KeyringFile, backup: string, meter?: Meter): Promise<Keyring> {
  home.keyring.close();
  const from = sqliteStore(backup);
  const copy = await home.reopen({ store: from });
  const keyring = copy.in({ store: sqliteStore(home.keyringPath), log: logFile(home.logPath) });
  await restoreKeyring({ from, keyring, isDraft: false, ...(meter ? { meter } : {}) }, async (tx, begun) =>
    tx.append({ eventName: 'Restored', requestParameters: { ...begun } }),
  );
  from.close();
  return keyring;
}

const eventsIn = (path: string): { eventName: string; chain: { sequence: number; generation: number } }[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { eventName: string; chain: { sequence: number; generation: number } });

const whole = async (keyring: Keyring): Promise<void> => {
  expect((await reportOf(keyring)).problems).toEqual([]);
  expect((await verifyKeyring(keyring)).problems).toEqual([]);
};

test('restoring tells of every record', async () => {
  const { home, backup } = await backedUp();
  const store = sqliteStore(backup);
  const { records } = await verifyKeyring(await home.reopen({ store }));
  store.close();
  let done = 0;
  await restore(home, backup, { expect() {}, advance: (more) => void (done += more) });
  expect(done).toBeGreaterThan(records);
  expect(done - records).toBeLessThan(10); // header, root, slots, nodes of the version tree
});

describe('a restored keyring goes on', () => {
  test('after the last line of the log that is there', async () => {
    const { home, backup } = await backedUp();
    const before = readFileSync(home.logPath);
    const restored = await restore(home, backup);
    expect(readFileSync(home.logPath).subarray(0, before.length)).toEqual(before);
    expect((await listKeys(restored, home)).length).toBe(1);
    expect(await reportOf(restored)).toEqual({ events: 5, problems: [] });
    await whole(restored);
    const { generation, sequence } = await restored.inspect(async ({ root, end }) => ({
      generation: root.generation,
      sequence: end().sequence,
    }));
    expect(sequence).toBe(5);
    expect(generation).toBeGreaterThan(2); // what the log has seen, not what the backup had
  });

  test('in a new log that follows the last event that is known, where there is none', async () => {
    const { home, backup } = await backedUp();
    rmSync(home.logPath);
    const restored = await restore(home, backup);
    expect((await listKeys(restored, home)).length).toBe(1);
    // the head of the log that was removed tells of event 3, and the keyring has the lines of its last change
    expect(await reportOf(restored)).toEqual({ events: 3, problems: [] });
    expect(eventsIn(home.logPath)).toMatchObject([
      { chain: { sequence: 4 } },
      { eventName: 'CreateKey' },
      { eventName: 'ListKeys' },
    ]);
    await whole(restored);
  });

  const restarted = (keyring: Keyring): Promise<void> =>
    keyring.restartLog(async (tx, begun) => tx.append({ eventName: 'Restarted', requestParameters: { ...begun } }));

  test('in a log that was begun after the backup, whether the keyring that is replaced can be read or not', async () => {
    for (const isReadable of [true, false]) {
      const { home, backup } = await backedUp();
      await restarted(home.keyring);
      await home.call('ListKeys');
      if (!isReadable) {
        const store = sqliteStore(home.keyringPath);
        await store.transact((tx) => tx.put('~root', new Uint8Array(100)));
        store.close();
      }
      const restored = await restore(home, backup);
      await whole(restored);
      expect(eventsIn(home.logPath).map(({ chain }) => chain.sequence)).toEqual([4, 5, 6]);
      await restarted(restored);
      await listKeys(restored, home);
      await whole(restored);
      expect(eventsIn(home.logPath).map(({ chain }) => chain.sequence)).toEqual([7, 8]);
      restored.close();
    }
  });

  test('in a new log where the key was changed after the backup: the head is sealed under one that the backup lacks', async () => {
    for (const calls of [0, 1, 2]) {
      const { home, backup } = await backedUp();
      await home.keyring.transact(async (tx) => {
        tx.change({ kind: 'rekey' });
        tx.append({ eventName: 'Rekey' });
      });
      for (let call = 0; call < calls; call += 1) await home.call('ListKeys');
      const restored = await restore(home, backup);
      expect((await listKeys(restored, home)).length).toBe(1);
      await whole(restored);
      restored.close();
      const next = await home.reopen();
      expect((await listKeys(next, home)).length).toBe(1);
      await whole(next);
      next.close();
    }
  });

  test('after a log that was changed, in a new one: only what its MACs vouch for counts', async () => {
    const changes: readonly ((text: string) => string)[] = [
      (text) => text.replace('ListKeys', 'ListXeys'),
      (text) => text.slice(0, text.indexOf('\n') + 1),
      (text) => text.slice(0, text.indexOf('\n') + 40),
      (text) => text.slice(text.indexOf('\n') + 1),
      () => 'something else\n',
      () => '',
    ];
    for (const change of changes) {
      const { home, backup } = await backedUp();
      const changed = change(readFileSync(home.logPath, 'utf8'));
      writeFileSync(home.logPath, changed);
      const restored = await restore(home, backup);
      await whole(restored);
      const [first] = eventsIn(home.logPath);
      expect(first).toMatchObject({ eventName: 'Restored', chain: { sequence: 4, generation: 3 } });
      const aside = home.logPath.replace('.jsonl', '-000000000003.jsonl');
      expect(readFileSync(aside, 'utf8')).toBe(changed);
      await listKeys(restored, home);
      await whole(restored);
      restored.close();
    }
  });
});

test('a restored keyring goes on after a log to which something was added, which is put aside', async () => {
  for (const added of [
    `{"eventName":"x","chain":{"sequence":4,"generation":281474976710654,"mac":"${'0'.repeat(64)}"}}\n`,
    `{"eventName":"x","chain":{"sequence":900719925474099,"generation":1,"mac":"${'0'.repeat(64)}"}}\n`,
  ]) {
    const { home, backup } = await backedUp();
    appendFileSync(home.logPath, added);
    const restored = await restore(home, backup);
    await whole(restored);
    expect(eventsIn(home.logPath).slice(3)).toMatchObject([
      { eventName: 'RecoverAuditLog', requestParameters: { file: 'audit-rest-3.jsonl', bytes: added.length } },
      { eventName: 'Restored' },
    ]);
    expect(readFileSync(home.logPath.replace('.jsonl', '-rest-3.jsonl'), 'utf8')).toBe(added);
    restored.close();
  }
});

describe('a new log', () => {
  const restart = (keyring: Keyring): Promise<string | undefined> =>
    keyring.restartLog(async (tx, begun) => {
      tx.append({ eventName: 'Restarted', requestParameters: { ...begun } });
      return begun.putAside;
    });

  test('puts the old one aside, never over a file', async () => {
    const home = await keyringFile(folder());
    await newKey(home);
    const old = readFileSync(home.logPath);
    const [one, two] = ['audit-000000000001.jsonl', 'audit-000000000001-1.jsonl'].map((name) =>
      join(home.logPath, '..', name),
    );
    writeFileSync(one!, 'mine');
    expect(await restart(home.keyring)).toBe('audit-000000000001-1.jsonl');
    expect(readFileSync(one!, 'utf8')).toBe('mine');
    expect(readFileSync(two!)).toEqual(old);
    await home.call('ListKeys');
    expect(eventsIn(home.logPath).map(({ chain }) => chain.sequence)).toEqual([2, 3]);
    await whole(home.keyring);
  });

  test('is completed by the next process, wherever the one that began it was stopped', async () => {
    const home = await keyringFile(folder());
    await newKey(home);
    const log = logFile(home.logPath);
    const killed = (): never => {
      throw new Error('killed');
    };
    const dying = await home.reopen({
      log: { ...log, begin: killed },
    });
    await expect(restart(dying)).rejects.toThrow('killed');
    home.keyring.close();
    const committed = readFileSync(home.keyringPath);
    const before = readFileSync(home.logPath);
    const aside = home.logPath.replace('.jsonl', '-000000000001.jsonl');
    const kept = join(home.logPath, '../kept'); // the file itself, whatever becomes of its names
    linkSync(home.logPath, kept);
    const states: readonly (() => void)[] = [
      () => {}, // committed, and nothing else
      () => linkSync(home.logPath, aside),
      () => renameSync(home.logPath, aside), // where a file has one name only
      () => {
        linkSync(home.logPath, aside);
        writeFileSync(`${home.logPath}.new-1-2`, 'half of a draft');
      },
      () => mkdirSync(`${home.logPath}.new`),
    ];
    for (const state of states) {
      rmSync(home.logPath, { force: true });
      rmSync(aside, { force: true });
      linkSync(kept, home.logPath);
      writeFileSync(home.keyringPath, committed);
      state();
      const keyring = await home.reopen();
      await keyring.transact(async () => {});
      expect(eventsIn(home.logPath).map(({ eventName }) => eventName)).toEqual(['Restarted']);
      expect(readFileSync(aside)).toEqual(before);
      await whole(keyring);
      keyring.close();
    }
  });

  test('is gone on with by a process that had the old one open', async () => {
    const home = await keyringFile(folder());
    const other = await home.reopen();
    await newKey(home);
    await restart(other);
    await home.call('ListKeys');
    await listKeys(other, home);
    expect(eventsIn(home.logPath).map(({ chain }) => chain.sequence)).toEqual([2, 3, 4]);
    await whole(home.keyring);
  });

  const damages: readonly [name: string, damage: (path: string) => void][] = [
    ['cut', (path) => truncateSync(path, statSync(path).size - 5)],
    ['gone on with', (path) => appendFileSync(path, `${'x'.repeat(20_000)}\n`)],
    ['torn and edited', (path) => appendFileSync(path, '{"eventName":"Later"')],
    ['another file', (path) => writeFileSync(path, 'something else')],
    ['a link', (path) => (rmSync(path), symlinkSync('/etc/passwd', path))],
    ['removed', (path) => rmSync(path)],
  ];
  const cases: readonly [name: string, begin: (home: KeyringFile, backup: string) => Promise<Keyring>][] = [
    [
      'begun by hand',
      async (home) => {
        const keyring = await home.reopen();
        await restart(keyring);
        return keyring;
      },
    ],
    ['begun by a restore', restore],
  ];
  test.each(cases.flatMap(([way, begin]) => damages.map(([name, damage]) => [way, name, begin, damage] as const)))(
    'has, %s, the events that a killed process kept out of one that is %s',
    async (_way, _name, begin, damage) => {
      const { home, backup } = await backedUp();
      const late = await home.reopen({ log: { ...logFile(home.logPath), write: () => {} } });
      await late.transact(async (tx) => {
        tx.put('r/late', utf8('changed'));
        tx.append({ eventName: 'Late', number: 1 });
        tx.append({ eventName: 'Late', number: 2 });
      });
      damage(home.logPath);
      const keyring = await begin(home, backup);
      const [first, ...others] = eventsIn(home.logPath);
      expect(first).toMatchObject({ requestParameters: { follows: { sequence: 5 }, carriedOver: [4, 5] } });
      expect(others).toMatchObject([
        { eventName: 'Late', number: 1, chain: { sequence: 7 } },
        { eventName: 'Late', number: 2, chain: { sequence: 8 } },
      ]);
      await listKeys(keyring, home);
      await whole(keyring);
      keyring.close();
    },
  );

  test('has no event twice: not one that is in the log before it, whatever else is wrong there', async () => {
    const home = await keyringFile(folder());
    await newKey(home);
    await home.call('ListKeys');
    writeFileSync(home.logPath, `${readFileSync(home.logPath, 'utf8')}more\n`);
    await restart(home.keyring);
    expect(eventsIn(home.logPath).map(({ eventName }) => eventName)).toEqual(['Restarted']);
    expect(eventsIn(home.logPath)[0]).not.toHaveProperty('requestParameters.carriedOver');
  });

  test('is not begun where a folder stands in the way, which link(2) cannot put aside', async () => {
    const home = await keyringFile(folder());
    await newKey(home);
    rmSync(home.logPath);
    mkdirSync(home.logPath);
    await expect(restart(home.keyring)).rejects.toThrow(`${home.logPath} is a folder`);
    rmdirSync(home.logPath);
    await restart(home.keyring);
    expect(eventsIn(home.logPath)[0]).toMatchObject({ chain: { sequence: 2 } });
  });

  test('is begun where a copy has none, and says what it follows', async () => {
    const home = await keyringFile(folder());
    await newKey(home);
    await home.call('ListKeys');
    const backup = join(folder(), 'backup.db');
    copyFileSync(home.keyringPath, backup);
    const elsewhere = join(folder(), 'audit.jsonl');
    const copy = await home.reopen({ store: sqliteStore(backup), log: logFile(elsewhere) });
    await expect(copy.transact(async () => {})).rejects.toThrow('is missing');
    expect(await restart(copy)).toBeUndefined();
    expect(eventsIn(elsewhere)[0]).toMatchObject({ requestParameters: { follows: { sequence: 1 } } });
    expect((await listKeys(copy, home)).length).toBe(1);
    expect((await listKeys(home.keyring, home)).length).toBe(1);
    await whole(copy);
    await whole(home.keyring);
  });
});
