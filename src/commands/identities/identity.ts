/** Tools for the callers' world: what the keyring knows of users, roles and their sessions. */
import { EnvironmentError } from '../../model/error.ts';
import { boolean, list, map, required, string, structure, timestamp } from '../../model/shape.ts';
import type { RandomBytes } from '../../crypto/seal.ts';
import {
  findIdentity,
  identities,
  putIdentity,
  removeIdentity,
  type Identity,
  type NamedPolicy,
} from '../../keyring/identity.ts';
import { keyringTime } from '../../keyring/root.ts';
import { IDENTITY_FORMS, identityName, type IdentityName } from '../../policy/identity.ts';
import { checkPolicyWrite } from '../../policy/write-check.ts';
import type { KeyringAccess } from '../../runtime/capabilities.ts';
import { logCommand, localCommand, type KeyringChange } from '../command/local-command.ts';

const policyShape = structure({ PolicyName: string(), PolicyDocument: string() });
const identityShape = {
  Arn: string(),
  UniqueId: string(),
  CreateDate: timestamp,
  Tags: map(),
  Policies: list(policyShape),
  PermissionsBoundary: policyShape,
};

const arn = string({ min: 1, max: 2048 });
const policyName = string({ min: 1, max: 128, pattern: '[\\w+=,.@-]+' });
const policyText = string({ min: 1 });

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ID_PREFIX = { user: 'AIDA', role: 'AROA' } as const;
/** 17 digits behind the prefix, like AWS's. */
const newUniqueId = (kind: 'user' | 'role', random: RandomBytes): string =>
  ID_PREFIX[kind] + Array.from(random(17), (byte) => BASE32[byte % 32]).join('');

function named(text: string): IdentityName {
  const name = identityName(text);
  if (name) return name;
  throw new EnvironmentError(`--arn must be ${IDENTITY_FORMS}, not '${text}'`, [
    'arn:aws:iam::111122223333:user/Alice, arn:aws:iam::111122223333:role/App, arn:aws:sts::111122223333:assumed-role/App/i-0abc',
  ]);
}

const unknown = (text: string): EnvironmentError =>
  new EnvironmentError(`the keyring knows no ${text}`, ['kms identity list tells whom it knows']);

/** A policy of that name is replaced; the others stay. */
export const withPolicy = (policies: readonly NamedPolicy[], added: NamedPolicy | undefined): readonly NamedPolicy[] =>
  added ? [...policies.filter(({ name }) => name !== added.name), added] : policies;

export const putIdentityTool = localCommand({
  name: 'IdentityPut',
  command: 'identity put',
  input: structure({
    Arn: required(arn),
    Policy: policyText,
    PolicyName: policyName,
    RemovePolicy: policyName,
    PermissionsBoundary: policyText,
    RemoveBoundary: boolean,
    Tags: map(),
  }),
  output: structure(identityShape),
  positionals: ['Arn'],
  async run(input, session: KeyringChange) {
    const name = named(input.Arn);
    const { Policy: policy, PermissionsBoundary: boundary } = input;
    for (const text of [policy, boundary]) if (text !== undefined) checkPolicyWrite(text, { kind: 'identity' });
    const keyring = await session.open();
    return keyring.transact(async (tx) => {
      const before = await findIdentity(tx, name);
      if (before && before.arn !== input.Arn) {
        throw new EnvironmentError(`the keyring knows ${before.arn}: within an account a name stands for one identity`);
      }
      const fresh = (): Identity => ({
        kind: name.kind,
        arn: input.Arn,
        account: name.account,
        ...(name.kind === 'session' ? {} : { uniqueId: newUniqueId(name.kind, session.random) }),
        created: keyringTime(tx.settings, session.clock()),
        tags: {},
        policies: [],
      });
      const { boundary: bound, ...known } = before ?? fresh();
      const kept = known.policies.filter((one) => one.name !== input.RemovePolicy);
      const bounded = boundary === undefined ? bound : { name: 'boundary', text: boundary };
      const identity: Identity = {
        ...known,
        policies: withPolicy(
          kept,
          policy === undefined ? undefined : { name: input.PolicyName ?? 'policy', text: policy },
        ),
        tags: input.Tags ?? known.tags,
        ...(bounded && !input.RemoveBoundary ? { boundary: bounded } : {}),
      };
      putIdentity(tx, name, identity);
      logCommand(tx, session, { eventName: 'PutIdentity', details: { arn: input.Arn } });
      return shown(identity);
    });
  },
});

const shown = ({ arn: Arn, uniqueId, created, tags, policies, boundary }: Identity) => ({
  Arn,
  UniqueId: uniqueId,
  CreateDate: new Date(created),
  Tags: tags,
  Policies: policies.map(shownPolicy),
  ...(boundary ? { PermissionsBoundary: shownPolicy(boundary) } : {}),
});

export const shownPolicy = ({ name, text }: NamedPolicy) => ({ PolicyName: name, PolicyDocument: text });

export const getIdentityTool = localCommand({
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

export const listIdentitiesTool = localCommand({
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

export const deleteIdentityTool = localCommand({
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
      removeIdentity(tx, name);
      logCommand(tx, session, { eventName: 'DeleteIdentity', details: { arn: Arn } });
    });
    return {};
  },
});
