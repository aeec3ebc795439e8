/** What is answered of one caller and one action, in a row. */
import { list, oneOf, string } from '../../model/shape.ts';
import { answerTo, type Answer } from '../../analysis/explanation.ts';
import type { Budget } from '../../analysis/prover/budget.ts';
import type { Remedy } from '../../analysis/remedies.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { OpenRequest } from './question.ts';

export const ANSWERS = ['YES', 'NO', 'MAYBE'] as const;

export const answerShape = {
  Answer: oneOf(ANSWERS),
  Through: string(),
  Reason: string(),
  ToldBy: list(string()),
  If: list(string()),
  Unless: list(string()),
  Unproved: list(string()),
};

const stateOf = ({ changes }: Remedy): string => changes.map(({ text, state }) => state ?? text).join(' and ');

export function rowOf(parts: readonly OpenRequest[], budget: Budget) {
  const answers = parts.map(({ request, unknown }) => answerTo(evaluate(request), { unknown, budget }));
  const { answer, decision, reason, counterfactuals, options, unproved } = worstOf(answers);
  const { by } = decision;
  return {
    Answer: answer,
    Through: by.outcome === 'allow' ? by.through : undefined,
    Reason: reason,
    ToldBy: listed(options),
    ...(counterfactuals.length > 0
      ? { [decision.outcome === 'allow' ? 'Unless' : 'If']: counterfactuals.map(stateOf) }
      : {}),
    Unproved: listed(unproved),
  };
}

/** A call is allowed if all that it is about is. */
export const worstOf = <T extends { readonly answer: Answer }>(parts: readonly T[]): T =>
  parts.find(({ answer }) => answer === 'NO') ?? parts.find(({ answer }) => answer === 'MAYBE') ?? parts[0]!;

export const listed = (texts: readonly string[]) => (texts.length > 0 ? texts : undefined);
