import { describe, expect, test } from 'vitest';
import { hex, utf8 } from '../../src/crypto/bytes.ts';
import { Secret } from '../../src/crypto/secret.ts';
import { aliasesOf, findAlias, putAlias, removeAlias, type Alias } from '../../src/keyring/alias.ts';
import { takeDueJobs, putDue, removeDue, transitionTimeOf, type DueJob } from '../../src/keyring/due.ts';
import {
  addKey,
  countKeys,
  currentSecret,
  findKey,
  keysPath,
  putKey,
  removeKey,
  type BackingKey,
  type KmsKey,
} from '../../src/keyring/kms-key.ts';
import { decodeRecord, encodeRecord } from '../../src/keyring/record.ts';
import { ACCOUNT, fixture, newKey, REGION } from '../support/fixture.ts';

const HOME = { account: ACCOUNT, region: REGION };
const KEY: KmsKey = {
  ...HOME,
  keyId: '1234abcd-12ab-34cd-56ef-1234567890ab',
  created: 1_700_000_000_123,
  description: 'é',
  state: 'Enabled',
  spec: 'RSA_2048',
  usage: 'SIGN_VERIFY',
  origin: 'AWS_KMS',
  manager: 'CUSTOMER',
  multiRegion: false,
  policy: '{}',
  tags: [{ TagKey: 'a', TagValue: '' }],
  backingKeys: [
    { id: 'ab'.repeat(32), created: 1, secret: new Secret(utf8('one')) },
    { id: 'cd'.repeat(32), created: 2, secret: new Secret(utf8('two')), publicKey: utf8('public') },
  ],
};

describe('keys', () => {
  test('come back as they were put, with their material as secrets', async () => {
    const { keyring } = await fixture();
    await keyring.transact(async (tx) => putKey(tx, KEY));
    const found = (await keyring.transact((tx) => findKey(tx, HOME, KEY.keyId)))!;
    expect(found).toEqual(KEY);
    expect(found.backingKeys.map(({ secret }) => Buffer.from(secret!.expose()).toString())).toEqual(['one', 'two']);
    expect(found.backingKeys.map(({ publicKey }) => publicKey)).toEqual([undefined, utf8('public')]);
    expect(JSON.stringify(found)).not.toContain(hex(utf8('one')));
  });

  test('come back without the material that is gone', async () => {
    const { keyring } = await fixture();
    const [, { secret: _, ...left }] = KEY.backingKeys as [unknown, BackingKey];
    const without = { ...KEY, backingKeys: [KEY.backingKeys[0]!, left] };
    await keyring.transact(async (tx) => putKey(tx, without));
    const found = (await keyring.transact((tx) => findKey(tx, HOME, KEY.keyId)))!;
    expect(found).toEqual(without);
    expect(() => currentSecret(found)).toThrow('has no key material');
    expect(currentSecret(KEY)).toBe(KEY.backingKeys[1]!.secret);
  });

  test('are of one account and Region', async () => {
    const { keyring } = await fixture();
    await keyring.transact((tx) => addKey(tx, KEY));
    for (const other of [
      { ...HOME, region: 'eu-west-1' },
      { ...HOME, account: '444455556666' },
    ]) {
      expect(await keyring.transact((tx) => findKey(tx, other, KEY.keyId))).toBeUndefined();
      expect(await keyring.transact((tx) => countKeys(tx, other))).toBe(0);
    }
  });

  test('are counted when they come and go', async () => {
    const { keyring } = await fixture();
    const ids = Array.from({ length: 5 }, (_, at) => KEY.keyId.replace(/^./, String(at)));
    for (const keyId of ids) await keyring.transact((tx) => addKey(tx, { ...KEY, keyId }));
    expect(await keyring.transact((tx) => countKeys(tx, HOME))).toBe(5);
    await keyring.transact(async (tx) => putKey(tx, { ...KEY, keyId: ids[0]!, description: 'changed' }));
    expect(await keyring.transact((tx) => countKeys(tx, HOME))).toBe(5);
    await keyring.transact((tx) => removeKey(tx, { ...KEY, keyId: ids[1]! }));
    expect(await keyring.transact((tx) => countKeys(tx, HOME))).toBe(4);
    const rows = await keyring.transact((tx) => Array.fromAsync(tx.rows(keysPath(HOME))));
    expect(rows.map(({ path }) => path.slice(keysPath(HOME).length))).toEqual(ids.toSpliced(1, 1));
  });
});

describe('aliases', () => {
  const alias = (name: string, targetKeyId: string): Alias => ({ ...HOME, name, targetKeyId, created: 1, updated: 2 });
  const names = (list: readonly Alias[]): string[] => list.map(({ name }) => name).sort();

  test('are found by name and by key, follow their key, and go', async () => {
    const { keyring } = await fixture();
    await keyring.transact(async (tx) => {
      for (const name of ['alias/a', 'alias/b']) putAlias(tx, alias(name, 'one'));
      putAlias(tx, alias('alias/A', 'two'));
    });
    await keyring.transact(async (tx) => {
      expect(await findAlias(tx, HOME, 'alias/a')).toEqual(alias('alias/a', 'one'));
      expect(await findAlias(tx, HOME, 'alias/c')).toBeUndefined();
      expect(await findAlias(tx, { ...HOME, region: 'eu-west-1' }, 'alias/a')).toBeUndefined();
      expect(names(await aliasesOf(tx, HOME, 'one'))).toEqual(['alias/a', 'alias/b']);
      const moved = alias('alias/a', 'two');
      putAlias(tx, moved, alias('alias/a', 'one'));
    });
    await keyring.transact(async (tx) => {
      expect(names(await aliasesOf(tx, HOME, 'one'))).toEqual(['alias/b']);
      expect(names(await aliasesOf(tx, HOME, 'two'))).toEqual(['alias/A', 'alias/a']);
      removeAlias(tx, alias('alias/a', 'two'));
      expect(await findAlias(tx, HOME, 'alias/a')).toBeUndefined();
      expect(names(await aliasesOf(tx, HOME, 'two'))).toEqual(['alias/A']);
    });
  });
});

