/** Of a process that reaches no key managers: no cluster exists, and no proxy answers. */
import { HsmError } from '../key-managers/hsm/hsm.ts';
import { XksError } from '../key-managers/xks/xks.ts';
import type { KeyManagers } from '../operations/row/operation.ts';

const noCluster = async (clusterId: string): Promise<never> => {
  throw new HsmError('CLUSTER_NOT_FOUND', `there is no cluster ${clusterId} here`);
};
const noClusterOf = ({ clusterId }: { readonly clusterId: string }): Promise<never> => noCluster(clusterId);

const noProxy = async (): Promise<never> => {
  throw new XksError('XksProxyUnreachable', 'this process connects to no external key store proxy');
};

const nothing = async (): Promise<void> => {};

export const NO_KEY_MANAGERS: KeyManagers = {
  hsm: {
    checkCluster: noCluster,
    connect: noCluster,
    disconnect: nothing,
    createKey: noClusterOf,
    encrypt: noClusterOf,
    decrypt: noClusterOf,
    random: noClusterOf,
    findKeys: noClusterOf,
    destroyKeys: noClusterOf,
    close: nothing,
  },
  xks: {
    isListed: () => false,
    getHealthStatus: noProxy,
    getKeyMetadata: noProxy,
    encrypt: noProxy,
    decrypt: noProxy,
    close: nothing,
  },
};
