/**
 * Applying a seed: the differences between it and the keyring become steps, which are then executed. They are API calls of
 * the session's caller where possible; only a key with a given ID and material is created directly. What the seed does not
 * mention is not changed.
 */
import type { Home } from '../../../model/arn.ts';
import { EnvironmentError } from '../../../model/error.ts';
import { noMeter, type Meter } from '../../../model/progress.ts';
import { keyMaterialId } from '../../../crypto/backing-key.ts';
import { KEY_SPECS } from '../../../crypto/key-spec.ts';
import { readText } from '../../../files/limited-read.ts';
import { findAlias } from '../../../keyring/alias.ts';
import { addAccessKey, checkOwner, chosenKeyPair, findAccessKey } from '../../../keyring/access-key.ts';
import { findIdentity } from '../../../keyring/identity.ts';
import type { Keyring } from '../../../keyring/keyring.ts';
import { addKey, findKey, type KmsKey } from '../../../keyring/kms-key.ts';
import { keyringTime } from '../../../keyring/root.ts';
import { defaultKeyPolicy } from '../../../policy/default-policy.ts';
import { IDENTITY_FORMS, iamIdentifier } from '../../../policy/identity.ts';
import { bindPrincipals } from '../../../operations/keys/key-policy.ts';
import { loadOperation, type InputOf, type OperationName } from '../../../operations/index.ts';
import { createKey } from '../../../operations/keys/keys.ts';
import type { AnyOperation } from '../../../operations/row/operation.ts';
import type { OperationCalls } from '../../../runtime/capabilities.ts';
import { logCommand, type EventDeps, type KeyringChange } from '../../command/local-command.ts';
import { putIdentityCommand } from '../../identities/identity.ts';
import { readSeed, type Seed, type SeedAccessKey, type SeedKey, type SeedPrincipal } from './document.ts';

export interface SeedChange {
  readonly Action: 'create' | 'update' | 'unchanged';
  readonly Resource: string;
  /** What of it. */
  readonly Detail: string;
}

interface SeedStep extends SeedChange {
  readonly run: () => Promise<unknown>;
}

/** What steps need: API calls, and events for changes that are not calls. */
export interface SeedDeps extends OperationCalls, EventDeps {}

interface SeedHome {
  readonly session: SeedDeps;
  readonly keyring: Keyring;
  readonly account: string;
  readonly region: string;
}

interface ApplyOptions {
  readonly session: SeedDeps;
  readonly dryRun?: boolean | undefined;
  readonly meter?: Meter;
}

export async function applyFile(
  keyring: Keyring,
  file: string,
  { session, dryRun, meter = noMeter }: ApplyOptions,
): Promise<readonly SeedChange[]> {
  const settings = await keyring.transact(async (tx) => tx.settings);
  const place: SeedHome = { session, keyring, account: settings.account, region: session.region ?? settings.region };
  const seed = await readSeed(readText(file), file, place);
  const changes: SeedChange[] = [];
  meter.expect([seed.Principals, seed.AccessKeys, seed.Keys].reduce((sum, list = []) => sum + list.length, 0));
  for (const plan of plansOf(seed, place)) {
    meter.advance(1);
    for (const { run, ...change } of await plan()) {
      changes.push(change);
      if (!dryRun && change.Action !== 'unchanged') await run();
    }
  }
  return changes;
}

/** In this order, since policies and grants may name principals; each is made when those before it are done. */
function* plansOf(
  { Principals = [], AccessKeys = [], Keys = [] }: Seed,
  place: SeedHome,
): Generator<() => Promise<readonly SeedStep[]>> {
  // a user can be put into a group that is there
  const isGroup = ({ Arn }: SeedPrincipal): boolean => iamIdentifier(Arn)?.kind === 'group';
  const ordered = [...Principals.filter(isGroup), ...Principals.filter((principal) => !isGroup(principal))];
  for (const principal of ordered) yield () => planPrincipal(principal, place);
  for (const accessKey of AccessKeys) yield () => planAccessKey(accessKey, place);
  for (const key of Keys) yield () => planKey(key, place);
}

const text = (policy: unknown): string => (typeof policy === 'string' ? policy : JSON.stringify(policy));

/** Whether two policies are equal, apart from their layout. */
function isSame(one: string, other: string): boolean {
  try {
    return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));
  } catch {
    return one === other;
  }
}

