/**
 * An explanation: a Decision as a tree of steps, the nearest ways to YES, and what it would hang on that nobody has
 * specifiedKeys. It reads what evaluate() has recorded; nothing is decided here.
 */
import type { Budget } from './prover/budget.ts';
import { conditionKey } from '../policy/condition-keys.ts';
import type { Consideration, Decision, PolicySource, StatementConsideration } from '../policy/decision.ts';
import { denialText } from '../policy/denial.ts';
import { describe, describeDecision, placeOfStatement } from './explain.ts';
import type { PolicyDocument } from '../policy/document.ts';
import { Places, type TextPlace } from '../policy/text-place.ts';
import { remediesFor, counterfactualsOf, type Remedy } from './remedies.ts';

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
  readonly decision: Decision;
  /** `allow`, `explicitDeny` or `implicitDeny`, and why, in one line. */
  readonly reason: string;
  readonly steps: readonly ExplanationStep[];
  readonly remedies: readonly Remedy[];
  /** Under which of these the answer is another. */
  readonly counterfactuals: readonly Remedy[];
  readonly awsSays?: string;
  /** What was left open, because the budget ended. */
  readonly unproved: readonly string[];
}

export interface Explaining {
  /** Condition keys, lower-cased, that were specifiedKeys; all others of a request may be there or not. Absent: all were. */
  readonly specifiedKeys?: ReadonlySet<string>;
  /** For everything that is tried. */
  readonly budget: Budget;
}

export type Answered = Pick<Explanation, 'answer' | 'counterfactuals' | 'unproved'>;

/** The answer alone. What could not be tried to the end may be either way. */
export function answerTo(decision: Decision, { specifiedKeys, budget }: Explaining): Answered {
  const { found: counterfactuals, finished } = specifiedKeys
    ? counterfactualsOf(decision, { isOpen: (key) => isOpen(key, specifiedKeys), budget })
    : { found: [], finished: true };
  const certain = decision.outcome === 'allow' ? 'YES' : 'NO';
  return {
    answer: counterfactuals.length > 0 || !finished ? 'MAYBE' : certain,
    counterfactuals,
    unproved: finished ? [] : [`whether the answer is always ${certain}: more than ${budget.limit} steps`],
  };
}

export function explain(decision: Decision, explaining: Explaining): Explanation {
  const awsSays = denialText(decision);
  const { budget } = explaining;
  const answered = answerTo(decision, explaining);
  const remedies = remediesFor(decision, budget);
  const more = remedies.finished ? [] : [`whether there are more ways to YES: more than ${budget.limit} steps`];
  return {
    ...answered,
    decision,
    reason: describeDecision(decision),
    steps: stepsOf(decision),
    remedies: remedies.found,
    unproved: [...answered.unproved, ...more],
    ...(awsSays === undefined ? {} : { awsSays }),
  };
}

/** Of the encryption context either all or nothing was specified. */
function isOpen(key: string, specifiedKeys: ReadonlySet<string>): boolean {
  const isContext = key.startsWith('kms:encryptioncontext');
  const isSpecified = isContext
    ? [...specifiedKeys].some((name) => name.startsWith('kms:encryptioncontext'))
    : specifiedKeys.has(key);
  return !isSpecified && conditionKey(key)?.name !== 'aws:PrincipalTag/';
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
