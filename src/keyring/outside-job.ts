/**
 * Jobs that reach outside of the process, as records: connecting a custom key store, deleting key material in a cluster.
 * They are done between transactions. A process that takes one moves its time ahead, so that no other does it too, and
 * another takes it over if this one ends before the job.
 */
import type { Home } from '../model/arn.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Transaction } from './transaction.ts';

export interface OutsideJob extends Home {
  readonly kind: 'connect-key-store' | 'delete-backing-keys';
  readonly keyStoreId: string;
  /** Of `connect-key-store`: the call that has begun it. */
  readonly requestId?: string;
  /** Of `delete-backing-keys`: the KMS key that was deleted. */
  readonly keyId?: string;
  /** When it may be done, in milliseconds since 1970. */
  readonly time: number;
}

/** How long a process has for one before another may take it over. */
const CLAIM = 60_000;

const OUTSIDE = 'outside/';
/** Thirteen digits keep the order of times, as those of scheduled jobs do. */
const pathOf = ({ time, kind, account, region, keyStoreId, keyId }: OutsideJob): string =>
  `${OUTSIDE}${String(time).padStart(13, '0')}/${kind}/${account}/${region}/${keyStoreId}${keyId === undefined ? '' : `/${keyId}`}`;

export const putOutsideJob = (tx: Transaction, job: OutsideJob): void => tx.put(pathOf(job), encodeRecord(job));
export const removeOutsideJob = (tx: Transaction, job: OutsideJob): void => tx.delete(pathOf(job));

/** @returns the job, as it is stored now */
export function claimOutsideJob(tx: Transaction, job: OutsideJob, now: number): OutsideJob {
  const claimed = { ...job, time: now + CLAIM };
  removeOutsideJob(tx, job);
  putOutsideJob(tx, claimed);
  return claimed;
}

/** Whether nobody else has taken it over. */
export const isStillClaimed = async (tx: Transaction, job: OutsideJob): Promise<boolean> =>
  (await tx.get(pathOf(job))) !== undefined;

/** As for most calls. */
export function isNoneOutside(tx: Transaction): boolean | Promise<boolean> {
  const earliest = tx.earliest(OUTSIDE);
  return earliest instanceof Promise ? earliest.then((path) => path === undefined) : earliest === undefined;
}

/** Those that may be done. */
export async function outsideJobsAt(tx: Transaction, now: number): Promise<readonly OutsideJob[]> {
  const jobs: OutsideJob[] = [];
  for await (const { value } of tx.rows(OUTSIDE)) {
    const { body: job } = decodeRecord<OutsideJob>(value);
    if (job.time > now) break;
    jobs.push(job);
  }
  return jobs;
}
