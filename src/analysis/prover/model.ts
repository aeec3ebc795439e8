/**
 * The model of a proof: one key, the policies in question, callers, actions; and the questions that everything else
 * is made of: can this caller do that under this policy, and not under that one?
 */
import { parseArn, partitionOf } from '../../model/arn.ts';
import { ACTIONS, type Action } from '../../policy/actions.ts';
import type { Budget } from './budget.ts';
import { contextOf } from '../../policy/context.ts';
import type { PolicyDocument, Statement } from '../../policy/document.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Caller, Match } from '../../policy/principal.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { ContextValues } from '../../policy/context-values.ts';
import type { AttachedPolicy } from '../../policy/document.ts';
import { KEY_POLICY_RULES, matchesAction, matchStatement } from '../../policy/statement.ts';
import { principalModelsOf, unlimited, type PrincipalModel } from './callers.ts';
import { KeyChoices, Truths, type Bits } from './choices.ts';
import type { Witness } from './questions.ts';
import { literals, NO, solve, type Assignment, type Clause, type Domain, type Verdict } from './solver.ts';
import { costOf, testsOf, type Literal, type Test } from './condition-test.ts';
import { valueClasses } from './values.ts';

export interface ModelScope {
  readonly documents: readonly PolicyDocument[];
  readonly account: string;
  readonly keyArn: string;
  /** More accounts to tell apart. */
  readonly accounts?: readonly string[];
  /** Callers have no identity policies: what counts is what the key policy gives by itself. */
  readonly bare?: boolean;
  /** For all that is made for these documents, and asked about them. */
  readonly budget: Budget;
}

export interface Rule {
  readonly statement: Statement;
  /** undefined: malformed, so a Deny always applies and an Allow never. */
  readonly tests: readonly Test[] | undefined;
  /** The actions that it is about. */
  readonly actions: ReadonlySet<Action>;
  /** That an Allow allows; undefined: it never does. */
  readonly allowing: readonly Clause[] | undefined;
  /** That a Deny denies. */
  readonly denying: readonly Clause[];
  /** That it does not apply: one of its tests says so. */
  readonly avoiding: Clause;
}

/** A policy in the model. */
export interface Text {
  readonly document: PolicyDocument;
  readonly policy: AttachedPolicy;
  readonly rules: readonly Rule[];
  /** What putting a request to it is counted as, before any condition is looked at. */
  readonly cost: number;
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
  /** The choices that a request can have: some keys are in every request. */
  readonly possible: (key: string) => Bits;
  /** Those that have a value. */
  readonly present: (key: string) => Bits;
  /** Condition keys that some test looks at. */
  readonly tested: ReadonlySet<string>;
  /** The statements about a caller, for whatever action. */
  readonly matchesOf: (text: Text) => (principal: PrincipalModel) => Matches;
  /** What the caller and the key decide. */
  readonly factsOf: (principal: PrincipalModel) => Assignment;
}

/** In the order of the statements. */
export interface Matches {
  readonly Allow: readonly Rule[];
  readonly Deny: readonly Rule[];
  readonly by: ReadonlyMap<Rule, Match>;
}

/** Actions that a key policy can give. */
export const KEY_ACTIONS: readonly Action[] = ACTIONS.filter(({ keyPolicy }) => keyPolicy);

export function modelOf(scope: ModelScope): Model {
  const { budget } = scope;
  const texts = scope.documents.map((document) => textOf(document, budget));
  const tests = texts.flatMap(({ rules }) => rules.flatMap((rule) => rule.tests ?? []));
  const { partition = partitionOf('') } = parseArn(scope.keyArn) ?? {};
  const accounts = [scope.account, ...(scope.accounts ?? [])];
  const people = principalModelsOf({ documents: scope.documents, tests, partition, accounts, budget });
  const testsOn = groupBy(tests, ({ key }) => key);
  const choicesOf = memoize(
    (key: string) => new KeyChoices(valueClasses(testsOn.get(key) ?? [], { key, budget }), budget),
  );
  return {
    scope,
    texts,
    ...people,
    truths: new Truths(budget),
    choicesOf,
    possible: memoize((key: string) => choicesOf(key).select((found) => found !== undefined || !PRESENT.has(key))),
    present: memoize((key: string) => choicesOf(key).select((found) => found !== undefined)),
    tested: new Set(testsOn.keys()),
    matchesOf: memoize((text: Text) => memoize((principal: PrincipalModel) => matchesIn(text, principal, budget))),
    factsOf: memoize((principal: PrincipalModel) => factsOf(scope, principal)),
  };
}

