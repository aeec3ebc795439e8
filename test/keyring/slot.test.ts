import { describe, expect, test } from 'vitest';
import { EnvironmentError } from '../../src/api/error.ts';
import { utf8 } from '../../src/crypto/bytes.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { openKeyring, type Unlock } from '../../src/keyring/keyring.ts';
import { memoryLog } from '../../src/keyring/log-file.ts';
import { decodeRecord, encodeRecord } from '../../src/keyring/record.ts';
import {
  keyFileMaterial,
  newKeyFile,
  passphraseMaterial,
  readSlot,
  unwrapSlot,
  wrapSlot,
  type Slot,
  type UnlockMaterial,
} from '../../src/keyring/slot.ts';
import { everyFlip } from '../support/bits.ts';
import { fixture, seeded, type Fixture } from '../support/fixture.ts';

const random = seeded('slots');
const keyringId = random(16);
const rootKey = new Secret(random(32));
const created = '2026-01-02T03:04:05.678Z';
const keyFile = newKeyFile(random);
const byFile = keyFileMaterial(keyFile, '/test/key');
const byWords = passphraseMaterial(utf8('correct horse'));

const fileSlot = wrapSlot({ slot: 1, created, path: '/test/key' }, { keyringId, rootKey, material: byFile, random });
const wordSlot = wrapSlot({ slot: 2, created }, { keyringId, rootKey, material: byWords, random });

describe('a key file slot', () => {
  test('says what it is and opens with its file', () => {
    expect(readSlot(fileSlot)).toEqual({ type: 'key-file', slot: 1, created, path: '/test/key' });
    expect(unwrapSlot(fileSlot, { keyringId, material: byFile })!.equals(rootKey)).toBe(true);
  });

  test('does not open with another file, in another keyring, or with a passphrase', () => {
    const other = keyFileMaterial(newKeyFile(random), '/other/key');
    expect(unwrapSlot(fileSlot, { keyringId, material: other })).toBeUndefined();
    expect(unwrapSlot(fileSlot, { keyringId: random(16), material: byFile })).toBeUndefined();
    expect(unwrapSlot(fileSlot, { keyringId, material: byWords })).toBeUndefined();
  });

  test('no bit of it may change, save in the salt, which it has no use for', () => {
    const salt = Buffer.from(decodeRecord<Slot>(fileSlot).parts[0]!);
    for (const wrong of everyFlip(fileSlot)) {
      let opened: Secret | undefined;
      try {
        opened = unwrapSlot(wrong, { keyringId, material: byFile });
      } catch {
        continue; // no longer a record
      }
      expect(opened === undefined || !Buffer.from(wrong).includes(salt)).toBe(true);
    }
  });

  test('what it says is authenticated', () => {
    const { body, parts } = decodeRecord<Slot>(fileSlot);
    for (const more of [{ path: '/planted/key' }, { slot: 3 }, { created: '2027' }, { extra: 1 }]) {
      const edited = encodeRecord({ ...body, ...more }, parts);
      expect(unwrapSlot(edited, { keyringId, material: byFile })).toBeUndefined();
    }
  });
});

describe('a passphrase slot', () => {
  test('says how it is stretched and opens with its passphrase', () => {
    expect(readSlot(wordSlot)).toEqual({
      type: 'passphrase',
      slot: 2,
      created,
      argon2id: { memory: 65536, passes: 3, parallelism: 4 }, // RFC 9106 4, second choice
    });
    expect(unwrapSlot(wordSlot, { keyringId, material: byWords })!.equals(rootKey)).toBe(true);
  });

  test('does not open with another passphrase', () => {
    const material = passphraseMaterial(utf8('correct horsf'));
    expect(unwrapSlot(wordSlot, { keyringId, material })).toBeUndefined();
  });

  test('does not open when its parameters were made cheaper', () => {
    const { body, parts } = decodeRecord<Slot>(wordSlot);
    const cheaper = encodeRecord({ ...body, argon2id: { memory: 64, passes: 1, parallelism: 1 } }, parts);
    expect(unwrapSlot(cheaper, { keyringId, material: byWords })).toBeUndefined();
  });

  const outOfRange: readonly [name: string, parameters: object][] = [
    ['memory', { memory: 4 * 1024 * 1024 + 1 }],
    ['memory', { memory: 0 }],
    ['memory', { memory: -65536 }],
    ['memory', { memory: 'much' }],
    ['passes', { passes: 65 }],
    ['passes', { passes: 0 }],
    ['passes', { passes: null }],
    ['parallelism', { parallelism: 65 }],
    ['parallelism', { parallelism: 0 }],
  ];
  test.each(outOfRange)('%s out of range is refused before anything is computed: %j', (name, parameters) => {
    const { body, parts } = decodeRecord<Slot>(wordSlot);
    const planted = encodeRecord(
      { ...body, argon2id: { memory: 65536, passes: 3, parallelism: 4, ...parameters } },
      parts,
    );
    const open = (): unknown => unwrapSlot(planted, { keyringId, material: byWords });
    expect(open).toThrow(EnvironmentError);
    expect(open).toThrow(`asks for argon2id ${name}`);
  });
});

