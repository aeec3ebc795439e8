/**
 * The jobs that reach outside of the process: connecting a custom key store, deleting the key material of a deleted KMS key
 * from its cluster, and that of one that was not created. `prepare` reads what the work needs, before; `finish` stores what
 * came of it, after.
 */
import { keyArn } from '../../model/arn.ts';
import { serviceEvent } from '../../audit/event.ts';
import type { RandomBytes } from '../../crypto/seal.ts';
import type { Secret } from '../../crypto/secret.ts';
import { uuid } from '../../crypto/uuid.ts';
import { findKeyStore, putKeyStore, type CloudHsmKeyStore, type ExternalKeyStore } from '../../keyring/key-store.ts';
import type { ConnectKeyStore, DeleteBackingKeys, OutsideJob, UndoCreateKey } from '../../keyring/outside-job.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import type { BackingKeyName, Hsm, HsmKey } from '../../key-managers/hsm/hsm.ts';
import type { Basis, KeyManagers, StepOutcome } from '../row/operation.ts';
import { connectionCode as hsmConnectionCode } from './hsm-errors.ts';
import { requireHealth } from './proxy-health.ts';
import { connectionCode as xksConnectionCode } from './xks-errors.ts';

type Work = (managers: KeyManagers) => Promise<unknown>;

export interface PreparedWork {
  /** Where it has failed, and something else is found afterwards, it is done again: another process has changed a password. */
  readonly basis: Basis;
  readonly work: Work;
}

interface Finishing {
  readonly outcome: StepOutcome;
  readonly random: RandomBytes;
}

interface OutsideWork<J extends OutsideJob> {
  /** undefined: nobody wants it any more. */
  prepare(tx: Transaction, job: J): Promise<PreparedWork | undefined>;
  /** What is left of it, if something is, which is stored before it is done. */
  next?(job: J, outcome: StepOutcome): J | undefined;
  /** After how many milliseconds it is tried again if it fails; absent: it is not. */
  readonly retryAfter?: number;
  finish?(tx: Transaction, job: J, finishing: Finishing): Promise<void>;
}

const OUTSIDE_WORK: {
  readonly [K in OutsideJob['kind']]: OutsideWork<Extract<OutsideJob, { readonly kind: K }>>;
} = {
  'connect-key-store': { prepare: connecting, finish: connected },
  'delete-backing-keys': { prepare: deleting, next: foundKeys, finish: deleted },
  // not at every call: a cluster that does not answer makes them wait, and counts wrong passwords
  'undo-create-key': { prepare: undoing, retryAfter: 60 * 60 * 1000 },
};

/** That of the row of its kind. */
export const workOf = (job: OutsideJob): OutsideWork<OutsideJob> => OUTSIDE_WORK[job.kind];

const NOT_CONNECTED: PreparedWork = {
  basis: [],
  async work() {
    throw new Error('the custom key store is not connected');
  },
};

/** One that another process has begun may have been disconnected, or connected by another call, since. */
async function connecting(tx: Transaction, job: ConnectKeyStore): Promise<PreparedWork | undefined> {
  const keyStore = await findKeyStore(tx, job, job.keyStoreId);
  if (keyStore?.state !== 'CONNECTING') return undefined;
  const work = keyStore.type === 'AWS_CLOUDHSM' ? loggingIn(keyStore) : askingForHealth(keyStore, job);
  return { basis: [], work };
}

/** @returns the password that kmsuser has afterwards */
const loggingIn =
  ({ clusterId, secret, nextSecret = secret, trustAnchorCertificate }: CloudHsmKeyStore): Work =>
  async ({ hsm }): Promise<Secret> => {
    await hsm.checkCluster(clusterId, trustAnchorCertificate);
    return hsm.connect(clusterId, nextSecret === secret ? [secret] : [secret, nextSecret], nextSecret);
  };

const askingForHealth =
  (keyStore: ExternalKeyStore, { requestId }: ConnectKeyStore): Work =>
  ({ xks }) =>
    requireHealth(xks, keyStore, { kmsRequestId: requestId, kmsOperation: 'ConnectCustomKeyStore' });

