/**
 * The world of a proof: one key, the policies in question, callers, actions; and the questions that everything else
 * is made of: can this caller do that under this policy, and not under that one?
 */
import { partitionOf } from '../../api/arn.ts';
import { ACTIONS, type Action } from '../actions.ts';
import { contextOf } from '../context.ts';
import type { PolicyDocument, Statement } from '../document.ts';
import { evaluate } from '../evaluate.ts';
import type { Caller, Match } from '../principal.ts';
import type { AccessRequest, AttachedPolicy, ContextValues } from '../request.ts';
import { matchesAction, matchStatement } from '../statement.ts';
import { peopleOf, unlimited, type Person } from './callers.ts';
import type { Witness } from '../lint/prover.ts';
import { literals, NO, solve, type Assignment, type Clause, type Realm, type Verdict } from './solver.ts';
import { testsOf, type Test } from './test.ts';
import { valueClasses, type ValueClasses } from './values.ts';

export interface WorldScope {
  readonly documents: readonly PolicyDocument[];
  readonly account: string;
  readonly keyArn: string;
  /** More accounts to tell apart. */
  readonly accounts?: readonly string[];
  /** Callers have no identity policies at all: what counts is what the key policy gives by itself. */
  readonly bare?: boolean;
}

export interface Rule {
  readonly statement: Statement;
  /** undefined: malformed, so a Deny always applies and an Allow never. */
  readonly tests: readonly Test[] | undefined;
}

/** A policy in the world. */
export interface Text {
  readonly document: PolicyDocument;
  readonly policy: AttachedPolicy;
  readonly rules: readonly Rule[];
}

/** One caller and one action. */
export interface Cell {
  readonly person: Person;
  readonly action: Action;
}

export interface World {
  readonly scope: WorldScope;
  readonly texts: readonly Text[];
  readonly persons: readonly Person[];
  /** False: there may be callers unlike all of them, so nothing holds for everyone. */
  readonly complete: boolean;
  readonly classesOf: (key: string) => ValueClasses;
  /** Condition keys that some test looks at. */
  readonly tested: ReadonlySet<string>;
}

/** Actions that a key policy can give. */
export const KEY_ACTIONS: readonly Action[] = ACTIONS.filter(({ keyPolicy }) => keyPolicy);

export function worldOf(scope: WorldScope): World {
  const texts = scope.documents.map(textOf);
  const tests = texts.flatMap(({ rules }) => rules.flatMap((rule) => rule.tests ?? []));
  const [, partition = partitionOf('')] = scope.keyArn.split(':');
  const accounts = [scope.account, ...(scope.accounts ?? [])];
  const people = peopleOf({ documents: scope.documents, tests, partition, accounts });
  const classes = new Map<string, ValueClasses>();
  return {
    scope,
    texts,
    ...people,
    tested: new Set(tests.map(({ key }) => key)),
    classesOf(key) {
      let found = classes.get(key);
      if (!found)
        classes.set(
          key,
          (found = valueClasses(
            key,
            tests.filter((test) => test.key === key),
          )),
        );
      return found;
    },
  };
}

const textOf = (document: PolicyDocument): Text => ({
  document,
  policy: { name: 'policy', document },
  rules: document.statements.map((statement) => ({ statement, tests: testsOf(statement, document) })),
});

const covered = new WeakMap<Rule, Map<Person, Map<Action, Match | undefined>>>();

/** Whether a statement is about this caller and this action, whatever its condition says. Proofs ask it many times. */
export function covers(rule: Rule, text: Text, cell: Cell): Match | undefined {
  const persons = covered.get(rule) ?? new Map<Person, Map<Action, Match | undefined>>();
  const actions = persons.get(cell.person) ?? new Map<Action, Match | undefined>();
  if (actions.has(cell.action)) return actions.get(cell.action);
  const match = coverageOf(rule, text, cell);
  covered.set(rule, persons.set(cell.person, actions.set(cell.action, match)));
  return match;
}

