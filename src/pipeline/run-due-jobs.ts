/** What the passage of time does: before a call is answered, everything that was due by then is done, in order. */
import type { RandomBytes } from '../crypto/seal.ts';
import { takeDue } from '../keyring/due.ts';
import type { Transaction } from '../keyring/transaction.ts';

export interface DueDeps {
  readonly now: number;
  readonly random: RandomBytes;
}

/** A job may schedule others; they come in their turn, if they are due by now too. */
export async function runDueJobs(tx: Transaction, { now, random }: DueDeps): Promise<void> {
  for (let job = await takeDue(tx, now); job; job = await takeDue(tx, now)) {
    const { SCHEDULED_JOBS } = await import('./scheduled-jobs.ts'); // most calls find nothing that is due
    await SCHEDULED_JOBS[job.kind](tx, job, random);
  }
}
