/** Connecting custom key stores: it fails, as for a key store that cannot be reached. */
import { putKeyStore, type ConnectionErrorCode, type KeyStore } from '../../keyring/key-store.ts';
import { operation } from '../row/operation.ts';
import { keyStore } from '../row/target.ts';
import { aboutKeyStore } from './key-store-event.ts';
import { keyStoreOf, requireConnectionState } from './key-store-rules.ts';
import * as shapes from './connections-shapes.ts';

/** AWS's error code for a key store that cannot be reached. */
function connectionError(found: KeyStore): ConnectionErrorCode {
  if (found.type === 'AWS_CLOUDHSM') return 'CLUSTER_NOT_FOUND';
  return found.proxy.connectivity === 'PUBLIC_ENDPOINT'
    ? 'XKS_PROXY_NOT_REACHABLE'
    : 'XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND';
}

export const connectCustomKeyStore = operation({
  ...shapes.connectCustomKeyStore,
  access: 'write',
  targets: ({ CustomKeyStoreId }) => [keyStore(CustomKeyStoreId, 'ConnectCustomKeyStore')],
  log: { additional: aboutKeyStore, resources: null },
  /** The call succeeds and the connection fails at once. */
  run(call) {
    const found = keyStoreOf(call);
    requireConnectionState('connect', found);
    putKeyStore(call.tx, { ...found, state: 'FAILED', errorCode: connectionError(found) });
    return {};
  },
});

export const disconnectCustomKeyStore = operation({
  ...shapes.disconnectCustomKeyStore,
  access: 'write',
  targets: ({ CustomKeyStoreId }) => [keyStore(CustomKeyStoreId, 'DisconnectCustomKeyStore')],
  log: { additional: aboutKeyStore, resources: null },
  run(call) {
    const found = keyStoreOf(call);
    requireConnectionState('disconnect', found);
    const { errorCode: _, ...kept } = found;
    putKeyStore(call.tx, { ...kept, state: 'DISCONNECTED' });
    return {};
  },
});
