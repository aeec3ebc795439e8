/** CreateKey: makes a KMS key. */
import { tagsOf, text, type InputCondition } from '../../policy/input-condition.ts';
import type { Home } from '../../model/arn.ts';
import { KmsError } from '../../model/error.ts';
import { type KeyUsage } from '../../model/enumeration.ts';
import { type ValueOf } from '../../model/shape.ts';
import { keyMaterialId } from '../../crypto/backing-key.ts';
import { hex } from '../../crypto/bytes.ts';
import { checkRegion, KEY_SPECS, usagesOf, type KeySpec } from '../../crypto/key-spec.ts';
import type { KeyPairBytes } from '../../crypto/key-material.ts';
import type { RandomBytes } from '../../crypto/seal.ts';
import { uuid } from '../../crypto/uuid.ts';
import { addKey, countKeys, type BackingKey, type KmsKey } from '../../keyring/kms-key.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { defaultKeyPolicy } from '../../policy/default-policy.ts';
import { keyMetadata, loggedMetadata } from './key-metadata.ts';
import type { KeyMetadata } from './key-metadata-shape.ts';
import { bindPrincipals, bypassCondition, checkKeyPolicy } from './key-policy.ts';
import { checkKeyStore } from '../key-stores/key-store-rules.ts';
import { newKeyInStore, type KeyInKeyStore } from '../key-stores/new-key.ts';
import { newKeyPairIfAny } from '../row/new-key-pair.ts';
import { operation, type Call, type Step } from '../row/operation.ts';
import { checkTags } from './tags.ts';
import { keyStore, newKeyResource, noTarget } from '../row/target.ts';
import * as shapes from './create-key-shapes.ts';

/** Customer managed keys in an account and Region. */
const KEY_QUOTA = 100_000;

type CreateKeyInput = ValueOf<typeof shapes.createKeyInput>;

