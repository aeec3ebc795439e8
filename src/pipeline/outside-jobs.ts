/** Does the jobs that reach outside of the process (keyring/outside-job.ts), each part of one between two transactions. */
import type { RandomBytes } from '../crypto/seal.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { keyringTime } from '../keyring/root.ts';
import {
  claimOutsideJob,
  moveOutsideJob,
  isStillClaimed,
  isNoneOutside,
  outsideJobsAt,
  removeOutsideJob,
  type OutsideJob,
} from '../keyring/outside-job.ts';
import type { Transaction } from '../keyring/transaction.ts';
import type { PreparedWork } from '../operations/key-stores/outside-work.ts';
import type { KeyManagers, StepOutcome } from '../operations/row/operation.ts';
import { hasSameBasis } from './steps.ts';

/** One that this process does, once the transaction is committed. */
export interface ClaimedJob {
  readonly job: OutsideJob;
  readonly prepared: PreparedWork;
}

/** @returns undefined if it is no longer wanted */
async function claimJob(tx: Transaction, job: OutsideJob, now: number): Promise<ClaimedJob | undefined> {
  const { workOf } = await import('../operations/key-stores/outside-work.ts');
  const prepared = await workOf(job).prepare(tx, job);
  if (prepared) return { prepared, job: claimOutsideJob(tx, job, now) };
  removeOutsideJob(tx, job);
  return undefined;
}

/** Those of them that are still wanted. */
export async function claimJobs(tx: Transaction, jobs: readonly OutsideJob[], now: number): Promise<ClaimedJob[]> {
  const claimed: ClaimedJob[] = [];
  for (const job of jobs) {
    const one = await claimJob(tx, job, now);
    if (one) claimed.push(one);
  }
  return claimed;
}

interface ClaimDeps {
  readonly now: number;
  /** Whether key managers can be asked here; otherwise jobs wait for a process that can ask them. */
  readonly reaches: () => boolean;
}

/**
 * What nobody does, or whoever began has not finished in time. Of what is tried again one of each kind and key store: a call
 * waits for a cluster that does not answer once, however much there is to do in it.
 */
export async function claimJobsAt(tx: Transaction, { now, reaches }: ClaimDeps): Promise<ClaimedJob[]> {
  const isNone = isNoneOutside(tx);
  if ((isNone instanceof Promise ? await isNone : isNone) || !reaches()) return [];
  const { workOf } = await import('../operations/key-stores/outside-work.ts');
  const due = await outsideJobsAt(tx, now);
  const isOneOf = (job: OutsideJob, at: number): boolean =>
    workOf(job).retryAfter === undefined || due.findIndex((other) => isLike(other, job)) === at;
  return claimJobs(tx, due.filter(isOneOf), now);
}

const isLike = (one: OutsideJob, other: OutsideJob): boolean =>
  one.kind === other.kind &&
  one.keyStoreId === other.keyStoreId &&
  one.account === other.account &&
  one.region === other.region;

export interface OutsideDeps {
  readonly keyring: Keyring;
  readonly keyManagers: () => Promise<KeyManagers>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: RandomBytes;
}

export async function doJob(claimed: ClaimedJob, deps: OutsideDeps): Promise<void> {
  for (let part: ClaimedJob | undefined = claimed; part;) part = await doPart(part, deps);
}

/** @returns the next part */
async function doPart(
  { job, prepared: { basis, work } }: ClaimedJob,
  { keyring, keyManagers, clock, random }: OutsideDeps,
): Promise<ClaimedJob | undefined> {
  const { workOf } = await import('../operations/key-stores/outside-work.ts');
  const outcome = await attempt(async () => work(await keyManagers()));
  return keyring.transact(async (tx) => {
    if (!(await isStillClaimed(tx, job))) return undefined;
    const row = workOf(job);
    const now = keyringTime(tx.settings, clock());
    if ('error' in outcome) {
      const again = await row.prepare(tx, job);
      if (again && !hasSameBasis(again.basis, basis)) return { prepared: again, job: claimOutsideJob(tx, job, now) };
      if (again && row.retryAfter !== undefined) {
        const others = (await outsideJobsAt(tx, now)).filter((other) => isLike(other, job));
        for (const one of [job, ...others]) moveOutsideJob(tx, one, { now, by: row.retryAfter });
        return undefined;
      }
    }
    removeOutsideJob(tx, job);
    const rest = row.next?.(job, outcome);
    if (rest) return claimJob(tx, rest, now);
    await row.finish?.(tx, job, { outcome, random });
    return undefined;
  });
}

async function attempt(work: () => Promise<unknown>): Promise<StepOutcome> {
  try {
    return { result: await work() };
  } catch (error) {
    return { error };
  }
}
