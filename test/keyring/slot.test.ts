import { describe, expect, test } from 'vitest';
import { EnvironmentError } from '../../src/model/error.ts';
import { utf8 } from '../../src/crypto/bytes.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { openKeyring, type Unlock } from '../../src/keyring/open.ts';
import { memoryLog } from '../../src/keyring/memory-log.ts';
import { decodeRecord, encodeRecord } from '../../src/keyring/record.ts';
import {
  keyFileMaterial,
  newKeyFile,
  passphraseMaterial,
  readSlot,
  slotPath,
  unwrapSlots,
  wrapSlot,
  type Slot,
  type UnlockMaterial,
} from '../../src/keyring/slot.ts';
import { everyFlip } from '../support/bits.ts';
import { fixture, seeded, START, type Fixture } from '../support/fixture.ts';

const random = seeded('slots');
const keyringId = random(16);
const rootKey = new Secret(random(32));
const created = '2026-01-02T03:04:05.678Z';
const keyFile = newKeyFile(random);
const byFile = keyFileMaterial(keyFile, '/test/key');
const byWords = passphraseMaterial(utf8('correct horse'));

/** As a keyring opens: the record is read, and then tried. */
function unwrap(record: Uint8Array, number: number, keys: Parameters<typeof unwrapSlots>[1]): Secret | undefined {
  return unwrapSlots([{ slot: readSlot(slotPath(number), record), record }], keys);
}

const fileSlot = wrapSlot({ slot: 1, created, path: '/test/key' }, { keyringId, rootKey, material: byFile, random });
const wordSlot = wrapSlot({ slot: 2, created }, { keyringId, rootKey, material: byWords, random });

describe('a key file slot', () => {
  test('says what it is and opens with its file', () => {
    expect(readSlot('~slot/1', fileSlot)).toEqual({ type: 'key-file', slot: 1, created, path: '/test/key' });
    expect(unwrap(fileSlot, 1, { keyringId, material: byFile })!.equals(rootKey)).toBe(true);
  });

  test('does not open with another file, in another keyring, or with a passphrase', () => {
    const other = keyFileMaterial(newKeyFile(random), '/other/key');
    expect(unwrap(fileSlot, 1, { keyringId, material: other })).toBeUndefined();
    expect(unwrap(fileSlot, 1, { keyringId: random(16), material: byFile })).toBeUndefined();
    expect(unwrap(fileSlot, 1, { keyringId, material: byWords })).toBeUndefined();
  });

  test('no bit of it may change, save in the salt, which it has no use for', () => {
    const salt = Buffer.from(decodeRecord<Slot>(fileSlot).parts[0]!);
    for (const wrong of everyFlip(fileSlot)) {
      let opened: Secret | undefined;
      try {
        opened = unwrap(wrong, 1, { keyringId, material: byFile });
      } catch {
        continue; // no longer a record
      }
      expect(opened === undefined || !Buffer.from(wrong).includes(salt)).toBe(true);
    }
  });

  test('what it says is authenticated', () => {
    const { body, parts } = decodeRecord<Slot>(fileSlot);
    const edits = [{ path: '/planted/key' }, { slot: 3 }, { created: '2027-01-02T03:04:05.678Z' }];
    for (const more of edits) {
      const edited = { ...body, ...more };
      expect(unwrap(encodeRecord(edited, parts), edited.slot, { keyringId, material: byFile })).toBeUndefined();
    }
  });
});

