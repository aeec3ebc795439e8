/** The answer for one caller and one action, as a row. */
import { list, oneOf, string } from '../../model/shape.ts';
import type { Answered } from '../../analysis/explanation.ts';
import type { Remedy } from '../../analysis/remedies/remedy.ts';

export const ANSWERS = ['YES', 'NO', 'MAYBE'] as const;

export const answerShape = {
  Answer: oneOf(ANSWERS),
  Through: string(),
  Reason: string(),
  DecidedBy: list(string()),
  If: list(string()),
  Unless: list(string()),
  Unproved: list(string()),
};

const stateOf = ({ changes }: Remedy): string => changes.map(({ text, state }) => state ?? text).join(' and ');

/** @param overall undefined: there is nothing that the call could be about */
export function rowOf(overall: Answered | undefined) {
  if (!overall) return { Answer: 'NO' as const, Reason: 'denied: the key has no grant' };
  const { answer, decision, reason, counterfactuals, options, unproved } = overall;
  const { by } = decision;
  return {
    Answer: answer,
    Through: by.outcome === 'allow' ? by.through : undefined,
    Reason: reason,
    DecidedBy: listed(options),
    ...(counterfactuals.length > 0
      ? { [decision.outcome === 'allow' ? 'Unless' : 'If']: counterfactuals.map(stateOf) }
      : {}),
    Unproved: listed(unproved),
  };
}

export const listed = (texts: readonly string[]) => (texts.length > 0 ? texts : undefined);
