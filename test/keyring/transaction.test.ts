import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/crypto/bytes.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { decodeRecord, encodeRecord } from '../../src/keyring/record.ts';
import { firstOf } from '../../src/keyring/store.ts';
import type { Transaction } from '../../src/keyring/transaction.ts';
import { verifyKeyring } from '../../src/keyring/verify.ts';
import { everyCut } from '../support/bits.ts';
import { fixture } from '../support/fixture.ts';

const plain = (rows: readonly { path: string; value: Uint8Array }[]): string[] =>
  rows.map(({ path, value }) => `${path}=${text(value)}`);

async function keyringWith(...paths: readonly string[]): Promise<Keyring> {
  const { keyring } = await fixture();
  await keyring.transact(async (tx) => {
    for (const path of paths) tx.put(path, utf8('stored'));
  });
  return keyring;
}

const all = (keyring: Keyring): Promise<string[]> =>
  keyring.transact(async (tx) => plain(await Array.fromAsync(tx.rows('r/'))));

describe('a draft', () => {
  test('is read before what is stored', async () => {
    const keyring = await keyringWith('r/a', 'r/b');
    await keyring.transact(async (tx) => {
      tx.put('r/a', utf8('drafted'));
      tx.put('r/c', utf8('drafted'));
      tx.delete('r/b');
      expect(text((await tx.get('r/a'))!)).toBe('drafted');
      expect(await tx.get('r/b')).toBeUndefined();
      expect(text((await tx.get('r/c'))!)).toBe('drafted');
      expect(await tx.get('r/d')).toBeUndefined();
    });
  });

  test('goes in as a whole', async () => {
    const keyring = await keyringWith('r/a', 'r/b');
    await keyring.transact(async (tx) => {
      tx.put('r/c', utf8('new'));
      tx.delete('r/a');
    });
    expect(await all(keyring)).toEqual(['r/b=stored', 'r/c=new']);
  });

  test('is lost as a whole when the work throws; the keyring goes on', async () => {
    const keyring = await keyringWith('r/a');
    const failed = keyring.transact(async (tx) => {
      tx.put('r/b', utf8('new'));
      tx.append({ eventName: 'Lost' });
      throw new RangeError('no');
    });
    await expect(failed).rejects.toThrow(RangeError);
    expect(await all(keyring)).toEqual(['r/a=stored']);
    const root = await keyring.inspect(async ({ root }) => root);
    expect([root.generation, root.head.sequence]).toEqual([1, 0]);
  });

  test('an empty one is no generation', async () => {
    const keyring = await keyringWith('r/a');
    await keyring.transact(async (tx) => tx.get('r/a'));
    expect(await keyring.inspect(async ({ root }) => root.generation)).toBe(1);
  });
});

describe('mark and revert', () => {
  test('what came before the mark stays, what came after it goes', async () => {
    const { keyring, events } = await fixture();
    await keyring.transact(async (tx) => {
      tx.put('r/kept', utf8('1'));
      tx.put('r/changed', utf8('before'));
      tx.append({ eventName: 'Kept' });
      const mark = tx.mark();
      tx.put('r/changed', utf8('after'));
      tx.put('r/gone', utf8('1'));
      tx.delete('r/kept');
      tx.append({ eventName: 'Gone' });
      tx.change({ kind: 'rekey' });
      tx.revert(mark);
      expect(text((await tx.get('r/changed'))!)).toBe('before');
      expect(await tx.get('r/gone')).toBeUndefined();
      tx.append({ eventName: 'Failure' });
    });
    expect(await all(keyring)).toEqual(['r/changed=before', 'r/kept=1']);
    expect(events().map(({ eventName }) => eventName)).toEqual(['Kept', 'Failure']);
    expect(await keyring.inspect(async ({ barrier }) => barrier.term)).toBe(1);
  });

  test('one mark may be gone back to more than once', async () => {
    const keyring = await keyringWith();
    await keyring.transact(async (tx) => {
      tx.put('r/a', utf8('1'));
      const mark = tx.mark();
      for (const value of ['2', '3']) {
        tx.put('r/a', utf8(value));
        tx.put(`r/${value}`, utf8(value));
        tx.revert(mark);
      }
    });
    expect(await all(keyring)).toEqual(['r/a=1']);
  });
});

describe('rows: what is stored and what is drafted, merged', () => {
  const starts: readonly [after: string | undefined, count: number, rows: readonly string[]][] = [
    [undefined, 99, ['k/0=drafted', 'k/1=stored', 'k/2=drafted', 'k/5=drafted', 'k/6=stored']],
    [undefined, 2, ['k/0=drafted', 'k/1=stored']],
    ['k/1', 2, ['k/2=drafted', 'k/5=drafted']],
    ['k/2', 1, ['k/5=drafted']],
    ['k/3', 9, ['k/5=drafted', 'k/6=stored']],
    ['k/6', 9, []],
  ];
  test.each(starts)('after %s, the first %i', async (after, count, rows) => {
    const keyring = await keyringWith('j', 'k/1', 'k/2', 'k/3', 'k/4', 'k/6', 'l');
    await keyring.transact(async (tx) => {
      for (const path of ['k/0', 'k/2', 'k/5', 'm']) tx.put(path, utf8('drafted'));
      tx.delete('k/3');
      tx.delete('k/4');
      expect(plain(await firstOf(tx.rows('k/', after), count))).toEqual(rows);
      const paths = (await firstOf(tx.paths('k/', after), count)).map(({ path }) => path);
      expect(paths).toEqual(rows.map((row) => row.split('=')[0]));
    });
  });
});

