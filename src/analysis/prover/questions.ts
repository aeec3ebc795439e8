/**
 * Prover: the interface by which the linter gets proofs about policies. Without one the rules that need a proof do
 * not run. A prover lists only what it has proved: what it cannot decide it leaves out, so a rule never claims it. An
 * answer that is not finished lists what was proved before the budget of the document ended.
 */
import type { ProofResult, Budget } from './budget.ts';
import type { ActionRules } from '../../policy/action-rules.ts';
import type { RequestFacts } from '../../policy/request-facts.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import type { Caller } from '../../policy/principal.ts';
import type { NamedPrincipal } from '../../policy/document.ts';

/** A key policy with the facts that are known. */
export interface ProofSubject {
  readonly document: PolicyDocument;
  /** The account that owns the key. */
  readonly account: string;
  readonly keyArn: string;
  /** Other accounts that may have access, which does not count as public. */
  readonly trustedAccounts: readonly string[];
  /** Whether a principal is known; undefined where nothing is known of principals. */
  readonly principalExists: ((principal: NamedPrincipal) => boolean) | undefined;
  /** What the rows of operations say of condition keys. */
  readonly actionRules: ActionRules;
  /** For all proofs about this document together. */
  readonly budget: Budget;
}

/** A request that shows the finding; it was put to evaluate() before it is handed out. */
export interface Witness {
  /** Principal ARN, account root ARN or service name. */
  readonly principal: string;
  readonly action: string;
  /** Condition key to values. */
  readonly context: Readonly<Record<string, readonly string[]>>;
  /** The call that has them. */
  readonly facts: RequestFacts;
}

/** Statements are named by their index in the document. */
export interface Access {
  readonly statement: number;
  readonly witness: Witness;
}

export interface Covered {
  readonly statement: number;
  /** The statements that cover it, the one that covers most first. */
  readonly by: readonly number[];
}

export interface CoveredAtom extends Covered {
  readonly principal: string;
  /** As in policies: `kms:Decrypt`. */
  readonly action: string;
}

export interface Escalation {
  readonly statement: number;
  readonly principal: string;
  /** One step a line: `kms:PutKeyPolicy`, then `kms:Decrypt`. */
  readonly path: readonly string[];
  readonly witness: Witness;
}

type Listed<T> = ProofResult<readonly T[]>;

export interface Prover {
  readonly actionRules: ActionRules;
  /** Allow statements whose condition lets somebody of an account in that is neither the owner's nor trusted. */
  readonly publicAccess: (subject: ProofSubject) => Listed<Access>;
  /** What is allowed now and was not under the baseline. */
  readonly newAccess: (subject: ProofSubject, baseline: PolicyDocument) => Listed<Access>;
  /** Allow statements that Deny statements cover in every context. */
  readonly shadowed: (subject: ProofSubject) => Listed<Covered>;
  /** Principals and actions of an Allow, not all of it, that are denied in every context. */
  readonly partlyShadowed: (subject: ProofSubject) => Listed<CoveredAtom>;
  /** Statements that add nothing to another of the same effect. */
  readonly subsumed: (subject: ProofSubject) => Listed<Covered>;
  /** Statements whose condition no request can satisfy. */
  readonly neverMatches: (subject: ProofSubject) => Listed<{ readonly statement: number; readonly why: string }>;
  /** The caller could not call PutKeyPolicy any more. */
  readonly locksOut: (subject: ProofSubject, caller: Caller) => ProofResult<boolean>;
  /** No known principal, and no account by its identity policies, could call PutKeyPolicy any more. */
  readonly locksOutAll: (subject: ProofSubject) => ProofResult<boolean>;
  /** Principals without Decrypt that can give it to themselves. */
  readonly selfEscalation: (subject: ProofSubject) => Listed<Escalation>;
}
