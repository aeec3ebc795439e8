/** Local commands for identities: users, groups, roles and sessions in the keyring. */
import { EnvironmentError } from '../../model/error.ts';
import { boolean, list, map, required, string, structure, timestamp, type ValueOf } from '../../model/shape.ts';
import type { RandomBytes } from '../../crypto/seal.ts';
import {
  findIdentity,
  identities,
  putIdentity,
  removeIdentity,
  type Identity,
  type NamedPolicy,
  type TrustPolicy,
} from '../../keyring/identity.ts';
import { keyringTime } from '../../keyring/root.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { groupName, IDENTITY_FORMS, iamIdentifier, type IamIdentifier } from '../../policy/identity.ts';
import { bindPrincipals, existenceRule } from '../../operations/keys/key-policy.ts';
import { checkPolicyWrite } from '../../policy/write-check.ts';
import type { KeyringAccess, RandomSource } from '../../runtime/capabilities.ts';
import { logCommand, localCommand, type EventDeps, type KeyringChange } from '../command/local-command.ts';

const policyShape = structure({ PolicyName: string(), PolicyDocument: string() });
const identityShape = {
  Arn: string(),
  UniqueId: string(),
  CreateDate: timestamp,
  Tags: map(),
  Groups: list(string()),
  Policies: list(policyShape),
  PermissionsBoundary: policyShape,
  TrustPolicy: string(),
};

const arn = string({ min: 1, max: 2048 });
const policyName = string({ min: 1, max: 128, pattern: '[\\w+=,.@-]+' });
/** Managed policies that a file attaches have their ARNs as names. */
const attachedName = string({ min: 1, max: 2048, pattern: '[\\w+=,.@:/-]+' });
const policyText = string({ min: 1 });

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ID_PREFIX = { user: 'AIDA', group: 'AGPA', role: 'AROA' } as const;
/** IAM's IDs have 16 to 128 word characters (IAM API Reference, User: UserId). */
const UNIQUE_ID = /^[A-Z]{4}[A-Z0-9]{12,124}$/;
/** 17 digits behind the prefix, like AWS's. */
const newUniqueId = (kind: keyof typeof ID_PREFIX, random: RandomBytes): string =>
  ID_PREFIX[kind] + Array.from(random(17), (byte) => BASE32[byte % 32]).join('');

function named(text: string): IamIdentifier {
  const name = iamIdentifier(text);
  if (name) return name;
  throw new EnvironmentError(`--arn must be ${IDENTITY_FORMS}, not '${text}'`, [
    'arn:aws:iam::111122223333:user/Alice, arn:aws:iam::111122223333:group/Admins, arn:aws:iam::111122223333:role/App, arn:aws:sts::111122223333:assumed-role/App/i-0abc',
  ]);
}

const unknown = (text: string): EnvironmentError =>
  new EnvironmentError(`the identity ${text} does not exist`, ['kms identity list lists the identities']);

/** A policy of that name is replaced; the others stay. */
export const withPolicy = (policies: readonly NamedPolicy[], added: NamedPolicy | undefined): readonly NamedPolicy[] =>
  added ? [...policies.filter(({ name }) => name !== added.name), added] : policies;

/** A user is in ten groups at most (IAM User Guide, "IAM and AWS STS quotas"). */
const MAX_GROUPS = 10;
const groupNames = list(string({ min: 1, max: 128, pattern: '[\\w+=,.@-]+' }), { min: 1, max: MAX_GROUPS });

/** Members that only some kinds of identities have. */
const ONLY_OF: readonly (readonly [member: string, option: string, kinds: readonly IamIdentifier['kind'][]])[] = [
  ['Tags', '--tags', ['user', 'role', 'session']],
  ['PermissionsBoundary', '--permissions-boundary', ['user', 'role', 'session']],
  ['AddToGroups', '--add-to-groups', ['user']],
  ['RemoveFromGroups', '--remove-from-groups', ['user']],
  ['TrustPolicy', '--trust-policy', ['role']],
  ['RemoveTrustPolicy', '--remove-trust-policy', ['role']],
];

function refuseMembers(input: { readonly [member: string]: unknown }, { kind }: IamIdentifier): void {
  for (const [member, option, kinds] of ONLY_OF) {
    if (input[member] === undefined || kinds.includes(kind)) continue;
    throw new EnvironmentError(`${option} is for a ${kinds.join(' or ')}, not for a ${kind}`);
  }
}

