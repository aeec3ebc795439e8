import { appendFileSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { link } from '../../src/audit/chain.ts';
import { verifyLog } from '../../src/audit/verify.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { barrier, type Barrier } from '../../src/keyring/barrier.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { logFile } from '../../src/keyring/log-file.ts';
import { encodeHead, HEAD_BLOCK, HEAD_FILE, latestHead, type LogHead } from '../../src/keyring/log-head.ts';
import { everyFlip } from '../support/bits.ts';
import { fixture, newKey, seeded } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';
import { keyringFile, type KeyringFile } from '../support/keyring-file.ts';

const folder = temporaryFolders();

const sealing = (id: number): Barrier =>
  barrier({
    keyringId: new Uint8Array(16).fill(id),
    rootKey: new Secret(new Uint8Array(32).fill(1)),
    terms: new Map([[1, new Secret(new Uint8Array(32).fill(2))]]),
    random: seeded('head'),
  });
const ours = sealing(7);
const head: LogHead = { logNumber: 1, generation: 5, sequence: 9, size: 4_000, mac: '0123456789abcdef'.repeat(4) };

const fileOf = (...blocks: readonly (Uint8Array | undefined)[]): Uint8Array => {
  const file = new Uint8Array(HEAD_FILE);
  blocks.forEach((block, index) => block && file.set(block, index * HEAD_BLOCK));
  return file;
};

describe('the two blocks', () => {
  test('the valid one with the higher sequence number counts', () => {
    const [earlier, later] = [encodeHead(head, ours), encodeHead({ ...head, sequence: 10 }, ours)];
    expect(latestHead(fileOf(earlier), ours)).toEqual({ head, block: 0 });
    expect(latestHead(fileOf(earlier, later), ours)).toEqual({ head: { ...head, sequence: 10 }, block: 1 });
    expect(latestHead(fileOf(later, earlier), ours)).toEqual({ head: { ...head, sequence: 10 }, block: 0 });
    expect(latestHead(fileOf(), ours)).toBeUndefined();
    expect(latestHead(new Uint8Array(), ours)).toBeUndefined();
    expect(latestHead(fileOf(earlier, later).subarray(0, 600), ours)).toEqual({ head, block: 0 });
  });

  test('of a block that was changed anywhere, cut, or is of another keyring, the other one counts', () => {
    const [earlier, later] = [encodeHead(head, ours), encodeHead({ ...head, sequence: 10 }, ours)];
    let ignored = 0;
    for (const flip of everyFlip(later)) {
      const found = latestHead(fileOf(earlier, flip), ours)!;
      if (found.block === 0) ignored += 1;
      else expect(found.head.sequence).toBe(10); // a bit of the zeros behind it
      expect([9, 10]).toContain(found.head.sequence);
    }
    expect(ignored).toBeGreaterThan(8 * 110);
    for (let size = 0; size < 111; size += 1) {
      const torn = new Uint8Array(HEAD_BLOCK);
      torn.set(later.subarray(0, size));
      expect(latestHead(fileOf(earlier, torn), ours)?.block).toBe(0);
    }
    expect(latestHead(fileOf(encodeHead(head, sealing(8))), ours)).toBeUndefined();
  });

  test('hold what was put into them', () => {
    const number = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    const any = fc.record({ logNumber: number, generation: number, sequence: number, size: number });
    fc.assert(
      fc.property(any, (numbers) => {
        const given = { ...numbers, mac: head.mac };
        expect(latestHead(fileOf(undefined, encodeHead(given, ours)), ours)).toEqual({ head: given, block: 1 });
      }),
    );
  });
});

const headOf = (home: KeyringFile): string => `${home.logPath}.head`;
const generationOf = (keyring: Keyring): Promise<number> => keyring.inspect(async ({ root }) => root.generation);
const reportOf = (keyring: Keyring) =>
  keyring.inspect(async ({ log, root, barrier: { auditKey }, end }) =>
    verifyLog(log.read(), { key: auditKey, start: root.logStart, head: end() }),
  );
const namesIn = (home: KeyringFile): string[] =>
  readFileSync(home.logPath, 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { eventName: string }).eventName);