test('nothing that people chose can be read in the file', async () => {
  const home = await fixture();
  const chosen = ['Quarterly-report', 'cost-center-tag', 'tag-value-4711', 'a-describing-text', 'Statement-for-nobody'];
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: chosen[4],
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });
  const { id } = await newKey(home, {
    Description: chosen[3],
    Tags: [{ TagKey: chosen[1], TagValue: chosen[2] }],
    Policy: policy,
  });
  await home.call('CreateAlias', { AliasName: `alias/${chosen[0]}`, TargetKeyId: id });
  await home.call('Encrypt', { KeyId: id, Plaintext: utf8('x'), EncryptionContext: { [chosen[0]!]: chosen[1] } });
  const rows = await home.store.transact((tx) => Array.fromAsync(tx.rows('')));
  const file = rows.map(({ path, value }) => path + Buffer.from(value).toString('latin1')).join('\n');
  for (const text of chosen) expect(file).not.toContain(text);
  expect(rows.length).toBeGreaterThan(10);
});

test('of a keyring of an earlier version, the end of a transition is what was called settle', async () => {
  const home = await fixture();
  const { id, arn } = await newKey(home, { MultiRegion: true });
  await home.call('ReplicateKey', { KeyId: arn, ReplicaRegion: 'eu-west-1' });
  const [at, of] = [{ ...HOME, region: 'eu-west-1' }, `${ACCOUNT}/eu-west-1/${id}`];
  await home.keyring.transact(async (tx) => {
    const { transitionEnds: time, ...key } = (await findKey(tx, at, id))!;
    const { body, parts } = decodeRecord<object>((await tx.get(`key/${of}`))!);
    const { transitionEnds: _, ...earlier } = body as { readonly transitionEnds: number };
    removeDue(tx, { ...at, kind: 'finish-transition', keyId: id, time: time! });
    tx.put(`key/${of}`, encodeRecord({ ...earlier, settles: time }, parts));
    tx.put(`due/${time}/settle/${of}`, encodeRecord({ ...at, kind: 'settle', keyId: id, time }));
    expect(key.state).toBe('Creating');
  });
  home.now += transitionTimeOf();
  await home.call('ListKeys');
  const [key, rows] = await home.keyring.transact(async (tx) => [
    await findKey(tx, at, id),
    await Array.fromAsync(tx.rows('due/')),
  ]);
  expect(key).toMatchObject({ state: 'Enabled' });
  expect(key).not.toHaveProperty('transitionEnds');
  expect(key).not.toHaveProperty('settles');
  expect(rows).toEqual([]);
});

describe('scheduled jobs', () => {
  const job = (time: number, keyId = 'key'): DueJob => ({ ...HOME, kind: 'delete-key', keyId, time });

  test('come in the order of their times, and not before', async () => {
    const { keyring } = await fixture();
    const times = [9_999_999_999_999, 5, 1_700_000_000_000, 1_699_999_999_999, 0, 10];
    await keyring.transact(async (tx) => {
      for (const time of times) putDue(tx, job(time, `k${time}`));
    });
    const take = (now: number): Promise<DueJob[]> => keyring.transact((tx) => Array.fromAsync(takeDueJobs(tx, now)));
    expect((await take(1_700_000_000_000)).map(({ time }) => time)).toEqual([
      0, 5, 10, 1_699_999_999_999, 1_700_000_000_000,
    ]);
    expect(await take(9_999_999_999_998)).toEqual([]);
    expect(await take(9_999_999_999_999)).toEqual([job(9_999_999_999_999, 'k9999999999999')]);
  });

  test('two at the same time are two', async () => {
    const { keyring } = await fixture();
    await keyring.transact(async (tx) => {
      for (const keyId of ['b', 'a']) putDue(tx, job(7, keyId));
      removeDue(tx, job(7, 'a'));
      expect((await Array.fromAsync(takeDueJobs(tx, 7))).map(({ keyId }) => keyId)).toEqual(['b']);
    });
  });

  test('what is scheduled, removed or put back while jobs are taken is seen', async () => {
    const { keyring } = await fixture();
    await keyring.transact(async (tx) => {
      for (const time of [10, 20, 30, 40]) putDue(tx, job(time));
    });
    const seen = await keyring.transact(async (tx) => {
      const times: number[] = [];
      for await (const { time } of takeDueJobs(tx, 40)) {
        times.push(time);
        if (times.length > 1) continue;
        removeDue(tx, job(20)); // the next one
        for (const added of [5, 35, 41, 30]) putDue(tx, job(added)); // one of them stands there
      }
      return times;
    });
    expect(seen).toEqual([10, 5, 30, 35, 40]);
    expect(await keyring.transact((tx) => Array.fromAsync(takeDueJobs(tx, 41)))).toEqual([job(41)]);
  });
});
