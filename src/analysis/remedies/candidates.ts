/** Candidate changes for remedies: of the call, of a Deny, of a policy, or a grant. */
import type { Decision } from '../../policy/decision.ts';
import type { Budget } from '../prover/budget.ts';
import { callChanges } from './call-changes.ts';
import { denyChanges } from './deny-changes.ts';
import { grantChanges } from './grant-changes.ts';
import { guardrailChanges, organizationPolicyChanges } from './guardrail-changes.ts';
import { identityPolicyChanges, keyPolicyChanges, trustPolicyChanges } from './policy-changes.ts';
import type { CandidateChange } from './remedy.ts';

export const candidates = (decision: Decision, budget: Budget): readonly CandidateChange[] => [
  ...callChanges(decision, budget),
  ...denyChanges(decision),
  ...identityPolicyChanges(decision),
  ...keyPolicyChanges(decision),
  ...trustPolicyChanges(decision),
  ...grantChanges(decision),
  ...guardrailChanges(decision),
  ...organizationPolicyChanges(decision),
];