describe('a call that changes nothing in the keyring', () => {
  test('writes no record: its event and the head alone', async () => {
    const home = await keyringFile(folder());
    const { id } = await newKey(home);
    const [before, generation] = [readFileSync(home.keyringPath), await generationOf(home.keyring)];
    for (let count = 0; count < 20; count += 1) await home.call('DescribeKey', { KeyId: id });
    await expect(home.call('DescribeKey', { KeyId: 'alias/none' })).rejects.toThrow('not found');
    expect(readFileSync(home.keyringPath)).toEqual(before);
    expect(await generationOf(home.keyring)).toBe(generation);
    expect(readFileSync(headOf(home))).toHaveLength(HEAD_FILE);
    expect(await reportOf(home.keyring)).toEqual({ events: 22, problems: [] });
    const next = await home.reopen();
    expect(await reportOf(next)).toEqual({ events: 22, problems: [] });
  });

  test('anchors after 256 events, and an hour after the last anchor, with the last uses', async () => {
    const home = await keyringFile(folder());
    const { id } = await newKey(home);
    const other = await newKey(home);
    await home.call('Encrypt', { KeyId: other.id, Plaintext: Buffer.from('x') });
    const generation = await generationOf(home.keyring);
    const uses = (): Promise<number> =>
      home.keyring.inspect(async ({ tx }) => (await Array.fromAsync(tx.rows('last-use/'))).length);
    for (let count = 0; count < 254; count += 1) await home.call('Encrypt', { KeyId: id, Plaintext: Buffer.from('x') });
    expect([await generationOf(home.keyring), await uses()]).toEqual([generation, 0]);
    await home.call('Encrypt', { KeyId: id, Plaintext: Buffer.from('x') });
    expect([await generationOf(home.keyring), await uses()]).toEqual([generation + 1, 2]);
    await home.call('ListKeys');
    expect(await generationOf(home.keyring)).toBe(generation + 1);
    const later = await home.reopen();
    await later.transact(async (tx) => tx.append({ eventName: 'Now' }));
    expect(await generationOf(later)).toBe(generation + 1);
  });

  test('the first call an hour after the last anchor anchors', async () => {
    let now = Date.UTC(2026, 0, 31);
    const home = await keyringFile(folder());
    const keyring = await home.reopen({ clock: () => now });
    const event = (): Promise<void> => keyring.transact(async (tx) => tx.append({ eventName: 'Event' }));
    await event();
    const generation = await generationOf(keyring);
    now += 3_599_999;
    await event();
    expect(await generationOf(keyring)).toBe(generation);
    now += 1;
    await event();
    expect(await generationOf(keyring)).toBe(generation + 1);
    await event();
    await keyring.anchor();
    expect(await generationOf(keyring)).toBe(generation + 2);
    await keyring.anchor(); // there is nothing new
    expect(await generationOf(keyring)).toBe(generation + 2);
  });
});

describe('GetKeyLastUsage', () => {
  test('tells of uses that are in the log alone, and not of refused calls', async () => {
    const home = await fixture('uses');
    const { id } = await newKey(home);
    const usage = async () => (await home.call('GetKeyLastUsage', { KeyId: id }))['KeyLastUsage'];
    expect(await usage()).toEqual({});
    home.now += 1000;
    const { CiphertextBlob } = await home.call('Encrypt', { KeyId: id, Plaintext: Buffer.from('x') });
    expect(await usage()).toMatchObject({ Operation: 'Encrypt' });
    home.now += 1000;
    await home.call('Decrypt', { CiphertextBlob });
    expect(await usage()).toMatchObject({
      Operation: 'Decrypt',
      Timestamp: new Date(Math.floor(home.now / 1000) * 1000),
    });
    await expect(home.call('Encrypt', { KeyId: id, Plaintext: Buffer.from('x'), DryRun: true })).rejects.toThrow();
    expect(await usage()).toMatchObject({ Operation: 'Decrypt' });
    await home.call('UpdateKeyDescription', { KeyId: id, Description: 'anchors' });
    expect(await usage()).toMatchObject({ Operation: 'Decrypt' });
  });
});

/** A keyring with an anchored change, and two events that are in the log and the head alone. */
async function withReads(): Promise<KeyringFile> {
  const home = await keyringFile(folder());
  await newKey(home);
  await home.call('ListKeys');
  await home.call('ListAliases');
  home.keyring.close();
  return home;
}

const nextCall = async (home: KeyringFile): Promise<Keyring> => {
  const keyring = await home.reopen();
  await keyring.transact(async (tx) => tx.append({ eventName: 'Next' }));
  return keyring;
};

