/** Keyrings for tests: in memory, with a clock that the test moves and seeded randomness. */
import { createHash } from 'node:crypto';
import type { RandomBytes } from '../../src/crypto/seal.ts';
import { KmsError } from '../../src/model/error.ts';
import { newKeyringId } from '../../src/keyring/header.ts';
import type { Keyring } from '../../src/keyring/keyring.ts';
import { createKeyring } from '../../src/keyring/open.ts';
import type { Log } from '../../src/keyring/log.ts';
import { memoryLog } from '../../src/keyring/memory-log.ts';
import { memoryStore } from '../../src/keyring/memory-store.ts';
import { keyFileMaterial, newKeyFile } from '../../src/keyring/slot.ts';
import type { Store } from '../../src/keyring/store.ts';
import { callerOf, type Caller } from '../../src/policy/principal.ts';
import { findOperation } from '../../src/operations/index.ts';
import { testKeyManagers, type TestKeyManagers } from './key-managers.ts';
import type { CallOrigin } from '../../src/pipeline/call-origin.ts';
import { createKms, type CallResult, type Kms } from '../../src/pipeline/invoke.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
export const ROOT = callerOf(`arn:aws:iam::${ACCOUNT}:root`);
export const START = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** The same bytes for the same seed: SHA-256 in counter mode. */
export function seeded(seed: string): RandomBytes {
  let count = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      count += 1;
      bytes.set(
        createHash('sha256')
          .update(`${seed}:${count}`)
          .digest()
          .subarray(0, length - at),
        at,
      );
    }
    return bytes;
  };
}

export interface Fixture {
  readonly keyring: Keyring;
  readonly kms: Kms;
  /** Behind custom key stores. */
  readonly managers: TestKeyManagers;
  readonly store: Store;
  readonly log: Log;
  readonly keyFile: Uint8Array;
  readonly random: RandomBytes;
  now: number;
  /** The events so far, without their chain. */
  readonly events: () => Record<string, unknown>[];
  call(
    operation: string,
    input?: unknown,
    as?: Partial<{ caller: Caller; region: string }>,
  ): Promise<Record<string, unknown>>;
}

export interface Below {
  readonly store?: Store;
  readonly log?: Log;
}

export async function fixture(
  seed = 'fixture',
  { store = memoryStore(), log = memoryLog() }: Below = {},
): Promise<Fixture> {
  const random = seeded(seed);
  const keyFile = newKeyFile(random);
  const keyring = await createKeyring({
    store,
    log,
    random,
    clock: () => self.now,
    settings: { account: ACCOUNT, region: REGION, created: START },
    keyringId: newKeyringId(random),
    slot: { slot: 1, created: new Date(START).toISOString(), path: '/test/key' },
    material: keyFileMaterial(keyFile, '/test/key'),
  });
  const managers = testKeyManagers();
  const kms = createKms({ keyring, clock: () => self.now, random, keyManagers: async () => managers });
  const self: Fixture = {
    keyring,
    kms,
    managers,
    store,
    log,
    keyFile,
    random,
    now: START,
    events: () =>
      textOf(log)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const { chain: _, ...event } = JSON.parse(line) as Record<string, unknown>;
          return event;
        }),
    async call(operation, input = {}, { caller = ROOT, region = REGION } = {}) {
      const answer = await callNamed(kms, {
        operation,
        input,
        caller,
        region,
        sourceIp: '127.0.0.1',
        userAgent: 'test',
      });
      return answer.output;
    },
  };
  return self;
}

interface NamedCall extends CallOrigin {
  readonly operation: string;
  readonly input: unknown;
}

/** A call of whatever operation has this name. */
export async function callNamed(kms: Kms, { operation, input, ...origin }: NamedCall): Promise<CallResult> {
  const row = await findOperation(operation);
  if (!row) throw new Error(`there is no operation ${operation}`);
  return kms.invoke(row, input, origin);
}

export const textOf = (log: Log): string =>
  Buffer.concat([...log.read()].map((piece) => Buffer.from(piece))).toString();

export interface TestKey {
  readonly id: string;
  readonly arn: string;
}

export async function newKey(home: Pick<Fixture, 'call'>, input: object = {}): Promise<TestKey> {
  const { KeyMetadata: made } = (await home.call('CreateKey', input)) as {
    KeyMetadata: { KeyId: string; Arn: string };
  };
  return { id: made.KeyId, arn: made.Arn };
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** What a call was refused with; an answer or another kind of error fails the test. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  const outcome = await call.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome && outcome.error instanceof KmsError) {
    return { code: outcome.error.code, message: outcome.error.message };
  }
  if ('error' in outcome) throw outcome.error;
  throw new Error(`answered ${JSON.stringify(outcome.answer)} instead of being refused`);
}
