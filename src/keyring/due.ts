/** Scheduled jobs as records, in the order of their times, so the first one shows whether any is due. */
import type { Home } from '../model/arn.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Settings } from './root.ts';
import type { Transaction } from './transaction.ts';

export interface DueJob extends Home {
  readonly kind:
    | 'delete-key'
    | 'expire-material'
    | 'finish-transition'
    | 'forget-wrapping-key'
    | 'rotate'
    | 'rotate-on-demand'
    | 'synchronize';
  readonly keyId: string;
  /** The part of the key, if there can be several: a key material ID, a wrapping key. */
  readonly item?: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/**
 * How long AWS takes to complete what a call has begun: "a few seconds" in which a new replica is Creating, a changed
 * primary is Updating, and a rotation on demand is in progress. By default two, so that a script that does not wait
 * fails here too.
 */
export const transitionTimeOf = ({ transitionTime = 2000 }: Pick<Settings, 'transitionTime'> = {}): number =>
  transitionTime;

const DUE = 'due/';
/** Thirteen digits keep the order of times until the year 2286. */
const pathOf = ({ time, kind, account, region, keyId, item }: DueJob): string =>
  `${DUE}${String(time).padStart(13, '0')}/${kind}/${account}/${region}/${keyId}${item === undefined ? '' : `/${item}`}`;

const timeIn = (path: string): number => Number(path.slice(DUE.length, DUE.length + 13));

export const LATEST_TIME = 9_999_999_999_999;

/** @param key whose job it is */
export const dueFor = (
  { account, region, keyId }: Home & { readonly keyId: string },
  what: Pick<DueJob, 'kind' | 'item' | 'time'>,
): DueJob => ({ account, region, keyId, ...what });

export const putDue = (tx: Transaction, job: DueJob): void => tx.put(pathOf(job), encodeRecord(job));
export const removeDue = (tx: Transaction, job: DueJob): void => tx.delete(pathOf(job));

/** No job is read for it. */
export async function isAnyDue(tx: Transaction, now: number): Promise<boolean> {
  const earliest = await tx.earliest(DUE);
  return earliest !== undefined && timeIn(earliest) <= now;
}

/**
 * Removes and returns the jobs that are due, the earliest first; what a job schedules is included. Each row is read
 * once, however many there are.
 */
export async function* takeDueJobs(tx: Transaction, now: number): AsyncGenerator<DueJob> {
  const stored = tx.rows(DUE);
  try {
    let row = await stored.next();
    for (;;) {
      const path = earlier(row.done ? undefined : row.value.path, tx.firstPut(DUE));
      if (path === undefined) return;
      const bytes = await tx.get(path); // since its row was read, it may have been deleted
      const job = bytes && decodeJob(bytes);
      if (job && job.time > now) return;
      if (!row.done && row.value.path === path) row = await stored.next();
      if (!job) continue;
      tx.delete(path);
      yield job;
    }
  } finally {
    await stored.return(undefined);
  }
}

const earlier = (one: string | undefined, other: string | undefined): string | undefined =>
  one === undefined || (other !== undefined && other < one) ? other : one;

/** In keyrings of earlier versions the end of a transition is called 'settle', in its path too. */
function decodeJob(bytes: Uint8Array): DueJob {
  const { body } = decodeRecord<Omit<DueJob, 'kind'> & { readonly kind: DueJob['kind'] | 'settle' }>(bytes);
  return { ...body, kind: body.kind === 'settle' ? 'finish-transition' : body.kind };
}
