/** Callers with what the keyring knows of them: the identity record and the organization, each found by its path. */
import { findIdentity, type Identity, type NamedPolicy } from '../../keyring/identity.ts';
import { hasOrganizations, isBound, organizationOf, type Organization } from '../../keyring/organization.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { attachPolicy } from '../../policy/document.ts';
import type { OrganizationPosition } from '../../policy/context.ts';
import {
  groupName,
  iamIdentifier,
  knownCaller,
  knownSession,
  memberCaller,
  type KnownIdentity,
} from '../../policy/identity.ts';
import type { Caller } from '../../policy/principal.ts';
import type { AttachedPolicy } from '../../policy/document.ts';

/** The root user and services have no identity policies, and neither have users of OpenID Connect providers; federated users have those of the user who created the session. */
export async function identify(tx: Transaction, caller: Caller): Promise<Caller> {
  if (caller.kind === 'service' || caller.kind === 'webIdentity') return caller;
  const known = caller.kind === 'root' ? caller : await withIdentity(tx, caller);
  return hasOrganizations(tx) ? inOrganization(tx, known) : known;
}

async function withIdentity(tx: Transaction, caller: Caller): Promise<Caller> {
  const own = await identityOf(tx, caller.roleArn ?? caller.arn);
  // a user with another path is another user; ARNs of sessions do not include the role's path
  const isMeant = own && (caller.kind === 'session' || own.arn === caller.arn);
  const known = isMeant ? knownCaller(caller, attached(tx, own), await groupPolicies(tx, own)) : caller;
  const session = caller.kind === 'session' ? await identityOf(tx, caller.arn) : undefined;
  return session ? knownSession(known, attached(tx, session)) : known;
}

export async function identityOf(tx: Transaction, arn: string): Promise<Identity | undefined> {
  const name = iamIdentifier(arn);
  return name && findIdentity(tx, name);
}

/** Those of the groups that a user is in. */
async function groupPolicies(tx: Transaction, { account, groups = [] }: Identity): Promise<readonly AttachedPolicy[]> {
  const policies: AttachedPolicy[] = [];
  for (const name of groups) {
    const group = await findIdentity(tx, groupName(account, name));
    if (group) policies.push(...tx.memoize(group, () => attachedOf(group, `group/${name}/`)));
  }
  return policies;
}

const attachedOf = ({ arn, policies }: Identity, prefix: string): readonly AttachedPolicy[] =>
  policies.map(({ name, text }) => ({ ...attachPolicy(prefix + name, text), group: { arn, policyName: name } }));

const attached = (tx: Transaction, identity: Identity): KnownIdentity =>
  tx.memoize(identity, () => ({
    arn: identity.arn,
    ...(identity.uniqueId === undefined ? {} : { uniqueId: identity.uniqueId }),
    tags: identity.tags,
    policies: identity.policies.map(attach),
    ...(identity.boundary ? { boundary: attach(identity.boundary) } : {}),
  }));

const attach = ({ name, text }: NamedPolicy): AttachedPolicy => attachPolicy(name, text);

interface Levels {
  readonly serviceControl: readonly (readonly AttachedPolicy[])[];
  readonly resourceControl: readonly (readonly AttachedPolicy[])[];
}

const levelsOf = (tx: Transaction, organization: Organization): Levels =>
  tx.memoize(organization, () => ({
    serviceControl: organization.levels.map(({ serviceControlPolicies }) => serviceControlPolicies.map(attach)),
    resourceControl: organization.levels.map(({ resourceControlPolicies }) => resourceControlPolicies.map(attach)),
  }));

async function inOrganization(tx: Transaction, caller: Caller): Promise<Caller> {
  const member = caller.account === undefined ? undefined : await membershipOf(tx, caller.account);
  return member ? memberCaller(caller, member) : caller;
}

/** The organization of an account, with its policies. */
export interface Membership extends OrganizationPosition {
  /** undefined: none bind the account, which is the management account. */
  readonly serviceControlPolicies: readonly (readonly AttachedPolicy[])[] | undefined;
  readonly resourceControlPolicies: readonly (readonly AttachedPolicy[])[] | undefined;
}

/** @returns undefined for an account that is in no organization */
export async function membershipOf(tx: Transaction, account: string): Promise<Membership | undefined> {
  const organization = await organizationOf(tx, account);
  if (!organization) return undefined;
  const { id, path } = organization;
  const levels = isBound(organization, account) ? levelsOf(tx, organization) : undefined;
  return {
    id,
    ...(path === undefined ? {} : { path }),
    serviceControlPolicies: levels?.serviceControl,
    resourceControlPolicies: levels?.resourceControl,
  };
}
