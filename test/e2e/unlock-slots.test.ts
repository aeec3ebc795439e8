/** Unlock slots, their limit, and keyrings that earlier versions gave more of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openKeyring } from '../../src/keyring/open.ts';
import { logFile } from '../../src/keyring/log-file.ts';
import { keyFileMaterial } from '../../src/keyring/slot.ts';
import { sqliteStore } from '../../src/keyring/sqlite-store.ts';
import { seeded } from '../support/fixture.ts';
import { createKey, workplace, type Workplace } from './command.ts';

interface Slot {
  readonly Slot: number;
  readonly Type: string;
  readonly KeyFile: string;
}

const slotsOf = async (work: Workplace): Promise<readonly Slot[]> =>
  (await work.json('keyring', 'status'))['Slots'] as Slot[];
const numbersOf = async (work: Workplace): Promise<readonly number[]> =>
  (await slotsOf(work)).map(({ Slot: number }) => number);
const keyFiles = (work: Workplace): readonly string[] => readdirSync(join(work.folder, '.config/pocket-kms/keys'));

/** What earlier versions let happen: nothing limited the number of slots. */
async function giveSlots(work: Workplace, upTo: number): Promise<void> {
  const [{ KeyFile: path }] = (await slotsOf(work)) as [Slot];
  const material = keyFileMaterial(readFileSync(path), path);
  const below = { store: sqliteStore(work.keyring), log: logFile(work.log), random: seeded('slots'), clock: Date.now };
  const keyring = await openKeyring(below, async () => material);
  const created = new Date().toISOString();
  await keyring.transact(async (tx) => {
    for (let slot = 2; slot <= upTo; slot += 1) {
      tx.change({ kind: 'slot', slot, record: keyring.slotRecord({ slot, created, path }, material) });
    }
  });
  keyring.close();
}

test('32 slots, added by processes at once, and no more', async () => {
  const work = await workplace();
  const adding = Array.from({ length: 31 }, () => work.kms('keyring', 'add-slot'));
  const codes = (await Promise.all(adding)).map(({ exitCode }) => exitCode);
  expect(codes).toEqual(Array.from({ length: 31 }, () => 0));
  expect(await numbersOf(work)).toEqual(Array.from({ length: 32 }, (_, at) => at + 1));
  expect(new Set((await slotsOf(work)).map(({ KeyFile: path }) => path)).size).toBe(32);
  const before = keyFiles(work);
  const refused = await work.kms('keyring', 'add-slot');
  expect([refused.exitCode, refused.stdout]).toEqual([253, '']);
  expect(refused.stderr).toContain('the keyring has 32 unlock slots, the maximum is 32');
  expect(refused.stderr).toContain('kms keyring remove-slot');
  expect(keyFiles(work)).toEqual(before); // no key file that opens nothing
  for (const { KeyFile: path } of await slotsOf(work)) {
    expect((await work.kms('list-keys', '--key-file', path)).exitCode).toBe(0);
  }
  await work.text('keyring', 'remove-slot', '7');
  await work.text('keyring', 'add-slot');
  expect((await numbersOf(work)).length).toBe(32);
});

test.each([33, 97, 98, 130])(
  'a keyring of an earlier version with %i slots opens, so that some can be removed',
  async (count) => {
    const work = await workplace();
    const key = await createKey(work);
    await giveSlots(work, count);
    expect(await numbersOf(work)).toEqual(Array.from({ length: count }, (_, at) => at + 1));
    await work.json('encrypt', '--key-id', key, '--plaintext', 'aGVsbG8=');
    expect(await work.json('keyring', 'verify')).toMatchObject({ Valid: true });
    const { exitCode, stderr } = await work.kms('keyring', 'add-slot');
    expect([exitCode, stderr]).toEqual([253, expect.stringContaining(`has ${count} unlock slots, the maximum is 32`)]);
    await work.text('keyring', 'remove-slot', String(count));
    await work.text('keyring', 'rekey');
    expect((await numbersOf(work)).length).toBe(count - 1);
  },
);

test('two processes that remove the last two slots leave one', async () => {
  for (let round = 0; round < 5; round += 1) {
    const work = await workplace();
    await work.text('keyring', 'add-slot');
    const removed = await Promise.all(['1', '2'].map((slot) => work.kms('keyring', 'remove-slot', slot)));
    expect(removed.map(({ exitCode }) => exitCode ?? -1).toSorted((a, b) => a - b)).toEqual([0, 253]);
    expect((await numbersOf(work)).length).toBe(1);
    await createKey(work);
  }
});
