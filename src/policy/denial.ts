/** The text of an AccessDeniedException, made from a Decision (IAM User Guide, Policy evaluation logic). */
import { KmsError } from '../model/error.ts';
import { actionRow } from './actions.ts';
import type { Decision, Missing, PolicySource } from './decision.ts';
import type { AccessRequest } from './request.ts';

const KINDS: Readonly<Record<PolicySource, string>> = {
  keyPolicy: 'resource-based policy',
  trustPolicy: 'resource-based policy',
  identityPolicy: 'identity-based policy',
  permissionsBoundary: 'permissions boundary',
  sessionPolicy: 'session policy',
  serviceControlPolicy: 'service control policy',
  resourceControlPolicy: 'resource control policy',
  endpointPolicy: 'VPC endpoint policy',
};

/** Denials without a message of AWS are reported as a missing resource-based policy. */
const MISSING: Readonly<Record<Missing, string>> = {
  ...KINDS,
  crossAccount: KINDS.keyPolicy,
  retiringRight: KINDS.keyPolicy,
  notRootUser: KINDS.trustPolicy,
};

/** @returns undefined when access is allowed */
export function denialText({ request, by }: Decision): string | undefined {
  if (by.outcome === 'allow') return undefined;
  const who = `User: ${request.caller.arn} is not authorized to perform: ${request.action}${printResource(request)}`;
  if (request.resource.kind === 'role') {
    return request.caller.kind === 'root' ? 'Roles may not be assumed by root accounts.' : who;
  }
  if (by.outcome === 'explicitDeny') {
    const article = by.through === 'identityPolicy' ? 'an' : 'a';
    return `${who} with an explicit deny in ${article} ${KINDS[by.through]}`;
  }
  return `${who} because no ${MISSING[by.missing]} allows the ${request.action} action`;
}

/**
 * Operations without a resource print `*`; kms:TagResource for a key that is still to be made prints none
 * (both seen in reports of CreateKey).
 */
function printResource({ action, resource }: AccessRequest): string {
  if (resource.kind !== 'none') return ` on resource: ${resource.arn}`;
  return actionRow(action.toLowerCase())?.resources.includes('key') ? '' : ' on resource: *';
}

/** The error of a denied operation, with the decisions about all of its requests, for `--why`. */
export class AccessDenied extends KmsError {
  readonly decisions: readonly Decision[];
  constructor(text: string, decisions: readonly Decision[]) {
    super('AccessDeniedException', text);
    this.decisions = decisions;
  }
}

/** @throws AccessDenied for the first of a call's decisions that does not allow it */
export function requireAllowed(call: readonly Decision[]): void {
  for (const decision of call) {
    const text = denialText(decision);
    if (text !== undefined) throw new AccessDenied(text, call);
  }
}
