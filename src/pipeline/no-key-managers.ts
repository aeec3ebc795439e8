/** Of a keyring for which no key managers are reached, because this user does not trust it. */
import { HsmError } from '../key-managers/hsm/hsm.ts';
import { XksError } from '../key-managers/xks/xks.ts';
import type { KeyManagers } from '../operations/row/operation.ts';

const WHY = 'The keyring is not trusted, so its custom key stores reach nothing: kms keyring trust allows it.';

const noCluster = async (): Promise<never> => {
  throw new HsmError('NOT_TRUSTED', WHY);
};
const noEntry = (): never => {
  throw new XksError('XksProxyNotAllowed', 'the keyring is not trusted', [WHY]);
};
const noProxy = async (): Promise<never> => noEntry();

const nothing = async (): Promise<void> => {};

export const NO_KEY_MANAGERS: KeyManagers = {
  hsm: {
    checkCluster: noCluster,
    connect: noCluster,
    disconnect: nothing,
    createKey: noCluster,
    encrypt: noCluster,
    decrypt: noCluster,
    random: noCluster,
    findKeys: noCluster,
    destroyKeys: noCluster,
    close: nothing,
  },
  xks: {
    findEntry: noEntry,
    privateDnsNameOf: noEntry,
    getHealthStatus: noProxy,
    getKeyMetadata: noProxy,
    encrypt: noProxy,
    decrypt: noProxy,
    close: nothing,
  },
};
