/**
 * The last use of each KMS key. The events of the log have it; when the root is written, those since it was last written
 * are folded into a record for each key, so only a limited part of the log is ever looked through.
 */
import { type Home, parseArn } from '../model/arn.ts';
import { isObject } from '../model/json-object.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Transaction } from './transaction.ts';

/** AWS KMS API Reference, GetKeyLastUsage. */
export const TRACKED_OPERATIONS = [
  'Decrypt',
  'DeriveSharedSecret',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'ReEncrypt',
  'Sign',
  'Verify',
  'VerifyMac',
  'Encapsulate',
  'Decapsulate',
] as const;

export interface LastUse {
  readonly operation: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly eventId: string;
  readonly requestId: string;
}

interface UsedKey extends Home {
  readonly keyId: string;
}

const pathOf = ({ account, region, keyId }: UsedKey): string => `last-use/${account}/${region}/${keyId}`;

const decodeUse = (bytes: Uint8Array): LastUse => decodeRecord<LastUse>(bytes).body;

/** Times are told in whole seconds. */
export const wholeSecond = (time: number): number => Math.floor(time / 1000);

const TRACKED = new Set<unknown>(TRACKED_OPERATIONS);

/** The last uses among events that are not folded yet, by path. */
function recentUses(tx: Transaction): ReadonlyMap<string, LastUse> {
  const uses = new Map<string, LastUse>();
  for (const event of tx.recentEvents()) {
    const { eventSource, eventName, eventTime, eventID, requestID, errorCode, resources } = event;
    const isUse = eventSource === 'kms.amazonaws.com' && TRACKED.has(eventName) && errorCode === undefined;
    if (!isUse || !Array.isArray(resources)) continue;
    const use: LastUse = {
      operation: String(eventName),
      time: Date.parse(String(eventTime)),
      eventId: String(eventID),
      requestId: String(requestID),
    };
    for (const resource of resources as readonly unknown[]) {
      const arn = isObject(resource) ? parseArn(String(resource['ARN'])) : undefined;
      if (arn?.resource.startsWith('key/')) uses.set(pathOf({ ...arn, keyId: arn.resource.slice(4) }), use);
    }
  }
  return uses;
}

export async function findLastUse(tx: Transaction, key: UsedKey): Promise<LastUse | undefined> {
  return recentUses(tx).get(pathOf(key)) ?? (await tx.read(pathOf(key), decodeUse));
}

/** Of a key that was deleted nothing is kept. */
export function foldUses(tx: Transaction): void {
  for (const [path, use] of recentUses(tx)) if (!tx.hasDeleted(path)) tx.put(path, encodeRecord(use));
}

export const removeLastUse = (tx: Transaction, { account, region }: Home, keyId: string): void =>
  tx.delete(pathOf({ account, region, keyId }));

/** Those of all keys of an account in a Region, by key ID. */
export async function lastUsesIn(tx: Transaction, { account, region }: Home): Promise<ReadonlyMap<string, LastUse>> {
  const prefix = pathOf({ account, region, keyId: '' });
  const uses = new Map<string, LastUse>();
  for await (const { path, value } of tx.rows(prefix)) uses.set(path.slice(prefix.length), decodeUse(value));
  for (const [path, use] of recentUses(tx)) if (path.startsWith(prefix)) uses.set(path.slice(prefix.length), use);
  return uses;
}
