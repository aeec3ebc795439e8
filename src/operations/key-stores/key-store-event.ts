/** Custom key stores in events. */
import type { Call, KeyTarget } from '../row/operation.ts';
import { keyStoreOf } from './key-store-rules.ts';

/** The name of the cluster's ID in events. */
export const loggedCluster = ({ CloudHsmClusterId: id }: { readonly CloudHsmClusterId?: string | undefined }) =>
  id === undefined ? {} : { clusterId: id };

/** One key store in events. */
export const aboutKeyStore = (_: unknown, call: Pick<Call<unknown>, 'targets'>) => {
  const found = keyStoreOf(call);
  return { customKeyStoreName: found.name, ...(found.type === 'AWS_CLOUDHSM' ? { clusterId: found.clusterId } : {}) };
};

/** A key whose key material is in a cluster, in the event of its deletion (AWS KMS Developer Guide, ScheduleKeyDeletion). */
export const aboutClusterKey = ({ key: { clusterKey }, keyStore }: Pick<KeyTarget, 'key' | 'keyStore'>) =>
  keyStore?.type === 'AWS_CLOUDHSM'
    ? {
        customKeyStoreId: keyStore.id,
        clusterId: keyStore.clusterId,
        backingKeys: JSON.stringify(clusterKey ? [clusterKey] : []),
      }
    : undefined;