describe('material', () => {
  const same: readonly [name: string, one: Uint8Array, other: Uint8Array][] = [
    ['a line end is no part of it', utf8('words'), utf8('words\n')],
    ['nor one of another system', utf8('words'), utf8('words\r\n')],
    ['composed or not', utf8('caf\u00e9'), utf8('cafe\u0301')],
  ];
  test.each(same)('a passphrase: %s', (_, one, other) => {
    expect(passphraseMaterial(one).secret.equals(passphraseMaterial(other).secret)).toBe(true);
  });

  const apart: readonly [one: string, other: string][] = [
    ['words', 'words '],
    ['words', ' words'],
    ['words', 'Words'],
    ['words\n\n', 'words'],
  ];
  test.each(apart)('%j and %j are two passphrases', (one, other) => {
    expect(passphraseMaterial(utf8(one)).secret.equals(passphraseMaterial(utf8(other)).secret)).toBe(false);
  });

  test.each(['', '\n', '\r\n'])('%j is no passphrase', (given) => {
    expect(() => passphraseMaterial(utf8(given))).toThrow('the passphrase is empty');
  });

  test('what is no key file is told', () => {
    const wrongs = [
      new Uint8Array(),
      utf8('secret'),
      keyFile.subarray(1),
      keyFile.subarray(0, -1),
      Uint8Array.from([...keyFile, 10]),
      Uint8Array.from([...utf8('pocket-kms key file 2\n'), ...keyFile.subarray(-32)]),
    ];
    for (const wrong of wrongs) {
      expect(() => keyFileMaterial(wrong, '/a/file')).toThrow('/a/file is not a key file of pocket-kms');
    }
  });
});

describe('a keyring with slots', () => {
  const open = (home: Fixture, material: UnlockMaterial, seen?: (...asked: Parameters<Unlock>) => void) =>
    openKeyring({ store: home.store, log: memoryLog(), random: home.random }, async (...asked) => {
      seen?.(...asked);
      return material;
    });
  const rowsOf = async (home: Fixture): Promise<Map<string, string>> => {
    const rows = await home.store.transact((tx) => tx.list('', { limit: 1000 }));
    return new Map(rows.map(({ path, value }) => [path, Buffer.from(value).toString('hex')]));
  };

  test('asks once, with the slots and the ID', async () => {
    const home = await fixture();
    const asked: unknown[] = [];
    const opened = await open(home, keyFileMaterial(home.keyFile, '/test/key'), (slots, id) => asked.push(slots, id));
    expect(opened.id).toBe(home.keyring.id);
    expect(asked).toEqual([
      [{ type: 'key-file', slot: 1, created: expect.any(String), path: '/test/key' }],
      home.keyring.id,
    ]);
  });

  const refused: readonly [name: string, material: UnlockMaterial, message: string][] = [
    ['another key file', byFile, 'the key file does not unlock this keyring'],
    ['a passphrase where there is no slot for one', byWords, 'the passphrase does not unlock this keyring'],
  ];
  test.each(refused)('%s is refused', async (_, material, message) => {
    await expect(open(await fixture(), material)).rejects.toMatchObject({ name: 'EnvironmentError', message });
  });

  test('adding, changing and removing a slot writes no record anew', async () => {
    const home = await fixture();
    await home.call('CreateKey');
    const second = keyFileMaterial(newKeyFile(home.random), '/second/key');
    const slot = (material: UnlockMaterial) =>
      home.keyring.slotRecord({ slot: 2, created, path: '/second/key' }, material);
    const before = await rowsOf(home);
    const change = async (record: Uint8Array | undefined): Promise<string[]> => {
      await home.keyring.transact(async (tx) => tx.change({ kind: 'slot', slot: 2, record }));
      const after = await rowsOf(home);
      const paths = new Set([...before.keys(), ...after.keys()]);
      return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
    };

    expect(await change(slot(second))).toEqual(['~root', '~slot/2']);
    await open(home, second);
    await open(home, keyFileMaterial(home.keyFile, '/test/key'));

    const third = keyFileMaterial(newKeyFile(home.random), '/second/key');
    expect(await change(slot(third))).toEqual(['~root', '~slot/2']);
    await open(home, third);
    await expect(open(home, second)).rejects.toThrow('the key file does not unlock this keyring');

    expect(await change(undefined)).toEqual(['~root']);
    await expect(open(home, third)).rejects.toThrow('the key file does not unlock this keyring');
    await open(home, keyFileMaterial(home.keyFile, '/test/key'));
  });
});
