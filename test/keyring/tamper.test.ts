import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyLog, type LogProblem } from '../../src/audit/verify.ts';
import { utf8 } from '../../src/crypto/bytes.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { openKeyring } from '../../src/keyring/open.ts';
import type { Log } from '../../src/keyring/log.ts';
import { logFile } from '../../src/keyring/log-file.ts';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import { keyFileMaterial, newKeyFile } from '../../src/keyring/slot.ts';
import type { Store } from '../../src/keyring/store.ts';
import { verifyKeyring } from '../../src/keyring/verify.ts';
import { isTreePath } from '../../src/keyring/version-tree.ts';
import { everyFlip } from '../support/bits.ts';
import { fixture, newKey, START } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import {
  answersOf,
  verdictOn,
  loaded,
  logOf,
  makeVictim,
  openVictim,
  rowsOf,
  type Rows,
  type State,
  type Verdict,
  type Victim,
} from './tampered.ts';

const folder = temporaryFolders();

let victim: Victim;
/** Rows of the first, the second and the last state. */
let states: Rows[];
let expected: string;
let now: Rows;
let last: State;
let log: Uint8Array;

beforeAll(async () => {
  victim = await makeVictim(folder());
  states = await Promise.all(victim.states.map(({ file }) => rowsOf(loaded(file))));
  now = states.at(-1)!;
  last = victim.states.at(-1)!;
  ({ log } = last);
  expected = await answersOf(victim, { store: await storeOf(now), log: logOf(last) });
});

async function storeOf(rows: Rows): Promise<Store> {
  const store = memoryStore();
  await store.transact(async (tx) => {
    for (const [path, value] of rows) await tx.put(path, value);
  });
  return store;
}

const verdictOf = async (rows: Rows): Promise<Verdict> =>
  verdictOn(victim, await storeOf(rows), { log: logOf(last), expected });

const changed = (
  changes: Iterable<readonly [path: string, value: Uint8Array | undefined]>,
): Map<string, Uint8Array> => {
  const rows = new Map(now);
  for (const [path, value] of changes) {
    if (value) rows.set(path, value);
    else rows.delete(path);
  }
  return rows;
};

/** The first complaint of the verification, or of the opening. */
async function complaintOf(rows: Rows): Promise<string> {
  try {
    const keyring = await openVictim(victim, { store: await storeOf(rows), log: logOf(last) });
    const { problems } = await verifyKeyring(keyring);
    return problems[0] ?? 'none';
  } catch (error) {
    return (error as Error).message;
  }
}

test('untouched, it is whole', async () => {
  expect(await verdictOf(now)).toBe('same');
  expect(await complaintOf(now)).toBe('none');
  expect(now.size).toBeGreaterThan(12);
});

