/**
 * Jobs that reach outside of the process, as records: connecting a custom key store, deleting key material in a cluster, and
 * taking back what a call makes there. They are done between transactions. A process that takes one moves its time ahead, so
 * that no other does it too, and another takes it over if this one ends before the job.
 */
import type { Home } from '../model/arn.ts';
import type { KmsKey } from './kms-key.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Transaction } from './transaction.ts';

interface Common extends Home {
  readonly keyStoreId: string;
  /** When it was due first, in milliseconds since 1970. */
  readonly due: number;
  /** When it may be done: later than it was due once a process has taken it, or has failed to do it. */
  readonly time: number;
  /** When a process has last moved it to a later time. */
  readonly moved?: number;
  /** How often it was moved: distinguishes who has moved it to the same time, as happens where the clock is set back. */
  readonly moves?: number;
}

export interface ConnectKeyStore extends Common {
  readonly kind: 'connect-key-store';
  /** Of the call that has begun it. */
  readonly requestId: string;
}

export interface DeleteBackingKeys extends Common {
  readonly kind: 'delete-backing-keys';
  /** The KMS key that was deleted. */
  readonly keyId: string;
  /** As it was named when it was made. */
  readonly clusterKey?: KmsKey['clusterKey'];
  /** What the cluster has of it, once it was found there and before it is destroyed. */
  readonly backingKeys?: readonly { readonly keyHandle: string; readonly backingKeyId: string }[];
}

/** Stored before the key is made in the cluster, and removed with the change that makes it a KMS key. */
export interface UndoCreateKey extends Common {
  readonly kind: 'undo-create-key';
  /** The KMS key that there is not. */
  readonly keyId: string;
}

export type OutsideJob = ConnectKeyStore | DeleteBackingKeys | UndoCreateKey;

const KINDS: { readonly [K in OutsideJob['kind']]: true } = {
  'connect-key-store': true,
  'delete-backing-keys': true,
  'undo-create-key': true,
};

/** How long a process has for one before another may take it over. */
const CLAIM = 60_000;

const OUTSIDE = 'outside/';
/** Thirteen digits keep the order of times, as those of scheduled jobs do. */
function pathOf(job: OutsideJob): string {
  const { time, kind, account, region, keyStoreId } = job;
  const path = `${OUTSIDE}${String(time).padStart(13, '0')}/${kind}/${account}/${region}/${keyStoreId}`;
  return job.kind === 'connect-key-store' ? path : `${path}/${job.keyId}`;
}

const jobOf = (bytes: Uint8Array): OutsideJob => decodeRecord<OutsideJob>(bytes).body;

export const putOutsideJob = (tx: Transaction, job: OutsideJob): void => tx.put(pathOf(job), encodeRecord(job));
export const removeOutsideJob = (tx: Transaction, job: OutsideJob): void => tx.delete(pathOf(job));

/** @returns the job, as it is stored now */
export function moveOutsideJob<J extends OutsideJob>(
  tx: Transaction,
  job: J,
  { now, by }: { readonly now: number; readonly by: number },
): J {
  const moved = { ...job, time: now + by, moved: now, moves: (job.moves ?? 0) + 1 };
  removeOutsideJob(tx, job);
  putOutsideJob(tx, moved);
  return moved;
}

/** For the process that does it now. */
export const claimOutsideJob = <J extends OutsideJob>(tx: Transaction, job: J, now: number): J =>
  moveOutsideJob(tx, job, { now, by: CLAIM });

const callOf = (job: OutsideJob): string | undefined => (job.kind === 'connect-key-store' ? job.requestId : undefined);

/** Whether nobody else has taken it over, and it was not cancelled, nor begun anew by another call while the clock stood. */
export async function isStillClaimed(tx: Transaction, job: OutsideJob): Promise<boolean> {
  const stored = await tx.read(pathOf(job), jobOf);
  return stored !== undefined && callOf(stored) === callOf(job) && stored.moves === job.moves;
}

type KeyStoreName = Home & { readonly id: string };

/** A connection that is awaited no longer: whoever is making it changes nothing by it. */
export const cancelConnecting = (tx: Transaction, of: KeyStoreName) => removeJobs(tx, of, 'connect-key-store');

/** What is left of them in the cluster is for its owner to delete. */
export const forgetCreatedKeys = (tx: Transaction, of: KeyStoreName) => removeJobs(tx, of, 'undo-create-key');

async function removeJobs(
  tx: Transaction,
  { id, account, region }: KeyStoreName,
  kind: OutsideJob['kind'],
): Promise<void> {
  const rows = await Array.fromAsync(tx.rows(OUTSIDE));
  const jobs = rows.flatMap(({ path, value }) => knownJob(path, value) ?? []);
  const isOfIt = (job: OutsideJob) => job.keyStoreId === id && job.account === account && job.region === region;
  for (const job of jobs) if (job.kind === kind && isOfIt(job)) removeOutsideJob(tx, job);
}

/** As for most calls. */
export function isNoneOutside(tx: Transaction): boolean | Promise<boolean> {
  const earliest = tx.earliest(OUTSIDE);
  return earliest instanceof Promise ? earliest.then((path) => path === undefined) : earliest === undefined;
}

/** How many rows a call reads: others are for the calls after it, so that no call is slower the more there are. */
const MOST_ROWS = { due: 100, waiting: 10 };

/** Those that may be done, the earliest first; also those that were moved while the clock was set to a later time. */
export async function outsideJobsAt(tx: Transaction, now: number): Promise<readonly OutsideJob[]> {
  const jobs: OutsideJob[] = [];
  const rows = { due: 0, waiting: 0 };
  for await (const { path, value } of tx.rows(OUTSIDE)) {
    const job = knownJob(path, value);
    const isDue = job !== undefined && (job.time <= now || (job.moved ?? now) > now + CLAIM);
    const state = isDue || !job ? 'due' : 'waiting';
    if (isDue) jobs.push(job);
    if (++rows[state] === MOST_ROWS[state]) break;
  }
  return jobs;
}

/**
 * Those of another version wait for it, and so do those that no version has written; one whose path is not its own could not be
 * removed.
 */
function knownJob(path: string, bytes: Uint8Array): OutsideJob | undefined {
  const job: Partial<DeleteBackingKeys> | null = decodeRecord<Partial<DeleteBackingKeys> | null>(bytes).body;
  const { kind, time, due, backingKeys = [] } = job ?? {};
  const fits =
    kind !== undefined &&
    Object.hasOwn(KINDS, kind) &&
    [time, due].every((one) => Number.isFinite(one)) &&
    Array.isArray(backingKeys);
  if (!fits) return undefined;
  const known = jobOf(bytes);
  return pathOf(known) === path ? known : undefined;
}
