/** Members that several operations on custom key stores have. */
import { CLUSTER_ID, keyStoreId } from '../../model/members.ts';
import { oneOf, required, string, structure } from '../../model/shape.ts';

export const name = string({ min: 1, max: 256 });
export const clusterId = string({ min: 19, max: 24, pattern: CLUSTER_ID });
/** One that the operator has an entry for. */
export const knownCluster = { ...clusterId, names: 'cluster' } as const;
export const certificate = string({ min: 1, max: 5000 });
export const password = string({ min: 7, max: 32, sensitive: true });
export const storeType = oneOf(['AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']);

export const byId = structure({ CustomKeyStoreId: required(keyStoreId) });
