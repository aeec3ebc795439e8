/** Does the jobs that reach outside of the process (keyring/outside-job.ts), each between two transactions. */
import type { RandomBytes } from '../crypto/seal.ts';
import type { Keyring } from '../keyring/keyring.ts';
import {
  claimOutsideJob,
  isStillClaimed,
  isNoneOutside,
  outsideJobsAt,
  removeOutsideJob,
  type OutsideJob,
} from '../keyring/outside-job.ts';
import type { Transaction } from '../keyring/transaction.ts';
import type { KeyManagers, StepOutcome } from '../operations/row/operation.ts';

/** One that this process does, once the transaction is committed. */
export interface ClaimedJob {
  readonly job: OutsideJob;
  readonly work: (managers: KeyManagers) => Promise<unknown>;
}

/** @returns undefined if it is no longer wanted */
export async function claimJob(tx: Transaction, job: OutsideJob, now: number): Promise<ClaimedJob | undefined> {
  const { OUTSIDE_WORK } = await import('../operations/key-stores/outside-work.ts');
  const work = await OUTSIDE_WORK[job.kind].prepare(tx, job);
  if (work) return { work, job: claimOutsideJob(tx, job, now) };
  removeOutsideJob(tx, job);
  return undefined;
}

/** What nobody does, or whoever began has not finished in time. */
export async function claimJobsAt(tx: Transaction, now: number): Promise<ClaimedJob[]> {
  const isNone = isNoneOutside(tx);
  if (isNone instanceof Promise ? await isNone : isNone) return [];
  const claimed: ClaimedJob[] = [];
  for (const job of await outsideJobsAt(tx, now)) {
    const one = await claimJob(tx, job, now);
    if (one) claimed.push(one);
  }
  return claimed;
}

export interface OutsideDeps {
  readonly keyring: Keyring;
  readonly keyManagers: () => Promise<KeyManagers>;
  readonly random: RandomBytes;
}

export async function doJob({ job, work }: ClaimedJob, { keyring, keyManagers, random }: OutsideDeps): Promise<void> {
  const { OUTSIDE_WORK } = await import('../operations/key-stores/outside-work.ts');
  const outcome = await attempt(async () => work(await keyManagers()));
  await keyring.transact(async (tx) => {
    if (!(await isStillClaimed(tx, job))) return;
    removeOutsideJob(tx, job);
    await OUTSIDE_WORK[job.kind].finish(tx, job, { outcome, random });
  });
}

async function attempt(work: () => Promise<unknown>): Promise<StepOutcome> {
  try {
    return { result: await work() };
  } catch (error) {
    return { error };
  }
}
