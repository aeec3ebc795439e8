/** Multi-Region keys: replicating, and changing the primary (AWS KMS Developer Guide, Multi-Region keys in AWS KMS). */
import { REGIONS } from '../../model/region-names.ts';
import { type Home, keyArn, parseArn, partitionOf } from '../../model/arn.ts';
import { always, tagsOf, text } from '../../policy/input-condition.ts';
import { KmsError } from '../../model/error.ts';
import { type ValueOf } from '../../model/shape.ts';
import { checkRegion, KEY_SPECS } from '../../crypto/key-spec.ts';
import { transitionTimeOf } from '../../keyring/due.ts';
import { changeKey, schedule, synchronizeAt } from '../../keyring/key-jobs.ts';
import { addKey, findKey, type KmsKey } from '../../keyring/kms-key.ts';
import { relationsOf, synchronized } from '../../keyring/multi-region.ts';
import { defaultKeyPolicy } from '../../policy/default-policy.ts';
import { notPrimary, requirePrimary } from '../keys/key-kind.ts';
import { keyMetadata, loggedMetadata } from '../keys/key-metadata.ts';
import { bindPrincipals, bypassCondition, checkKeyPolicy } from '../keys/key-policy.ts';
import { checkKeyQuota } from '../keys/create-key.ts';
import { operation, type Call } from '../row/operation.ts';
import { checkTags } from '../keys/tags.ts';
import { key, keyOf, keysOf, newKeyResource, noTarget } from '../row/target.ts';
import * as shapes from './multi-region-shapes.ts';

type ReplicateInput = ValueOf<typeof shapes.replicateInput>;

/** ReplicateKey is asked of the primary, the others of the replica's Region, which has no key yet. */
const inReplicaRegion = text('aws:RequestedRegion', 'ReplicaRegion', { examples: REGIONS });
const CONDITIONS = {
  'kms:ReplicateKey': [text('kms:ReplicaRegion', 'ReplicaRegion', { examples: REGIONS })],
  'kms:CreateKey': [
    inReplicaRegion,
    always('kms:MultiRegion', 'true'),
    always('kms:MultiRegionKeyType', 'REPLICA'),
    bypassCondition,
    tagsOf('Tags'),
  ],
  'kms:TagResource': [inReplicaRegion, tagsOf('Tags')],
};

export const replicateKey = operation({
  ...shapes.replicateKey,
  access: 'write',
  targets: ({ KeyId, ReplicaRegion: region, Tags }) => [
    key(KeyId, 'ReplicateKey'),
    { ...noTarget('CreateKey'), region },
    ...(Tags?.length ? [{ ...newKeyResource('TagResource'), region }] : []),
  ],
  state: 'replicate',
  requireKey: (_, [primary]) => requirePrimary(primary!),
  conditions: CONDITIONS,
  keyConditions: ([primary]) => ({
    'kms:keyspec': [primary!.spec],
    'kms:customermasterkeyspec': [primary!.spec],
    'kms:keyusage': [primary!.usage],
    'kms:customermasterkeyusage': [primary!.usage],
    'kms:keyorigin': [primary!.origin],
  }),
  log: {
    request: (input) => ({
      bypassPolicyLockoutSafetyCheck: input.BypassPolicyLockoutSafetyCheck ?? false,
      description: input.Description ?? '',
    }),
    response: ({ ReplicaKeyMetadata: metadata, ReplicaPolicy }) => ({
      replicaKeyMetadata: loggedMetadata(metadata!),
      replicaPolicy: ReplicaPolicy,
    }),
    replicatedEvents: ({ ReplicaKeyMetadata: metadata }, { input }) => [
      {
        eventName: 'CreateKey',
        region: input.ReplicaRegion,
        requestParameters: {
          description: input.Description ?? '',
          origin: metadata!.Origin,
          bypassPolicyLockoutSafetyCheck: input.BypassPolicyLockoutSafetyCheck ?? false,
          customerMasterKeySpec: metadata!.KeySpec,
          keySpec: metadata!.KeySpec,
          keyUsage: metadata!.KeyUsage,
          multiRegion: true,
          tags: (input.Tags ?? []).map(({ TagKey, TagValue }) => ({ tagKey: TagKey, tagValue: TagValue })),
        },
        responseElements: { keyMetadata: loggedMetadata(metadata!) },
        resources: [{ arn: metadata!.Arn!, account: metadata!.AWSAccountId! }],
      },
    ],
  },
  async run(call) {
    const { tx, now, input } = call;
    const { key: primary } = keyOf(call);
    const home: Home = { account: primary.account, region: input.ReplicaRegion };
    await checkPlace(call, primary, home);
    checkTags(input.Tags ?? []);
    await checkKeyQuota(tx, home);
    const { replicas } = relationsOf(primary);
    const replicated = { ...primary, relations: { primary: primary.region, replicas: [...replicas, home.region] } };
    const replica = newReplica(replicated, home, call);
    if (input.Policy !== undefined) await checkKeyPolicy(input.Policy, replica, call);
    changeKey(tx, primary, replicated);
    await addKey(tx, { ...replica, ...(input.Policy === undefined ? {} : await bindPrincipals(tx, input.Policy)) });
    schedule(tx, undefined, replica);
    synchronizeAt(tx, replicated, now);
    return {
      ReplicaKeyMetadata: keyMetadata(replica),
      ReplicaPolicy: replica.policy,
      ...(input.Tags?.length ? { ReplicaTags: input.Tags } : {}),
    };
  },
});

