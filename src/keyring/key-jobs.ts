/** The scheduled jobs that follow from a key's record, and records changed together with it. */
import { dueFor, putDue, removeDue, type DueJob } from './due.ts';
import { isImported, lacksMaterial, materialsOf } from './imported-material.ts';
import { putKey, type KmsKey } from './kms-key.ts';
import { isReplica } from './multi-region.ts';
import type { Transaction } from './transaction.ts';

/** Replicas are rotated with their primary. */
export function dueJobsOf(key: KmsKey): readonly DueJob[] {
  const { deletionDate, transitionEnds, rotation, onDemandRotation } = key;
  const rotates = !isReplica(key);
  const times: readonly (readonly [DueJob['kind'], number | undefined])[] = [
    ['delete-key', deletionDate],
    ['finish-transition', transitionEnds],
    ['rotate', rotates ? rotation?.next : undefined],
    ['rotate-on-demand', rotates ? onDemandRotation?.ends : undefined],
  ];
  const expiries = materialsOf(key).filter(isImported);
  return [
    ...times.flatMap(([kind, time]) => (time === undefined ? [] : [dueFor(key, { kind, time })])),
    ...expiries.flatMap(({ id, expiration }) =>
      expiration?.validTo === undefined
        ? []
        : [dueFor(key, { kind: 'expire-material', item: id, time: expiration.validTo })],
    ),
  ];
}

/** Whether the record still has this job: a job that a later change has cancelled is skipped. */
export const isStillDue = (key: KmsKey, { kind, item, time }: DueJob): boolean =>
  dueJobsOf(key).some((job) => job.kind === kind && job.item === item && job.time === time);

/** @param before undefined: a new key */
export function schedule(tx: Transaction, before: KmsKey | undefined, after: KmsKey): void {
  for (const job of before ? dueJobsOf(before) : []) removeDue(tx, job);
  for (const job of dueJobsOf(after)) putDue(tx, job);
}

export function changeKey(tx: Transaction, before: KmsKey, after: KmsKey): void {
  putKey(tx, after);
  schedule(tx, before, after);
}

/** Ends the state Creating or Updating. */
export function finishTransition(tx: Transaction, key: KmsKey): void {
  const { transitionEnds: _, ...kept } = key;
  const passing = key.state === 'Creating' || key.state === 'Updating';
  const state = lacksMaterial(key) ? 'PendingImport' : 'Enabled';
  changeKey(tx, key, passing ? { ...kept, state } : kept);
}

/** A rotation that was due while the key was not enabled runs at once. */
export function resumed(key: KmsKey, now: number): KmsKey {
  const { rotation, onDemandRotation } = key;
  return {
    ...key,
    ...(rotation && rotation.next < now ? { rotation: { ...rotation, next: now } } : {}),
    ...(onDemandRotation && onDemandRotation.ends < now
      ? { onDemandRotation: { ...onDemandRotation, ends: now } }
      : {}),
  };
}

/** The shared properties of a primary go to its replicas, which is an event of its own. */
export function synchronizeAt(tx: Transaction, primary: KmsKey, time: number): void {
  if (primary.multiRegion) putDue(tx, dueFor(primary, { kind: 'synchronize', time }));
}