describe('records', () => {
  test('each one deleted', async () => {
    for (const path of now.keys()) {
      expect([path, await verdictOf(changed([[path, undefined]]))]).toEqual([path, 'reported']);
    }
  });

  test('each one emptied, and each one filled with zeros', async () => {
    for (const [path, value] of now) {
      for (const other of [new Uint8Array(), new Uint8Array(value.length)]) {
        expect([path, await verdictOf(changed([[path, other]]))]).toEqual([path, 'reported']);
      }
    }
  });

  test('each one copied over each other', async () => {
    for (const [from, value] of now) {
      for (const to of now.keys()) {
        if (to === from) continue;
        expect([from, to, await verdictOf(changed([[to, value]]))]).toEqual([from, to, 'reported']);
      }
    }
  });

  test('each two exchanged', async () => {
    const paths = [...now.keys()];
    for (const [at, one] of paths.entries()) {
      for (const other of paths.slice(at + 1)) {
        const rows = changed([
          [one, now.get(other)],
          [other, now.get(one)],
        ]);
        expect([one, other, await verdictOf(rows)]).toEqual([one, other, 'reported']);
      }
    }
  });

  test('each one copied to where there is none', async () => {
    const free = [
      'key/111122223333/us-east-1/00000000-0000-4000-8000-000000000000',
      'zzz',
      '~zzz',
      '~slot/2',
      '~slot/01',
      '=63',
      '=63/63',
      '!',
    ];
    for (const [from, value] of now) {
      for (const to of free) {
        if (now.has(to)) continue;
        expect([from, to, await verdictOf(changed([[to, value]]))]).toEqual([from, to, 'reported']);
      }
    }
  });

  test('each one put back to each earlier state', async () => {
    let count = 0;
    for (const state of states.slice(0, -1)) {
      for (const [path, value] of state) {
        if (Buffer.compare(value, now.get(path) ?? new Uint8Array()) === 0) continue;
        count += 1;
        expect([path, await verdictOf(changed([[path, value]]))]).toEqual([path, 'reported']);
      }
    }
    expect(count).toBeGreaterThan(5);
  });

  test('each one put back together with all nodes of the version tree', async () => {
    for (const state of states.slice(0, -1)) {
      const nodes = [...state].filter(([path]) => isTreePath(path));
      for (const [path, value] of state) {
        if (path.startsWith('~')) continue;
        expect([path, await verdictOf(changed([...nodes, [path, value]]))]).toEqual([path, 'reported']);
      }
    }
  });

  test('everything put back but the root, and the root alone', async () => {
    for (const state of states.slice(0, -1)) {
      const rows = new Map(state);
      rows.set('~root', now.get('~root')!);
      expect(await verdictOf(rows)).toBe('reported');
      expect(await verdictOf(changed([['~root', state.get('~root')]]))).toBe('reported');
    }
  });

  test('what is wrong is said', async () => {
    const keyPath = [...now.keys()].find((path) => path.startsWith('key/'))!;
    const aliasPath = [...now.keys()].find((path) => path.startsWith('alias/'))!;
    const tampered = (what: string): string => `the keyring was tampered with or is damaged: record ${what}`;
    const complaints: readonly [rows: Rows, complaint: string][] = [
      [
        changed([[keyPath, states[0]!.get(keyPath)]]),
        tampered(`${keyPath} is an earlier version (version 1, expected 5)`),
      ],
      [changed([[keyPath, now.get(aliasPath)]]), tampered(`${keyPath} was changed, or was moved from another path`)],
      [changed([['zzz', now.get(keyPath)]]), tampered('zzz is not part of the keyring')],
      [changed([[keyPath, undefined]]), '1 record(s) are missing from the keyring'],
      [changed([['~terms', undefined]]), tampered('~terms is missing')],
    ];
    for (const [rows, complaint] of complaints) expect(await complaintOf(rows)).toBe(complaint);
  });

  test('a missing or changed record stops the call that needs it', async () => {
    const keyPath = [...now.keys()].find((path) => path.startsWith('key/'))!;
    for (const value of [undefined, states[0]!.get(keyPath)]) {
      const store = await storeOf(changed([[keyPath, value]]));
      await expect(answersOf(victim, { store, log: logOf(last) })).rejects.toMatchObject({ name: 'EnvironmentError' });
    }
  });
});

describe('unlock slots', () => {
  test('one that was removed or changed cannot be put back', async () => {
    const home = await fixture('slots');
    const open = (material: ReturnType<typeof keyFileMaterial>): Promise<Keyring> =>
      openKeyring({ store: home.store, log: home.log, random: home.random, clock: () => START }, async () => material);
    const change = (record: Uint8Array | undefined): Promise<void> =>
      home.keyring.transact(async (tx) => tx.change({ kind: 'slot', slot: 2, record }));
    const stolen = keyFileMaterial(newKeyFile(home.random), '/stolen');
    const fresh = keyFileMaterial(newKeyFile(home.random), '/fresh');
    const slot = { slot: 2, created: '2026-01-02T03:04:05.678Z', path: '/stolen' };
    const old = home.keyring.slotRecord(slot, stolen);
    await change(old);
    for (const next of [home.keyring.slotRecord(slot, fresh), undefined]) {
      await change(next);
      await home.store.transact((tx) => tx.put('~slot/2', old));
      const opened = await open(stolen);
      const problem = next ? 'record ~slot/2 was changed' : 'record ~slot/2 is not part of the keyring';
      await expect(opened.transact(async () => {})).rejects.toThrow(problem);
      expect((await verifyKeyring(opened)).problems).toEqual([expect.stringContaining(problem)]);
      await home.store.transact(async (tx) => (next ? tx.put('~slot/2', next) : tx.delete('~slot/2')));
    }
  });
});