function coverageOf({ statement }: Rule, { policy }: Text, cell: Cell): Match | undefined {
  const result = matchStatement(
    { ...statement, condition: undefined },
    {
      policy,
      rules: { hasPrincipal: true, ownResource: true, keyPolicy: true },
      caller: cell.person.caller,
      action: `kms:${cell.action.name.toLowerCase()}`,
      resourceArn: '',
      context: new Map(),
    },
  );
  return result.applies ? result.match : undefined;
}

/** Principals of other accounts can use some actions only, and need their own account's consent. */
export const isOpen = ({ scope }: World, { person: { caller }, action }: Cell): boolean =>
  caller.kind === 'service' ||
  caller.account === scope.account ||
  (action.crossAccount && (!scope.bare || caller.kind === 'root'));

const holding = (tests: readonly Test[]): readonly Clause[] => literals(tests, 'holds').map((literal) => [literal]);

/** That an Allow statement allows; undefined: it never does. */
export const allowing = ({ tests }: Rule): readonly Clause[] | undefined => tests && holding(tests);
/** That a Deny statement denies. */
export const denying = ({ tests }: Rule): readonly Clause[] =>
  literals(tests ?? [], 'not fails').map((literal) => [literal]);
/** That a statement does not apply: one of its tests says so. */
export const avoiding = ({ statement, tests }: Rule): Clause =>
  statement.effect === 'Deny' ? literals(tests ?? [], 'fails') : literals(tests ?? [], 'not holds');

export const rulesFor = (text: Text, cell: Cell, effect: Statement['effect']): readonly Rule[] =>
  text.rules.filter((rule) => rule.statement.effect === effect && covers(rule, text, cell));

/** What allows, if there is no Deny: without identity policies a delegation to them is nothing. */
export const allowsFor = ({ scope }: World, text: Text, cell: Cell): readonly Rule[] =>
  rulesFor(text, cell, 'Allow').filter((rule) => !scope.bare || covers(rule, text, cell) !== 'account');

/** That none of the Deny statements applies. */
export const undenied = (text: Text, cell: Cell): readonly Clause[] => rulesFor(text, cell, 'Deny').map(avoiding);

export interface Question {
  readonly cell: Cell;
  readonly clauses: readonly Clause[];
  /** Values that are given for this question. */
  readonly given?: Assignment;
  readonly refuses?: (key: string, value: string) => boolean;
  /** The engine's word on the request that was found. */
  readonly confirm: (request: AccessRequest) => boolean;
}

