/** KeyMetadata: the output of CreateKey, DescribeKey and ReplicateKey about a key. */
import type { KeyUsage } from '../../model/enumeration.ts';
import { keyArn } from '../../model/arn.ts';
import { camel } from '../../model/spelling.ts';
import { localeDate } from '../../audit/request-parameters.ts';
import { KEY_SPECS } from '../../crypto/key-spec.ts';
import { stateOf, type KeyStore } from '../../keyring/key-store.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import { multiRegionKeyTypeOf, relationsOf } from '../../keyring/multi-region.ts';
import type { KeyMetadata } from './key-metadata-shape.ts';

/** The member that lists a key's algorithms, by its usage. */
const ALGORITHM_MEMBERS: { readonly [U in KeyUsage]: string } = {
  ENCRYPT_DECRYPT: 'EncryptionAlgorithms',
  SIGN_VERIFY: 'SigningAlgorithms',
  GENERATE_VERIFY_MAC: 'MacAlgorithms',
  KEY_AGREEMENT: 'KeyAgreementAlgorithms',
  ENCAPSULATE_DECAPSULATE: 'EncapsulationAlgorithms',
};

export function algorithmsOf({ spec, usage }: Pick<KmsKey, 'spec' | 'usage'>): {
  readonly [member: string]: readonly string[];
} {
  return { [ALGORITHM_MEMBERS[usage]]: (KEY_SPECS[spec].algorithms[usage] ?? []).map(({ name }) => name) };
}

/** @param keyStore the custom key store of the key, if it is in one */
export function keyMetadata(key: KmsKey, keyStore?: KeyStore): KeyMetadata {
  const state = stateOf(key, keyStore);
  // the service omits it for a replica in state Creating
  const hasCurrent = KEY_SPECS[key.spec].type === 'symmetric' && state !== 'Creating' && !keyStore;
  const current = hasCurrent ? key.backingKeys.at(-1) : undefined;
  return {
    AWSAccountId: key.account,
    KeyId: key.keyId,
    Arn: keyArn(key, key.keyId),
    CreationDate: new Date(key.created),
    Enabled: state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: state,
    ...(key.deletionDate === undefined ? {} : { DeletionDate: new Date(key.deletionDate) }),
    ...expirationOf(key),
    Origin: key.origin,
    ...keyStoreMembers(key, keyStore),
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    ...algorithmsOf(key),
    MultiRegion: key.multiRegion,
    ...multiRegionMembers(key),
    ...(key.pendingWindow === undefined ? {} : { PendingDeletionWindowInDays: key.pendingWindow }),
    ...(current ? { CurrentKeyMaterialId: current.id } : {}),
  };
}

/** The earliest end of any material that is permanently the key's (public model, KeyMetadata.ValidTo). */
function expirationOf({ backingKeys }: KmsKey) {
  const imports = backingKeys.flatMap(({ expiration }) => (expiration ? [expiration] : []));
  if (imports.length === 0) return {};
  const ends = imports.flatMap(({ validTo }) => (validTo === undefined ? [] : [validTo]));
  if (ends.length === 0) return { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' as const };
  return { ValidTo: new Date(Math.min(...ends)), ExpirationModel: 'KEY_MATERIAL_EXPIRES' as const };
}

function keyStoreMembers({ externalKeyId }: KmsKey, keyStore: KeyStore | undefined) {
  if (!keyStore) return {};
  return {
    CustomKeyStoreId: keyStore.id,
    ...(keyStore.type === 'AWS_CLOUDHSM' ? { CloudHsmClusterId: keyStore.clusterId } : {}),
    ...(externalKeyId === undefined ? {} : { XksKeyConfiguration: { Id: externalKeyId } }),
  };
}

/** Every related key has the whole configuration. */
function multiRegionMembers(key: KmsKey) {
  const type = multiRegionKeyTypeOf(key);
  if (!type) return {};
  const { primary, replicas } = relationsOf(key);
  const related = (region: string) => ({ Arn: keyArn({ account: key.account, region }, key.keyId), Region: region });
  return {
    MultiRegionConfiguration: {
      MultiRegionKeyType: type,
      PrimaryKey: related(primary),
      ReplicaKeys: replicas.map(related),
    },
  };
}

/** In lower camel case on every level, except for AWSAccountId. */
export function loggedMetadata(metadata: object): { readonly [name: string]: unknown } {
  const logged = (value: unknown): unknown => {
    if (value instanceof Date) return localeDate(value);
    if (Array.isArray(value)) return value.map(logged);
    return typeof value === 'object' && value !== null ? loggedMetadata(value) : value;
  };
  const named = (name: string): string => (name === 'AWSAccountId' ? name : camel(name));
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [named(name), logged(value)]));
}