/** The same model for callers who have no identity policies at all. */
export const withoutIdentityPolicies = (model: Model): Model => ({ ...model, scope: { ...model.scope, bare: true } });

function memoize<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) made.set(key, (value = make(key)));
    return value;
  };
}

function groupBy<T>(items: readonly T[], kindOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const kind = kindOf(item);
    const group = groups.get(kind);
    if (group) group.push(item);
    else groups.set(kind, [item]);
  }
  return groups;
}

function textOf(document: PolicyDocument, budget: Budget): Text {
  const rules = document.statements.map((statement) => ruleOf(statement, document, budget));
  const principals = document.statements.reduce((sum, statement) => sum + principalsIn(statement), 0);
  const cost = 1 + (rules.length >>> 1) + (principals >>> 2);
  return { document, policy: { name: 'policy', document }, rules, cost };
}

const principalsIn = ({ principals, notPrincipals }: Statement): number =>
  (principals?.length ?? 0) + (notPrincipals?.length ?? 0);

function ruleOf(statement: Statement, document: PolicyDocument, budget: Budget): Rule {
  for (const pattern of statement.actions ?? statement.notActions ?? []) {
    budget.spend(KEY_ACTIONS.length * (1 + (pattern.length >>> 4)));
  }
  const actions = new Set(KEY_ACTIONS.filter(({ name }) => matchesAction(statement, `kms:${name.toLowerCase()}`)));
  const tests = testsOf(statement, document);
  budget.spend(4 + 4 * (tests?.length ?? 0));
  const each = (want: Literal['want']): readonly Clause[] => literals(tests ?? [], want).map((literal) => [literal]);
  return {
    statement,
    tests,
    actions,
    allowing: tests && each('holds'),
    denying: each('not fails'),
    avoiding: literals(tests ?? [], statement.effect === 'Deny' ? 'fails' : 'not holds'),
  };
}