/** Checks of a replica's Region (API reference, ReplicateKey). The texts are our own, as AWS's are not known. */
async function checkPlace(call: Call<ReplicateInput>, primary: KmsKey, home: Home): Promise<void> {
  const unsupported = (text: string): KmsError => new KmsError('UnsupportedOperationException', text);
  if (primary.account !== call.home.account) {
    throw unsupported(`${keyArn(primary, primary.keyId)} is a key of another account, which cannot be replicated.`);
  }
  if (partitionOf(home.region) !== partitionOf(primary.region)) {
    throw unsupported(`${home.region} is not in the same partition as ${primary.region}.`);
  }
  checkRegion(KEY_SPECS[primary.spec], home.region);
  if (await findKey(call.tx, home, primary.keyId)) {
    throw new KmsError('AlreadyExistsException', `${keyArn(home, primary.keyId)} already exists.`);
  }
}

/** Properties that are not shared have the values of the request, not those of the primary. */
function newReplica(primary: KmsKey, home: Home, { input, now, tx }: Call<ReplicateInput>): KmsKey {
  const { keyId, spec, usage, origin, manager } = primary;
  const own: KmsKey = {
    ...home,
    keyId,
    spec,
    usage,
    origin,
    manager,
    multiRegion: true,
    created: now,
    description: input.Description ?? '',
    policy: input.Policy ?? defaultKeyPolicy(home),
    tags: input.Tags ?? [],
    state: 'Creating',
    transitionEnds: now + transitionTimeOf(tx.settings),
    backingKeys: [],
  };
  return synchronized(own, primary);
}

const keyIdOf = (identifier: string): string => identifier.slice(identifier.lastIndexOf('/') + 1);

export const updatePrimaryRegion = operation({
  ...shapes.updatePrimaryRegion,
  access: 'write',
  // allowed on both keys, each in its own Region
  targets({ KeyId, PrimaryRegion: region }, { home }) {
    const current = key(KeyId, 'UpdatePrimaryRegion');
    if (KeyId.startsWith('alias/')) return [current];
    const id = keyIdOf(KeyId);
    const account = parseArn(KeyId)?.account ?? home.account;
    const next = { ...key(keyArn({ account, region }, id), 'UpdatePrimaryRegion'), region };
    const isMultiRegion = id.startsWith('mrk-');
    return [
      current,
      isMultiRegion ? next : { ...next, onNotFound: () => notPrimary(keyArn({ ...home, account }, id)) },
    ];
  },
  requireKey(_, [current, next]) {
    requirePrimary(current!);
    if (current!.region !== next!.region) return;
    // AWS's own text is not known
    throw new KmsError(
      'UnsupportedOperationException',
      `${keyArn(current!, current!.keyId)} is the primary key already.`,
    );
  },
  state: 'use',
  conditions: [text('kms:PrimaryRegion', 'PrimaryRegion', { examples: REGIONS })],
  log: {
    response: (_, call) => ({ keyId: keyOf(call).arn }),
    resources: (_, call) => [{ arn: keyOf(call).arn, account: keyOf(call).key.account }],
    // the event does not have the earlier Region of the primary
    replicatedEvents(_, call) {
      const [, next] = keysOf(call);
      const { PrimaryRegion: region } = call.input;
      return [
        {
          eventName: 'UpdatePrimaryRegion',
          region,
          requestParameters: { keyId: next!.arn, primaryRegion: region },
          responseElements: { keyId: next!.arn },
        },
      ];
    },
  },
  run(call) {
    const { tx, now } = call;
    const [current, next] = keysOf(call).map(({ key: found }) => found) as [KmsKey, KmsKey];
    const updating = { state: 'Updating', transitionEnds: now + transitionTimeOf(tx.settings) } as const;
    const replicas = relationsOf(current).replicas.map((region) => (region === next.region ? current.region : region));
    const former: KmsKey = {
      ...current,
      relations: { primary: next.region, replicas },
      ...updating,
    };
    const primary: KmsKey = { ...synchronized(next, former), ...updating };
    changeKey(tx, current, former);
    changeKey(tx, next, primary);
    synchronizeAt(tx, primary, now);
    return {};
  },
});
