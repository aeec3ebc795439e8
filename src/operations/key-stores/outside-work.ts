/**
 * The jobs that reach outside of the process: connecting a custom key store, and deleting the key material of a deleted KMS
 * key from its cluster. `prepare` reads what the work needs, before; `finish` stores what came of it, after.
 */
import { keyArn } from '../../model/arn.ts';
import { serviceEvent } from '../../audit/event.ts';
import type { RandomBytes } from '../../crypto/seal.ts';
import type { Secret } from '../../crypto/secret.ts';
import { uuid } from '../../crypto/uuid.ts';
import { findKeyStore, putKeyStore, type CloudHsmKeyStore, type ExternalKeyStore } from '../../keyring/key-store.ts';
import type { ConnectKeyStore, DeleteBackingKeys, OutsideJob } from '../../keyring/outside-job.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import type { BackingKeyName } from '../../key-managers/hsm/hsm.ts';
import type { KeyManagers, StepOutcome } from '../row/operation.ts';
import { connectionCode as hsmConnectionCode } from './hsm-errors.ts';
import { requireHealth } from './proxy-health.ts';
import { connectionCode as xksConnectionCode } from './xks-errors.ts';

type Work = (managers: KeyManagers) => Promise<unknown>;

interface Finishing {
  readonly outcome: StepOutcome;
  readonly random: RandomBytes;
}

interface OutsideWork<J extends OutsideJob> {
  /** undefined: nobody wants it any more. */
  prepare(tx: Transaction, job: J): Promise<Work | undefined>;
  /** What is left of it, if something is, which is stored before it is done. */
  next?(job: J, outcome: StepOutcome): J | undefined;
  finish(tx: Transaction, job: J, finishing: Finishing): Promise<void>;
}

const OUTSIDE_WORK: {
  readonly [K in OutsideJob['kind']]: OutsideWork<Extract<OutsideJob, { readonly kind: K }>>;
} = {
  'connect-key-store': { prepare: connecting, finish: connected },
  'delete-backing-keys': { prepare: deleting, next: foundKeys, finish: deleted },
};

/** That of the row of its kind. */
export const workOf = (job: OutsideJob): OutsideWork<OutsideJob> => OUTSIDE_WORK[job.kind];

const gone = async (): Promise<never> => {
  throw new Error('the custom key store is deleted');
};

/** One that another process has begun may have been disconnected, or connected by another call, since. */
async function connecting(tx: Transaction, job: ConnectKeyStore): Promise<Work | undefined> {
  const keyStore = await findKeyStore(tx, job, job.keyStoreId);
  if (keyStore?.state !== 'CONNECTING') return undefined;
  return keyStore.type === 'AWS_CLOUDHSM' ? loggingIn(keyStore) : askingForHealth(keyStore, job);
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

/**
 * Only a key store that is connected is asked: otherwise the key material stays, for its owner to delete. What there is of it is
 * found, and stored, before it is destroyed.
 */
async function deleting(tx: Transaction, job: DeleteBackingKeys): Promise<Work> {
  const keyStore = await findKeyStore(tx, job, job.keyStoreId);
  if (keyStore?.type !== 'AWS_CLOUDHSM' || keyStore.state !== 'CONNECTED') return gone;
  const { clusterId, secret: password } = keyStore;
  const key = { clusterId, password, label: keyArn(job, job.keyId) };
  return job.backingKeys ? ({ hsm }) => hsm.destroyKeys(key) : ({ hsm }) => hsm.findKeys(key);
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
