import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHAIN_START, lineEnd, link } from '../../src/audit/chain.ts';
import { verifyLog } from '../../src/audit/verify.ts';
import { concat, utf8 } from '../../src/crypto/bytes.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { barrier } from '../../src/keyring/barrier.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import type { Log } from '../../src/keyring/log.ts';
import { completeLog, type OpenEnd } from '../../src/keyring/log-end.ts';
import { logFile } from '../../src/keyring/log-file.ts';
import { ACCOUNT, REGION, seeded, START } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import { keyringFile } from '../support/keyring-file.ts';

const folder = temporaryFolders();

const seal = barrier({
  keyringId: new Uint8Array(16).fill(7),
  rootKey: new Secret(new Uint8Array(32).fill(1)),
  terms: new Map([[1, new Secret(new Uint8Array(32).fill(2))]]),
  random: seeded('log'),
});
const key = seal.auditKey;

type RootState = Parameters<typeof completeLog>[0];

/** Three events; the last two are those of the last transaction. */
function threeEvents(): { lines: readonly Uint8Array[]; state: RootState } {
  let head = CHAIN_START;
  const lines = [1, 2, 3].map((number) => {
    const linked = link({ eventName: `Event${number}` }, Math.min(number, 2), { key, head });
    ({ head } = linked);
    return linked.line;
  });
  const size = concat(...lines).length;
  const settings = { account: ACCOUNT, region: REGION, created: START };
  return {
    lines,
    state: { generation: 2, settings, head: { ...head, size }, pending: concat(...lines.slice(1)) },
  };
}

const completed = (log: Log, root: RootState): OpenEnd =>
  completeLog(root, { log, barrier: seal, random: seeded('completed'), clock: () => START });

const { lines, state } = threeEvents();
const whole = Buffer.from(concat(...lines));
const start = lines[0]!.length;

function reconciled(content: Uint8Array | undefined, to: RootState = state): Buffer {
  const path = join(folder(), 'audit.jsonl');
  if (content) writeFileSync(path, content);
  const log = logFile(path);
  try {
    completed(log, to);
  } finally {
    log.close();
  }
  return readFileSync(path);
}

