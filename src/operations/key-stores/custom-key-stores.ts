/**
 * Custom key stores: a CloudHSM cluster, or a key manager behind an external key store proxy, that holds key material
 * instead of KMS. The cluster, or the proxy, is looked for before the configuration of a key store is stored.
 */
import { hex, utf8 } from '../../crypto/bytes.ts';
import { Secret } from '../../crypto/secret.ts';
import { hasMembers, keyStoresOf, putKeyStore, removeKeyStore, type KeyStore } from '../../keyring/key-store.ts';
import { KmsError } from '../../model/error.ts';
import type { ValueOf } from '../../model/shape.ts';
import { operation, type Call, type Step } from '../row/operation.ts';
import { keyStore, noTarget } from '../row/target.ts';
import { aboutKeyStore, loggedCluster } from './key-store-event.ts';
import {
  checkChange,
  checkMembers,
  checkQuota,
  checkUnique,
  isProxyChange,
  keyStoreOf,
  requireChangeable,
  requireConnectionState,
} from './key-store-rules.ts';
import { requireProxy } from './proxy-health.ts';
import { refusedAs } from './refused.ts';
import { proxyOf } from './xks-proxy.ts';
import * as shapes from './custom-key-stores-shapes.ts';

const secretOf = (text: string): Secret => new Secret(utf8(text));

const HIDDEN = ['CloudHsmClusterId', 'KeyStorePassword', 'XksProxyAuthenticationCredential'] as const;

type CreateInput = ValueOf<typeof shapes.createCustomKeyStore.input>;

/** What the call asks for. */
function wantedKeyStore({ input, home, now }: Call<CreateInput>, id: string): KeyStore {
  const { account, region } = home;
  const common = { account, region, id, name: input.CustomKeyStoreName, created: now, state: 'DISCONNECTED' } as const;
  return input.CustomKeyStoreType === 'EXTERNAL_KEY_STORE'
    ? {
        ...common,
        type: 'EXTERNAL_KEY_STORE',
        proxy: proxyOf(input, {}, account),
        secret: secretOf(input.XksProxyAuthenticationCredential!.RawSecretAccessKey),
      }
    : {
        ...common,
        type: 'AWS_CLOUDHSM',
        clusterId: input.CloudHsmClusterId!,
        trustAnchorCertificate: input.TrustAnchorCertificate!,
        secret: secretOf(input.KeyStorePassword!),
      };
}

/** @returns the one that the same call has made before @throws if this one cannot be made */
async function repeatedOrFree(wanted: KeyStore, { tx, home }: Call<CreateInput>): Promise<KeyStore | undefined> {
  const all = await keyStoresOf(tx, home);
  const same = all.find((other) => isRepeated(wanted, other));
  if (same) return same;
  checkQuota(all);
  checkUnique(wanted, { all });
  return undefined;
}

/**
 * AWS looks for a cluster and its trust anchor, and asks a proxy with a public endpoint for its health: nobody is asked for a
 * key store that cannot be made.
 */
async function lookingFor(call: Call<CreateInput>): Promise<Step<void> | undefined> {
  const wanted = wantedKeyStore(call, '');
  if (await repeatedOrFree(wanted, call)) return undefined;
  const outside = { place: 'outside', basis: [] } as const;
  if (wanted.type === 'AWS_CLOUDHSM') {
    return {
      ...outside,
      async work({ keyManagers }) {
        const { createError } = await import('./hsm-errors.ts');
        const { hsm } = await keyManagers();
        await refusedAs(createError, () => hsm.checkCluster(wanted.clusterId, wanted.trustAnchorCertificate));
      },
    };
  }
  const { requestId: kmsRequestId } = call;
  return {
    ...outside,
    work: (tools) => requireProxy(tools, wanted, { kmsRequestId, kmsOperation: 'CreateCustomKeyStore' }),
  };
}

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
  step: lookingFor,
  async run(call) {
    const wanted = wantedKeyStore(call, `cks-${hex(call.random(9)).slice(0, 17)}`);
    const same = await repeatedOrFree(wanted, call);
    if (same) return { CustomKeyStoreId: same.id };
    putKeyStore(call.tx, wanted);
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
  /** The new values must work before they are stored. */
  async step(call: Call<UpdateInput>): Promise<Step<void> | undefined> {
    const changed = await changedKeyStore(call);
    const { input, requestId } = call;
    if (changed.type === 'AWS_CLOUDHSM') {
      if (input.CloudHsmClusterId === undefined) return undefined;
      return {
        place: 'outside',
        basis: [changed.clusterId, changed.trustAnchorCertificate],
        async work({ keyManagers }) {
          const { changeError } = await import('./hsm-errors.ts');
          const { hsm } = await keyManagers();
          await refusedAs(changeError, () => hsm.checkCluster(changed.clusterId, changed.trustAnchorCertificate));
        },
      };
    }
    if (!isProxyChange(input)) return undefined;
    return {
      place: 'outside',
      basis: [JSON.stringify(changed.proxy), changed.secret],
      work: (tools) => requireProxy(tools, changed, { kmsRequestId: requestId, kmsOperation: 'UpdateCustomKeyStore' }),
    };
  },
  async run(call) {
    putKeyStore(call.tx, await changedKeyStore(call));
    return {};
  },
});

type UpdateInput = ValueOf<typeof shapes.updateCustomKeyStore.input>;

async function changedKeyStore(call: Call<UpdateInput>): Promise<KeyStore> {
  const { input, tx, home } = call;
  const present = keyStoreOf(call);
  checkChange(input, present);
  requireChangeable(input, present);
  const changed = withChanges(present, input);
  checkUnique(changed, { all: await keyStoresOf(tx, home), except: present });
  return changed;
}

function withChanges(present: KeyStore, input: UpdateInput): KeyStore {
  const name = input.NewCustomKeyStoreName ?? present.name;
  if (present.type === 'EXTERNAL_KEY_STORE') {
    const given = input.XksProxyAuthenticationCredential?.RawSecretAccessKey;
    const secret = given === undefined ? present.secret : secretOf(given);
    return { ...present, name, secret, proxy: proxyOf(input, present.proxy, present.account) };
  }
  const clusterId = input.CloudHsmClusterId ?? present.clusterId;
  const { KeyStorePassword: password } = input;
  if (password === undefined) return { ...present, name, clusterId };
  // kmsuser may still be given nextSecret by a process that was connecting the key store: it stays the second to be tried
  return { ...present, name, clusterId, secret: secretOf(password) };
}

export const deleteCustomKeyStore = operation({
  ...shapes.deleteCustomKeyStore,
  access: 'write',
  targets: ({ CustomKeyStoreId }) => [keyStore(CustomKeyStoreId, 'DeleteCustomKeyStore')],
  log: { additional: aboutKeyStore, resources: null },
  async run(call) {
    const found = keyStoreOf(call);
    requireConnectionState('delete', found);
    if (await hasMembers(call.tx, found)) {
      throw new KmsError('CustomKeyStoreHasCMKsException', `Custom key store ${found.id} contains KMS keys.`);
    }
    removeKeyStore(call.tx, found);
    return {};
  },
});