async function planPrincipal(principal: SeedPrincipal, { session, keyring }: SeedHome): Promise<readonly SeedStep[]> {
  const { Arn, Tags, Groups = [], TrustPolicy, Policies = [] } = principal;
  const name = iamIdentifier(Arn);
  if (!name) throw new EnvironmentError(`Arn in Principals must be ${IDENTITY_FORMS}, not '${Arn}'`);
  const known = await keyring.transact((tx) => findIdentity(tx, name));
  const here: KeyringChange = { ...session, open: async () => keyring };
  const put = (input: object): Promise<unknown> => putIdentityCommand.run({ Arn, ...input }, here);
  const steps: SeedStep[] = [];
  const step = (Action: SeedChange['Action'], Detail: string, input: object): void =>
    void steps.push({ Action, Resource: Arn, Detail, run: () => put(input) });
  if (!known) step('create', 'principal', { Tags });
  else if (Tags && JSON.stringify(Tags) !== JSON.stringify(known.tags)) step('update', 'tags', { Tags });
  const AddToGroups = Groups.filter((group) => !known?.groups?.includes(group));
  if (AddToGroups.length > 0) step(known ? 'update' : 'create', `groups ${AddToGroups.join(', ')}`, { AddToGroups });
  if (TrustPolicy !== undefined && !isSame(known?.trustPolicy?.text ?? '', text(TrustPolicy))) {
    step(known?.trustPolicy ? 'update' : 'create', 'trust policy', { TrustPolicy: text(TrustPolicy) });
  }
  for (const { PolicyName, PolicyDocument } of Policies) {
    const Policy = text(PolicyDocument);
    const before = known?.policies.find((policy) => policy.name === PolicyName);
    if (before && isSame(before.text, Policy)) continue;
    step(before ? 'update' : 'create', `policy ${PolicyName}`, { Policy, PolicyName });
  }
  return steps.length > 0 ? steps : [unchanged(Arn)];
}

const unchanged = (Resource: string): SeedStep => ({
  Action: 'unchanged',
  Resource,
  Detail: '',
  run: async () => undefined,
});

/** An existing access key cannot be changed, as clients use it. */
async function planAccessKey(seed: SeedAccessKey, { session, keyring }: SeedHome): Promise<readonly SeedStep[]> {
  const { AccessKeyId: id, SecretAccessKey, PrincipalArn: principal } = seed;
  const pair = chosenKeyPair({ id, secret: SecretAccessKey });
  const known = await keyring.transact((tx) => findAccessKey(tx, id));
  if (known && (known.principal !== principal || !known.secret.equals(pair.secret))) {
    const what = known.principal === principal ? 'secret' : 'principal';
    throw new EnvironmentError(`access key ${id} exists with another ${what}`, [
      `kms identity delete-access-key ${id}, or give the new one another ID`,
    ]);
  }
  if (known) return [unchanged(id)];
  checkOwner(principal);
  const run = (): Promise<void> =>
    keyring.transact(async (tx) => {
      await addAccessKey(tx, { ...pair, principal, created: session.clock() });
      logCommand(tx, session, { eventName: 'CreateAccessKey', details: { principalArn: principal, accessKeyId: id } });
    });
  return [{ Action: 'create', Resource: id, Detail: `access key of ${principal}`, run }];
}