describe('a passphrase slot', () => {
  test('says how it is stretched and opens with its passphrase', () => {
    expect(readSlot('~slot/2', wordSlot)).toEqual({
      type: 'passphrase',
      slot: 2,
      created,
      argon2id: { memory: 65536, passes: 3, parallelism: 4 }, // RFC 9106 4, second choice
    });
    expect(unwrap(wordSlot, 2, { keyringId, material: byWords })!.equals(rootKey)).toBe(true);
  });

  test('does not open with another passphrase', () => {
    const material = passphraseMaterial(utf8('correct horsf'));
    expect(unwrap(wordSlot, 2, { keyringId, material })).toBeUndefined();
  });

  test('does not open when its parameters were made cheaper', () => {
    const { body, parts } = decodeRecord<Slot>(wordSlot);
    const cheaper = encodeRecord({ ...body, argon2id: { memory: 64, passes: 1, parallelism: 1 } }, parts);
    expect(unwrap(cheaper, 2, { keyringId, material: byWords })).toBeUndefined();
  });

  const outOfRange: readonly [name: string, parameters: object][] = [
    ['memory', { memory: 1024 * 1024 + 1, passes: 1 }],
    ['memory', { memory: 0 }],
    ['memory', { memory: -65536 }],
    ['memory', { memory: 'much' }],
    ['passes', { passes: 65 }],
    ['passes', { passes: 0 }],
    ['passes', { passes: null }],
    ['parallelism', { parallelism: 65 }],
    ['parallelism', { parallelism: 0 }],
    ['parallelism', { parallelism: 1.5 }],
    ['memory 1048576 and passes 16', { memory: 1024 * 1024, passes: 16 }],
    ['memory 1048576 and passes 3', { memory: 1024 * 1024, passes: 3 }],
    ['too little memory', { memory: 31, parallelism: 4 }],
    ['memory', { memory: 1e300 }],
    ['memory object', { memory: [65536] }],
    ['memory object', { memory: JSON.parse('['.repeat(10_000) + ']'.repeat(10_000)) as unknown }],
  ];
  test.each(outOfRange)('%s out of range is refused before anything is computed: %j', (name, parameters) => {
    const { body, parts } = decodeRecord<Slot>(wordSlot);
    const planted = encodeRecord(
      { ...body, argon2id: { memory: 65536, passes: 3, parallelism: 4, ...parameters } },
      parts,
    );
    const open = (): unknown => unwrap(planted, 2, { keyringId, material: byWords });
    expect(open).toThrow(EnvironmentError);
    expect(open).toThrow(`has argon2id parameters that are out of range: ${name}`);
  });
});

