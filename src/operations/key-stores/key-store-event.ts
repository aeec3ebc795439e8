/** What events about custom key stores tell of them. */
import type { Call } from '../row/operation.ts';
import { keyStoreOf } from './key-store-rules.ts';

/** The log's own name for the cluster's ID. */
export const loggedCluster = ({ CloudHsmClusterId: id }: { readonly CloudHsmClusterId?: string | undefined }) =>
  id === undefined ? {} : { clusterId: id };

/** What the events about one key store tell of it. */
export const aboutKeyStore = (_: unknown, call: Pick<Call<unknown>, 'targets'>) => {
  const found = keyStoreOf(call);
  return { customKeyStoreName: found.name, ...(found.type === 'AWS_CLOUDHSM' ? { clusterId: found.clusterId } : {}) };
};
