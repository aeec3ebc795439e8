/** The step of CreateKey in a custom key store: making the key in the cluster, or asking the proxy about the external key. */
import type { RandomBytes } from '../../crypto/seal.ts';
import { keyArn } from '../../model/arn.ts';
import { KmsError } from '../../model/error.ts';
import { hasMember, type CloudHsmKeyStore, type ExternalKeyStore, type KeyStore } from '../../keyring/key-store.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import type { XksKeyMetadata } from '../../key-managers/xks/xks.ts';
import type { Call, Step } from '../row/operation.ts';
import { usableKeyStore } from './key-store-rules.ts';
import { addressOf } from './proxy-health.ts';
import { refusedAs } from './refused.ts';

export interface KeyInKeyStore {
  readonly keyId: string;
  readonly keyStore: KeyStore;
  /** Of a CloudHSM key store. */
  readonly clusterKey?: NonNullable<KmsKey['clusterKey']>;
}

interface NewKeyInput {
  readonly Origin?: string | undefined;
  readonly XksKeyId?: string | undefined;
}

export async function newKeyInStore(
  call: Call<NewKeyInput>,
  newId: (random: RandomBytes) => string,
): Promise<Step<KeyInKeyStore>> {
  return call.input.Origin === 'AWS_CLOUDHSM'
    ? keyInCluster(call, usableKeyStore(call, 'AWS_CLOUDHSM'), newId)
    : keyBehindProxy(call, usableKeyStore(call, 'EXTERNAL_KEY_STORE'), newId);
}

function keyInCluster(
  { home, random, now }: Call<NewKeyInput>,
  keyStore: CloudHsmKeyStore,
  newId: (random: RandomBytes) => string,
): Step<KeyInKeyStore> {
  const { id: keyStoreId, clusterId, secret: password } = keyStore;
  const keyId = newId(random);
  return {
    place: 'outside',
    basis: [keyStoreId, clusterId, password],
    async work({ keyManagers }) {
      const { storeError } = await import('./hsm-errors.ts');
      const { hsm } = await keyManagers();
      const clusterKey = await refusedAs(storeError, () =>
        hsm.createKey({ clusterId, password, label: keyArn(home, keyId) }),
      );
      return { keyId, keyStore, clusterKey };
    },
    undo: { kind: 'undo-create-key', ...home, keyStoreId, keyId, due: now, time: now },
  };
}

async function keyBehindProxy(
  { input, tx, home, caller, random, requestId, route }: Call<NewKeyInput>,
  keyStore: ExternalKeyStore,
  newId: (random: RandomBytes) => string,
): Promise<Step<KeyInKeyStore>> {
  const name = input.XksKeyId!;
  if (await hasMember(tx, { ...home, keyStoreId: keyStore.id, name })) {
    throw new KmsError(
      'XksKeyAlreadyInUseException',
      `The external key ${name} is already associated with a KMS key in custom key store ${keyStore.id}.`,
    );
  }
  return {
    place: 'outside',
    basis: [keyStore.id, JSON.stringify(keyStore.proxy), keyStore.secret],
    async work({ keyManagers }) {
      const { createKeyError } = await import('./xks-errors.ts');
      const { xks } = await keyManagers();
      const metadata = {
        awsPrincipalArn: caller.arn,
        awsSourceVpc: route().vpcId,
        awsSourceVpce: route().vpcEndpointId,
        kmsOperation: 'CreateKey',
        kmsRequestId: requestId,
      };
      requireFitting(
        name,
        await refusedAs(createKeyError, () => xks.getKeyMetadata(addressOf(keyStore), name, metadata)),
      );
      return { keyId: newId(random), keyStore };
    },
  };
}

/** AWS KMS Developer Guide, Requirements for a KMS key in an external key store; the texts are our own. */
function requireFitting(name: string, { keySpec, keyStatus, keyUsage }: XksKeyMetadata): void {
  const refuse = (what: string, found: string, needed: string): never => {
    throw new KmsError(
      'XksKeyInvalidConfigurationException',
      `The ${what} of external key ${name} is ${found}. It must ${needed}.`,
    );
  };
  if (keySpec !== 'AES_256') refuse('key spec', keySpec, 'be AES_256');
  if (keyStatus !== 'ENABLED') refuse('key status', keyStatus, 'be ENABLED');
  if (!['ENCRYPT', 'DECRYPT'].every((usage) => keyUsage.includes(usage))) {
    refuse('key usage', keyUsage.join(', ') || 'empty', 'include ENCRYPT and DECRYPT');
  }
}