/** @throws EnvironmentError for a group that the keyring does not know, or one too many */
async function changedGroups(
  tx: Transaction,
  { account, groups = [] }: Pick<Identity, 'account' | 'groups'>,
  {
    add = [],
    remove = [],
  }: { readonly add: readonly string[] | undefined; readonly remove: readonly string[] | undefined },
): Promise<readonly string[]> {
  for (const name of add) {
    if (!(await findIdentity(tx, groupName(account, name)))) {
      throw new EnvironmentError(`the group ${name} of account ${account} does not exist`, [
        `kms identity put arn:aws:iam::${account}:group/${name} makes it`,
      ]);
    }
  }
  const changed = [...new Set([...groups, ...add])].filter((name) => !remove.includes(name));
  if (changed.length > MAX_GROUPS)
    throw new EnvironmentError(`a user can be in at most ${MAX_GROUPS} groups, not ${changed.length}`);
  return changed;
}

const trustPolicyOf = async (tx: Transaction, text: string): Promise<TrustPolicy> => ({
  text,
  ...(await bindPrincipals(tx, text)),
});

const putInput = structure({
  Arn: required(arn),
  Policy: policyText,
  PolicyName: policyName,
  RemovePolicy: attachedName,
  PermissionsBoundary: policyText,
  RemoveBoundary: boolean,
  Tags: map(),
  AddToGroups: groupNames,
  RemoveFromGroups: groupNames,
  TrustPolicy: policyText,
  RemoveTrustPolicy: boolean,
});

export const putIdentityCommand = localCommand({
  name: 'IdentityPut',
  command: 'identity put',
  input: putInput,
  output: structure(identityShape),
  positionals: ['Arn'],
  async run(input, session: KeyringChange) {
    const keyring = await session.open();
    return keyring.transact(async (tx) => shown(await changeIdentity(tx, input, session)));
  },
});

/** With the unique ID of a new user, group or role; absent: a random one. */
export type IdentityChange = ValueOf<typeof putInput> & { readonly UniqueId?: string | undefined };

/** Makes or changes an identity, and logs that. */
export async function changeIdentity(tx: Transaction, input: IdentityChange, deps: EventDeps): Promise<Identity> {
  const name = named(input.Arn);
  refuseMembers(input, name);
  const { Policy: policy, PermissionsBoundary: boundary } = input;
  for (const text of [policy, boundary]) if (text !== undefined) checkPolicyWrite(text, { kind: 'identity' });
  if (input.TrustPolicy !== undefined) {
    checkPolicyWrite(input.TrustPolicy, { kind: 'trust', ...(await existenceRule(tx, input.TrustPolicy)) });
  }
  const before = await findIdentity(tx, name);
  if (before && before.arn !== input.Arn) {
    throw new EnvironmentError(`${before.arn} exists: names of identities are unique within an account`);
  }
  if (before && input.UniqueId !== undefined && before.uniqueId !== input.UniqueId) {
    throw new EnvironmentError(`${before.arn} exists with another unique ID: ${before.uniqueId}`);
  }
  const fresh = async (): Promise<Identity> => ({
    kind: name.kind,
    arn: input.Arn,
    account: name.account,
    ...(name.kind === 'session'
      ? {}
      : { uniqueId: await uniqueIdOf(tx, name.kind, { given: input.UniqueId, ...deps }) }),
    created: keyringTime(tx.settings, deps.clock()),
    tags: {},
    policies: [],
  });
  const { boundary: bound, trustPolicy: trusted, ...known } = before ?? (await fresh());
  const kept = known.policies.filter((one) => one.name !== input.RemovePolicy);
  const bounded = boundary === undefined ? bound : { name: 'boundary', text: boundary };
  const groups = await changedGroups(tx, known, { add: input.AddToGroups, remove: input.RemoveFromGroups });
  const trust = input.TrustPolicy === undefined ? trusted : await trustPolicyOf(tx, input.TrustPolicy);
  const identity: Identity = {
    ...known,
    ...(name.kind === 'user' ? { groups } : {}),
    policies: withPolicy(kept, policy === undefined ? undefined : { name: input.PolicyName ?? 'policy', text: policy }),
    tags: input.Tags ?? known.tags,
    ...(trust && !input.RemoveTrustPolicy ? { trustPolicy: trust } : {}),
    ...(bounded && !input.RemoveBoundary ? { boundary: bounded } : {}),
  };
  putIdentity(tx, name, identity);
  logCommand(tx, deps, { eventName: 'PutIdentity', details: { arn: input.Arn } });
  return identity;
}

