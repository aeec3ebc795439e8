/**
 * Connecting custom key stores. The call begins it, and a job that reaches outside does it: it logs in to the cluster as
 * kmsuser, whose password it changes, or asks the proxy for its health.
 */
import { hex, utf8 } from '../../crypto/bytes.ts';
import type { RandomBytes } from '../../crypto/seal.ts';
import { Secret } from '../../crypto/secret.ts';
import { putKeyStore, type KeyStore } from '../../keyring/key-store.ts';
import { cancelConnecting } from '../../keyring/outside-job.ts';
import { operation, type Step } from '../row/operation.ts';
import { keyStore } from '../row/target.ts';
import { aboutKeyStore } from './key-store-event.ts';
import { keyStoreOf, requireConnectionState } from './key-store-rules.ts';
import * as shapes from './connections-shapes.ts';

/** 7 to 32 letters and digits, as the cluster wants them: 128 bits. */
const newPassword = (random: RandomBytes): Secret => new Secret(utf8(hex(random(16))));

/**
 * A password that kmsuser may have been given already, by a process that ended too early, is used again: more than two
 * cannot be right.
 */
const connecting = (found: KeyStore, random: RandomBytes): KeyStore => ({
  ...found,
  state: 'CONNECTING',
  ...(found.type === 'AWS_CLOUDHSM' ? { nextSecret: found.nextSecret ?? newPassword(random) } : {}),
});

export const connectCustomKeyStore = operation({
  ...shapes.connectCustomKeyStore,
  access: 'write',
  targets: ({ CustomKeyStoreId }) => [keyStore(CustomKeyStoreId, 'ConnectCustomKeyStore')],
  log: { additional: aboutKeyStore, resources: null },
  async run(call) {
    const found = keyStoreOf(call);
    requireConnectionState('connect', found);
    if (found.state !== 'DISCONNECTED') return {}; // it is, or it is being
    putKeyStore(call.tx, connecting(found, call.random));
    const { account, region, id: keyStoreId } = found;
    const { requestId, now } = call;
    await call.begin({ kind: 'connect-key-store', account, region, keyStoreId, requestId, due: now, time: now });
    return {};
  },
});

export const disconnectCustomKeyStore = operation({
  ...shapes.disconnectCustomKeyStore,
  access: 'write',
  targets: ({ CustomKeyStoreId }) => [keyStore(CustomKeyStoreId, 'DisconnectCustomKeyStore')],
  log: { additional: aboutKeyStore, resources: null },
  /** Ends the sessions of this process. That a cluster cannot be reached does not keep its key store connected. */
  step(call): Step<void> | undefined {
    const found = keyStoreOf(call);
    requireConnectionState('disconnect', found);
    if (found.type !== 'AWS_CLOUDHSM') return undefined;
    return {
      place: 'outside',
      basis: [found.clusterId],
      work: async ({ keyManagers }) => (await keyManagers()).hsm.disconnect(found.clusterId).catch(() => undefined),
    };
  },
  async run(call) {
    const found = keyStoreOf(call);
    requireConnectionState('disconnect', found);
    if (found.state === 'CONNECTING') await cancelConnecting(call.tx, found);
    const { errorCode: _, ...kept } = found;
    putKeyStore(call.tx, { ...kept, state: 'DISCONNECTED' });
    return {};
  },
});