describe('after a crash', () => {
  test('a head that is behind: the whole lines that follow are taken over', async () => {
    const home = await withReads();
    const early = readFileSync(headOf(home));
    await nextCall(home);
    writeFileSync(headOf(home), early);
    const keyring = await nextCall(home);
    expect(namesIn(home)).toEqual(['CreateKey', 'ListKeys', 'ListAliases', 'Next', 'Next']);
    expect(await reportOf(keyring)).toEqual({ events: 5, problems: [] });
  });

  test('a line that continues the chain, but was decided on an earlier state of the keyring, is put aside', async () => {
    const home = await withReads();
    const reader = await home.reopen();
    const { line } = await reader.inspect(async ({ root, barrier: { auditKey: key }, end }) =>
      link({ eventName: 'Stale' }, root.generation - 1, { key, head: end() }),
    );
    reader.close();
    appendFileSync(home.logPath, line);
    const keyring = await nextCall(home);
    expect(namesIn(home)).toEqual(['CreateKey', 'ListKeys', 'ListAliases', 'RecoverAuditLog', 'Next']);
    expect(await reportOf(keyring)).toEqual({ events: 5, problems: [] });
  });

  test('a torn line, wherever it is torn, is put aside with an event that has its size and hash', async () => {
    const home = await withReads();
    const [head, log] = [readFileSync(headOf(home)), readFileSync(home.logPath)];
    await nextCall(home);
    const longer = readFileSync(home.logPath);
    const aside = home.logPath.replace('.jsonl', '-rest-3.jsonl');
    for (let size = log.length + 1; size < longer.length; size += 7) {
      writeFileSync(home.logPath, longer.subarray(0, size));
      writeFileSync(headOf(home), head);
      const keyring = await nextCall(home);
      expect(namesIn(home)).toEqual(['CreateKey', 'ListKeys', 'ListAliases', 'RecoverAuditLog', 'Next']);
      expect(readFileSync(aside)).toEqual(longer.subarray(log.length, size));
      expect(readFileSync(home.logPath, 'utf8')).toContain(`"bytes":${size - log.length},"sha256":"`);
      expect(await reportOf(keyring)).toEqual({ events: 5, problems: [] });
      keyring.close();
      rmSync(aside);
    }
  });

  test('bytes that are none of ours are put aside, but not without limit', async () => {
    for (const rest of ['\n', '{}\n', 'x'.repeat(100_000), '\0'.repeat(5_000)]) {
      const home = await withReads();
      const log = readFileSync(home.logPath);
      appendFileSync(home.logPath, rest);
      const keyring = await nextCall(home);
      expect(await reportOf(keyring)).toEqual({ events: 5, problems: [] });
      expect(readFileSync(home.logPath).subarray(0, log.length)).toEqual(log);
      truncateSync(home.logPath, 100_000_000);
      await expect(keyring.transact(async () => {})).rejects.toThrow(/bytes were appended to the audit log/);
    }
  });
});

describe('refused', () => {
  const refusedAfter = async (damage: (home: KeyringFile) => void): Promise<string> => {
    const home = await withReads();
    damage(home);
    const before = readFileSync(home.logPath);
    const keyring = await home.reopen();
    const message = await keyring
      .transact(async (tx) => tx.append({ eventName: 'Never' }))
      .then(
        () => 'accepted',
        (error: unknown) => (error as Error).message,
      );
    expect(readFileSync(home.logPath)).toEqual(before);
    keyring.close();
    return message;
  };

  test('a head that is missing, empty, cut, changed, or a link', async () => {
    expect(await refusedAfter((home) => rmSync(headOf(home)))).toMatch(/the head .* of the audit log is missing/);
    for (const content of [
      new Uint8Array(),
      new Uint8Array(HEAD_FILE),
      Buffer.alloc(HEAD_FILE, 'x'),
      Buffer.from('KMSH'),
    ]) {
      expect(await refusedAfter((home) => writeFileSync(headOf(home), content))).toMatch(/the head .* was changed/);
    }
    const linked = (home: KeyringFile): void => {
      rmSync(headOf(home));
      symlinkSync('/dev/zero', headOf(home));
    };
    expect(await refusedAfter(linked)).toMatch(/is a symbolic link/);
  });

  test('a log that lacks a line that the head knows', async () => {
    const cut = (home: KeyringFile): void => {
      const text = readFileSync(home.logPath, 'utf8');
      writeFileSync(home.logPath, text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1));
    };
    expect(await refusedAfter(cut)).toMatch(/was truncated: \d+ bytes before the end of event 3 are missing/);
  });

  test('a last line that was changed', async () => {
    const edit = (home: KeyringFile): void => {
      const bytes = readFileSync(home.logPath);
      bytes[bytes.length - 10]! ^= 1;
      writeFileSync(home.logPath, bytes);
    };
    expect(await refusedAfter(edit)).toMatch(/the end of the audit log .* was changed/);
  });

  test('kms audit restart begins a log with a head anew, whatever happened to it', async () => {
    for (const damage of [
      (home: KeyringFile) => rmSync(headOf(home)),
      (home: KeyringFile) => writeFileSync(headOf(home), 'x'),
      (home: KeyringFile) => truncateSync(home.logPath, 10),
    ]) {
      const home = await withReads();
      damage(home);
      const keyring = await home.reopen();
      await keyring.restartLog(async (tx) => tx.append({ eventName: 'Restarted' }));
      expect(await reportOf(await nextCall(home))).toMatchObject({ problems: [] });
      expect(namesIn(home).filter((name) => name !== 'CreateKey')).toEqual(['Restarted', 'Next']);
    }
  });
});

