/** The last use of every KMS key as a record of its own: a use changes nothing of the key. */
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

export const putLastUse = (tx: Transaction, key: UsedKey, use: LastUse): void => tx.put(pathOf(key), encodeRecord(use));

export const removeLastUse = (tx: Transaction, { account, region }: Home, keyId: string): void =>
  tx.delete(pathOf({ account, region, keyId }));