export const specOf = (input: CreateKeyInput): KeySpec =>
  KEY_SPECS[input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT'];
const usageOf = (input: CreateKeyInput): KeyUsage => input.KeyUsage ?? 'ENCRYPT_DECRYPT';

/** Only multi-Region keys have one; CreateKey makes the primary key. */
const primaryType: InputCondition = {
  keys: ['kms:multiregionkeytype'],
  members: ['MultiRegion'],
  values: ({ MultiRegion }) => (MultiRegion === true ? [['kms:MultiRegionKeyType', ['PRIMARY']]] : []),
  options: () => [{}, { MultiRegion: true }],
};

export const createKey = operation({
  ...shapes.createKey,
  bootstrapsKeyring: true,
  access: 'write',
  targets: ({ Tags, CustomKeyStoreId: id }) => [
    id === undefined ? noTarget('CreateKey') : keyStore(id, 'CreateKey'),
    ...(Tags?.length ? [newKeyResource('TagResource')] : []),
  ],
  validateMembers: checkConfiguration,
  conditions: [
    text('kms:KeySpec', ['KeySpec', 'CustomerMasterKeySpec'], { default: 'SYMMETRIC_DEFAULT' }),
    text('kms:CustomerMasterKeySpec', ['KeySpec', 'CustomerMasterKeySpec'], { default: 'SYMMETRIC_DEFAULT' }),
    text('kms:KeyUsage', 'KeyUsage', { default: 'ENCRYPT_DECRYPT' }),
    text('kms:CustomerMasterKeyUsage', 'KeyUsage', { default: 'ENCRYPT_DECRYPT' }),
    text('kms:KeyOrigin', 'Origin', { default: 'AWS_KMS' }),
    text('kms:MultiRegion', 'MultiRegion', { default: 'false' }),
    primaryType,
    bypassCondition,
    tagsOf('Tags'),
  ],
  log: {
    request: (input) => ({
      description: input.Description ?? '',
      origin: input.Origin ?? 'AWS_KMS',
      bypassPolicyLockoutSafetyCheck: input.BypassPolicyLockoutSafetyCheck ?? false,
      customerMasterKeySpec: specOf(input).name,
      keySpec: specOf(input).name,
      keyUsage: usageOf(input),
      multiRegion: input.MultiRegion ?? false,
      tags: (input.Tags ?? []).map(({ TagKey, TagValue }) => ({ tagKey: TagKey, tagValue: TagValue })),
    }),
    response: ({ KeyMetadata: metadata }) => ({ keyMetadata: loggedMetadata(metadata!) }),
    additional: (_, __, made: KeyPairBytes | KeyInKeyStore | undefined) =>
      made && 'clusterKey' in made ? { backingKey: JSON.stringify(made.clusterKey) } : undefined,
    resources: ({ KeyMetadata: metadata }, { home }) => [{ arn: metadata!.Arn!, account: home.account }],
  },
  step: (call: Call<CreateKeyInput>): StepOfCreateKey => {
    const { input } = call;
    if (call.targets.some((target) => target.kind === 'none' && target.keyStore)) return newKeyInStore(call, uuid);
    return input.Origin === 'EXTERNAL' ? undefined : newKeyPairIfAny(specOf(input));
  },
  async run(call, made: KeyPairBytes | KeyInKeyStore | undefined) {
    const { input } = call;
    const stored = made && 'keyStore' in made ? made : undefined;
    const pair = made && 'keyStore' in made ? undefined : made;
    const keyId = stored?.keyId ?? newKeyId(call.random, input.MultiRegion ?? false);
    const hasMaterial = input.Origin !== 'EXTERNAL' && input.Origin !== 'AWS_CLOUDHSM';
    const backingKeys = hasMaterial ? [await newMaterial({ spec: specOf(input), keyId, pair }, call)] : [];
    return { KeyMetadata: await makeKey(call, { keyId, backingKeys, stored }) };
  },
});

type StepOfCreateKey = Step<KeyPairBytes> | undefined | Promise<Step<KeyInKeyStore>>;

interface NewKey extends Pick<KmsKey, 'keyId' | 'backingKeys'> {
  /** In a custom key store. */
  readonly stored?: KeyInKeyStore | undefined;
}

/** The key that the call describes, with this ID and material. */
export async function makeKey(
  call: Call<CreateKeyInput>,
  { keyId, backingKeys, stored }: NewKey,
): Promise<KeyMetadata> {
  const { input, tx, home, now } = call;
  checkRegion(specOf(input), home.region);
  checkTags(input.Tags ?? []);
  await checkKeyQuota(tx, home);
  const created: KmsKey = {
    account: home.account,
    region: home.region,
    keyId,
    created: now,
    description: input.Description ?? '',
    state: input.Origin === 'EXTERNAL' && backingKeys.length === 0 ? 'PendingImport' : 'Enabled',
    spec: specOf(input).name,
    usage: usageOf(input),
    origin: input.Origin ?? 'AWS_KMS',
    manager: 'CUSTOMER',
    multiRegion: input.MultiRegion ?? false,
    policy: input.Policy ?? defaultKeyPolicy(home),
    tags: input.Tags ?? [],
    backingKeys,
    ...(stored ? { customKeyStoreId: stored.keyStore.id } : {}),
    ...(stored?.clusterKey ? { clusterKey: stored.clusterKey } : {}),
    ...(stored && input.XksKeyId !== undefined ? { externalKeyId: input.XksKeyId } : {}),
  };
  if (input.Policy !== undefined) await checkKeyPolicy(input.Policy, created, call);
  await addKey(tx, { ...created, ...(input.Policy === undefined ? {} : await bindPrincipals(tx, input.Policy)) });
  return keyMetadata(created, stored?.keyStore);
}

/** Of ReplicateKey too: a replica counts in its own Region. */
export async function checkKeyQuota(tx: Transaction, home: Home): Promise<void> {
  if ((await countKeys(tx, home)) < KEY_QUOTA) return;
  throw new KmsError(
    'LimitExceededException',
    `You have reached the quota of ${KEY_QUOTA} KMS keys in this account and Region.`,
  );
}

/** Checks of the members of CreateKey against each other. */
function checkConfiguration(input: CreateKeyInput): void {
  const refuse = (text: string): never => {
    throw new KmsError('ValidationException', text);
  };
  if (input.KeySpec && input.CustomerMasterKeySpec) {
    refuse(
      'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    );
  }
  const spec = specOf(input);
  if (spec.type !== 'symmetric' && !input.KeyUsage) {
    refuse('You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.');
  }
  const usage = usageOf(input);
  if (!usagesOf(spec).includes(usage)) {
    refuse(`KeyUsage ${usage} is not compatible with KeySpec ${spec.name}.`);
  }
  // AWS KMS Developer Guide, Key type reference; AWS's own texts are not known
  const lacks = (what: string): never => {
    throw new KmsError('UnsupportedOperationException', `KeySpec ${spec.name} does not support ${what}`);
  };
  checkKeyStore(input, spec.name);
  if (input.Origin === 'EXTERNAL' && !spec.importable) lacks('Origin EXTERNAL');
  if (input.MultiRegion && !spec.multiRegion) lacks('multi-Region keys');
}

interface NewMaterial {
  readonly spec: KeySpec;
  readonly keyId: string;
  /** Of a step before. */
  readonly pair: KeyPairBytes | undefined;
}

export async function newMaterial(
  { spec, keyId, pair }: NewMaterial,
  { random, now }: Pick<Call<unknown>, 'random' | 'now'>,
): Promise<BackingKey> {
  const { generateKeyMaterial, keyPairMaterial } = await import('../../crypto/key-material.ts');
  const material = pair ? keyPairMaterial(pair) : await generateKeyMaterial(spec, random);
  return { id: keyMaterialId(keyId, material.secret), created: now, ...material };
}

/** A UUID, or `mrk-` and 32 hex digits for a multi-Region key. */
const newKeyId = (random: RandomBytes, multiRegion: boolean): string =>
  multiRegion ? `mrk-${hex(random(16))}` : uuid(random);
