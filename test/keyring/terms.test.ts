import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readUint, text, utf8 } from '../../src/crypto/bytes.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { barrier, openTerms, sealTerms, type TokenName } from '../../src/keyring/barrier.ts';
import { openKeyring } from '../../src/keyring/open.ts';
import { keyFileMaterial } from '../../src/keyring/slot.ts';
import { verifyKeyring } from '../../src/keyring/verify.ts';
import { everyCut, everyFlip } from '../support/bits.ts';
import { fixture, seeded, START, type Fixture } from '../support/fixture.ts';

const random = seeded('terms');
const keys = { keyringId: random(16), rootKey: new Secret(random(32)), random };
const terms = new Map([
  [1, new Secret(random(32))],
  [2, new Secret(random(32))],
]);

describe('the barrier', () => {
  const one = barrier({ ...keys, terms });

  test('a record opens at its path and version', () => {
    expect(text(one.open('a/path', 7, one.seal('a/path', 7, utf8('record'))))).toBe('record');
    expect(text(one.open('a/path', undefined, one.seal('a/path', 7, utf8('record'))))).toBe('record');
  });

  test('the newest term seals, every term opens', () => {
    const early = barrier({ ...keys, terms: new Map([...terms].slice(0, 1)) });
    const old = early.seal('a', 1, utf8('old'));
    expect([early.term, one.term]).toEqual([1, 2]);
    expect(readUint(one.seal('a', 1, utf8('new')), 1, 2)).toBe(2);
    expect(text(one.open('a', 1, old))).toBe('old');
    expect(() => early.open('a', 1, one.seal('a', 1, utf8('new')))).toThrow(
      'was changed, or was moved from another path',
    );
  });

  const misplaced: readonly [name: string, path: string, version: number, message: string][] = [
    ['another path', 'b', 7, 'was changed, or was moved from another path'],
    ['a newer version expected', 'a', 8, 'is an earlier version (version 7, expected 8)'],
    ['an older version expected', 'a', 6, 'is an earlier version (version 7, expected 6)'],
  ];
  test.each(misplaced)('%s', (_, path, version, message) => {
    expect(() => one.open(path, version, one.seal('a', 7, utf8('record')))).toThrow(`record ${path} ${message}`);
  });

  test('another keyring', () => {
    const other = barrier({ ...keys, keyringId: random(16), terms });
    expect(() => other.open('a', 7, one.seal('a', 7, utf8('record')))).toThrow(
      'was changed, or was moved from another path',
    );
  });

  test('no flipped bit and no cut', () => {
    const sealed = one.seal('a', 7, utf8('record'));
    for (const wrong of [...everyFlip(sealed), ...everyCut(sealed)]) {
      expect(() => one.open('a', 7, wrong)).toThrow('tampered with or is damaged: record a ');
    }
  });

  test('keyed hashes: the same for the same text, others for other roots and texts', () => {
    const names = [
      one.keyedHash('a'),
      one.keyedHash('b'),
      barrier({ ...keys, rootKey: new Secret(random(32)), terms }).keyedHash('a'),
    ];
    expect(new Set(names.map((name) => Buffer.from(name).toString('hex'))).size).toBe(3);
    expect(barrier({ ...keys, terms }).keyedHash('a')).toEqual(names[0]);
  });
});

describe('sealed tokens', () => {
  const one = barrier({ ...keys, terms });
  const kinds: readonly TokenName['kind'][] = ['sessionToken', 'importToken', 'grantToken', 'pageMarker'];

  test('open as their kind and under their name alone, for every two kinds', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.uint8Array({ maxLength: 100 }), (name, other, plaintext) => {
        fc.pre(name !== other);
        for (const kind of kinds) {
          const sealed = one.sealToken({ kind, name }, plaintext);
          expect(kinds.filter((as) => one.openToken({ kind: as, name }, sealed))).toEqual([kind]);
          expect(kinds.filter((as) => one.openToken({ kind: as, name: other }, sealed))).toEqual([]);
          expect(() => one.open(name, undefined, sealed)).toThrow('tampered with');
          expect(() => one.open(name, undefined, Uint8Array.from([1, ...sealed]))).toThrow('tampered with');
        }
        const record = one.seal(name, 0, plaintext);
        for (const bytes of [record, record.subarray(1), record.subarray(7)]) {
          expect(kinds.filter((kind) => one.openToken({ kind, name }, bytes))).toEqual([]);
        }
      }),
    );
  });

  test('every term opens, another keyring does not, nor what was flipped or cut', () => {
    const token = { kind: 'sessionToken', name: 'ASIAAAAAAAAAAAAAAAAA' } as const;
    const old = barrier({ ...keys, terms: new Map([...terms].slice(0, 1)) }).sealToken(token, utf8('x'));
    expect(text(one.openToken(token, old)!)).toBe('x');
    const other = barrier({ ...keys, keyringId: random(16), terms });
    expect(other.openToken(token, old)).toBeUndefined();
    for (const wrong of [...everyFlip(old), ...everyCut(old)]) expect(one.openToken(token, wrong)).toBeUndefined();
  });
});

