/** A rule of the linter, as a row: code, name, severity, documentation, and its check. */
import type { ProofResult } from '../../analysis/prover/budget.ts';
import type { JsonPath, Range } from '../../policy/text-place.ts';
import type { Fix } from './edit.ts';
import type { Provable } from './proof-subject.ts';
import type { Witness } from '../../analysis/prover/questions.ts';
import type { LintKind, Severity } from './settings.ts';
import type { Item, PrincipalItem, StatementView, Subject, TestView } from './subject.ts';

export interface Mark {
  readonly at: Range;
  readonly message: string;
}

/** A finding before it has its line and column. */
export interface FindingDraft {
  readonly at: Range;
  readonly path: JsonPath;
  readonly message: string;
  /** The text below the carets. */
  readonly label?: string;
  /** One of the rule's `otherwise`; absent: the rule's own. */
  readonly severity?: Severity;
  readonly secondary?: readonly Mark[];
  readonly notes?: readonly string[];
  readonly witness?: Witness;
  readonly fix?: Fix | undefined;
}

/** A draft of a place and the rest. */
export const draftAt = (
  place: Pick<FindingDraft, 'at' | 'path'>,
  rest: Omit<FindingDraft, 'at' | 'path'>,
): FindingDraft => ({
  ...place,
  ...rest,
});

export type Drafts = FindingDraft | readonly FindingDraft[] | undefined;

/** The subjects of rules, of which each rule checks one kind. */
export interface Finds {
  document?(subject: Subject): Drafts;
  statement?(statement: StatementView, subject: Subject): Drafts;
  principal?(principal: PrincipalItem, subject: Subject): Drafts;
  action?(action: Item, statement: StatementView, subject: Subject): Drafts;
  resource?(resource: Item, statement: StatementView, subject: Subject): Drafts;
  test?(test: TestView, subject: Subject): Drafts;
  /** Runs only with a prover, and within the budget of the document. */
  readonly prove?: (subject: Subject, provable: Provable) => ProofResult<Drafts>;
  /** Looks at the rules whose proofs were not finished, if there are any. */
  readonly unproved?: (rules: readonly LintRule[], provable: Provable, subject: Subject) => Drafts;
}

export interface LintRule extends Finds {
  readonly code: string;
  readonly name: string;
  readonly severity: Severity;
  /** Other severities that its findings can have, and when. */
  readonly otherwise?: { readonly [severity in Severity]?: string };
  readonly scopes: readonly LintKind[];
  /** One line, without the particulars. */
  readonly title: string;
  readonly why: string;
  readonly bad: string;
  readonly good: string;
  readonly see: string;
  readonly fix: 'safe' | 'unsafe' | 'none';
  /** Access Analyzer's issue code, where it has the same check. */
  readonly issue?: string;
  /** Runs only if it is selected: rules of style. */
  readonly optional?: true;
  /** Its fixes also apply to text that is not JSON. */
  readonly mendsText?: true;
}

const GUIDE = 'https://docs.aws.amazon.com/kms/latest/developerguide/';
const IAM = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/';

/** Pages of AWS's documentation that rules point to. */
export const PAGES = {
  keyPolicy: `${GUIDE}key-policy-overview.html`,
  defaultPolicy: `${GUIDE}key-policy-default.html`,
  services: `${GUIDE}key-policy-services.html`,
  crossAccount: `${GUIDE}key-policy-modifying-external-accounts.html`,
  permissions: `${GUIDE}kms-api-permissions-reference.html`,
  conditions: `${GUIDE}conditions-kms.html`,
  attestation: `${GUIDE}conditions-attestation.html`,
  awsConditions: `${GUIDE}conditions-aws.html`,
  grants: `${GUIDE}grants.html`,
  abac: `${GUIDE}abac.html`,
  iamPolicies: `${GUIDE}iam-policies-best-practices.html`,
  endpoint: `${GUIDE}vpce-policy.html`,
  grammar: `${IAM}reference_policies_grammar.html`,
  version: `${IAM}reference_policies_elements_version.html`,
  sid: `${IAM}reference_policies_elements_sid.html`,
  principal: `${IAM}reference_policies_elements_principal.html`,
  notPrincipal: `${IAM}reference_policies_elements_notprincipal.html`,
  notAction: `${IAM}reference_policies_elements_notaction.html`,
  operators: `${IAM}reference_policies_elements_condition_operators.html`,
  sets: `${IAM}reference_policies_condition-single-vs-multi-valued-context-keys.html`,
  globalKeys: `${IAM}reference_policies_condition-keys.html`,
  variables: `${IAM}reference_policies_variables.html`,
  confusedDeputy: `${IAM}confused-deputy.html`,
  evaluation: `${IAM}reference_policies_evaluation-logic.html`,
  trust: `${IAM}id_roles_update-role-trust-policy.html`,
  analyzer: `${IAM}access-analyzer-custom-policy-checks.html`,
} as const;

export const KEY: readonly LintKind[] = ['key'];
export const IDENTITY: readonly LintKind[] = ['identity'];
export const GRANT: readonly LintKind[] = ['grant'];
export const TRUST: readonly LintKind[] = ['trust'];
/** Documents that name principals. */
export const RESOURCE: readonly LintKind[] = ['key', 'endpoint'];
export const WITH_PRINCIPALS: readonly LintKind[] = ['key', 'trust', 'endpoint'];
/** Policies of a key or an identity. */
export const OWN: readonly LintKind[] = ['key', 'identity'];
export const POLICY: readonly LintKind[] = ['key', 'identity', 'endpoint'];
/** What holds for policies whatever their actions and resources are. */
export const EVERY_POLICY: readonly LintKind[] = ['key', 'identity', 'trust', 'endpoint'];
export const ALL: readonly LintKind[] = ['key', 'identity', 'trust', 'endpoint', 'grant'];
