/** Adds the known policies, boundary, tags, unique IDs and organization of principals to callers. */
import { readGroupArn } from '../model/principal-arn.ts';
import { readPrincipal, type Caller } from './principal.ts';
import type { OrganizationPosition } from './context.ts';
import type { AttachedPolicy } from './document.ts';

/** The name by which an identity is found: without the path, as names are unique in an account. */
export interface IamIdentifier {
  readonly kind: 'user' | 'group' | 'role' | 'session';
  readonly account: string;
  /** `user/Alice`, `group/Admins`, `role/App`, `session/App/i-0abc` */
  readonly name: string;
}

export const groupName = (account: string, name: string): IamIdentifier => ({
  kind: 'group',
  account,
  name: `group/${name}`,
});

/** The forms that iamIdentifier() accepts. */
export const IDENTITY_FORMS = 'the ARN of a user, group, role or role session';

/** @returns undefined for an ARN that is none of a user, group, role or role session */
export function iamIdentifier(arn: string): IamIdentifier | undefined {
  const group = readGroupArn(arn);
  if (group) return groupName(group.account, group.name);
  const { class: kind, account, byId } = readPrincipal({ type: 'AWS', text: arn });
  if ((kind !== 'user' && kind !== 'role' && kind !== 'session') || account === undefined || byId) return undefined;
  const steps = arn.split('/');
  const last = steps.at(-1)!;
  return { kind, account, name: kind === 'session' ? `session/${steps[1]}/${last}` : `${kind}/${last}` };
}

export interface KnownIdentity {
  readonly arn: string;
  readonly uniqueId?: string;
  readonly tags: { readonly [key: string]: string };
  readonly policies: readonly AttachedPolicy[];
  readonly boundary?: AttachedPolicy;
}

/**
 * A user, or the role behind a session; tags of the session win over those of the role.
 * @param groupPolicies those of the groups that the user is in
 */
export function knownCaller(
  caller: Caller,
  identity: KnownIdentity,
  groupPolicies: readonly AttachedPolicy[] = [],
): Caller {
  const { uniqueId, tags, policies, boundary, arn } = identity;
  return {
    ...caller,
    ...(caller.kind === 'session' ? { roleArn: arn } : {}),
    ...(uniqueId === undefined ? {} : { uniqueId }),
    tags: { ...tags, ...caller.tags },
    identityPolicies: [...(caller.identityPolicies ?? []), ...policies, ...groupPolicies],
    ...(boundary ? { boundary } : {}),
  };
}

/** The identity of a session with this name. */
export function knownSession(caller: Caller, { tags, policies }: KnownIdentity): Caller {
  const sessionPolicies = [...(caller.sessionPolicies ?? []), ...policies];
  return {
    ...caller,
    tags: { ...tags, ...caller.tags },
    ...(sessionPolicies.length > 0 ? { sessionPolicies } : {}),
  };
}

interface OrganizationMember extends OrganizationPosition {
  /** undefined: none applies to the caller's account. */
  readonly serviceControlPolicies: readonly (readonly AttachedPolicy[])[] | undefined;
}

export const memberCaller = (caller: Caller, { id, path, serviceControlPolicies }: OrganizationMember): Caller => ({
  ...caller,
  organizationId: id,
  ...(path === undefined ? {} : { organizationPath: path }),
  ...(serviceControlPolicies ? { serviceControlPolicies } : {}),
});
