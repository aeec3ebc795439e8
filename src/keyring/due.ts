/** Scheduled jobs as records, in the order of their times, so the first one shows whether any is due. */
import type { Home } from '../model/arn.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Settings } from './root.ts';
import { firstOf } from './store.ts';
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

export const LATEST_TIME = 9_999_999_999_999;

/** @param key whose job it is */
export const dueFor = (
  { account, region, keyId }: Home & { readonly keyId: string },
  what: Pick<DueJob, 'kind' | 'item' | 'time'>,
): DueJob => ({ account, region, keyId, ...what });

export const putDue = (tx: Transaction, job: DueJob): void => tx.put(pathOf(job), encodeRecord(job));
export const removeDue = (tx: Transaction, job: DueJob): void => tx.delete(pathOf(job));

/** Removes and returns the earliest job that is due. */
export async function takeDue(tx: Transaction, now: number): Promise<DueJob | undefined> {
  const [row] = await firstOf(tx.rows(DUE), 1);
  const job = row && decodeJob(row.value);
  if (!job || job.time > now) return undefined;
  tx.delete(row.path);
  return job;
}

/** In keyrings of earlier versions the end of a transition is called 'settle', in its path too. */
function decodeJob(bytes: Uint8Array): DueJob {
  const { body } = decodeRecord<Omit<DueJob, 'kind'> & { readonly kind: DueJob['kind'] | 'settle' }>(bytes);
  return { ...body, kind: body.kind === 'settle' ? 'finish-transition' : body.kind };
}
