/** A grant against a request: grantee, operation, constraints. */
import { actionRow } from './actions.ts';
import { matchesArn } from './arn-match.ts';
import { readGlob } from './glob.ts';
import { constraintsHold, matchGrantee, mayGive, type Grant } from './grant.ts';
import type { Match } from './principal.ts';
import type { AccessRequest } from './request.ts';

export type GrantMiss = 'grantee' | 'operation' | 'encryptionContext' | 'sourceArn' | 'child';

export type GrantResult =
  /** `account`: the grantee is an account, so the caller's identity policies must allow as well. */
  { readonly applies: true; readonly match: Match } | { readonly applies: false; readonly miss: GrantMiss };

const miss = (why: GrantMiss): GrantResult => ({ applies: false, miss: why });

export function matchGrant(grant: Grant, request: AccessRequest): GrantResult {
  const match = matchGrantee(grant, request.caller);
  if (!match) return miss('grantee');
  const permission = actionRow(request.action.toLowerCase());
  if (!permission?.grantable || !grant.operations.includes(permission.name)) return miss('operation');
  const constraints = grant.constraints ?? {};
  if (permission.encryptionContext && !constraintsHold(constraints, request.encryptionContext ?? {})) {
    return miss('encryptionContext');
  }
  if (!isFromSource(constraints.sourceArn, request)) return miss('sourceArn');
  if (permission.name === 'CreateGrant' && !(request.newGrant && mayGive(grant, request.newGrant)))
    return miss('child');
  return { applies: true, match };
}

/** The same as a condition ArnLike on aws:SourceArn; it does not apply to RetireGrant. */
function isFromSource(sourceArn: string | undefined, request: AccessRequest): boolean {
  if (sourceArn === undefined) return true;
  const found = request.context.get('aws:sourcearn');
  return found?.length === 1 && matchesArn(readGlob(sourceArn), found[0]!);
}
