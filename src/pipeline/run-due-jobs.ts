/** What the passage of time does: before a call is answered, everything that was due by then is done, in order. */
import type { RandomBytes } from '../crypto/seal.ts';
import { nextDue, removeDue } from '../keyring/due.ts';
import type { Transaction } from '../keyring/transaction.ts';

export interface DueDeps {
  readonly now: number;
  readonly random: RandomBytes;
}

/** Work may make more work; that comes in its turn, if it is due by now too. */
export async function runDueJobs(tx: Transaction, { now, random }: DueDeps): Promise<void> {
  for (let job = await nextDue(tx, now); job; job = await nextDue(tx, now)) {
    removeDue(tx, job);
    const { SCHEDULED_JOBS } = await import('./scheduled-jobs.ts'); // most calls find nothing that is due
    await SCHEDULED_JOBS[job.kind](tx, job, random);
  }
}