describe('what is read before anything is unlocked', () => {
  const { body: file, parts } = decodeRecord<Slot>(fileSlot);
  const { body: words, parts: wordParts } = decodeRecord<Slot>(wordSlot);
  const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
  const wrongs: readonly [name: string, record: Uint8Array, message: string][] = [
    ['nothing', new Uint8Array(), 'cannot be read'],
    ['a length beyond its end', Uint8Array.of(255, 255, 255, 255), 'cannot be read'],
    ['no JSON', Uint8Array.of(0, 0, 0, 1, 0x7b), 'cannot be read'],
    ['JSON that is not UTF-8', Uint8Array.of(0, 0, 0, 1, 0xff), 'cannot be read'],
    ['null', encodeRecord(null, parts), 'was moved from another path'],
    ['a number', encodeRecord(7, parts), 'was moved from another path'],
    ['a list', encodeRecord([file], parts), 'was moved from another path'],
    ['no parts', encodeRecord(file), 'has parts of unexpected lengths'],
    ['a part more', encodeRecord(file, [...parts, new Uint8Array()]), 'has parts of unexpected lengths'],
    ['a short salt', encodeRecord(file, [parts[0]!.subarray(1), parts[1]!]), 'has parts of unexpected lengths'],
    ['a long key', encodeRecord(file, [parts[0]!, new Uint8Array(77)]), 'has parts of unexpected lengths'],
    ['another number', encodeRecord({ ...file, slot: 2 }, parts), 'was moved from another path'],
    ['a number as text', encodeRecord({ ...file, slot: '1' }, parts), 'was moved from another path'],
    ['no date', encodeRecord({ ...file, created: 'yesterday' }, parts), 'has no valid creation date'],
    ['no day', encodeRecord({ ...file, created: '2026-99-99T03:04:05.678Z' }, parts), 'has no valid creation date'],
    ['an escape', encodeRecord({ ...file, created: '\u001b[2J' }, parts), 'has no valid creation date'],
    ['no kind', encodeRecord({ ...file, type: undefined }, parts), 'has a type that is not supported'],
    ['another kind', encodeRecord({ ...file, type: 'tpm' }, parts), 'has a type that is not supported'],
    ['a kind of every object', encodeRecord({ ...file, type: '__proto__' }, parts), 'has a type that is not supported'],
    ['no path', encodeRecord({ ...file, path: undefined }, parts), 'has no valid path of its key file'],
    ['a relative path', encodeRecord({ ...file, path: '.kms/deploy.key' }, parts), 'has no valid path of its key file'],
    ['a path with NUL', encodeRecord({ ...file, path: '/a\0b' }, parts), 'has no valid path of its key file'],
    [
      'an endless path',
      encodeRecord({ ...file, path: `/${'x'.repeat(5000)}` }, parts),
      'has no valid path of its key file',
    ],
    ['a list of paths', encodeRecord({ ...file, path: ['/a'] }, parts), 'has no valid path of its key file'],
    ['a member more', encodeRecord({ ...file, extra: 1 }, parts), 'has no valid path of its key file'],
    [
      'members within members',
      encodeRecord({ ...file, extra: nested(5000) }, parts),
      'has no valid path of its key file',
    ],
    ['megabytes', encodeRecord({ ...file, extra: 'x'.repeat(1 << 20) }, parts), 'has more than 32768 bytes'],
    ['a prototype', planted('{"__proto__":{"type":"key-file","path":"/a"},"slot":1}'), 'has no valid creation date'],
    [
      'no way',
      encodeRecord({ ...words, slot: 1, argon2id: undefined }, wordParts),
      'has argon2id parameters that are out of range: memory undefined',
    ],
    ['a way more', encodeRecord({ ...words, slot: 1, path: '/a' }, wordParts), 'has no valid argon2id parameters'],
  ];
  function planted(json: string): Uint8Array {
    const record = encodeRecord(1, parts);
    return Uint8Array.from([0, 0, 0, json.length, ...utf8(json), ...record.subarray(5)]);
  }
  test.each(wrongs)('%s is reported as damage', (_, record, message) => {
    const read = (): unknown => readSlot('~slot/1', record);
    expect(read).toThrow(EnvironmentError);
    expect(read).toThrow(`an unlock slot of the keyring is damaged: record ~slot/1 ${message}`);
  });

  test('a passphrase is tried on slots up to a cost, and no further', () => {
    const { body, parts: sealed } = decodeRecord<Slot>(wordSlot);
    const argon2id = { memory: 1024 * 1024, passes: 2, parallelism: 64 };
    const dear = Array.from({ length: 12 }, (_, at) => {
      const record = encodeRecord({ ...body, slot: at + 1, argon2id }, sealed);
      return { slot: readSlot(slotPath(at + 1), record), record };
    });
    const costs = dear.map(({ slot }) =>
      slot.type === 'passphrase' ? slot.argon2id.memory * slot.argon2id.passes : 0,
    );
    // the eleventh would be too much; those before it are far too slow for a test, so the first is made impossible
    expect(costs.slice(0, 10).reduce((sum, cost) => sum + cost)).toBe(20 * 1024 * 1024);
    const free = dear.map(({ slot, record }, at) =>
      at === 0 ? { record, slot: { ...slot, argon2id: { ...argon2id, passes: 21 } } as Slot } : { slot, record },
    );
    expect(() => unwrapSlots(free, { keyringId, material: byWords })).toThrow(
      'the passphrase was not tried on unlock slot 1 and later slots',
    );
    expect(unwrapSlots(free, { keyringId, material: byFile })).toBeUndefined(); // a key file has no cost
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

  test('a file that is not a key file is reported', () => {
    const wrongs = [
      new Uint8Array(),
      utf8('secret'),
      keyFile.subarray(1),
      keyFile.subarray(0, -1),
      Uint8Array.from([...keyFile, 10]),
      Uint8Array.from([...utf8('pocket-kms key file 2\n'), ...keyFile.subarray(-32)]),
    ];
    for (const wrong of wrongs) {
      expect(() => keyFileMaterial(wrong, '/a/file')).toThrow('/a/file is not a pocket-kms key file');
    }
  });
});

describe('a keyring with slots', () => {
  const open = (home: Fixture, material: UnlockMaterial, seen?: (...asked: Parameters<Unlock>) => void) =>
    openKeyring({ store: home.store, log: memoryLog(), random: home.random, clock: () => START }, async (...asked) => {
      seen?.(...asked);
      return material;
    });
  const rowsOf = async (home: Fixture): Promise<Map<string, string>> => {
    const rows = await home.store.transact((tx) => Array.fromAsync(tx.rows('')));
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

  test('that fill the file are not read to their end', async () => {
    const home = await fixture();
    const material = keyFileMaterial(home.keyFile, '/test/key');
    await home.store.transact(async (tx) => {
      for (let slot = 2; slot <= 1001; slot += 1) {
        await tx.put(slotPath(slot), home.keyring.slotRecord({ slot, created, path: '/test/key' }, material));
      }
    });
    await expect(open(home, material)).rejects.toMatchObject({
      name: 'EnvironmentError',
      message: expect.stringContaining('exceeds the maximum of 1000 unlock slots'),
    });
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
