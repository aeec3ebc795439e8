/** What long work tells of its progress: as much in the end as was expected. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { verifyLog } from '../../src/audit/verify.ts';
import { applyFile } from '../../src/commands/apply/apply-file.ts';
import { open, seal } from '../../src/commands/envelope/seal.ts';
import { overviewOfKeys } from '../../src/commands/keys/key-overview.ts';
import { readKeyring } from '../../src/commands/lint/lint-documents.ts';
import { backupKeyring } from '../../src/keyring/backup.ts';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import { verifyKeyring } from '../../src/keyring/verify.ts';
import { lintDocuments } from '../../src/lint/run.ts';
import type { Meter, WithProgress } from '../../src/model/progress.ts';
import { ACCOUNT, fixture, newKey, REGION } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import { sessionParts } from '../support/session-parts.ts';

const newFolder = temporaryFolders();
const KEYS = 20;

function counter() {
  let [total, done]: [number | undefined, number] = [undefined, 0];
  const meter: Meter = { expect: (all) => void (total = all), advance: (more) => void (done += more) };
  return { meter, told: () => ({ total, done }) };
}

const home = await fixture();
for (let at = 0; at < KEYS; at += 1) await newKey(home);

test('verification of a keyring', async () => {
  const { meter, told } = counter();
  const { records } = await verifyKeyring(home.keyring, meter);
  const { total, done } = told();
  expect(total).toBeGreaterThanOrEqual(records);
  expect(done).toBeGreaterThanOrEqual(total!);
  expect(done - total!).toBeLessThan(10); // header, terms, root, slots
});

test('verification of a log', async () => {
  const { meter, told } = counter();
  const { events } = await home.keyring.inspect(async ({ log, barrier, root: { logStart: start, head } }) => {
    meter.expect(head.sequence - start.sequence);
    return verifyLog(log.read(), { key: barrier.auditKey, start, head }, meter);
  });
  expect(told()).toEqual({ total: events, done: events });
});

test('a backup', async () => {
  const { meter, told } = counter();
  const { records } = await backupKeyring(home.keyring, memoryStore(), meter);
  expect(told()).toEqual({ total: undefined, done: records });
});

test('the policies of a keyring: keys that are read, documents that are checked', async () => {
  const [keys, checked] = [counter(), counter()];
  const progress: WithProgress = (unit, work) => {
    expect(unit).toBe('keys');
    return work(keys.meter);
  };
  const documents = await readKeyring({ ...sessionParts(home), progress }, { key: undefined, all: true, files: [] });
  lintDocuments(documents, { settings: {}, today: '2026-06-15' }, checked.meter);
  expect(keys.told()).toEqual({ total: KEYS, done: KEYS });
  expect(checked.told().done).toBe(documents.length);
  const fixed = counter();
  lintDocuments(documents, { settings: {}, today: '2026-06-15', fix: 'safe' }, fixed.meter);
  expect(fixed.told().done).toBe(documents.length);
});

test('the table of all keys', async () => {
  const { meter, told } = counter();
  const session = sessionParts(home);
  const place = { account: ACCOUNT, region: REGION };
  const asking = { session, now: home.now, lints: false, meter };
  expect(await home.keyring.transact((tx) => overviewOfKeys(tx, place, asking))).toHaveLength(KEYS);
  expect(told()).toEqual({ total: KEYS, done: KEYS });
});

test('resources that are made', async () => {
  const { meter, told } = counter();
  const file = join(newFolder(), 'seed.json');
  const [first, second] = ['1234abcd-12ab-34cd-56ef-1234567890ab', '2234abcd-12ab-34cd-56ef-1234567890ab'];
  const Principals = [{ Arn: `arn:aws:iam::${ACCOUNT}:role/App` }];
  writeFileSync(file, JSON.stringify({ Keys: [{ KeyId: first }, { KeyId: second }], Principals }));
  await applyFile(home.keyring, file, { session: sessionParts(home), meter });
  const { total, done } = told();
  expect(total).toBeGreaterThanOrEqual(Principals.length + 2);
  expect(done).toBe(total);
});

test('bytes of a file that is sealed, and of one that is opened', async () => {
  const { id } = await newKey(home);
  const folder = newFolder();
  writeFileSync(join(folder, 'f'), new Uint8Array(300_000));
  const session = ({ meter }: ReturnType<typeof counter>) => {
    const progress: WithProgress = (unit, work) => {
      expect(unit).toBe('bytes');
      return work(meter);
    };
    return { ...sessionParts(home), isTerminal: () => false, stdin: () => Readable.from([]), progress };
  };
  const [sealed, opened] = [counter(), counter()];
  const File = join(folder, 'f');
  await seal.run({ File, KeyId: id }, session(sealed));
  expect(sealed.told()).toEqual({ total: 300_000, done: 300_000 });
  await open.run({ File: `${File}.sealed`, To: `${File}.opened` }, session(opened));
  const { size } = statSync(`${File}.sealed`);
  expect(opened.told()).toEqual({ total: size, done: size });
});