function matchesIn({ policy, rules }: Text, { caller }: PrincipalModel, budget: Budget): Matches {
  const by = new Map<Rule, Match>();
  for (const rule of rules) {
    budget.spend(1 + (principalsIn(rule.statement) >>> 2));
    const [action] = rule.actions;
    if (!action) continue;
    const result = matchStatement(
      { ...rule.statement, condition: undefined },
      {
        policy,
        rules: KEY_POLICY_RULES,
        caller,
        action: `kms:${action.name.toLowerCase()}`,
        resourceArn: '',
        context: new Map(),
      },
    );
    if (result.applies) by.set(rule, result.match!);
  }
  const having = (effect: Statement['effect']): readonly Rule[] =>
    [...by.keys()].filter(({ statement }) => statement.effect === effect);
  return { Allow: having('Allow'), Deny: having('Deny'), by };
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

interface Specified {
  /** Values that are given for this question. */
  readonly given?: Assignment;
  /** In the place of all that a request can have. */
  readonly possible?: (key: string) => Bits;
}

export interface ProofQuestion extends Specified {
  readonly atom: Atom;
  readonly clauses: readonly Clause[];
  /** The engine's word on the request that was found. */
  readonly confirm: (request: AccessRequest) => boolean;
}

/** @returns a request that the engine confirms, that there is none, or that nothing is known */
export function ask(model: Model, question: ProofQuestion): Verdict<Witness> {
  const { atom, clauses, confirm, given = NOTHING_GIVEN } = question;
  const { budget } = model.scope;
  const facts = model.factsOf(atom.principal);
  budget.spend(2 + clauses.length);
  return solve(clauses, domainOf(model, atom, question), (assignment) => {
    const context = contextFrom(model, [facts, given, assignment]);
    budget.spend(costOfRequest(model, atom, context));
    return confirm(requestFor(model, atom, context)) ? witnessOf(atom, context) : undefined;
  });
}

/** That no request of this caller and action makes all clauses true. */
export function isNever(model: Model, atom: Atom, clauses: readonly Clause[]): boolean {
  model.scope.budget.spend(2 + clauses.length);
  return solve(clauses, domainOf(model, atom), () => true).kind === 'no';
}

const NOTHING_GIVEN: Assignment = new Map();

function domainOf(model: Model, { principal, action }: Atom, given: Specified = {}): Domain {
  const { truths, choicesOf, scope } = model;
  const facts = model.factsOf(principal);
  const hasContext = action.encryptionContext || action.name === 'CreateGrant';
  return {
    budget: scope.budget,
    truths,
    choicesOf,
    possible: possibleFor(model, principal, given.possible ?? model.possible),
    fixed(key) {
      if (given.given?.has(key)) return { found: given.given.get(key) };
      if (facts.has(key)) return { found: facts.get(key) };
      return hasContext || !key.startsWith(CONTEXT_KEYS) ? undefined : { found: undefined };
    },
  };
}

/** Temporary credentials have keys that others need not have. */
function possibleFor(model: Model, { caller }: PrincipalModel, possible: Model['possible']): Model['possible'] {
  if (caller.kind !== 'session' && caller.kind !== 'federated') return possible;
  return (key) => {
    const bits = possible(key);
    if (!SESSION_KEYS.has(key)) return bits;
    return model.choicesOf(key).and(bits, model.present(key)) ?? new Uint32Array(bits.length);
  };
}

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

/** Keys that every request on a key has. */
const PRESENT = new Set(
  [
    'aws:CurrentTime aws:EpochTime aws:SecureTransport aws:ViaAWSService',
    'kms:KeySpec kms:KeyUsage kms:KeyOrigin kms:MultiRegion kms:CustomerMasterKeySpec kms:CustomerMasterKeyUsage',
  ]
    .join(' ')
    .toLowerCase()
    .split(' '),
);

/** Keys that every request of a session or a federated user has (policy/context.ts). */
const SESSION_KEYS = new Set(['aws:multifactorauthpresent', 'aws:tokenissuetime']);

const CALLER_KEYS = [
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principaltype',
  'aws:principalisawsservice',
  'aws:principalservicename',
  'aws:principalservicenameslist',
  'aws:userid',
  'aws:username',
  'kms:calleraccount',
];
/** Of an action that takes no encryption context these are absent. */
const CONTEXT_KEYS = 'kms:encryptioncontext';

function factsOf({ keyArn, account }: ModelScope, { caller }: PrincipalModel): Assignment {
  const region = parseArn(keyArn)?.region ?? '';
  const values = contextOf(caller, { time: new Date(0), region, resourceAccount: account }).values();
  return new Map([...CALLER_KEYS, 'aws:requestedregion', 'aws:resourceaccount'].map((key) => [key, values.get(key)]));
}

type Values = Iterable<readonly [string, readonly string[] | undefined]>;

function contextFrom({ tested }: Model, known: readonly Values[]): ContextValues {
  const context = new Map<string, readonly string[]>();
  for (const part of known) for (const [key, values] of part) if (values && tested.has(key)) context.set(key, values);
  return context;
}

function requestFor({ scope, texts }: Model, { principal, action }: Atom, context: ContextValues): AccessRequest {
  return {
    caller: scope.bare ? principal.caller : unlimited(principal.caller),
    action: `kms:${action.name}`,
    resource: { kind: 'key', arn: scope.keyArn, account: scope.account },
    keyPolicy: texts[0]!.policy,
    context,
  };
}

export const under = (request: AccessRequest, { policy }: Text): AccessRequest => ({ ...request, keyPolicy: policy });
export const isAllowed = (request: AccessRequest): boolean => evaluate(request).outcome === 'allow';

function witnessOf({ principal: { caller }, action }: Atom, context: ContextValues): Witness {
  return { principal: principalText(caller), action: `kms:${action.name}`, context: Object.fromEntries(context) };
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

/** Actions that no statement tells apart: what is proved for the first of them is proved for all. */
export interface AtomGroup {
  readonly atom: Atom;
  readonly actions: readonly Action[];
}

export function* atomGroups(model: Model, principals = model.principals): Generator<AtomGroup> {
  const { budget } = model.scope;
  const rules = model.texts.flatMap((text) => text.rules);
  budget.spend((KEY_ACTIONS.length * rules.length) >>> 2);
  const alike = groupBy(KEY_ACTIONS, (action) =>
    [
      ...rules.map(({ actions }) => (actions.has(action) ? 1 : 0)),
      action.crossAccount,
      action.encryptionContext,
      action.name === 'CreateGrant',
    ].join(''),
  );
  for (const principal of principals) {
    const own = model.texts.flatMap((text) => [...model.matchesOf(text)(principal).by.keys()]);
    budget.spend(alike.size * (1 + (own.length >>> 2)));
    const groups = groupBy([...alike.values()], ([action]) => {
      const atom = { principal, action: action! };
      return [...own.map(({ actions }) => (actions.has(action!) ? 1 : 0)), flagsOf(model, atom)].join('');
    });
    for (const group of groups.values()) {
      const actions = group.flat();
      budget.spend(4 + actions.length);
      yield { atom: { principal, action: actions[0]! }, actions };
    }
  }
}

/** What of an atom counts beside the statements. */
const flagsOf = (model: Model, atom: Atom): string =>
  [isOpen(model, atom), atom.action.encryptionContext, atom.action.name === 'CreateGrant'].join('');
