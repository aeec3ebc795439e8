/** Runs the scheduled jobs that are due, in order, before a call. */
import type { RandomBytes } from '../crypto/seal.ts';
import { isAnyDue, takeDueJobs } from '../keyring/due.ts';
import type { Transaction } from '../keyring/transaction.ts';

export interface DueDeps {
  readonly now: number;
  readonly random: RandomBytes;
}

/** A job may schedule others, which also run if they are due. */
export async function runDueJobs(tx: Transaction, { now, random }: DueDeps): Promise<void> {
  if (!(await isAnyDue(tx, now))) return; // as for most calls
  for await (const job of takeDueJobs(tx, now)) {
    const { SCHEDULED_JOBS } = await import('./scheduled-jobs.ts');
    await SCHEDULED_JOBS[job.kind](tx, job, random);
  }
}
