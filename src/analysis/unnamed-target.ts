/** Answers for a target that was not named: for each possible target, and for all of them together. */
import type { Answer, Answered } from './explanation.ts';
import { describeDecision } from './decision-text.ts';
import { MAX_LISTED } from './completions/complete.ts';
import type { Remedy } from './remedies/remedy.ts';

/** A call that may be meant. */
export interface Alternative {
  /** What it is about. */
  readonly name: string;
  readonly answered: Answered;
}

interface Unnamed {
  /** What on the command line names one of them. */
  readonly options: readonly string[];
  /** What was left out, because the budget ended. */
  readonly unproved: readonly string[];
}

/** YES if each of them is, NO if none can be, else MAYBE. @param alternatives at least one */
export function answerOver(alternatives: readonly Alternative[], { options, unproved }: Unnamed): Answered {
  const having = (wanted: Answer): readonly Alternative[] =>
    alternatives.filter(({ answered: { answer } }) => answer === wanted);
  const first = having('NO')[0] ?? having('MAYBE')[0] ?? alternatives[0]!;
  const { answer } = first.answered;
  const isAlike = having(answer).length === alternatives.length;
  const base: Answered = {
    ...first.answered,
    answer: isAlike && unproved.length === 0 ? answer : 'MAYBE',
    unproved: [...first.answered.unproved, ...unproved],
    ...(alternatives.length > 1 ? { among: alternatives.length } : {}),
  };
  if (isAlike) return base;
  if (answer === 'MAYBE') return { ...base, options: [...new Set([...base.options, ...options])] };
  const counterfactuals = alternatives.flatMap(allowing).slice(0, MAX_LISTED);
  return {
    ...base,
    reason: reasonOf(first, [...having('YES'), ...having('MAYBE')]),
    counterfactuals,
    options: [...new Set([...options, ...having('MAYBE').flatMap(({ answered }) => answered.options)])],
    unproved: [...base.unproved, ...(counterfactuals.length > 0 ? [] : having('MAYBE').flatMap(unprovedOf))],
  };
}

const unprovedOf = ({ answered }: Alternative): readonly string[] => answered.unproved;

/** How the call would be allowed if it were about this one. */
function allowing({ name, answered: { answer, decision, counterfactuals } }: Alternative): readonly Remedy[] {
  const chosen = { kind: 'request', text: `call on ${name}`, state: name } as const;
  if (decision.outcome === 'allow') return [{ request: decision.request, changes: [chosen] }];
  if (answer === 'NO') return [];
  return counterfactuals.map(({ request, changes }) => ({ request, changes: [chosen, ...changes] }));
}

function reasonOf(denied: Alternative, [other, ...more]: readonly Alternative[]): string {
  const maybe = other!.answered.answer === 'MAYBE' ? 'possibly ' : '';
  const rest = more.length > 0 ? ` and ${more.length} more` : '';
  return `depends on what is not specified: ${maybe}allowed on ${other!.name}${rest}; on ${denied.name} ${describeDecision(denied.answered.decision)}`;
}