describe('the whole keyring put back', () => {
  const opened = async ({ file }: State, { log, head }: Pick<State, 'log' | 'head'>): Promise<Keyring> => {
    const path = join(folder(), 'audit.jsonl');
    writeFileSync(path, log);
    writeFileSync(`${path}.head`, head);
    return openVictim(victim, { store: loaded(file), log: logFile(path) });
  };

  test('beside the newer log: the next call of any kind refuses it', async () => {
    for (const state of victim.states.slice(0, -1)) {
      for (const { head } of victim.states.slice(0, -1)) {
        const withEarlierHead = await opened(state, { log, head });
        await expect(withEarlierHead.transact(async () => {})).rejects.toThrow('an earlier version of the keyring');
      }
      const keyring = await opened(state, last);
      await expect(keyring.transact(async () => {})).rejects.toThrow('an earlier version of the keyring was restored');
      const report = await keyring.inspect(async ({ log, root, barrier, end }) =>
        verifyLog(log.read(), { key: barrier.auditKey, start: root.logStart, head: end() }),
      );
      expect(report.problems.map(({ kind }) => kind)).toEqual(['rolled back']);
    }
  });

  test('the log alone restored: the next call refuses it', async () => {
    for (const state of victim.states.slice(0, -1)) {
      for (const { head } of [state, last]) {
        const keyring = await opened(last, { log: state.log, head });
        await expect(keyring.transact(async () => {})).rejects.toThrow('was truncated');
      }
    }
  });

  test('both restored to the same moment are a keyring of that time: only data stored elsewhere can show it', async () => {
    const keyring = await opened(victim.states[0]!, victim.states[0]!);
    await keyring.transact(async () => {});
    expect((await verifyKeyring(keyring)).problems).toEqual([]);
  });
});

describe('another keyring', () => {
  let other: { victim: Victim; rows: Rows };
  beforeAll(async () => {
    const another = await makeVictim(folder(), 'another');
    other = { victim: another, rows: await rowsOf(loaded(another.states.at(-1)!.file)) };
  });

  test('is not opened by this key file', async () => {
    const open = openVictim(victim, { store: loaded(other.victim.states.at(-1)!.file), log: logOf(last) });
    await expect(open).rejects.toThrow('the key file does not unlock this keyring');
  });

  test('none of its rows can take the place of ours', async () => {
    for (const [path, value] of other.rows) {
      expect([path, await verdictOf(changed([[path, value]]))]).toEqual([path, 'reported']);
    }
  });

  test('its log is not ours', async () => {
    const theirs = other.victim.states.at(-1)!.log;
    const path = join(folder(), 'audit.jsonl');
    writeFileSync(path, theirs);
    writeFileSync(`${path}.head`, last.head);
    const keyring = await openVictim(victim, { store: await storeOf(now), log: logFile(path) });
    await expect(keyring.transact(async () => {})).rejects.toMatchObject({ name: 'EnvironmentError' });
    const report = await reportOf(theirs);
    expect(report).toEqual([
      { line: 1, kind: 'wrong key', message: 'no line is authenticated with the key of this keyring' },
    ]);
  });
});

/** The log's verification against the keyring as it is. */
async function reportOf(bytes: Uint8Array): Promise<readonly LogProblem[]> {
  const keyring = await openVictim(victim, { store: await storeOf(now), log: logOf(last) });
  return keyring
    .inspect(async ({ root, barrier, end }) =>
      verifyLog([bytes], { key: barrier.auditKey, start: root.logStart, head: end() }),
    )
    .then(({ problems }) => problems);
}