interface NewUniqueId extends RandomSource {
  readonly given: string | undefined;
}

/** @throws EnvironmentError for a given one of another form, or of another identity */
async function uniqueIdOf(
  tx: Transaction,
  kind: keyof typeof ID_PREFIX,
  { given, random }: NewUniqueId,
): Promise<string> {
  if (given === undefined) return newUniqueId(kind, random);
  if (!given.startsWith(ID_PREFIX[kind]) || !UNIQUE_ID.test(given)) {
    throw new EnvironmentError(`'${given}' cannot be the unique ID of a ${kind}`, [
      `${ID_PREFIX[kind]} and 12 to 124 upper-case letters and digits`,
    ]);
  }
  const other = (await identities(tx)).find(({ uniqueId }) => uniqueId === given);
  if (other) throw new EnvironmentError(`${other.arn} has the unique ID ${given}: they are never used again`);
  return given;
}

const shown = ({ arn: Arn, uniqueId, created, tags, groups = [], policies, boundary, trustPolicy }: Identity) => ({
  Arn,
  UniqueId: uniqueId,
  CreateDate: new Date(created),
  Tags: tags,
  ...(groups.length > 0 ? { Groups: groups } : {}),
  Policies: policies.map(shownPolicy),
  ...(boundary ? { PermissionsBoundary: shownPolicy(boundary) } : {}),
  ...(trustPolicy ? { TrustPolicy: trustPolicy.text } : {}),
});

export const shownPolicy = ({ name, text }: NamedPolicy) => ({ PolicyName: name, PolicyDocument: text });

export const getIdentityCommand = localCommand({
  name: 'IdentityGet',
  command: 'identity get',
  input: structure({ Arn: required(arn) }),
  output: structure(identityShape),
  positionals: ['Arn'],
  async run({ Arn }, session: KeyringAccess) {
    const keyring = await session.open();
    const found = await keyring.transact((tx) => findIdentity(tx, named(Arn)));
    if (found?.arn !== Arn) throw unknown(Arn);
    return shown(found);
  },
});

export const listIdentitiesCommand = localCommand({
  name: 'IdentityList',
  command: 'identity list',
  input: structure({}),
  output: structure({
    Identities: list(structure({ Arn: string(), UniqueId: string(), PolicyNames: list(string()) })),
  }),
  async run(_, session: KeyringAccess) {
    const keyring = await session.open();
    const all = await keyring.transact(identities);
    return {
      Identities: all.map(({ arn: Arn, uniqueId, policies }) => ({
        Arn,
        UniqueId: uniqueId,
        PolicyNames: policies.map(({ name }) => name),
      })),
    };
  },
});

/** Like IAM, refuses to delete a group that has users, who would be in a later group with the same name. */
async function refuseMembersOf(tx: Transaction, { account, name }: IamIdentifier): Promise<void> {
  const bare = name.slice('group/'.length);
  const members = (await identities(tx)).filter((one) => one.account === account && one.groups?.includes(bare));
  const [first] = members;
  if (!first) return;
  throw new EnvironmentError(`${members.length === 1 ? 'a user is' : `${members.length} users are`} in the group`, [
    `kms identity put ${first.arn} --remove-from-groups ${bare}`,
  ]);
}

export const deleteIdentityCommand = localCommand({
  name: 'IdentityDelete',
  command: 'identity delete',
  input: structure({ Arn: required(arn) }),
  output: structure({}),
  positionals: ['Arn'],
  async run({ Arn }, session: KeyringChange) {
    const name = named(Arn);
    const keyring = await session.open();
    await keyring.transact(async (tx) => {
      const found = await findIdentity(tx, name);
      if (found?.arn !== Arn) throw unknown(Arn);
      if (name.kind === 'group') await refuseMembersOf(tx, name);
      removeIdentity(tx, name);
      logCommand(tx, session, { eventName: 'DeleteIdentity', details: { arn: Arn } });
    });
    return {};
  },
});
