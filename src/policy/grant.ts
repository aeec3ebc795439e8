/** Grants against a request: grantee, operation, constraints, and what a child grant may give (spec/grants.md 6, 12). */
import { actionRow } from './actions.ts';
import { matchesArn } from './arn-match.ts';
import { readGlob } from './glob.ts';
import { matchPrincipal, type Caller, type Match } from './principal.ts';
import type { AccessRequest } from './request.ts';

type Pairs = Readonly<Record<string, string>>;

export interface GrantConstraints {
  readonly encryptionContextEquals?: Pairs;
  readonly encryptionContextSubset?: Pairs;
  readonly sourceArn?: string;
}

/** What a grant gives, which is also what CreateGrant asks for. */
export interface GrantTerms {
  /** `Encrypt`, `ReEncryptFrom` ... */
  readonly operations: readonly string[];
  readonly constraints?: GrantConstraints;
}

export interface Grant extends GrantTerms {
  readonly id: string;
  readonly name?: string;
  readonly granteePrincipal?: string;
  readonly granteeServicePrincipal?: string;
  readonly retiringPrincipal?: string;
  readonly retiringServicePrincipal?: string;
  /** Account ID or root ARN of the account that the grant was created from. */
  readonly issuingAccount?: string;
  /** Not consistent yet, and the request does not carry its token (spec/grants.md 4). */
  readonly pending?: boolean;
}

export type GrantMiss = 'grantee' | 'operation' | 'pending' | 'encryptionContext' | 'sourceArn' | 'child';

export type GrantResult =
  /** `account`: the grantee is a whole account, so the caller's identity policies must allow as well. */
  { readonly applies: true; readonly match: Match } | { readonly applies: false; readonly miss: GrantMiss };

const miss = (why: GrantMiss): GrantResult => ({ applies: false, miss: why });

export function matchGrant(grant: Grant, request: AccessRequest): GrantResult {
  const match = matchParty(grant.granteePrincipal, grant.granteeServicePrincipal, request.caller);
  if (!match) return miss('grantee');
  const permission = actionRow(request.action.toLowerCase());
  if (!permission?.grantable || !grant.operations.includes(permission.name)) return miss('operation');
  if (grant.pending) return miss('pending');
  const constraints = grant.constraints ?? {};
  if (permission.encryptionContext && !constraintsHold(constraints, request.encryptionContext ?? {})) {
    return miss('encryptionContext');
  }
  if (!isFromSource(constraints.sourceArn, request)) return miss('sourceArn');
  if (permission.name === 'CreateGrant' && !(request.newGrant && mayGive(grant, request.newGrant)))
    return miss('child');
  return { applies: true, match };
}

/** The grantee or the retiring principal: an ARN or a service. An account's ARN is directly its root user alone. */
export function matchParty(
  principal: string | undefined,
  service: string | undefined,
  caller: Caller,
): Match | undefined {
  if (service !== undefined) return matchPrincipal({ type: 'Service', text: service }, caller);
  if (principal === undefined) return undefined;
  // grants that services make for users carry the service's name as the grantee [L10293]
  const type = caller.kind === 'service' ? 'Service' : 'AWS';
  return matchPrincipal({ type, text: principal }, caller);
}

/** The same as a condition ArnLike on aws:SourceArn; it does not apply to RetireGrant. */
function isFromSource(sourceArn: string | undefined, request: AccessRequest): boolean {
  if (sourceArn === undefined) return true;
  const found = request.context.get('aws:sourcearn');
  return found?.length === 1 && matchesArn(readGlob(sourceArn), found[0]!);
}

function constraintsHold(constraints: GrantConstraints, sent: Pairs): boolean {
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

/** A child grant gives no operation that its parent lacks, under constraints at least as strict (spec/grants.md 6). */
export function mayGive(parent: GrantTerms, child: GrantTerms): boolean {
  if (!child.operations.every((operation) => parent.operations.includes(operation))) return false;
  const [bound, given] = [parent.constraints ?? {}, child.constraints ?? {}];
  // our reading: a source that binds the parent binds the child
  if (bound.sourceArn !== undefined && bound.sourceArn !== given.sourceArn) return false;
  const { encryptionContextEquals: equals, encryptionContextSubset: subset } = bound;
  if (equals && !(given.encryptionContextEquals && isEqual(equals, given.encryptionContextEquals))) return false;
  const pairs = given.encryptionContextEquals ?? given.encryptionContextSubset;
  return !subset || (pairs !== undefined && isContained(subset, pairs));
}