async function planKey(seed: SeedKey, place: SeedHome): Promise<readonly SeedStep[]> {
  const home: Home = { account: place.account, region: seed.Region ?? place.region };
  const { KeyId } = seed;
  const known = await place.keyring.transact((tx) => findKey(tx, home, KeyId));
  if (known) checkSame(seed, known);
  const call = async <N extends OperationName>(operation: N, input: Omit<InputOf<N>, 'KeyId'>): Promise<unknown> => {
    const row: AnyOperation = await loadOperation(operation);
    return place.session.invoke(row, { KeyId, ...input }, home.region);
  };
  const steps: SeedStep[] = [];
  const step = (Action: SeedChange['Action'], Detail: string, run: () => Promise<unknown>): void =>
    void steps.push({ Action, Resource: KeyId, Detail, run });

  if (!known) step('create', 'key', () => make(seed, home, place));
  const { Description, Policy, Tags, Enabled = true, EnableKeyRotation, RotationPeriodInDays } = seed;
  if (known && Description !== undefined && Description !== known.description) {
    step('update', 'description', () => call('UpdateKeyDescription', { Description }));
  }
  if (known && Policy !== undefined && !isSame(text(Policy), known.policy)) {
    step('update', 'policy', () => call('PutKeyPolicy', { Policy: text(Policy) }));
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
  const isEnabled = known === undefined || known.state === 'Enabled';
  if (Enabled !== isEnabled) step('update', 'state', () => call(Enabled ? 'EnableKey' : 'DisableKey', {}));
  steps.push(...(await aliasSteps(seed, home, place)), ...(await grantSteps(seed, home, place, known !== undefined)));
  return steps.length > 0 ? steps : [unchanged(KeyId)];
}

/** Properties that cannot be changed must be equal. */
function checkSame(seed: SeedKey, key: KmsKey): void {
  const differs = (what: string): never => {
    throw new EnvironmentError(`key ${key.keyId} exists with another ${what}`, ['use another key ID for the new key']);
  };
  const spec = seed.KeySpec ?? seed.CustomerMasterKeySpec;
  if (spec !== undefined && spec !== key.spec) differs('key spec');
  if (seed.KeyUsage !== undefined && seed.KeyUsage !== key.usage) differs('key usage');
}

async function aliasSteps(
  { KeyId, Aliases = [] }: SeedKey,
  home: Home,
  { session, keyring }: SeedHome,
): Promise<readonly SeedStep[]> {
  const steps: SeedStep[] = [];
  for (const AliasName of Aliases) {
    const known = await keyring.transact((tx) => findAlias(tx, home, AliasName));
    if (known?.targetKeyId === KeyId) continue;
    const operation = known ? 'UpdateAlias' : 'CreateAlias';
    const run = async (): Promise<unknown> =>
      session.invoke(await loadOperation(operation), { AliasName, TargetKeyId: KeyId }, home.region);
    steps.push({ Action: known ? 'update' : 'create', Resource: AliasName, Detail: `alias of ${KeyId}`, run });
  }
  return steps;
}

/** Grants are identified by name. */
async function grantSteps(
  { KeyId, Grants = [] }: SeedKey,
  home: Home,
  { session }: SeedHome,
  exists: boolean,
): Promise<readonly SeedStep[]> {
  if (Grants.length === 0) return [];
  const listed = exists ? await session.invoke(await loadOperation('ListGrants'), { KeyId }, home.region) : undefined;
  const names = new Set(listed?.Grants?.map(({ Name }) => Name));
  const createGrant: AnyOperation = await loadOperation('CreateGrant'); // CreateGrant itself checks the operations
  return Grants.filter(({ Name }) => !names.has(Name)).map((grant) => ({
    Action: 'create',
    Resource: KeyId,
    Detail: `grant ${grant.Name}`,
    run: () => session.invoke(createGrant, { KeyId, ...grant }, home.region),
  }));
}

async function make(seed: SeedKey, home: Home, { session, keyring, region }: SeedHome): Promise<void> {
  const { KeyId, Description = '', Tags = [], PrimaryRegion } = seed;
  const Policy = seed.Policy === undefined ? undefined : text(seed.Policy);
  if (PrimaryRegion !== undefined) {
    const input = { KeyId, ReplicaRegion: seed.Region ?? region, Description, Tags, Policy };
    await session.invoke(await loadOperation('ReplicateKey'), input, PrimaryRegion);
    return;
  }
  const KeySpec = seed.KeySpec ?? seed.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  const spec = KEY_SPECS[KeySpec];
  const KeyUsage = seed.KeyUsage ?? (spec.type === 'symmetric' ? 'ENCRYPT_DECRYPT' : undefined);
  createKey.validateMembers?.({ KeySpec, KeyUsage });
  const { generateKeyMaterial, importKeyMaterial } = await import('../../../crypto/key-material.ts');
  const material = seed.KeyMaterial
    ? importKeyMaterial(spec, seed.KeyMaterial)
    : await generateKeyMaterial(spec, session.random);
  if (!material) throw new EnvironmentError(`the key material of ${KeyId} does not match key spec ${spec.name}`);
  if (Policy !== undefined) (await import('../../../policy/write-check.ts')).checkPolicyWrite(Policy);
  await keyring.transact(async (tx) => {
    const now = keyringTime(tx.settings, session.clock());
    await addKey(tx, {
      ...home,
      keyId: KeyId,
      created: now,
      description: Description,
      state: 'Enabled',
      spec: spec.name,
      usage: KeyUsage!,
      origin: 'AWS_KMS',
      manager: 'CUSTOMER',
      multiRegion: KeyId.startsWith('mrk-'),
      policy: Policy ?? defaultKeyPolicy(home),
      tags: Tags,
      backingKeys: [{ id: keyMaterialId(KeyId, material.secret), created: now, ...material }],
      ...(Policy === undefined ? {} : await bindPrincipals(tx, Policy)),
    });
    const details = { keyId: KeyId, keySpec: spec.name, keyUsage: KeyUsage, description: Description };
    logCommand(tx, { ...session, region: home.region }, { eventName: 'ApplyKey', details });
  });
}
