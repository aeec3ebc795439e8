/**
 * Custom key stores: a CloudHSM cluster, or a key manager behind an external key store proxy, that holds key material
 * instead of KMS. There are no such back ends here. The configuration of a store is
 * checked and stored; connecting to it fails, as for a key store that cannot be reached.
 */
import { hex, utf8 } from '../../crypto/bytes.ts';
import { Secret } from '../../crypto/secret.ts';
import { keyStoresOf, putKeyStore, removeKeyStore, type KeyStore } from '../../keyring/key-store.ts';
import { operation } from '../row/operation.ts';
import { keyStore, noTarget } from '../row/target.ts';
import { aboutKeyStore, loggedCluster } from './key-store-event.ts';
import {
  checkChange,
  checkMembers,
  checkQuota,
  checkUnique,
  keyStoreOf,
  requireChangeable,
  requireConnectionState,
} from './key-store-rules.ts';
import { proxyOf } from './xks-proxy.ts';
import * as shapes from './custom-key-stores-shapes.ts';

const secretOf = (text: string): Secret => new Secret(utf8(text));

const HIDDEN = ['CloudHsmClusterId', 'KeyStorePassword', 'XksProxyAuthenticationCredential'] as const;

export const createCustomKeyStore = operation({
  ...shapes.createCustomKeyStore,
  access: 'write',
  targets: () => [noTarget('CreateCustomKeyStore')],
  validateMembers: checkMembers,
  log: {
    redact: [...HIDDEN, 'TrustAnchorCertificate'],
    request: loggedCluster,
    response: ({ CustomKeyStoreId }) => ({ customKeyStoreId: CustomKeyStoreId }),
    resources: null,
  },
  async run({ input, tx, home, now, random }) {
    const all = await keyStoresOf(tx, home);
    const common = {
      account: home.account,
      region: home.region,
      id: `cks-${hex(random(9)).slice(0, 17)}`,
      name: input.CustomKeyStoreName,
      created: now,
      state: 'DISCONNECTED',
    } as const;
    const wanted: KeyStore =
      input.CustomKeyStoreType === 'EXTERNAL_KEY_STORE'
        ? {
            ...common,
            type: 'EXTERNAL_KEY_STORE',
            proxy: proxyOf(input, {}, home.account),
            secret: secretOf(input.XksProxyAuthenticationCredential!.RawSecretAccessKey),
          }
        : {
            ...common,
            type: 'AWS_CLOUDHSM',
            clusterId: input.CloudHsmClusterId!,
            trustAnchorCertificate: input.TrustAnchorCertificate!,
            secret: secretOf(input.KeyStorePassword!),
          };
    const same = all.find((other) => isRepeated(wanted, other));
    if (same) return { CustomKeyStoreId: same.id };
    checkQuota(all);
    checkUnique(wanted, { all });
    putKeyStore(tx, wanted);
    return { CustomKeyStoreId: wanted.id };
  },
});

/** Repeating the call while the key store is disconnected has no effect. */
const isRepeated = (wanted: KeyStore, other: KeyStore): boolean =>
  wanted.type === 'AWS_CLOUDHSM' &&
  other.type === 'AWS_CLOUDHSM' &&
  other.state === 'DISCONNECTED' &&
  wanted.name === other.name &&
  wanted.clusterId === other.clusterId &&
  wanted.trustAnchorCertificate === other.trustAnchorCertificate &&
  wanted.secret.equals(other.secret);

export const updateCustomKeyStore = operation({
  ...shapes.updateCustomKeyStore,
  access: 'write',
  targets: ({ CustomKeyStoreId }) => [keyStore(CustomKeyStoreId, 'UpdateCustomKeyStore')],
  log: { redact: HIDDEN, request: loggedCluster, additional: aboutKeyStore, resources: null },
  async run(call) {
    const { input, tx, home } = call;
    const present = keyStoreOf(call);
    checkChange(input, present);
    requireChangeable(input, present);
    const named = { name: input.NewCustomKeyStoreName ?? present.name };
    const given = input.KeyStorePassword ?? input.XksProxyAuthenticationCredential?.RawSecretAccessKey;
    const opened = given === undefined ? {} : { secret: secretOf(given) };
    const changed: KeyStore =
      present.type === 'AWS_CLOUDHSM'
        ? { ...present, ...named, ...opened, clusterId: input.CloudHsmClusterId ?? present.clusterId }
        : { ...present, ...named, ...opened, proxy: proxyOf(input, present.proxy, home.account) };
    checkUnique(changed, { all: await keyStoresOf(tx, home), but: present });
    putKeyStore(tx, changed);
    return {};
  },
});

export const deleteCustomKeyStore = operation({
  ...shapes.deleteCustomKeyStore,
  access: 'write',
  targets: ({ CustomKeyStoreId }) => [keyStore(CustomKeyStoreId, 'DeleteCustomKeyStore')],
  log: { additional: aboutKeyStore, resources: null },
  /** It has no keys, because a store that is never connected cannot have any. */
  run(call) {
    const found = keyStoreOf(call);
    requireConnectionState('delete', found);
    removeKeyStore(call.tx, found);
    return {};
  },
});