test('rows: what is deleted in the draft hides nothing behind it', async () => {
  const keyring = await keyringWith('k/1', 'k/2', 'k/3', 'k/4', 'k/5');
  await keyring.transact(async (tx) => {
    for (const path of ['k/1', 'k/2', 'k/4']) tx.delete(path);
    expect(plain(await firstOf(tx.rows('k/'), 2))).toEqual(['k/3=stored', 'k/5=stored']);
    expect(plain(await firstOf(tx.rows('k/'), 1))).toEqual(['k/3=stored']);
  });
});

test('a keyed hash is the same for the same name, in one keyring only', async () => {
  const hashOf = (keyring: Keyring, name: string): Promise<string> =>
    keyring.transact(async (tx) => tx.keyedHash(name));
  const [one, other] = [(await fixture()).keyring, (await fixture('other')).keyring];
  expect(await hashOf(one, 'alias/a')).toMatch(/^[0-9a-f]{32}$/);
  expect(await hashOf(one, 'alias/a')).toBe(await hashOf(one, 'alias/a'));
  expect(await hashOf(one, 'alias/a')).not.toBe(await hashOf(one, 'alias/A'));
  expect(await hashOf(one, 'alias/a')).not.toBe(await hashOf(other, 'alias/a'));
});

describe('records', () => {
  test('come back with their parts', () => {
    const body = { text: 'é🔑', list: [1, null], nested: { yes: true } };
    const parts = [new Uint8Array(), Uint8Array.of(0, 255), new Uint8Array(70_000).fill(3)];
    expect(decodeRecord(encodeRecord(body, parts))).toEqual({ body, parts });
    expect(decodeRecord(encodeRecord(7))).toEqual({ body: 7, parts: [] });
  });

  test('cut ones are refused, or miss whole parts', () => {
    const record = encodeRecord({ a: 1 }, [Uint8Array.of(1, 2, 3)]);
    const whole = new Set([encodeRecord({ a: 1 }).length, record.length]);
    for (const cut of everyCut(record)) {
      if (Buffer.compare(cut, record.subarray(0, cut.length)) !== 0 || whole.has(cut.length)) continue;
      expect(() => decodeRecord(cut)).toThrow();
    }
  });
});

type Step = readonly ['put' | 'delete' | 'mark' | 'revert' | 'check', string, string];

test('random transactions: as a Map would have it', { timeout: 120_000 }, async () => {
  const path = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 3 }).map((rest) => `r/${rest}`);
  const step: fc.Arbitrary<Step> = fc.tuple(
    fc.constantFrom('put', 'put', 'delete', 'mark', 'revert', 'check'),
    path,
    fc.string({ maxLength: 3 }),
  );
  const work = fc.record({ steps: fc.array(step, { maxLength: 15 }), fails: fc.boolean() });
  const stateOf = async (tx: Transaction, prefix: string): Promise<string[]> => {
    const rows: string[] = [];
    for await (const { path, value } of tx.rows(prefix)) rows.push(`${path}=${text(value)}`);
    const paths = (await Array.fromAsync(tx.paths(prefix))).map(({ path }) => path);
    expect(paths).toEqual(rows.map((row) => row.slice(0, row.indexOf('='))));
    return rows;
  };
  const listed = (model: Map<string, string>, prefix: string): string[] =>
    [...model]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, value]) => `${path}=${value}`)
      .sort();

  await fc.assert(
    fc.asyncProperty(fc.array(work, { maxLength: 6 }), async (programs) => {
      const { keyring } = await fixture();
      let committed = new Map<string, string>();
      for (const { steps, fails } of programs) {
        let model = new Map(committed);
        const run = keyring.transact(async (tx) => {
          let [mark, marked] = [tx.mark(), new Map(model)];
          for (const [kind, path, value] of steps) {
            if (kind === 'put') {
              tx.put(path, utf8(value));
              model.set(path, value);
            } else if (kind === 'delete') {
              tx.delete(path);
              model.delete(path);
            } else if (kind === 'mark') {
              [mark, marked] = [tx.mark(), new Map(model)];
            } else if (kind === 'revert') {
              tx.revert(mark);
              model = new Map(marked);
            } else {
              const got = await tx.get(path);
              expect(got && text(got)).toBe(model.get(path));
              expect((await stateOf(tx, path)).sort()).toEqual(listed(model, path));
            }
          }
          if (fails) throw new RangeError('as planned');
        });
        if (fails) await expect(run).rejects.toThrow(RangeError);
        else {
          await run;
          committed = model;
        }
      }
      const { problems, records } = await verifyKeyring(keyring);
      expect([problems, records]).toEqual([[], committed.size]);
      expect((await keyring.transact((tx) => stateOf(tx, 'r/'))).sort()).toEqual(listed(committed, 'r/'));
    }),
    { numRuns: 100 },
  );
});
