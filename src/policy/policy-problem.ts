/** PolicyProblem: one error in a policy's text, and the settings of the checks. */
import type { JsonPath, TextPlace, Range } from './text-place.ts';
import type { NamedPrincipal } from './document.ts';

/**
 * `key`: a key policy. `resource`: a VPC endpoint or resource control policy. `trust`: who may assume a
 * role. `identity`: all others.
 */
export type PolicyKind = 'key' | 'identity' | 'resource' | 'trust';

export interface PolicyProblem {
  /** The name of the rule; the linter has the same. */
  readonly code: string;
  readonly message: string;
  readonly place: TextPlace;
  /** AWS's text, where it is known. */
  readonly says?: string;
}

export interface WriteRules {
  readonly kind?: PolicyKind;
  /** Whether a user, role or account is known. Principals must exist when a policy is written. */
  readonly principalExists?: (principal: NamedPrincipal) => boolean;
}

export type Report = (problem: {
  readonly code: string;
  readonly message: string;
  readonly at: Range;
  readonly path: JsonPath;
  readonly says?: string;
}) => void;

export interface CheckScope {
  readonly kind: PolicyKind;
  readonly principalExists: WriteRules['principalExists'] | undefined;
  readonly report: Report;
}
