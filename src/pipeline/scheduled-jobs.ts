/** The table of scheduled jobs: the change of each kind and its event, as of the time it was due. */
import { keyArn } from '../model/arn.ts';
import { serviceEvent, type ServiceFacts } from '../audit/event.ts';
import { keyMaterialId, newBackingKey } from '../crypto/backing-key.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { uuid } from '../crypto/uuid.ts';
import { aliasesOf, removeAlias } from '../keyring/alias.ts';
import type { DueJob } from '../keyring/due.ts';
import { removeGrantsOf } from '../keyring/grant.ts';
import { findMaterial, inStateOfMaterial, replaceMaterial, withoutSecret } from '../keyring/imported-material.ts';
import { changeKey, finishTransition, isStillDue, synchronizeAt } from '../keyring/key-jobs.ts';
import { findKey, removeKey, type BackingKey, type KmsKey } from '../keyring/kms-key.ts';
import { putOutsideJob } from '../keyring/outside-job.ts';
import { removeLastUse } from '../keyring/last-use.ts';
import { isReplica, multiRegionKeyTypeOf, relatedKeys, relationsOf, synchronized } from '../keyring/multi-region.ts';
import { DAY } from '../keyring/time.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { removeWrappingKey } from '../keyring/wrapping-key.ts';

type ScheduledJob = (tx: Transaction, job: DueJob, random: RandomBytes) => Promise<void>;

/** A job that a later change has cancelled does nothing. */
const ofKey =
  (
    step: (tx: Transaction, key: KmsKey, deps: { job: DueJob; random: RandomBytes }) => Promise<void> | void,
  ): ScheduledJob =>
  async (tx, job, random) => {
    const key = await findKey(tx, job, job.keyId);
    if (key && isStillDue(key, job)) await step(tx, key, { job, random });
  };

export const SCHEDULED_JOBS: { readonly [K in DueJob['kind']]: ScheduledJob } = {
  'delete-key': ofKey(deleteKey),
  'expire-material': ofKey(expireMaterial),
  'finish-transition': ofKey(finishTransition),
  'forget-wrapping-key': async (tx, { item, ...key }) => removeWrappingKey(tx, { ...key, id: item! }),
  rotate: ofKey(rotateAutomatically),
  'rotate-on-demand': ofKey(rotateOnDemand),
  async synchronize(tx, job, random) {
    const key = await findKey(tx, job, job.keyId);
    if (key) await synchronize(tx, key, { job, random });
  },
};

interface JobDeps {
  readonly job: DueJob;
  readonly random: RandomBytes;
}

type EventFacts = Pick<ServiceFacts, 'eventName' | 'responseElements' | 'serviceEventDetails' | 'requestId'>;

function appendEvent(tx: Transaction, key: KmsKey, { job, random, ...facts }: JobDeps & EventFacts): void {
  const { account, region } = key;
  const resources = [{ arn: keyArn(key, key.keyId), account }];
  tx.append(serviceEvent({ ...facts, eventId: uuid(random), time: job.time, region, account, resources }));
}

/** At the end of the waiting period: deletes the key, its material, metadata, aliases and grants. */
async function deleteKey(tx: Transaction, key: KmsKey, deps: JobDeps): Promise<void> {
  for (const alias of await aliasesOf(tx, key, key.keyId)) removeAlias(tx, alias);
  await removeGrantsOf(tx, key, key.keyId);
  removeLastUse(tx, key, key.keyId);
  await removeKey(tx, key);
  if (key.origin === 'AWS_CLOUDHSM') {
    // its event tells what became of the key material there
    const { account, region, keyId, clusterKey } = key;
    const keyStoreId = key.customKeyStoreId!;
    const { time } = deps.job;
    putOutsideJob(tx, { kind: 'delete-backing-keys', account, region, keyId, clusterKey, keyStoreId, due: time, time });
    return;
  }
  const responseElements = { keyId: keyArn(key, key.keyId) };
  appendEvent(tx, key, { ...deps, eventName: 'DeleteKey', responseElements });
  if (isReplica(key)) await leaveRelations(tx, key, deps.job.time);
}

