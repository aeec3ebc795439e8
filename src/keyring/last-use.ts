/**
 * The last use of each KMS key. The events of the log have it; when the root is written, those since it was last written
 * are folded into a record for each key, so only a limited part of the log is ever looked through.
 */
import { type Home, parseArn } from '../model/arn.ts';
import type { KeyUse } from './key-uses.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Transaction } from './transaction.ts';

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

const lastUseOf = ({ eventName, eventTime, eventID, requestID }: KeyUse): LastUse => ({
  operation: eventName,
  time: Date.parse(eventTime),
  eventId: eventID,
  requestId: requestID,
});

/** The last uses among events that are not folded yet, by path. */
function recentUses(tx: Transaction): ReadonlyMap<string, LastUse> {
  const uses = new Map<string, LastUse>();
  for (const [text, use] of tx.recentUses()) {
    const arn = parseArn(text);
    if (arn?.resource.startsWith('key/')) uses.set(pathOf({ ...arn, keyId: arn.resource.slice(4) }), lastUseOf(use));
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
