/** Explains a denied call: the decisions of enforcement, as a tree of the first that denies it. */
import { Budget } from '../../analysis/prover/budget.ts';
import { explain, type Explanation } from '../../analysis/explanation.ts';
import { explanationText } from '../../analysis/explanation-text.ts';
import { AccessDenied } from '../../policy/denial.ts';

/** @returns undefined for an error that is not a denial */
export const whyDenied = (thrown: unknown): string | undefined =>
  thrown instanceof AccessDenied
    ? explanationText(withoutDenialText(explain(thrown.decisions, { budget: new Budget() })))
    : undefined;

/** The error has said it already. */
function withoutDenialText(explanation: Explanation): Explanation {
  const { awsSays: _, ...rest } = explanation;
  return rest;
}