/** @returns a request that the engine confirms, that there is none, or that nothing is known */
export function ask(world: World, { cell, clauses, given = new Map(), confirm, refuses }: Question): Verdict<Witness> {
  const realm: Realm = {
    classesOf: (key) => world.classesOf(key),
    fixed: new Map([...factsOf(world, cell, clauses), ...given]),
    present: PRESENT,
    ...(refuses ? { refuses } : {}),
  };
  return solve(clauses, realm, (assignment) => {
    const context = contextFrom(assignment, realm.fixed, world);
    const request = requestFor(world, cell, context);
    return confirm(request) ? witnessOf(cell, context) : undefined;
  });
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
const CONTEXT_KEYS = 'kms:encryptioncontext';

/** What the caller, the key and the action decide. */
function factsOf({ scope }: World, { person: { caller }, action }: Cell, clauses: readonly Clause[]): Assignment {
  const region = scope.keyArn.split(':')[3] ?? '';
  const values = contextOf(caller, { time: new Date(0), region, resourceAccount: scope.account }).values();
  const facts = new Map<string, readonly string[] | undefined>();
  for (const key of [...CALLER_KEYS, 'aws:requestedregion', 'aws:resourceaccount']) facts.set(key, values.get(key));
  if (action.encryptionContext || action.name === 'CreateGrant') return facts;
  for (const { test } of clauses.flat()) if (test.key.startsWith(CONTEXT_KEYS)) facts.set(test.key, undefined);
  return facts;
}

function contextFrom(assignment: Assignment, fixed: Assignment, { tested }: World): ContextValues {
  const context = new Map<string, readonly string[]>();
  for (const [key, values] of [...fixed, ...assignment]) if (values && tested.has(key)) context.set(key, values);
  return context;
}

function requestFor({ scope, texts }: World, { person, action }: Cell, context: ContextValues): AccessRequest {
  return {
    caller: scope.bare ? person.caller : unlimited(person.caller),
    action: `kms:${action.name}`,
    resource: { kind: 'key', arn: scope.keyArn, account: scope.account },
    keyPolicy: texts[0]!.policy,
    context,
  };
}

export const under = (request: AccessRequest, { policy }: Text): AccessRequest => ({ ...request, keyPolicy: policy });
export const isAllowed = (request: AccessRequest): boolean => evaluate(request).outcome === 'allow';

function witnessOf({ person: { caller }, action }: Cell, context: ContextValues): Witness {
  return { principal: principalText(caller), action: `kms:${action.name}`, context: Object.fromEntries(context) };
}

/** A session is told as its role, unless it was itself named. */
export const principalText = ({ kind, arn, roleArn }: Caller): string =>
  kind === 'session' && roleArn !== undefined && arn.endsWith('/session') ? roleArn : arn;

/** Whether the caller can do that under this policy, in some context. */
export function canReach(world: World, text: Text, cell: Cell, more: Partial<Question> = {}): Verdict<Witness> {
  if (!isOpen(world, cell)) return NO;
  let doubtful = false;
  for (const rule of allowsFor(world, text, cell)) {
    const verdict = canReachBy(world, { text, rule, cell }, more);
    if (verdict.kind === 'yes') return verdict;
    doubtful ||= verdict.kind === 'unknown';
  }
  return doubtful ? { kind: 'unknown' } : NO;
}

interface Way {
  readonly text: Text;
  readonly rule: Rule;
  readonly cell: Cell;
}

/** The same through one Allow statement. */
export function canReachBy(world: World, { text, rule, cell }: Way, more: Partial<Question> = {}): Verdict<Witness> {
  const allows = allowing(rule);
  if (!allows || !isOpen(world, cell)) return NO;
  const clauses = [...allows, ...undenied(text, cell), ...(more.clauses ?? [])];
  return ask(world, { confirm: (request) => isAllowed(under(request, text)), ...more, cell, clauses });
}

/** Actions that no statement tells apart: what is proved for the first of them is proved for all. */
export interface CellGroup {
  readonly cell: Cell;
  readonly actions: readonly Action[];
}

export function* cellGroups(world: World, persons = world.persons): Generator<CellGroup> {
  const rules = world.texts.flatMap((text) => text.rules.map((rule) => ({ rule, text })));
  const alike = groupBy(KEY_ACTIONS, (action) =>
    [
      ...rules.map(({ rule }) => matchesAction(rule.statement, `kms:${action.name.toLowerCase()}`)),
      action.crossAccount,
      action.encryptionContext,
      action.name === 'CreateGrant',
    ].join(),
  );
  for (const person of persons) {
    const groups = groupBy(alike, ([action]) => {
      const cell = { person, action: action! };
      return [...rules.map(({ rule, text }) => covers(rule, text, cell) ?? ''), flagsOf(world, cell)].join();
    });
    for (const group of groups) {
      const actions = group.flat();
      yield { cell: { person, action: actions[0]! }, actions };
    }
  }
}

/** What of a cell counts beside the statements. */
const flagsOf = (world: World, cell: Cell): string =>
  [isOpen(world, cell), cell.action.encryptionContext, cell.action.name === 'CreateGrant'].join();

function groupBy<T>(items: readonly T[], kindOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const kind = kindOf(item);
    const group = groups.get(kind);
    if (group) group.push(item);
    else groups.set(kind, [item]);
  }
  return [...groups.values()];
}
