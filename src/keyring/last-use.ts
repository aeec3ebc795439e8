/** The last use of each KMS key, in a separate record, so that a use does not rewrite the key. */
import type { Home } from '../model/arn.ts';
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

export const findLastUse = (tx: Transaction, key: UsedKey): Promise<LastUse | undefined> =>
  tx.read(pathOf(key), decodeUse);

/** Times are told in whole seconds. */
export const wholeSecond = (time: number): number => Math.floor(time / 1000);

/**
 * Records a successful use. Of several uses by the same operation within a second only the first is recorded, so that not
 * every call writes a record.
 */
export async function noteUse(tx: Transaction, key: UsedKey, use: LastUse): Promise<void> {
  const last = await findLastUse(tx, key);
  if (last?.operation === use.operation && wholeSecond(last.time) === wholeSecond(use.time)) return;
  tx.put(pathOf(key), encodeRecord(use));
}

export const removeLastUse = (tx: Transaction, { account, region }: Home, keyId: string): void =>
  tx.delete(pathOf({ account, region, keyId }));

/** Those of all keys of an account in a Region, by key ID. */
export async function lastUsesIn(tx: Transaction, { account, region }: Home): Promise<ReadonlyMap<string, LastUse>> {
  const prefix = pathOf({ account, region, keyId: '' });
  const uses = new Map<string, LastUse>();
  for await (const { path, value } of tx.rows(prefix)) uses.set(path.slice(prefix.length), decodeUse(value));
  return uses;
}
