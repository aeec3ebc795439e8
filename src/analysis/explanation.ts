/**
 * An explanation: a Decision as a tree of steps, the remedies, and the unknown facts on which it depends. It reads what
 * evaluate() has recorded.
 */
import type { Budget } from './prover/budget.ts';
import type { Consideration, Decision, PolicySource, StatementConsideration } from '../policy/decision.ts';
import { denialText } from '../policy/denial.ts';
import { describe, describeDecision, placeOfStatement } from './decision-text.ts';
import type { PolicyDocument } from '../policy/document.ts';
import { Places, type TextPlace } from '../policy/text-place.ts';
import { complete, decidingAt } from './completions/complete.ts';
import type { Completion } from './completions/completion.ts';
import type { Unknown } from './completions/dimension.ts';
import { remediesFor } from './remedies/remedies.ts';
import type { Remedy } from './remedies/remedy.ts';

export type Answer = 'YES' | 'NO' | 'MAYBE';

export interface Leaf {
  /** Stable: `keyPolicy/default/0`, `grant/7f3c...`. */
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly applies: boolean;
  readonly place?: TextPlace;
}

export interface ExplanationStep {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly leaves: readonly Leaf[];
}

export interface Explanation {
  readonly answer: Answer;
  /** The one that the answer rests on. */
  readonly decision: Decision;
  /** Of all requests of the call. */
  readonly decisions: readonly Decision[];
  /** `allow`, `explicitDeny` or `implicitDeny`, and why, in one line. */
  readonly reason: string;
  readonly steps: readonly ExplanationStep[];
  readonly remedies: readonly Remedy[];
  /** Under which of these the answer is another. */
  readonly counterfactuals: readonly Remedy[];
  readonly awsSays?: string;
  /** Options that would tell which answer it is. */
  readonly options: readonly string[];
  /** What was left open, because the budget ended. */
  readonly unproved: readonly string[];
  /** Of a target that was not named: of how many it is any one; the decision is about one of them. */
  readonly among?: number;
}

export interface Explaining {
  /** Absent: everything is known. */
  readonly unknown?: Unknown;
  /** For everything that is tried. */
  readonly budget: Budget;
}

export type Answered = Pick<
  Explanation,
  'answer' | 'decision' | 'decisions' | 'reason' | 'counterfactuals' | 'options' | 'unproved' | 'among'
>;

/**
 * The answer alone, of a call that is allowed if each of its requests is. MAYBE is what some completion of the call allows
 * and another does not, or could not be tried to the end.
 */
export function answerTo(call: readonly Decision[], { unknown, budget }: Explaining): Answered {
  const { decisions, others, finished } = unknown
    ? complete(call, unknown, budget)
    : { decisions: call, others: [], finished: true };
  const decision = decisions[decidingAt(decisions)]!;
  const certain = decision.outcome === 'allow' ? 'YES' : 'NO';
  return {
    answer: others.length > 0 || !finished ? 'MAYBE' : certain,
    decision,
    decisions,
    reason: reasonOf(decision, others),
    counterfactuals: others.map(remedyOf),
    options: [...new Set(others.flatMap(({ options }) => options))],
    unproved: finished ? [] : [`whether the answer is always ${certain}: more than ${budget.limit} steps`],
  };
}

/** Of a MAYBE first what it depends on. */
function reasonOf(decision: Decision, [first]: readonly Completion[]): string {
  const reason = describeDecision(decision);
  if (!first) return reason;
  const other = decision.outcome === 'allow' ? 'denied' : 'allowed';
  return `depends on what is not specified: ${other} with ${first.states.join(' and ')}; otherwise ${reason}`;
}

const remedyOf = ({ request, states, keys }: Completion): Remedy => ({
  request,
  changes: states.map((state, at) => ({
    kind: 'request',
    text: state.startsWith('no ') ? `call without ${state.slice(3)}` : `call with ${state}`,
    state,
    ...(keys[at] === undefined ? {} : { key: keys[at] }),
  })),
});

export const explain = (call: readonly Decision[], explaining: Explaining): Explanation =>
  explainAnswer(answerTo(call, explaining), explaining.budget);

/** An answer with the steps of the deciding request, and its remedies. */
export function explainAnswer(answered: Answered, budget: Budget): Explanation {
  const { decision, decisions } = answered;
  const awsSays = denialText(decision);
  const remedies = remediesFor(decisions, budget);
  const more = remedies.finished ? [] : [`whether other changes would allow it: more than ${budget.limit} steps`];
  return {
    ...answered,
    steps: stepsOf(decision),
    remedies: remedies.found,
    unproved: [...answered.unproved, ...more],
    ...(awsSays === undefined ? {} : { awsSays }),
  };
}

