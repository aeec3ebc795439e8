import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { verifyLog, type Anchor } from '../../src/audit/verify.ts';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import type { Store } from '../../src/keyring/store.ts';
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
  type Victim,
} from '../keyring/tampered.ts';

const folder = temporaryFolders();
let victim: Victim;
let states: Rows[];
let last: State;
let log: Uint8Array;
let expected: string;
let anchor: Anchor;

beforeAll(async () => {
  victim = await makeVictim(folder());
  states = await Promise.all(victim.states.map(({ file }) => rowsOf(loaded(file))));
  last = victim.states.at(-1)!;
  ({ log } = last);
  expected = await answersOf(victim, { store: await storeOf(states.at(-1)!), log: logOf(last) });
  const keyring = await openVictim(victim, { store: await storeOf(states.at(-1)!), log: logOf(last) });
  anchor = await keyring.inspect(async ({ root, barrier, end }) => ({
    key: barrier.auditKey,
    start: root.logStart,
    head: end(),
  }));
});

async function storeOf(rows: Rows): Promise<Store> {
  const store = memoryStore();
  await store.transact(async (tx) => {
    for (const [path, value] of rows) await tx.put(path, value);
  });
  return store;
}

/** One act of somebody who can write to the file but not unlock it. */
type Act = readonly ['copy' | 'delete' | 'restore' | 'edit', one: number, other: number, state: number];

const act: fc.Arbitrary<Act> = fc.tuple(
  fc.constantFrom('copy', 'delete', 'restore', 'edit'),
  fc.nat({ max: 99 }),
  fc.nat({ max: 99 }),
  fc.nat({ max: 1 }),
);

function apply(rows: Map<string, Uint8Array>, [kind, one, other, state]: Act): void {
  const paths = [...states.at(-1)!.keys()];
  const [path, target] = [paths[one % paths.length]!, paths[other % paths.length]!];
  const value = rows.get(path);
  if (kind === 'delete') rows.delete(path);
  if (kind === 'copy' && value) rows.set(target, value);
  if (kind === 'restore') {
    const earlier = states[state]!.get(path);
    if (earlier) rows.set(path, earlier);
    else rows.delete(path);
  }
  if (kind === 'edit' && value?.length) {
    const edited = value.slice();
    edited[other % edited.length]! ^= 1 << (other & 7);
    rows.set(path, edited);
  }
}

test(
  'whatever is done to the rows of a keyring, no answer is another one without being reported',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), async (acts) => {
        const rows = new Map(states.at(-1));
        for (const one of acts) apply(rows, one);
        const verdict = await verdictOn(victim, await storeOf(rows), { log: logOf(last), expected });
        const same =
          rows.size === states.at(-1)!.size &&
          [...states.at(-1)!].every(([path, value]) => Buffer.compare(rows.get(path) ?? new Uint8Array(), value) === 0);
        expect(verdict).toBe(same ? 'same' : 'reported');
      }),
      { numRuns: 1000 },
    );
  },
);

test('whatever is done to the lines of a log, it is reported', () => {
  const lines = Buffer.from(log).toString().split('\n').slice(0, -1);
  const order = fc.array(fc.nat({ max: lines.length - 1 }), { maxLength: lines.length + 2 });
  fc.assert(
    fc.property(order, (order) => {
      const edited = Buffer.from(order.map((at) => `${lines[at]}\n`).join(''));
      const { problems } = verifyLog([edited], anchor);
      expect(problems.length === 0).toBe(edited.equals(Buffer.from(log)));
    }),
    { numRuns: 2000, examples: [[lines.map((_, at) => at)], [[]]] },
  );
});
