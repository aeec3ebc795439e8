/** The model of a proof: one key, the policies in question, callers, actions, and the calls that there can be. */
import { parseArn, partitionOf } from '../../model/arn.ts';
import type { ActionRules } from '../../policy/action-rules.ts';
import type { Action } from '../../policy/actions.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import type { Match } from '../../policy/principal.ts';
import type { Budget } from './budget.ts';
import { principalModelsOf, unlimited, type PrincipalModel } from './callers.ts';
import { callsOf, type Calls, type GivenCall } from './calls.ts';
import { KeyChoices, Truths, type Bits } from './choices.ts';
import { matchesIn, textOf, type Matches, type Rule, type Text } from './rules.ts';
import type { Clause } from './solver.ts';
import { valueClasses } from './values.ts';

export interface ModelScope {
  readonly documents: readonly PolicyDocument[];
  readonly account: string;
  readonly keyArn: string;
  /** More accounts to tell apart. */
  readonly accounts?: readonly string[];
  /** What the rows of operations say of condition keys. */
  readonly actionRules: ActionRules;
  /** Callers have no identity policies: what counts is what the key policy gives by itself. */
  readonly bare?: boolean;
  /** For all that is made for these documents, and asked about them. */
  readonly budget: Budget;
}

/** One caller and one action. */
export interface Atom {
  readonly principal: PrincipalModel;
  readonly action: Action;
}

export interface Model {
  readonly scope: ModelScope;
  readonly texts: readonly Text[];
  readonly principals: readonly PrincipalModel[];
  /** False: there may be callers unlike all of them, so nothing holds for everyone. */
  readonly complete: boolean;
  readonly truths: Truths;
  /** What a condition key can be. */
  readonly choicesOf: (key: string) => KeyChoices;
  /** Those that have a value. */
  readonly present: (key: string) => Bits;
  /** Condition keys that some test looks at. */
  readonly tested: ReadonlySet<string>;
  /** The statements about a caller, for whatever action. */
  readonly matchesOf: (text: Text) => (principal: PrincipalModel) => Matches;
  readonly callsOf: (atom: Atom, given?: GivenCall) => Calls;
}

export function modelOf(scope: ModelScope): Model {
  const { budget } = scope;
  const texts = scope.documents.map((document) => textOf(document, budget));
  const tests = texts.flatMap(({ rules }) => rules.flatMap((rule) => rule.tests ?? []));
  const { partition = partitionOf('') } = parseArn(scope.keyArn) ?? {};
  const accounts = [scope.account, ...(scope.accounts ?? [])];
  const people = principalModelsOf({ documents: scope.documents, tests, partition, accounts, budget });
  const testsOn = Map.groupBy(tests, ({ key }) => key);
  const choicesOf = memoize(
    (key: string) => new KeyChoices(valueClasses(testsOn.get(key) ?? [], { key, budget }), budget),
  );
  const truths = new Truths(budget);
  return {
    scope,
    texts,
    ...people,
    truths,
    choicesOf,
    present: memoize((key: string) => choicesOf(key).select((found) => found !== undefined)),
    tested: new Set(testsOn.keys()),
    matchesOf: memoize((text: Text) => memoize(({ caller }: PrincipalModel) => matchesIn(text, caller, budget))),
    callsOf: callsIn(scope, truths),
  };
}

/** The same model for callers who have no identity policies at all. */
export function withoutIdentityPolicies(model: Model): Model {
  const scope = { ...model.scope, bare: true };
  return { ...model, scope, callsOf: callsIn(scope, model.truths) };
}

function callsIn(scope: ModelScope, truths: Truths): Model['callsOf'] {
  const { keyArn, account, budget, actionRules } = scope;
  const make = ({ principal: { caller }, action: { name } }: Atom, given?: GivenCall): Calls => {
    const action = `kms:${name}`;
    const rules = actionRules.of(action);
    const isGivenElsewhere = actionRules.isGivenByMember;
    const who = scope.bare ? caller : unlimited(caller);
    return callsOf({ caller: who, action, keyArn, account, rules, isGivenElsewhere, given, truths, budget });
  };
  const known = memoize((principal: PrincipalModel) => memoize((action: Action) => make({ principal, action })));
  return (atom, given) => (given ? make(atom, given) : known(atom.principal)(atom.action));
}

function memoize<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) made.set(key, (value = make(key)));
    return value;
  };
}

/** Whether a statement is about this caller and this action, whatever its condition says. */
export const covers = (model: Model, text: Text, { rule, atom }: { rule: Rule; atom: Atom }): Match | undefined =>
  rule.actions.has(atom.action) ? model.matchesOf(text)(atom.principal).by.get(rule) : undefined;

/** Principals of other accounts can use some actions only, and need their own account's consent. */
export const isOpen = ({ scope }: Model, { principal: { caller }, action }: Atom): boolean =>
  caller.kind === 'service' ||
  caller.account === scope.account ||
  (action.crossAccount && (!scope.bare || caller.kind === 'root'));

/** Statements about this caller and this action, in their order. */
export function rulesFor(model: Model, text: Text, { atom, effect }: Covering): readonly Rule[] {
  const rules = model.matchesOf(text)(atom.principal)[effect];
  model.scope.budget.spend(1 + (rules.length >>> 2));
  return rules.filter(({ actions }) => actions.has(atom.action));
}

interface Covering {
  readonly atom: Atom;
  readonly effect: 'Allow' | 'Deny';
}

/** What allows, if there is no Deny: without identity policies a delegation to them is nothing. */
export const allowsFor = (model: Model, text: Text, atom: Atom): readonly Rule[] =>
  rulesFor(model, text, { atom, effect: 'Allow' }).filter(
    (rule) => !model.scope.bare || covers(model, text, { rule, atom }) !== 'account',
  );

/** That none of the Deny statements applies. */
export const undenied = (model: Model, text: Text, atom: Atom): readonly Clause[] =>
  rulesFor(model, text, { atom, effect: 'Deny' }).map(({ avoiding }) => avoiding);