describe('the log', () => {
  let lines: string[];
  beforeAll(() => {
    lines = Buffer.from(log).toString().split('\n').slice(0, -1);
  });
  const written = (all: readonly string[]): Uint8Array => utf8(all.map((line) => `${line}\n`).join(''));
  const kinds = async (all: readonly string[]): Promise<string[]> =>
    (await reportOf(written(all))).map(({ line, kind }) => `${line} ${kind}`);

  test('untouched, it is whole', async () => {
    expect(lines.length).toBe(7);
    expect(await kinds(lines)).toEqual([]);
  });

  test('any line edited', async () => {
    for (const at of lines.keys()) {
      const edited = lines.with(at, lines[at]!.replace('"eventSource":"kms', '"eventSource":"KMS'));
      expect(await kinds(edited)).toEqual([`${at + 1} edited`]);
    }
  });

  test('any line taken out', async () => {
    for (const at of lines.keys()) {
      const last = at === lines.length - 1;
      expect(await kinds(lines.toSpliced(at, 1))).toEqual([
        last ? `${at} cut at the end` : `${at + 1} cut in the middle`,
      ]);
    }
    const report = await reportOf(written(lines.toSpliced(2, 3)));
    expect(report).toEqual([
      { line: 3, kind: 'cut in the middle', message: 'line 3 has event 6: events 3 to 5 are missing before it' },
    ]);
  });

  test('any line twice', async () => {
    for (const at of lines.keys()) {
      expect(await kinds(lines.toSpliced(at, 0, lines[at]!))).toEqual([`${at + 2} reordered`]);
    }
  });

  test('any two neighbors exchanged', async () => {
    for (const at of lines.keys()) {
      if (at + 1 === lines.length) continue;
      const exchanged = lines.toSpliced(at, 2, lines[at + 1]!, lines[at]!);
      expect(await kinds(exchanged)).toEqual([`${at + 1} cut in the middle`, `${at + 2} reordered`]);
    }
  });

  test('cut at the end, by any number of lines', async () => {
    for (const kept of lines.keys()) {
      const report = await reportOf(written(lines.slice(0, kept)));
      expect(report).toEqual([
        {
          line: kept,
          kind: 'cut at the end',
          message: `the log ends with event ${kept}, but the keyring has logged 7`,
        },
      ]);
    }
  });

  test('something put in that is no line of ours', async () => {
    for (const planted of ['', '{}', 'text', lines[0]!.replace(/"mac":"\w+"/, `"mac":"${'0'.repeat(64)}"`)]) {
      for (const at of [...lines.keys(), lines.length]) {
        const [first] = await kinds(lines.toSpliced(at, 0, planted));
        expect(first?.startsWith(`${at + 1} `)).toBe(true);
      }
    }
  });

  test('more lines than the keyring knows: it was put back', async () => {
    const keyring = await openVictim(victim, { store: loaded(victim.states[0]!.file), log: logOf(last) });
    const report = await keyring.inspect(async ({ root, barrier, end }) =>
      verifyLog([log], { key: barrier.auditKey, start: root.logStart, head: end() }),
    );
    expect(report.problems).toEqual([
      {
        line: 7,
        kind: 'rolled back',
        message:
          'the log continues to event 7, but the keyring has logged 2: an earlier version of the keyring was restored',
      },
    ]);
  });

  test('every single bit of it: reported, with its place', async () => {
    const keyring = await openVictim(victim, { store: await storeOf(now), log: logOf(last) });
    const anchor = await keyring.inspect(async ({ root, barrier, end }) => ({
      key: barrier.auditKey,
      start: root.logStart,
      head: end(),
    }));
    const lineOf: number[] = [];
    let line = 1;
    for (const byte of log) {
      lineOf.push(line);
      if (byte === 0x0a) line += 1;
    }
    let bit = 0;
    const wrong: string[] = [];
    for (const flip of everyFlip(log)) {
      const [problem] = verifyLog([flip], anchor).problems;
      if (problem?.line !== lineOf[bit >> 3]) wrong.push(`bit ${bit}: ${problem?.message}`);
      bit += 1;
    }
    expect(wrong).toEqual([]);
    expect(bit).toBeGreaterThan(8 * 5_000);
  });

  test('cut anywhere', async () => {
    for (let size = 0; size < log.length - 1; size += 17) {
      expect((await reportOf(log.subarray(0, size))).length).toBeGreaterThan(0);
    }
  });

  test('pieces of any size are read alike', async () => {
    const keyring = await openVictim(victim, { store: await storeOf(now), log: logOf(last) });
    function* pieces(size: number): Generator<Uint8Array> {
      const buffer = new Uint8Array(size); // used again, as the reader of the file does
      for (let at = 0; at < log.length; at += size) {
        const part = log.subarray(at, at + size);
        buffer.set(part);
        yield buffer.subarray(0, part.length);
      }
    }
    for (const size of [1, 2, 63, 64, 1000, 100_000]) {
      const report = await keyring.inspect(async ({ root, barrier, end }) =>
        verifyLog(pieces(size), { key: barrier.auditKey, start: root.logStart, head: end() }),
      );
      expect(report).toEqual({ events: 7, problems: [] });
    }
  });
});

test('another process that tampers while a keyring is open is found out', async () => {
  const home = await fixture('open');
  const { id } = await newKey(home);
  await home.call('UpdateKeyDescription', { KeyId: id, Description: 'before' });
  const before = await rowsOf(home.store);
  await home.call('UpdateKeyDescription', { KeyId: id, Description: 'after' });
  const root = before.get('~root')!;
  await home.store.transact((tx) => tx.put('~root', root));
  await expect(home.call('DescribeKey', { KeyId: id })).rejects.toMatchObject({ name: 'EnvironmentError' });
});

test('a log that cannot be reconciled is not written to', async () => {
  const home = await fixture('failing');
  await newKey(home);
  const text = home.events().length;
  const failing: Log = {
    ...home.log,
    size() {
      throw new RangeError('no');
    },
  };
  const keyring = await openKeyring(
    { store: home.store, log: failing, random: home.random, clock: () => START },
    async () => keyFileMaterial(home.keyFile, '/test/key'),
  );
  await expect(keyring.transact(async (tx) => tx.append({ eventName: 'Never' }))).rejects.toThrow(RangeError);
  expect(home.events().length).toBe(text);
});