describe('completeLog', () => {
  test('a whole log stays as it is', () => {
    expect(reconciled(whole)).toEqual(whole);
  });

  test('a torn end is completed, wherever it is torn', () => {
    for (let size = start; size < whole.length; size += 1) {
      expect(reconciled(whole.subarray(0, size))).toEqual(whole);
    }
  });

  test('a log that is not there is made if the last transaction began it', () => {
    const path = join(folder(), 'audit.jsonl');
    const log = logFile(path);
    completed(log, { ...state, pending: whole, begins: log.beginning(0) });
    expect(readFileSync(path)).toEqual(whole);
  });

  test('a log is begun only where it was to be, over what was there', () => {
    const begun = (between: (path: string) => string | void, content = 'old'): readonly (string | undefined)[] => {
      let path = join(folder(), 'audit.jsonl');
      if (content !== '') writeFileSync(path, content, { mode: 0o600 });
      const begins = logFile(path).beginning(7);
      path = between(path) ?? path;
      const log = logFile(path);
      let refusal = 'none';
      try {
        completed(log, { ...state, pending: whole, begins });
      } catch (error) {
        refusal = /missing|was truncated|was changed|ahead/.exec(String(error))?.[0] ?? String(error);
      }
      log.close();
      return [refusal, ...readdirSync(dirname(path)).toSorted()];
    };
    expect(begun(() => {})).toEqual(['none', 'audit-000000000007.jsonl', 'audit.jsonl', 'audit.jsonl.head']);
    expect(begun(() => {}, '')).toEqual(['none', 'audit.jsonl', 'audit.jsonl.head']);
    // put aside, and nothing else
    expect(begun((path) => linkSync(path, path.replace('.', '-000000000007.')))).toEqual([
      'none',
      'audit-000000000007.jsonl',
      'audit.jsonl',
      'audit.jsonl.head',
    ]);
    expect(begun((path) => renameSync(path, path.replace('.', '-000000000007.')))).toEqual([
      'none',
      'audit-000000000007.jsonl',
      'audit.jsonl',
      'audit.jsonl.head',
    ]);
    // another file has come to its place: the log that was begun, which went on, or one that was put back
    const replaced = (path: string): void => {
      renameSync(path, `${path}.old`);
      const { line } = link({ eventName: 'Later' }, 3, { key, head: state.head });
      writeFileSync(path, Buffer.concat([whole, line]), { mode: 0o600 });
    };
    expect(begun(replaced)).toEqual(['ahead', 'audit.jsonl', 'audit.jsonl.head', 'audit.jsonl.old']);
    // copies of the keyring
    expect(begun(() => join(folder(), 'audit.jsonl'))).toEqual(['missing']);
    expect(begun((path) => `${dirname(path)}/copy.db.audit.jsonl`)).toEqual(['missing', 'audit.jsonl']);
  });

  test('a log that is not there is not made, however young the keyring is: this may be a copy of it', () => {
    for (const young of [
      { ...state, pending: whole },
      { ...state, head: { ...CHAIN_START, size: 0 }, pending: new Uint8Array() },
    ]) {
      expect(() => reconciled(undefined, young)).toThrow('is missing');
    }
  });

  const wrong: readonly [name: string, content: Uint8Array | undefined, message: RegExp][] = [
    ['gone', undefined, /is missing/],
    [
      'cut by more than the last transaction',
      whole.subarray(0, start - 1),
      /was truncated: \d+ bytes before the end of event 3/,
    ],
    ['emptied', Buffer.of(), /was truncated/],
    [
      'an event of a later generation ahead',
      Buffer.concat([whole, link({ eventName: 'Later' }, 3, { key, head: state.head }).line]),
      /ahead of the keyring: an earlier version of the keyring was restored/,
    ],
    [
      'another last transaction, torn',
      Buffer.concat([lines[0]!, lines[2]!]),
      /the end of the audit log .* was changed/,
    ],
  ];
  test.each(wrong)('%s', (_, content, message) => {
    expect(() => reconciled(content)).toThrow(expect.objectContaining({ name: 'EnvironmentError' }));
    expect(() => reconciled(content)).toThrow(message);
  });

  test('pending lines that a power cut lost, while later ones reached the disk, are written again', () => {
    const later = link({ eventName: 'Later' }, 2, { key, head: state.head }).line;
    const content = Buffer.concat([whole, later]);
    for (const [from, to] of [
      [start, whole.length],
      [start, start + 40],
      [start + 40, whole.length],
      [whole.length - 10, whole.length],
    ] as const) {
      const lost = Buffer.from(content).fill(0, from, to);
      expect(reconciled(lost)).toEqual(content);
    }
    const edited = Buffer.from(content).fill(0, start, start + 40);
    edited[start] = 0x20;
    expect(() => reconciled(edited)).toThrow('was changed');
  });

  test('a byte changed in a torn end', () => {
    const torn = whole.subarray(0, start + 20);
    for (let at = start; at < torn.length; at += 1) {
      const edited = Buffer.from(torn);
      edited[at]! ^= 1;
      expect(() => reconciled(edited)).toThrow('was changed');
    }
  });

  test('a bit changed in the last MAC or behind it', () => {
    for (let bit = 8 * (whole.length - lineEnd(CHAIN_START).length); bit < 8 * whole.length; bit += 1) {
      const edited = Buffer.from(whole);
      edited[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => reconciled(edited)).toThrow('was changed');
    }
  });

  test('nothing is written to a log that is wrong', () => {
    const path = join(folder(), 'audit.jsonl');
    const content = whole.subarray(0, start - 1);
    writeFileSync(path, content);
    expect(() => completed(logFile(path), state)).toThrow('was truncated');
    expect(readFileSync(path)).toEqual(content);
  });
});

