/** Settings of the linter: the key, known identities, accounts, the policy to compare with. */
import type { Caller } from '../../policy/principal.ts';
import type { NamedPrincipal } from '../../policy/document.ts';
import type { KeyKindFacts } from '../facts/key-actions.ts';
import type { Prover } from '../../analysis/prover/questions.ts';

/** `trust`: who may assume a role. `endpoint`: the policy of a VPC endpoint. `grant`: grants as ListGrants answers them. */
export const LINT_KINDS = ['key', 'identity', 'trust', 'endpoint', 'grant'] as const;
export type LintKind = (typeof LINT_KINDS)[number];

export const SEVERITIES = ['error', 'security', 'warning', 'hint'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Someone who must, or must not, be allowed something (`expect` in the configuration). */
export interface Expectation {
  readonly principal: string;
  /** `kms:Decrypt` */
  readonly action: string;
  readonly allowed: boolean;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

export interface LintSettings {
  /** The account that owns the key, where the key itself is not known. */
  readonly account?: string;
  readonly key?: KeyKindFacts;
  /** The policy of that key, on which an identity policy depends. */
  readonly keyPolicy?: string;
  readonly trustedAccounts?: readonly string[];
  /** Whether a user, role or account is known; absent if no identities are known. */
  readonly principalExists?: (principal: NamedPrincipal) => boolean;
  /** The ARN of a user or role by its unique id. */
  readonly arnOf?: (uniqueId: string) => string | undefined;
  readonly caller?: Caller;
  /** The policy as it was, for KP609. */
  readonly baseline?: string;
  readonly expectations?: readonly Expectation[];
  readonly prover?: Prover;
  /** By code, or by the beginning of one (`KP4`): the longest that fits counts. */
  readonly rules?: Readonly<Record<string, Severity | 'off'>>;
}
