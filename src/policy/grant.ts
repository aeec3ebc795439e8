/** Grants: operations, grantee, constraints, and the limits of a child grant. */
import type { GrantConstraints, GrantParties, GrantTerms } from '../model/grant-terms.ts';
import { matchPrincipal, type Caller, type Match, type MatchRules } from './principal.ts';

type Pairs = { readonly [key: string]: string };

export interface Grant extends GrantParties, GrantTerms {
  readonly id: string;
  readonly name?: string;
  /** Account ID or root ARN of the account that the grant was created from. */
  readonly issuingAccount?: string;
}

export const matchGrantee = (grant: Grant, caller: Caller): Match | undefined =>
  matchParty({ principal: grant.granteePrincipal, service: grant.granteeServicePrincipal }, grant, caller);

export const matchRetiring = (grant: Grant, caller: Caller): Match | undefined =>
  matchParty({ principal: grant.retiringPrincipal, service: grant.retiringServicePrincipal }, grant, caller);

interface Party {
  readonly principal: string | undefined;
  readonly service: string | undefined;
}

/** An ARN or a service. An account's ARN covers directly only its root user. */
function matchParty({ principal, service }: Party, { boundIds }: Grant, caller: Caller): Match | undefined {
  // grants never deny
  const allows: MatchRules = { effect: 'Allow', boundIds: boundIds && new Map(Object.entries(boundIds)) };
  if (service !== undefined) return matchPrincipal({ type: 'Service', text: service }, caller, allows);
  if (principal === undefined) return undefined;
  // a service may also be named in the place of an ARN
  const type = caller.kind === 'service' ? 'Service' : 'AWS';
  return matchPrincipal({ type, text: principal }, caller, allows);
}

/** Whether the encryption context that was sent is what the constraints ask for. */
export function constraintsHold(constraints: GrantConstraints, sent: Pairs): boolean {
  const { encryptionContextEquals: equals, encryptionContextSubset: subset } = constraints;
  return (!equals || isEqual(equals, sent)) && (!subset || isContained(subset, sent));
}

/** In a constraint the key of a pair is not case-sensitive, the value is (API reference, GrantConstraints). */
function isContained(part: Pairs, whole: Pairs): boolean {
  const pairs = Object.entries(whole);
  return Object.entries(part).every(([key, value]) =>
    pairs.some(([other, found]) => found === value && other.toLowerCase() === key.toLowerCase()),
  );
}

const isEqual = (one: Pairs, other: Pairs): boolean =>
  Object.keys(one).length === Object.keys(other).length && isContained(one, other) && isContained(other, one);

/** A child grant gives no operation that its parent lacks, under constraints at least as strict. */
export function mayGive(parent: GrantTerms, child: GrantTerms): boolean {
  if (!child.operations.every((operation) => parent.operations.includes(operation))) return false;
  const [bound, given] = [parent.constraints ?? {}, child.constraints ?? {}];
  // not documented by AWS: a source that the parent requires is required for the child
  if (bound.sourceArn !== undefined && bound.sourceArn !== given.sourceArn) return false;
  const { encryptionContextEquals: equals, encryptionContextSubset: subset } = bound;
  if (equals && !(given.encryptionContextEquals && isEqual(equals, given.encryptionContextEquals))) return false;
  const pairs = given.encryptionContextEquals ?? given.encryptionContextSubset;
  return !subset || (pairs !== undefined && isContained(subset, pairs));
}