/** When the last replica has been deleted, the waiting period of its primary begins, if it is pending replica deletion. */
async function leaveRelations(tx: Transaction, gone: KmsKey, time: number): Promise<void> {
  const primary = await findKey(tx, { ...gone, region: relationsOf(gone).primary }, gone.keyId);
  if (!primary) return;
  const replicas = relationsOf(primary).replicas.filter((region) => region !== gone.region);
  const left = { ...primary, relations: { primary: primary.region, replicas } };
  const { pendingWindow, ...kept } = left;
  const waits = primary.state === 'PendingReplicaDeletion' && replicas.length === 0;
  changeKey(
    tx,
    primary,
    waits ? { ...kept, state: 'PendingDeletion', deletionDate: time + (pendingWindow ?? 0) * DAY } : left,
  );
  synchronizeAt(tx, left, time);
}

/** The ID and what DescribeKey tells of the import stay; material that waited for its rotation was never the key's. */
function expireMaterial(tx: Transaction, key: KmsKey, deps: JobDeps): void {
  const { job } = deps;
  const material = findMaterial(key, job.item!)!;
  const { pendingMaterial, ...permanent } = key;
  const vanishes = pendingMaterial?.id === material.id && !isReplica(key);
  const left = { ...withoutSecret(material), ...(material.expiration ? { expiration: material.expiration } : {}) };
  changeKey(tx, key, inStateOfMaterial(vanishes ? permanent : replaceMaterial(key, left)));
  const serviceEventDetails = { keyId: key.keyId, keyMaterialId: material.id };
  appendEvent(tx, key, {
    ...deps,
    eventName: 'DeleteExpiredKeyMaterial',
    responseElements: null,
    serviceEventDetails,
  });
  if (vanishes) synchronizeAt(tx, key, job.time);
}

/** Keys that are disabled or pending deletion are not rotated; EnableKey runs the missed rotation. */
const isInUse = ({ state }: KmsKey): boolean => state === 'Enabled' || state === 'Updating';

function rotateAutomatically(tx: Transaction, key: KmsKey, deps: JobDeps): void {
  if (!isInUse(key)) return;
  const { rotation } = key;
  const next = deps.job.time + rotation!.periodInDays * DAY;
  rotate(tx, { ...key, rotation: { ...rotation!, next } }, { ...deps, before: key, type: 'AUTOMATIC' });
}

/** Keys with imported material change to the material that waits for it. */
function rotateOnDemand(tx: Transaction, key: KmsKey, deps: JobDeps): void {
  if (!isInUse(key)) return;
  const { onDemandRotation: _, pendingMaterial, ...rotated } = key;
  if (key.origin === 'EXTERNAL' && !pendingMaterial) changeKey(tx, key, rotated);
  else rotate(tx, rotated, { ...deps, before: key, type: 'ON_DEMAND', material: pendingMaterial });
}

interface Rotation extends JobDeps {
  readonly before: KmsKey;
  readonly type: 'AUTOMATIC' | 'ON_DEMAND';
  readonly material?: BackingKey | undefined;
}

/** All earlier material stays for decryption; multi-Region keys encrypt with the new one when all have it. */
function rotate(tx: Transaction, key: KmsKey, { before, type, material, ...deps }: Rotation): void {
  const { time } = deps.job;
  const current = { ...(material ?? newMaterial(key, deps)), rotated: { time, type } };
  changeKey(tx, before, inStateOfMaterial({ ...key, backingKeys: [...key.backingKeys, current] }));
  const serviceEventDetails = {
    rotationType: type,
    keyOrigin: key.origin,
    previousKeyMaterialId: key.backingKeys.at(-1)?.id,
    currentKeyMaterialId: current.id,
    keyId: key.keyId,
  };
  appendEvent(tx, key, { ...deps, eventName: 'RotateKey', responseElements: null, serviceEventDetails });
  synchronizeAt(tx, key, time);
}

function newMaterial({ keyId }: KmsKey, { job, random }: JobDeps): BackingKey {
  const secret = newBackingKey(random);
  return { id: keyMaterialId(keyId, secret), created: job.time, secret };
}

async function synchronize(tx: Transaction, primary: KmsKey, { job, random }: JobDeps): Promise<void> {
  if (multiRegionKeyTypeOf(primary) !== 'PRIMARY') return;
  const replicas = await relatedKeys(tx, primary);
  if (replicas.length === 0) return;
  for (const replica of replicas) changeKey(tx, replica, synchronized(replica, primary));
  appendEvent(tx, primary, {
    job,
    random,
    eventName: 'SynchronizeMultiRegionKey',
    requestId: uuid(random),
    responseElements: { keyId: keyArn(primary, primary.keyId) },
  });
}
