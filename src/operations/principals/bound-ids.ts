/**
 * Users and roles that a key policy or a grant names are those of the time when it was made: one that is made anew under
 * the same name is another one (IAM User Guide, IAM identifiers, Unique identifiers). So are sessions of roles: ListGrants
 * was recorded to show `AROA...:name` after the role of a grantee was made anew (Last Week in AWS, "The Sneaky Weakness
 * Behind AWS' Managed KMS Keys").
 */
import type { Transaction } from '../../keyring/transaction.ts';
import type { GrantRecord } from '../../keyring/grant.ts';
import { identities } from '../../keyring/identity.ts';
import { readPrincipalArn } from '../../model/principal-arn.ts';
import { callerAs, callerOf, readPrincipal, sessionOf } from '../../policy/principal.ts';
import { identityOf } from './known-callers.ts';

/** ARN to unique ID. */
export type BoundIds = { readonly [arn: string]: string };

/** The unique ID of whom an ARN names now, for a session with its name; undefined if the keyring does not know. */
async function idOf(tx: Transaction, arn: string): Promise<string | undefined> {
  const principal = readPrincipalArn(arn);
  if (principal?.form !== 'assumed-role') {
    const identity = await identityOf(tx, arn);
    return identity?.arn === arn ? identity.uniqueId : undefined;
  }
  const role = await identityOf(tx, callerAs(principal, arn).roleArn!);
  return role?.uniqueId === undefined ? undefined : `${role.uniqueId}:${principal.session}`;
}

/** Those of which the keyring has no identity stay bare names; without any the member is absent. */
export async function bindIds(tx: Transaction, arns: readonly string[]): Promise<{ readonly boundIds?: BoundIds }> {
  const boundIds: { [arn: string]: string } = {};
  for (const arn of arns) {
    const id = await idOf(tx, arn);
    if (id !== undefined) boundIds[arn] = id;
  }
  return Object.keys(boundIds).length > 0 ? { boundIds } : {};
}

/** The ARN, or the unique ID of whom was deleted since: what AWS shows of it. */
export async function shownPrincipal(tx: Transaction, arn: string, boundIds: BoundIds = {}): Promise<string> {
  const id = boundIds[arn];
  if (id === undefined) return arn;
  return (await idOf(tx, arn)) === id ? arn : id;
}

/** A grant with its parties as they are shown. */
export async function shownGrant(tx: Transaction, grant: GrantRecord): Promise<GrantRecord> {
  const { granteePrincipal: grantee, retiringPrincipal: retiring, boundIds } = grant;
  return {
    ...grant,
    ...(grantee === undefined ? {} : { granteePrincipal: await shownPrincipal(tx, grantee, boundIds) }),
    ...(retiring === undefined ? {} : { retiringPrincipal: await shownPrincipal(tx, retiring, boundIds) }),
  };
}

/**
 * Whether a principal of a policy exists, as far as a keyring knows: of users and roles, also by unique ID, and of the
 * roles of sessions it has all.
 */
export async function mayExist(tx: Transaction, principal: string): Promise<boolean> {
  const { class: kind, byId } = readPrincipal({ type: 'AWS', text: principal });
  if (byId) {
    const id = sessionOf(principal)?.roleId ?? principal;
    return (await identities(tx)).some(({ uniqueId }) => uniqueId === id);
  }
  if (kind === 'session') return (await identityOf(tx, callerOf(principal).roleArn!)) !== undefined;
  if (kind !== 'user' && kind !== 'role') return true;
  return (await identityOf(tx, principal))?.arn === principal;
}
