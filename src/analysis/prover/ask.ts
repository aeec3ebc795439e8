/** The questions that everything else is made of: can this caller do that under this policy, and not under that one? */
import { evaluate } from '../../policy/evaluate.ts';
import { accessRequest } from '../../policy/access-request.ts';
import type { ContextValues } from '../../policy/context-values.ts';
import type { Caller } from '../../policy/principal.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { Calls, GivenCall } from './calls.ts';
import type { Bits } from './choices.ts';
import { costOf } from './condition-test.ts';
import { allowsFor, isOpen, undenied, type Atom, type Model } from './model.ts';
import type { Witness } from './questions.ts';
import type { Rule, Text } from './rules.ts';
import { NO, solve, type Clause, type Domain, type Verdict } from './solver.ts';

export interface ProofQuestion {
  readonly atom: Atom;
  readonly clauses: readonly Clause[];
  /** The engine's word on the request that was found. */
  readonly confirm: (request: AccessRequest) => boolean;
  readonly given?: GivenCall;
  /** In the place of all that a request can have. */
  readonly possible?: (key: string) => Bits;
}

/** @returns a request that a call makes and the engine confirms, that there is none, or that nothing is known */
export function ask(model: Model, { atom, clauses, confirm, given, possible }: ProofQuestion): Verdict<Witness> {
  const { budget } = model.scope;
  const calls = model.callsOf(atom, given);
  budget.spend(2 + clauses.length);
  return solve(clauses, domainOf(model, calls, possible), (wanted) => {
    const verdict = calls.find(wanted);
    if (verdict.kind !== 'yes') return verdict;
    const request = accessRequest(verdict.found, { keyPolicy: model.texts[0]!.policy });
    budget.spend(costOfRequest(model, atom, request.context));
    return confirm(request) ? { kind: 'yes', found: witnessOf(model, request) } : { kind: 'unknown' };
  });
}

/** That no request of this caller and action makes all clauses true. */
export function isNever(model: Model, atom: Atom, clauses: readonly Clause[]): boolean {
  model.scope.budget.spend(2 + clauses.length);
  const calls = model.callsOf(atom);
  const accept: Parameters<typeof solve<true>>[2] = (wanted) =>
    calls.find(wanted).kind === 'no' ? NO : { kind: 'yes', found: true };
  return solve(clauses, domainOf(model, calls), accept).kind === 'no';
}

function domainOf({ truths, choicesOf, present, scope }: Model, calls: Calls, possible = allOf(choicesOf)): Domain {
  return {
    budget: scope.budget,
    truths,
    choicesOf,
    fixed: calls.fixed,
    possible(key) {
      const bits = possible(key);
      if (!calls.isAlwaysPresent(key)) return bits;
      return choicesOf(key).and(bits, present(key)) ?? new Uint32Array(bits.length);
    },
  };
}

const allOf =
  (choicesOf: Model['choicesOf']) =>
  (key: string): Bits =>
    choicesOf(key).select(() => true);

/** Of putting a request to the engine: every statement is looked at, and the conditions of those about the caller. */
function costOfRequest({ texts, matchesOf }: Model, { principal }: Atom, context: ContextValues): number {
  let cost = 0;
  for (const text of texts) {
    cost += text.cost;
    for (const { statement, tests = [] } of matchesOf(text)(principal).by.keys()) {
      cost += 1 + ((statement.actions ?? statement.notActions ?? []).length >>> 1);
      for (const test of tests) cost += costOf(test, context.get(test.key));
    }
  }
  return cost;
}

export const under = (request: AccessRequest, { policy }: Text): AccessRequest => ({ ...request, keyPolicy: policy });
export const isAllowed = (request: AccessRequest): boolean => evaluate(request).outcome === 'allow';

function witnessOf({ tested }: Model, { caller, action, context, facts }: AccessRequest): Witness {
  const shown = [...context].filter(([key]) => tested.has(key));
  return { principal: principalText(caller), action, context: Object.fromEntries(shown), facts: facts! };
}

/** A session is told as its role, unless it was itself named. */
export const principalText = ({ kind, arn, roleArn }: Caller): string =>
  kind === 'session' && roleArn !== undefined && arn.endsWith('/session') ? roleArn : arn;

/** Whether the caller can do that under this policy, in some context. */
export function canReach(model: Model, text: Text, atom: Atom, more: Partial<ProofQuestion> = {}): Verdict<Witness> {
  if (!isOpen(model, atom)) return NO;
  let doubtful = false;
  for (const rule of allowsFor(model, text, atom)) {
    const verdict = canReachBy(model, { text, rule, atom }, more);
    if (verdict.kind === 'yes') return verdict;
    doubtful ||= verdict.kind === 'unknown';
  }
  return doubtful ? { kind: 'unknown' } : NO;
}

interface RuleForAtom {
  readonly text: Text;
  readonly rule: Rule;
  readonly atom: Atom;
}

/** The same through one Allow statement. */
export function canReachBy(
  model: Model,
  { text, rule, atom }: RuleForAtom,
  more: Partial<ProofQuestion> = {},
): Verdict<Witness> {
  if (!rule.allowing || !isOpen(model, atom)) return NO;
  const clauses = [...rule.allowing, ...undenied(model, text, atom), ...(more.clauses ?? [])];
  return ask(model, { confirm: (request) => isAllowed(under(request, text)), ...more, atom, clauses });
}