describe('the terms record', () => {
  const sealed = sealTerms(terms, keys);

  test('holds the domain keys', () => {
    const opened = openTerms(sealed, keys);
    expect([...opened.keys()]).toEqual([1, 2]);
    expect(opened.get(2)!.equals(terms.get(2)!)).toBe(true);
  });

  test('no flipped bit and no cut opens, nor another keyring or root key', () => {
    const attempts: (() => unknown)[] = [...everyFlip(sealed), ...everyCut(sealed)].map(
      (wrong) => () => openTerms(wrong, keys),
    );
    attempts.push(() => openTerms(sealed, { ...keys, keyringId: random(16) }));
    attempts.push(() => openTerms(sealed, { ...keys, rootKey: new Secret(random(32)) }));
    for (const attempt of attempts) expect(attempt).toThrow('record ~terms was changed');
  });
});

describe('a new term', () => {
  const termOf = async ({ store }: Fixture, path: string): Promise<number> =>
    readUint((await store.transact((tx) => tx.get(path)))!, 1, 2);
  const keyPaths = async ({ store }: Fixture): Promise<string[]> =>
    (await store.transact((tx) => Array.fromAsync(tx.rows('key/')))).map(({ path }) => path);
  const rekey = ({ keyring }: Fixture): Promise<void> => keyring.transact(async (tx) => tx.change({ kind: 'rekey' }));

  test('old records still open, new ones are sealed under it, and nothing is written that was not changed', async () => {
    const home = await fixture();
    await home.call('CreateKey', { Description: 'old' });
    const [old] = await keyPaths(home);
    const before = await home.store.transact((tx) => tx.get(old!));
    await rekey(home);
    expect(await home.store.transact((tx) => tx.get(old!))).toEqual(before);
    await home.call('CreateKey', { Description: 'new' });
    const fresh = (await keyPaths(home)).find((path) => path !== old)!;
    expect([await termOf(home, old!), await termOf(home, fresh), await termOf(home, '~root')]).toEqual([1, 2, 2]);

    const id = old!.slice(old!.lastIndexOf('/') + 1);
    expect(await home.call('DescribeKey', { KeyId: id })).toMatchObject({ KeyMetadata: { Description: 'old' } });
    await home.call('UpdateKeyDescription', { KeyId: id, Description: 'newer' });
    expect(await termOf(home, old!)).toBe(2);
    expect((await verifyKeyring(home.keyring)).problems).toEqual([]);
  });

  test('what is written in the same transaction is under the new term already', async () => {
    const home = await fixture();
    await home.keyring.transact(async (tx) => {
      tx.change({ kind: 'rekey' });
      tx.put('thing', utf8('x'));
    });
    expect(await termOf(home, 'thing')).toBe(2);
  });

  test('many terms; opened anew, all of them open', async () => {
    const home = await fixture();
    for (let term = 2; term <= 9; term += 1) {
      await home.keyring.transact(async (tx) => tx.put(`thing/${term}`, utf8(String(term))));
      await rekey(home);
    }
    const again = await openKeyring(
      { store: home.store, log: home.log, random: home.random, clock: () => START },
      async () => keyFileMaterial(home.keyFile, '/test/key'),
    );
    expect(await again.inspect(async ({ barrier }) => barrier.term)).toBe(9);
    const things = await again.transact((tx) => Array.fromAsync(tx.rows('thing/')));
    expect(things.map(({ value }) => text(value))).toEqual(['2', '3', '4', '5', '6', '7', '8', '9']);
    expect((await verifyKeyring(again)).problems).toEqual([]);
  });
});