test('where the head is lost, a new log follows the last line that verifies: no number is there twice', async () => {
  const home = await withReads();
  rmSync(headOf(home));
  const keyring = await home.reopen();
  await keyring.restartLog(async (tx, { follows }) => tx.append({ eventName: 'Restarted', follows }));
  expect(readFileSync(home.logPath, 'utf8')).toMatch(/"follows":{"sequence":3,.*"chain":{"sequence":4,/);
  await nextCall(home);
});

test('after a rekey, a keyring and a log of before it are refused beside the head, of which one block is older', async () => {
  const home = await withReads();
  const [ring, log] = [readFileSync(home.keyringPath), readFileSync(home.logPath)];
  const keyring = await home.reopen();
  await keyring.transact(async (tx) => {
    tx.change({ kind: 'rekey' });
    tx.append({ eventName: 'Rekey' });
  });
  await nextCall(home);
  writeFileSync(home.keyringPath, ring);
  writeFileSync(home.logPath, log);
  await expect(nextCall(home)).rejects.toThrow('is ahead of the keyring');
  const restarted = await home.reopen();
  await restarted.restartLog(async (tx) => tx.append({ eventName: 'Restarted' }));
  await nextCall(home);
});

test('a keyring of an earlier version, whose log has no head, gets one with its first call', async () => {
  const home = await keyringFile(folder());
  expect(() => readFileSync(headOf(home))).toThrow('ENOENT');
  await home.call('ListKeys');
  expect(latestBlock(home)).toBe(true);
  await home.call('ListKeys');
  expect(await reportOf(home.keyring)).toEqual({ events: 2, problems: [] });
});

const latestBlock = (home: KeyringFile): boolean => readFileSync(headOf(home)).length === HEAD_FILE;

test('a log and its head that are put back under a process that has them open are refused by it', async () => {
  const home = await keyringFile(folder());
  await newKey(home);
  await home.call('ListKeys');
  const [log, head] = [readFileSync(home.logPath), readFileSync(headOf(home))];
  await home.call('ListAliases');
  writeFileSync(home.logPath, log);
  writeFileSync(headOf(home), head);
  for (let again = 0; again < 2; again += 1)
    await expect(home.call('ListKeys')).rejects.toThrow('was put back to an earlier state while it was in use');
  expect(readFileSync(home.logPath)).toEqual(log);
  // a process that is started now cannot know: events that changed nothing are missing
  expect(namesIn(home)).toEqual(['CreateKey', 'ListKeys']);
  await nextCall(home);
});

describe('a head that is removed or changed under a process that has the keyring open', () => {
  const recreated = (home: KeyringFile): unknown[] =>
    readFileSync(home.logPath, 'utf8')
      .split('\n')
      .filter((line) => line.includes('RecreateAuditLogHead'))
      .map((line) => (JSON.parse(line) as { requestParameters: { problem: string } }).requestParameters.problem);
  const open = async (): Promise<KeyringFile> => {
    const home = await keyringFile(folder());
    await newKey(home);
    await home.call('ListKeys');
    return home;
  };
  /** Under another name first, as programs that replace a file do. */
  const replace = (home: KeyringFile, content: Uint8Array | string): void => {
    writeFileSync(`${headOf(home)}.new`, content, { mode: 0o600 });
    renameSync(`${headOf(home)}.new`, headOf(home));
  };

  test.each<[string, (home: KeyringFile) => void, RegExp]>([
    ['removed', (home) => rmSync(headOf(home)), /is missing$/],
    ['replaced by something else', (home) => replace(home, 'x'), /was changed$/],
    ['replaced by nothing', (home) => replace(home, ''), /was changed$/],
  ])('%s: it is written anew, with an event, before the next answer', async (_, damage, problem) => {
    for (const operation of ['ListAliases', 'CreateKey']) {
      const home = await open();
      damage(home);
      await home.call(operation);
      expect(recreated(home)).toEqual([expect.stringMatching(problem)]);
      expect(namesIn(home)).toEqual(['CreateKey', 'ListKeys', 'RecreateAuditLogHead', operation]);
      await home.call('ListKeys');
      expect(recreated(home)).toHaveLength(1);
      expect(await reportOf(await nextCall(home))).toMatchObject({ problems: [] });
    }
  });

  test('after a change, of which the lines are in the root too', async () => {
    const home = await open();
    await newKey(home);
    rmSync(headOf(home));
    await home.call('ListKeys');
    expect(recreated(home)).toHaveLength(1);
    expect(await reportOf(await nextCall(home))).toMatchObject({ problems: [] });
  });

  test('changed in place: the next line mends it', async () => {
    const home = await open();
    writeFileSync(headOf(home), '');
    await home.call('ListKeys');
    expect(recreated(home)).toEqual([]);
    await nextCall(home);
  });

  test('replaced by an earlier one: the lines behind it are taken over', async () => {
    const home = await open();
    const earlier = readFileSync(headOf(home));
    await home.call('ListAliases');
    replace(home, earlier);
    await home.call('ListKeys');
    expect(namesIn(home)).toEqual(['CreateKey', 'ListKeys', 'ListAliases', 'ListKeys']);
    await nextCall(home);
  });

  test('removed, and no call after it: it is there when the process ends', async () => {
    const home = await open();
    rmSync(headOf(home));
    await home.keyring.anchor();
    expect(recreated(home)).toHaveLength(1);
    await nextCall(home);
  });

  test('other processes refuse all calls until then', async () => {
    const home = await open();
    rmSync(headOf(home));
    await expect(nextCall(home)).rejects.toThrow('of the audit log is missing');
    await home.call('ListKeys');
    await nextCall(home);
  });

  test('refused: with the log put back, too; with the log removed; with a head of a later state, or a link', async () => {
    const [putBack, removed, later, linked] = [await open(), await open(), await open(), await open()];
    const log = readFileSync(putBack.logPath);
    await putBack.call('ListAliases');
    rmSync(headOf(putBack));
    writeFileSync(putBack.logPath, log);
    await expect(putBack.call('ListKeys')).rejects.toThrow('of the audit log is missing');

    rmSync(headOf(removed));
    rmSync(removed.logPath);
    await expect(removed.call('ListKeys')).rejects.toThrow('of this keyring is missing');

    const ring = readFileSync(later.keyringPath);
    const [earlier, earlierHead] = [readFileSync(later.logPath), readFileSync(headOf(later))];
    await newKey(later);
    await later.call('ListKeys');
    const head = readFileSync(headOf(later));
    writeFileSync(later.keyringPath, ring);
    writeFileSync(later.logPath, earlier);
    writeFileSync(headOf(later), earlierHead);
    const reopened = await later.reopen();
    const append = (): Promise<unknown> => reopened.transact(async (tx) => tx.append({ eventName: 'Any' }));
    await append();
    replace(later, head);
    await expect(append()).rejects.toThrow('is ahead of the keyring');

    rmSync(headOf(linked));
    symlinkSync('/dev/zero', headOf(linked));
    await expect(linked.call('ListKeys')).rejects.toThrow('is a symbolic link');
  });
});

test('the blocks are written in turn: the other one has the line before', async () => {
  const home = await keyringFile(folder());
  for (const eventName of ['One', 'Two', 'Three', 'Four', 'Five'])
    await home.keyring.transact(async (tx) => tx.append({ eventName }));
  const file = readFileSync(headOf(home));
  const sequences = [0, HEAD_BLOCK].map((at) => file.readUIntBE(at + 5, 6));
  expect(new Set(sequences)).toEqual(new Set([4, 5]));
});

test('a head that another process has left behind is found again: two processes take turns', async () => {
  const home = await keyringFile(folder());
  const processes = [home.keyring, await home.reopen(), await home.reopen()];
  for (let round = 0; round < 12; round += 1) {
    const keyring = processes[round % 3]!;
    await keyring.transact(async (tx) => {
      if (round % 4 === 0) tx.put('r/x', Uint8Array.of(round));
      tx.append({ eventName: `Event${round}` });
    });
  }
  expect(await reportOf(home.keyring)).toEqual({ events: 12, problems: [] });
  expect(namesIn(home)).toEqual(Array.from({ length: 12 }, (_, round) => `Event${round}`));
  expect(logFile(home.logPath).readHead()).toHaveLength(HEAD_FILE);
});
