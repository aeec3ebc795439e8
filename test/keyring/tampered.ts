/** A small keyring for tampering: its file's bytes, its log, and everything that it answers. */
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { EnvironmentError } from '../../src/model/error.ts';
import { utf8 } from '../../src/crypto/bytes.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { openKeyring } from '../../src/keyring/open.ts';
import type { Log } from '../../src/keyring/log.ts';
import { HEAD_BLOCK } from '../../src/keyring/log-head.ts';
import { memoryLog } from '../../src/keyring/memory-log.ts';
import { keyFileMaterial } from '../../src/keyring/slot.ts';
import { storeOver } from '../../src/keyring/sqlite-store.ts';
import { type Store } from '../../src/keyring/store.ts';
import { verifyKeyring } from '../../src/keyring/verify.ts';
import { createKms } from '../../src/pipeline/invoke.ts';
import { callNamed, newKey, REGION, ROOT, seeded, START } from '../support/fixture.ts';
import { keyringFile } from '../support/keyring-file.ts';

export interface Victim {
  readonly keyFile: Uint8Array;
  readonly keyId: string;
  readonly blob: Uint8Array;
  /** The file and its log after each step, the last one last. */
  readonly states: readonly State[];
}

export interface State {
  readonly file: Uint8Array;
  readonly log: Uint8Array;
  /** The file of the log's head. */
  readonly head: Uint8Array;
}

export async function makeVictim(folder: string, seed = 'victim'): Promise<Victim> {
  const home = await keyringFile(folder, { seed });
  const states: State[] = [];
  const keep = (): void => {
    const [file, log, head] = [home.keyringPath, home.logPath, `${home.logPath}.head`].map((path) =>
      readFileSync(path),
    );
    states.push({ file: file!, log: log!, head: head! });
  };
  const { id } = await newKey(home, { Description: 'first', Tags: [{ TagKey: 'stage', TagValue: 'one' }] });
  await home.call('CreateAlias', { AliasName: 'alias/victim', TargetKeyId: id });
  const { CiphertextBlob } = await home.call('Encrypt', { KeyId: id, Plaintext: utf8('hello') });
  keep();
  await home.call('UpdateKeyDescription', { KeyId: id, Description: 'second' });
  await home.call('TagResource', { KeyId: id, Tags: [{ TagKey: 'stage', TagValue: 'two' }] });
  keep();
  const { Policy } = (await home.call('GetKeyPolicy', { KeyId: id })) as { Policy: string };
  await home.call('PutKeyPolicy', { KeyId: id, Policy: Policy.replace('Enable', 'Still enable') });
  keep();
  home.keyring.close();
  return { keyFile: home.keyFile, keyId: id, blob: CiphertextBlob as Uint8Array, states };
}

/** A file's bytes as a store in memory. */
export function loaded(file: Uint8Array): Store {
  const db = new DatabaseSync(':memory:');
  try {
    db.deserialize(file);
  } catch (error) {
    db.close();
    throw new EnvironmentError('not a database', [], { cause: error });
  }
  return storeOver(db, 'keyring.db');
}

export function logOf({ log: lines, head }: Pick<State, 'log' | 'head'>): Log {
  const log = memoryLog();
  log.write(lines, 0);
  log.createHead(head.subarray(0, HEAD_BLOCK));
  log.writeHead(head.subarray(HEAD_BLOCK), 1);
  return log;
}

export type Rows = ReadonlyMap<string, Uint8Array>;

export const rowsOf = (store: Store): Promise<Map<string, Uint8Array>> =>
  store.transact(async (tx) => {
    const rows = new Map<string, Uint8Array>();
    for await (const { path, value } of tx.rows('')) rows.set(path, value);
    return rows;
  });

/** What the store port lets anybody see: rows by scanning, and rows by looking them up. */
export const surfaceOf = (store: Store, paths: Iterable<string>): Promise<string> =>
  store.transact(async (tx) => {
    const seen: string[] = [];
    for (const { path, value } of await Array.fromAsync(tx.rows(''))) {
      seen.push(path, Buffer.from(value).toString('latin1'));
    }
    for (const path of paths) seen.push(Buffer.from((await tx.get(path)) ?? utf8('none')).toString('latin1'));
    return seen.join('\n');
  });

const CALLS: readonly (readonly [operation: string, input: (victim: Victim) => object])[] = [
  ['ListKeys', () => ({})],
  ['DescribeKey', ({ keyId }) => ({ KeyId: keyId })],
  ['ListAliases', () => ({})],
  ['DescribeKey', () => ({ KeyId: 'alias/victim' })],
  ['ListAliases', ({ keyId }) => ({ KeyId: keyId })],
  ['ListResourceTags', ({ keyId }) => ({ KeyId: keyId })],
  ['GetKeyPolicy', ({ keyId }) => ({ KeyId: keyId })],
  ['Decrypt', ({ blob }) => ({ CiphertextBlob: blob })],
];

export const openVictim = (victim: Victim, { store, log }: { store: Store; log: Log }): Promise<Keyring> =>
  openKeyring({ store, log, random: seeded('later'), clock: () => START }, async () =>
    keyFileMaterial(victim.keyFile, '/test/key'),
  );

/** Everything that can be read from the keyring. */
export async function answersOf(victim: Victim, below: { store: Store; log: Log }): Promise<string> {
  const keyring = await openVictim(victim, below);
  const kms = createKms({ keyring, clock: () => START, random: seeded('calls') });
  const answers: unknown[] = [];
  for (const [operation, input] of CALLS) {
    const context = { caller: ROOT, region: REGION, sourceIp: '127.0.0.1', userAgent: 'test' };
    answers.push((await callNamed(kms, { operation, input: input(victim), ...context })).output);
  }
  return JSON.stringify(answers);
}

export type Verdict = 'same' | 'reported' | 'unnoticed';

/** What becomes of a changed store: the verification or the opening tells, or else every answer is the same. */
export async function verdictOn(
  victim: Victim,
  store: Store,
  { log, expected }: { log: Log; expected: string },
): Promise<Verdict> {
  try {
    const { problems } = await verifyKeyring(await openVictim(victim, { store, log }));
    if (problems.length > 0) return 'reported';
    return (await answersOf(victim, { store, log })) === expected ? 'same' : 'unnoticed';
  } catch (error) {
    if (error instanceof EnvironmentError) return 'reported';
    throw error;
  }
}