const isStatement = (item: Consideration): item is StatementConsideration => item.source !== 'grant';
const isDeny = ({ statement }: StatementConsideration): boolean => statement.effect === 'Deny';

function stepsOf(decision: Decision): readonly ExplanationStep[] {
  const { considered } = decision;
  const leafOf = leafMaker();
  const statements = considered.filter(isStatement);
  const from = (...sources: readonly PolicySource[]): readonly StatementConsideration[] =>
    statements.filter((item) => sources.includes(item.source) && !isDeny(item));
  const bounds = (source: PolicySource, title: string): readonly ExplanationStep[] =>
    statements.some((item) => item.source === source) ? [step(source, title, from(source).map(leafOf))] : [];
  const guardrails = from('serviceControlPolicy', 'resourceControlPolicy');
  return [
    denies(statements.filter(isDeny), leafOf),
    guardrails.length > 0
      ? step('organization', 'organization', guardrails.map(leafOf))
      : { id: 'organization', title: 'organization', summary: 'no SCP, no RCP', leaves: [] },
    grants(considered, leafOf),
    step('keyPolicy', 'key policy', from('keyPolicy').map(leafOf)),
    ...bounds('trustPolicy', 'trust policy'),
    step('identityPolicy', 'identity policies', from('identityPolicy').map(leafOf)),
    ...bounds('permissionsBoundary', 'permissions boundary'),
    ...bounds('sessionPolicy', 'session policies'),
    ...bounds('endpointPolicy', 'VPC endpoint policy'),
  ];
}

type LeafOf = (item: Consideration) => Leaf;

function denies(all: readonly StatementConsideration[], leafOf: LeafOf): ExplanationStep {
  const applied = all.filter(({ result }) => result.applies);
  const base = { id: 'explicitDeny', title: 'explicit deny' };
  if (applied.length > 0)
    return {
      ...base,
      summary: count(applied.length, 'Deny statement applies', 'Deny statements apply'),
      leaves: applied.map(leafOf),
    };
  return {
    ...base,
    summary: all.length === 0 ? 'no Deny statement' : `none of ${count(all.length, 'Deny statement')} applies`,
    leaves: [],
  };
}

const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`;

function step(id: string, title: string, leaves: readonly Leaf[]): ExplanationStep {
  const applied = leaves.filter(({ applies }) => applies).length;
  const summary =
    leaves.length === 0 ? 'none' : `${count(leaves.length, 'Allow statement')}, ${applied} of them for this`;
  return { id, title, summary, leaves };
}

function grants(considered: readonly Consideration[], leafOf: LeafOf): ExplanationStep {
  const all = considered.filter((item) => item.source === 'grant');
  const own = all.filter(({ result }) => result.applies || result.miss !== 'grantee');
  return {
    id: 'grants',
    title: 'grants',
    summary: all.length === 0 ? 'none for this caller' : `${own.length} of ${all.length} for this caller`,
    leaves: own.map(leafOf),
  };
}

/** Every document is read for its places once. */
function leafMaker(): LeafOf {
  const read = new Map<PolicyDocument, Places>();
  const placesIn = (document: PolicyDocument): Places => {
    const places = read.get(document) ?? new Places(document.text);
    read.set(document, places);
    return places;
  };
  return (item) => {
    const { applies } = item.result;
    if (isStatement(item)) return leafOfStatement(item, placesIn(item.policy.document));
    const { id, name } = item.grant;
    return { id: `grant/${id}`, name: `grant ${name ?? `${id.slice(0, 8)}...`}`, text: describe(item), applies };
  };
}

function leafOfStatement(item: StatementConsideration, places: Places): Leaf {
  const { policy, statement, source, level, result } = item;
  const { sid, index } = statement;
  const place = placeOfStatement(item, places);
  const of = source === 'keyPolicy' ? '' : `${policy.name}: `;
  const where = source === 'serviceControlPolicy' || source === 'resourceControlPolicy' ? `${source}/${level}` : source;
  return {
    id: `${where}/${policy.name}/${index}`,
    name: of + (sid ? sid : `statement ${index + 1}`),
    text: describe(item),
    applies: result.applies,
    ...(place ? { place } : {}),
  };
}
