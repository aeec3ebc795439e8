/** Due work as records, in the order of its time: what is due is found by looking at the first one. */
import type { Home } from '../api/arn.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Transaction } from './transaction.ts';

export interface DueWork extends Home {
  readonly kind: 'delete-key';
  readonly keyId: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

const DUE = 'due/';
/** Thirteen digits keep the order of times until the year 2286. */
const pathOf = ({ time, kind, account, region, keyId }: DueWork): string =>
  `${DUE}${String(time).padStart(13, '0')}/${kind}/${account}/${region}/${keyId}`;

export const putDue = (tx: Transaction, work: DueWork): void => tx.put(pathOf(work), encodeRecord(work));
export const removeDue = (tx: Transaction, work: DueWork): void => tx.delete(pathOf(work));

/** The earliest work whose time has come. */
export async function nextDue(tx: Transaction, now: number): Promise<DueWork | undefined> {
  const [row] = await tx.list(DUE, { limit: 1 });
  const work = row && decodeRecord<DueWork>(row.value).body;
  return work && work.time <= now ? work : undefined;
}
