/** Steps for the keys, aliases and grants of a seed: calls of the caller. */
import { isKeyId, parseArn, type Home } from '../../../model/arn.ts';
import { EnvironmentError } from '../../../model/error.ts';
import type { KeyState } from '../../../model/enumeration.ts';
import { findAlias } from '../../../keyring/alias.ts';
import { finishTransition } from '../../../keyring/key-jobs.ts';
import { findKey, type KmsKey } from '../../../keyring/kms-key.ts';
import { createKeyWithId } from '../../../operations/keys/key-with-id.ts';
import { loadOperation, type InputOf, type OperationName } from '../../../operations/index.ts';
import type { AnyOperation } from '../../../operations/row/operation.ts';
import type { SeedAlias, SeedKey } from '../seed/document.ts';
import type { GivenKey } from './key-material.ts';
import { isSamePolicy, policyText, unchanged, type SeedChange, type SeedStep, type StepDeps } from './step.ts';

export const homeOf = ({ Region }: Pick<SeedKey, 'Region'>, home: Home): Home => ({
  account: home.account,
  region: Region ?? home.region,
});

export interface KeyDeps extends StepDeps {
  readonly given: GivenKey;
}

/** States in which EnableKey is not needed, though some say of themselves that they are not Enabled. */
const NOT_ENABLED: ReadonlySet<KeyState> = new Set(['Disabled', 'PendingDeletion', 'PendingReplicaDeletion']);

export async function planKey(seed: SeedKey, deps: KeyDeps): Promise<readonly SeedStep[]> {
  const { unit } = deps;
  const home = homeOf(seed, deps.home);
  const { KeyId } = seed;
  const known = await findKey(unit.tx, home, KeyId);
  if (known) await checkSame(seed, known, deps.given);
  const call = async <N extends OperationName>(operation: N, input: Omit<InputOf<N>, 'KeyId'>): Promise<unknown> => {
    const row: AnyOperation = await loadOperation(operation);
    return unit.invoke(row, { KeyId, ...input }, home.region);
  };
  const steps: SeedStep[] = [];
  const step = (Action: SeedChange['Action'], Detail: string, run: () => Promise<unknown>): void =>
    void steps.push({ Action, Resource: KeyId, Detail, run });

  const { Description, Policy, Tags, Enabled = true, EnableKeyRotation, RotationPeriodInDays } = seed;
  const { BypassPolicyLockoutSafetyCheck } = seed;

  const logicalId = deps.stack?.keys.get(KeyId);
  const what = logicalId === undefined ? 'key' : `key ${logicalId}`;
  if (!known) step('create', what, () => make(seed, home, deps));
  const isEnabled = known === undefined || !NOT_ENABLED.has(known.state);
  // some calls are refused while the key is disabled: it is enabled before them, and disabled after them
  if (Enabled && !isEnabled) step('update', 'state', () => call('EnableKey', {}));
  if (known && Description !== undefined && Description !== known.description) {
    step('update', 'description', () => call('UpdateKeyDescription', { Description }));
  }
  if (known && Policy !== undefined && !isSamePolicy(policyText(Policy), known.policy)) {
    const input = { Policy: policyText(Policy), BypassPolicyLockoutSafetyCheck };
    step('update', 'policy', () => call('PutKeyPolicy', input));
  }
  const wanted = (Tags ?? []).filter(
    ({ TagKey, TagValue }) => !known?.tags.some((tag) => tag.TagKey === TagKey && tag.TagValue === TagValue),
  );
  if (known && wanted.length > 0) step('update', 'tags', () => call('TagResource', { Tags: wanted }));
  const rotates = known?.rotation !== undefined;
  const period = RotationPeriodInDays ?? known?.rotation?.periodInDays;
  if (EnableKeyRotation && (!rotates || period !== known.rotation?.periodInDays)) {
    step('update', 'rotation', () => call('EnableKeyRotation', { RotationPeriodInDays }));
  }
  if (EnableKeyRotation === false && rotates) step('update', 'rotation', () => call('DisableKeyRotation', {}));
  for (const AliasName of seed.Aliases ?? []) {
    steps.push(...(await aliasSteps({ AliasName, TargetKeyId: KeyId, Region: seed.Region }, deps)));
  }
  steps.push(...(await grantSteps(seed, home, { deps, exists: known !== undefined })));
  if (!Enabled && isEnabled) step('update', 'state', () => call('DisableKey', {}));
  return steps.length > 0 ? steps : [unchanged(KeyId)];
}