/** Of one that was disconnected meanwhile the job is cancelled; the password that kmsuser has by now is in nextSecret. */
async function connected(tx: Transaction, job: ConnectKeyStore, { outcome }: Finishing): Promise<void> {
  const found = await findKeyStore(tx, job, job.keyStoreId);
  if (found?.state !== 'CONNECTING') return;
  if ('error' in outcome) {
    const code = found.type === 'AWS_CLOUDHSM' ? hsmConnectionCode : xksConnectionCode;
    putKeyStore(tx, { ...found, state: 'FAILED', errorCode: code(outcome.error) });
    return;
  }
  const state = 'CONNECTED';
  if (found.type === 'EXTERNAL_KEY_STORE') {
    putKeyStore(tx, { ...found, state });
    return;
  }
  const { nextSecret: _, ...rest } = found;
  putKeyStore(tx, { ...rest, state, secret: outcome.result as Secret });
}

/** Only a key store that is connected is asked for its keys. */
async function withKeys(
  tx: Transaction,
  { keyStoreId, keyId, ...home }: DeleteBackingKeys | UndoCreateKey,
  work: (hsm: Hsm, key: HsmKey) => Promise<unknown>,
): Promise<PreparedWork> {
  const keyStore = await findKeyStore(tx, home, keyStoreId);
  if (keyStore?.type !== 'AWS_CLOUDHSM' || keyStore.state !== 'CONNECTED') return NOT_CONNECTED;
  const { clusterId, secret: password } = keyStore;
  const key = { clusterId, password, label: keyArn(home, keyId) };
  return { basis: [clusterId, password], work: ({ hsm }) => work(hsm, key) };
}

/** What there is of the key is found, and stored, before it is destroyed. */
async function deleting(tx: Transaction, job: DeleteBackingKeys): Promise<PreparedWork> {
  return withKeys(tx, job, (hsm, key) => (job.backingKeys ? hsm.destroyKeys(key) : hsm.findKeys(key)));
}

/** A process that takes the job over does not find what another has destroyed, and knows it all the same. */
function foundKeys(job: DeleteBackingKeys, outcome: StepOutcome): DeleteBackingKeys | undefined {
  if (job.backingKeys || 'error' in outcome) return undefined;
  const backingKeys = outcome.result as readonly BackingKeyName[];
  return backingKeys.length > 0 ? { ...job, backingKeys } : undefined;
}

/** The event of the deletion tells what came of it (AWS KMS Developer Guide, Delete orphaned key material). */
async function deleted(tx: Transaction, job: DeleteBackingKeys, { outcome, random }: Finishing): Promise<void> {
  const keyStore = await findKeyStore(tx, job, job.keyStoreId);
  const { account, region, due: time, clusterKey } = job;
  const arn = keyArn(job, job.keyId);
  // what is not there cannot be deleted either: it may be in a backup of the cluster
  const deletionStatus = 'result' in outcome && job.backingKeys ? 'SUCCESS' : 'FAILURE';
  const backingKeys = job.backingKeys ?? (clusterKey ? [clusterKey] : []);
  const statuses = backingKeys.map((key) => ({ ...key, deletionStatus }));
  tx.append(
    serviceEvent({
      eventName: 'DeleteKey',
      eventId: uuid(random),
      time,
      region,
      account,
      resources: [{ arn, account }],
      responseElements: { keyId: arn },
      additionalEventData: {
        customKeyStoreId: job.keyStoreId,
        ...(keyStore?.type === 'AWS_CLOUDHSM' ? { clusterId: keyStore.clusterId } : {}),
        backingKeys: JSON.stringify(backingKeys),
        backingKeysDeletionStatus: JSON.stringify(statuses.length > 0 ? statuses : [{ deletionStatus }]),
      },
    }),
  );
}

/** It is given up with the key store. */
async function undoing(tx: Transaction, job: UndoCreateKey): Promise<PreparedWork | undefined> {
  if (!(await findKeyStore(tx, job, job.keyStoreId))) return undefined;
  return withKeys(tx, job, (hsm, key) => hsm.destroyKeys(key));
}
