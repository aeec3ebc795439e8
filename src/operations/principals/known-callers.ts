/** Who a caller is to this keyring: its identity record and the organization, looked up by their own paths alone. */
import { findIdentity, type Identity, type NamedPolicy } from '../../keyring/identity.ts';
import { findOrganization, isBound, type Organization } from '../../keyring/organization.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { attachPolicy } from '../../policy/document.ts';
import { identityName, knownCaller, knownSession, memberCaller, type KnownIdentity } from '../../policy/identity.ts';
import type { Caller } from '../../policy/principal.ts';
import type { AttachedPolicy } from '../../policy/document.ts';

/** The root user has no identity policies, services have no identity, federated users are those who made them. */
export async function identify(tx: Transaction, caller: Caller): Promise<Caller> {
  if (caller.kind === 'service') return caller;
  return inOrganization(tx, caller.kind === 'root' ? caller : await withIdentity(tx, caller));
}

async function withIdentity(tx: Transaction, caller: Caller): Promise<Caller> {
  const own = await identityOf(tx, caller.roleArn ?? caller.arn);
  // a user of another path is another user; of a role's path its sessions know nothing
  const known =
    own && (caller.kind === 'session' || own.arn === caller.arn) ? knownCaller(caller, attached(tx, own)) : caller;
  const session = caller.kind === 'session' ? await identityOf(tx, caller.arn) : undefined;
  return session ? knownSession(known, attached(tx, session)) : known;
}

export async function identityOf(tx: Transaction, arn: string): Promise<Identity | undefined> {
  const name = identityName(arn);
  return name && findIdentity(tx, name);
}

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
  const organization = await findOrganization(tx);
  const { account } = caller;
  if (!organization || account === undefined) return caller;
  const { id, path, accounts } = organization;
  if (!accounts.includes(account)) return caller;
  const serviceControlPolicies = isBound(organization, account) ? levelsOf(tx, organization).serviceControl : undefined;
  return memberCaller(caller, { id, ...(path === undefined ? {} : { path }), serviceControlPolicies });
}

/** Those above a key's account; undefined: none bind it. */
export async function resourceControlPolicies(
  tx: Transaction,
  account: string,
): Promise<readonly (readonly AttachedPolicy[])[] | undefined> {
  const organization = await findOrganization(tx);
  return organization && isBound(organization, account) ? levelsOf(tx, organization).resourceControl : undefined;
}
