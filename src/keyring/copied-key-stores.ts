/**
 * CloudHSM key stores of a keyring that goes on from a copy, or from an earlier state. Its clusters are also those of the
 * original: what was to be deleted there by the time of the copy is used there today, perhaps. So they are asked for nothing
 * until their owner connects them here.
 */
import { allKeyStores, putKeyStore, type CloudHsmKeyStore } from './key-store.ts';
import { cancelConnecting, forgetCreatedKeys } from './outside-job.ts';
import type { Transaction } from './transaction.ts';

export async function disconnectClusters(tx: Transaction): Promise<void> {
  for (const keyStore of await allKeyStores(tx)) {
    if (keyStore.type === 'AWS_CLOUDHSM') await disconnect(tx, keyStore);
  }
}

async function disconnect(tx: Transaction, keyStore: CloudHsmKeyStore): Promise<void> {
  await forgetCreatedKeys(tx, keyStore);
  if (keyStore.state === 'DISCONNECTED') return;
  await cancelConnecting(tx, keyStore);
  const { errorCode: _, ...kept } = keyStore;
  putKeyStore(tx, { ...kept, state: 'DISCONNECTED' });
}