describe('the file', () => {
  test('is made for us alone', () => {
    const path = join(folder(), 'audit.jsonl');
    const log = logFile(path);
    expect(existsSync(path)).toBe(false);
    expect(() => log.write(utf8('line\n'), 0)).toThrow('is missing');
    expect(existsSync(path)).toBe(false);
    log.create();
    log.create();
    log.write(utf8('line\n'), 0);
    log.close();
    expect(readFileSync(path, 'utf8')).toBe('line\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is never reached through a link', () => {
    const place = folder();
    writeFileSync(join(place, 'elsewhere'), 'untouched');
    symlinkSync(join(place, 'elsewhere'), join(place, 'audit.jsonl'));
    expect(() => completed(logFile(join(place, 'audit.jsonl')), state)).toThrow('is a symbolic link');
    expect(readFileSync(join(place, 'elsewhere'), 'utf8')).toBe('untouched');
  });

  test('a missing folder is reported', () => {
    expect(() => logFile(join(folder(), 'none', 'audit.jsonl')).create()).toThrow(
      /no such|does not exist|there is no/i,
    );
    expect(() => completed(logFile(join(folder(), 'none', 'audit.jsonl')), state)).toThrow('is missing');
  });

  test('is read in pieces, whatever its length', () => {
    const path = join(folder(), 'audit.jsonl');
    const content = Buffer.alloc(200_000, 'abc');
    writeFileSync(path, content);
    const pieces: Buffer[] = [];
    for (const piece of logFile(path).read()) pieces.push(Buffer.from(piece)); // the reader uses its piece again
    expect(pieces.length).toBeGreaterThan(2);
    expect(Buffer.concat(pieces).equals(content)).toBe(true);
  });

  test('may be closed and used again', () => {
    const path = join(folder(), 'audit.jsonl');
    const log = logFile(path);
    log.create();
    log.write(utf8('one\n'), 0);
    log.close();
    log.close();
    log.write(utf8('two\n'), 4);
    log.close();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });
});

interface HeldWrite {
  readonly lines: Uint8Array;
  readonly at: number;
}

/** The log of a process that commits and then sleeps before it writes. */
function sleepyLog(path: string, held: HeldWrite[]): Log {
  const log = logFile(path);
  // the last write is its own; one before that completes what another process has left
  let last: HeldWrite | undefined;
  return {
    ...log,
    write(lines, at) {
      if (last) log.write(last.lines, last.at);
      if (last) held.pop();
      last = { lines, at };
      held.push(last);
    },
  };
}

const append = (keyring: Keyring, number: number): Promise<void> =>
  keyring.transact(async (tx) => {
    tx.put('r/changed', utf8(String(number)));
    for (let more = 0; more <= number % 3; more += 1) tx.append({ eventName: `Event${number}`, more });
  });

const CALLS = 8;

test('lines that are written late, twice or in any order make the same log', async () => {
  const calm = await keyringFile(folder());
  for (let number = 0; number < CALLS; number += 1) await append(calm.keyring, number);
  const expected = readFileSync(calm.logPath);

  const order = fc.shuffledSubarray(
    Array.from({ length: CALLS }, (_, at) => at),
    { minLength: CALLS },
  );
  await fc.assert(
    fc.asyncProperty(order, fc.array(fc.boolean(), { minLength: CALLS, maxLength: CALLS }), async (order, sleeps) => {
      const home = await keyringFile(folder());
      const held: HeldWrite[] = [];
      const processes = [await home.reopen(), await home.reopen({ log: sleepyLog(home.logPath, held) })];
      for (let number = 0; number < CALLS; number += 1) await append(processes[sleeps[number] ? 1 : 0]!, number);
      const late = logFile(home.logPath);
      for (const at of order) if (held[at]) late.write(held[at].lines, held[at].at);
      late.close();
      expect(readFileSync(home.logPath).equals(expected)).toBe(true);
      for (const process of [home.keyring, ...processes]) process.close();
    }),
    { numRuns: 12 },
  );
});

test('what a process did not write any more is written by the next one', async () => {
  const home = await keyringFile(folder());
  const held: HeldWrite[] = [];
  await append(await home.reopen({ log: sleepyLog(home.logPath, held) }), 5);
  expect([held.length, readFileSync(home.logPath).length]).toEqual([1, 0]);
  await home.keyring.transact(async () => {}); // it need not even change anything
  expect(readFileSync(home.logPath)).toEqual(Buffer.from(held[0]!.lines));
  const report = await home.keyring.inspect(async ({ log, root, barrier, end }) =>
    verifyLog(log.read(), { key: barrier.auditKey, start: root.logStart, head: end() }),
  );
  expect(report).toEqual({ events: 3, problems: [] });
});

test('many calls at once, in two processes, are one chain', async () => {
  const home = await keyringFile(folder());
  const processes = [home.keyring, await home.reopen()];
  // SQLite waits for another process by blocking, so here they take turns; within a process calls queue
  for (let round = 0; round < 5; round += 1) {
    for (const process of processes) await Promise.all([0, 1, 2, 3].map((number) => append(process, number)));
  }
  const report = await home.keyring.inspect(async ({ log, root, barrier, end }) =>
    verifyLog(log.read(), { key: barrier.auditKey, start: root.logStart, head: end() }),
  );
  expect(report).toEqual({ events: 5 * 2 * (1 + 2 + 3 + 1), problems: [] });
});