/** Properties that cannot be changed must be equal. */
async function checkSame(seed: SeedKey, key: KmsKey, { spec, material }: GivenKey): Promise<void> {
  const differs = (what: string): never => {
    throw new EnvironmentError(`key ${key.keyId} exists with another ${what}`, ['use another key ID for the new key']);
  };
  const isSpecGiven = seed.KeySpec ?? seed.CustomerMasterKeySpec ?? seed.PrivateKeyPem;
  if (isSpecGiven !== undefined && spec.name !== key.spec) differs('key spec');
  if (seed.KeyUsage !== undefined && seed.KeyUsage !== key.usage) differs('key usage');
  if (seed.PrimaryRegion !== undefined && (!key.multiRegion || seed.PrimaryRegion === key.region)) {
    throw new EnvironmentError(`key ${key.keyId} exists in ${key.region}, and is no replica key`, [
      'a replica key is made in another Region than its primary key: --region',
    ]);
  }
  if (seed.Origin !== undefined && seed.Origin !== key.origin) differs('origin');
  const { importKeyMaterial } = await import('../../../crypto/key-material.ts');
  const current = key.backingKeys.at(-1)?.secret;
  const given = material.map((bytes) => importKeyMaterial(spec, bytes)?.secret);
  // rotation may have added some since
  const isKnown = given.every((one) => one && key.backingKeys.some(({ secret }) => secret?.equals(one)));
  if (current && !isKnown) differs('key material');
}

export async function planAlias(alias: SeedAlias, deps: StepDeps): Promise<readonly SeedStep[]> {
  const steps = await aliasSteps(alias, deps);
  return steps.length > 0 ? steps : [unchanged(alias.AliasName)];
}

async function aliasSteps(
  { AliasName, TargetKeyId, Region }: SeedAlias,
  { unit, home: at, stack }: StepDeps,
): Promise<readonly SeedStep[]> {
  const home = homeOf({ Region }, at);
  const known = await findAlias(unit.tx, home, AliasName);
  if (known && known.targetKeyId === keyIdIn(TargetKeyId)) return [];
  // as in CloudFormation: an alias of another stack, or of none, is not taken over
  if (known && stack && !stack.keys.has(known.targetKeyId)) {
    throw new EnvironmentError(
      `${AliasName} exists as an alias of key ${known.targetKeyId}, which is not of the stack ${stack.name}`,
      [`kms update-alias --alias-name ${AliasName} --target-key-id ${keyIdIn(TargetKeyId)}`],
    );
  }
  const operation = known ? 'UpdateAlias' : 'CreateAlias';
  const run = async (): Promise<unknown> =>
    unit.invoke(await loadOperation(operation), { AliasName, TargetKeyId }, home.region);
  const Detail = `alias of ${keyIdIn(TargetKeyId)}`;
  return [{ Action: known ? 'update' : 'create', Resource: AliasName, Detail, run }];
}

const keyIdIn = (target: string): string =>
  isKeyId(target) ? target : (parseArn(target)?.resource.replace(/^key\//, '') ?? target);

interface GrantDeps {
  readonly deps: StepDeps;
  readonly exists: boolean;
}

/** Grants are identified by name. */
async function grantSteps(
  { KeyId, Grants = [] }: SeedKey,
  home: Home,
  { deps: { unit }, exists }: GrantDeps,
): Promise<readonly SeedStep[]> {
  if (Grants.length === 0) return [];
  const listed = exists ? await unit.invoke(await loadOperation('ListGrants'), { KeyId }, home.region) : undefined;
  const names = new Set(listed?.Grants?.map(({ Name }) => Name));
  const createGrant: AnyOperation = await loadOperation('CreateGrant'); // CreateGrant itself checks the operations
  return Grants.filter(({ Name }) => !names.has(Name)).map((grant) => ({
    Action: 'create',
    Resource: KeyId,
    Detail: `grant ${grant.Name}`,
    run: () => unit.invoke(createGrant, { KeyId, ...grant }, home.region),
  }));
}

async function make(seed: SeedKey, home: Home, { unit, given }: KeyDeps): Promise<void> {
  const { KeyId, Description, Tags, PrimaryRegion, BypassPolicyLockoutSafetyCheck } = seed;
  const Policy = seed.Policy === undefined ? undefined : policyText(seed.Policy);
  if (PrimaryRegion !== undefined) {
    const replica = { KeyId, ReplicaRegion: home.region, Description, Tags, Policy, BypassPolicyLockoutSafetyCheck };
    await unit.invoke(await loadOperation('ReplicateKey'), replica, PrimaryRegion);
    // as in CloudFormation, which goes on when the replica can be used: what follows is done to it
    const made = await findKey(unit.tx, home, KeyId);
    if (made) finishTransition(unit.tx, made);
    return;
  }
  const input = {
    KeyId,
    Description,
    Tags,
    Policy,
    BypassPolicyLockoutSafetyCheck,
    KeySpec: given.spec.name,
    KeyUsage: seed.KeyUsage,
    Origin: seed.Origin,
    MultiRegion: KeyId.startsWith('mrk-'),
    KeyMaterial: given.material,
  };
  await unit.invoke(createKeyWithId, input, home.region);
}
