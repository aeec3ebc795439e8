/**
 * The prover for the linter. Everything it lists is proved: a request that shows access went through evaluate(), and
 * "never" was shown for every class of caller, every action and every value of the condition keys. All that is asked
 * about a subject takes from the budget that it brings.
 */
import { proves, within } from './budget.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Access, Covered, CoveredAtom, Escalation, ProofSubject, Prover, Witness } from './questions.ts';
import { matchPrincipal, readPrincipal, type Caller } from '../../policy/principal.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { PrincipalModel } from './callers.ts';
import { oneEach, publicAccessIn } from './access.ts';
import { differenceOf } from './difference.ts';
import { literals, NO, type Verdict } from './solver.ts';
import type { Literal } from './condition-test.ts';
import {
  allowsFor,
  ask,
  canReach,
  canReachBy,
  atomGroups,
  covers,
  isAllowed,
  isNever,
  isOpen,
  KEY_ACTIONS,
  principalText,
  rulesFor,
  undenied,
  withoutIdentityPolicies,
  modelOf,
  type Atom,
  type AtomGroup,
  type Rule,
  type Text,
  type Model,
} from './model.ts';

export const prover: Prover = {
  publicAccess: (subject) => {
    const { found, finished } = within<Access>(subject.budget, (all) => publicAccessIn(opened(subject).world, all));
    return { found: oneEach(found), finished };
  },
  newAccess(subject, baseline) {
    const { gains, finished } = differenceOf({ ...scopeOf(subject), newer: subject.document, older: baseline });
    return { found: oneEach(gains.map(({ statement, witness }) => ({ statement, witness }))), finished };
  },
  shadowed: (subject) => within(subject.budget, (found) => found.push(...shadows(subject).whole)),
  partlyShadowed: (subject) => within(subject.budget, (found) => found.push(...shadows(subject).parts)),
  subsumed: (subject) => within(subject.budget, (found) => subsumed(opened(subject), found)),
  neverMatches: (subject) => within(subject.budget, (found) => neverMatches(opened(subject), found)),
  locksOut: (subject, caller) => proves(subject.budget, () => locksOut(opened(subject), caller)),
  locksOutAll: (subject) => proves(subject.budget, () => locksOutAll(opened(subject), subject)),
  selfEscalation: (subject) => within(subject.budget, (found) => selfEscalation(opened(subject), found)),
};

const scopeOf = ({ account, keyArn, trustedAccounts, budget }: ProofSubject) => ({
  account,
  keyArn,
  accounts: trustedAccounts,
  budget,
});

/** The rules of one run ask about one subject: what they share is made once. */
function once<T>(make: (subject: ProofSubject) => T): (subject: ProofSubject) => T {
  const made = new WeakMap<ProofSubject, { readonly value: T }>();
  return (subject) => {
    let found = made.get(subject);
    if (!found) made.set(subject, (found = { value: make(subject) }));
    return found.value;
  };
}

interface Opened {
  readonly world: Model;
  readonly text: Text;
  /** The cells that a statement is about. */
  readonly groupsOf: (rule: Rule) => readonly AtomGroup[];
}

const opened = once((subject): Opened => {
  const world = modelOf({ ...scopeOf(subject), documents: [subject.document] });
  const text = world.texts[0]!;
  let groups: ReadonlyMap<Rule, readonly AtomGroup[]> | undefined;
  return {
    world,
    text,
    groupsOf: (rule) => (groups ??= groupsByRule(world, text)).get(rule) ?? [],
  };
});

function groupsByRule(world: Model, text: Text): ReadonlyMap<Rule, readonly AtomGroup[]> {
  const groups = new Map<Rule, AtomGroup[]>();
  for (const group of atomGroups(world)) {
    const { person, action } = group.cell;
    for (const rule of world.matchesOf(text)(person).by.keys()) {
      world.scope.budget.spend();
      if (!rule.actions.has(action)) continue;
      const own = groups.get(rule);
      if (own) own.push(group);
      else groups.set(rule, [group]);
    }
  }
  return groups;
}

interface Shadows {
  readonly whole: readonly Covered[];
  readonly parts: readonly CoveredAtom[];
}

interface Loss {
  readonly person: PrincipalModel;
  readonly action: string;
  readonly by: readonly number[];
}

/** What Allow statements would give if no Deny took it away, and which of it every context is denied. */
const shadows = once((subject): Shadows => {
  const { world, text, groupsOf } = opened(subject);
  const whole: Covered[] = [];
  const parts: CoveredAtom[] = [];
  for (const rule of text.rules) {
    if (rule.statement.effect !== 'Allow') continue;
    const { lost, kept, undecided } = lossesOf(world, { text, rule, groups: groupsOf(rule) });
    if (lost.length === 0) continue;
    const { index } = rule.statement;
    if (kept.size === 0 && !undecided && world.complete) whole.push({ statement: index, by: byFrequency(lost) });
    else if (world.complete) parts.push(...namedParts(rule, { lost, kept, world }));
  }
  return { whole, parts };
});

/** The statements that take something away, the one that takes most first. */
function byFrequency(lost: readonly Loss[]): readonly number[] {
  const counts = new Map<number, number>();
  for (const { by } of lost) for (const index of by) counts.set(index, (counts.get(index) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([index]) => index);
}

interface Losses {
  readonly lost: readonly Loss[];
  /** Callers and actions that some context allows, or may allow. */
  readonly kept: ReadonlySet<string>;
  readonly undecided: boolean;
}

const keptAs = ({ label }: PrincipalModel, action: string): string => `${label} ${action}`;

interface Asked {
  readonly text: Text;
  readonly rule: Rule;
  readonly groups: readonly AtomGroup[];
}

function lossesOf(world: Model, { text, rule, groups }: Asked): Losses {
  const lost: Loss[] = [];
  const kept = new Set<string>();
  let undecided = false;
  const deniesFor = (cell: Atom): readonly Rule[] => rulesFor(world, text, { cell, effect: 'Deny' });
  const look = ({ cell, actions }: AtomGroup): void => {
    world.scope.budget.spend(actions.length);
    const alone = byItself(world, { text, rule, cell });
    if (alone.kind === 'no') return;
    const verdict = alone.kind === 'yes' ? canReachBy(world, { text, rule, cell }) : alone;
    undecided ||= verdict.kind === 'unknown';
    const by = verdict.kind === 'no' ? deniesFor(cell).map(({ statement }) => statement.index) : undefined;
    for (const { name } of actions) {
      if (by) lost.push({ person: cell.person, action: name, by });
      else kept.add(keptAs(cell.person, name));
    }
  };
  const [denied, free] = [true, false].map((some) =>
    groups.filter(({ cell }) => deniesFor(cell).length > 0 === some),
  ) as [AtomGroup[], AtomGroup[]];
  denied.forEach(look);
  if (lost.length > 0) free.forEach(look);
  return { lost, kept, undecided };
}

type Lost = Omit<Losses, 'undecided'> & { readonly world: Model };

/** Cells as the statement names them: a principal has lost an action if everyone whom it stands for has. */
function namedParts({ statement }: Rule, { lost, kept, world }: Lost): readonly CoveredAtom[] {
  const { persons, scope } = world;
  const cells: CoveredAtom[] = [];
  for (const named of statement.principals ?? []) {
    scope.budget.spend(1 + ((persons.length + lost.length) >>> 1));
    const meant = persons.filter(({ caller }) =>
      matchPrincipal(named, caller, { effect: statement.effect ?? 'Allow' }),
    );
    const labels = new Set(meant.map(({ label }) => label));
    const byAction = new Map<string, readonly number[]>();
    for (const { person, action, by } of lost) if (labels.has(person.label)) byAction.set(action, by);
    for (const [action, by] of byAction) {
      scope.budget.spend(1 + (meant.length >>> 1));
      if (meant.some((person) => kept.has(keptAs(person, action)))) continue;
      cells.push({ statement: statement.index, by, principal: named.text, action: `kms:${action}` });
    }
  }
  return cells;
}

interface Spot {
  readonly text: Text;
  readonly rule: Rule;
  readonly cell: Atom;
}

/** Whether a statement ever applies, whatever the others say. */
function byItself(world: Model, { text, rule, cell }: Spot): Verdict<Witness> {
  const isAllow = rule.statement.effect === 'Allow';
  if (isAllow && !isOpen(world, cell)) return NO;
  const clauses = isAllow ? rule.allowing : rule.denying;
  if (!clauses) return NO;
  const alone = { ...text.policy, document: { ...text.document, statements: [rule.statement] } };
  const confirm = (request: AccessRequest): boolean => {
    const { considered } = evaluate({ ...request, keyPolicy: alone });
    return considered.some((item) => item.source === 'keyPolicy' && item.result.applies);
  };
  return ask(world, { cell, clauses, confirm });
}

const STRENGTH = { direct: 3, role: 2, account: 1 } as const;

/** Statements without which the policy would say the same. Of two that say the same the later one is idle. */
function subsumed({ world, text, groupsOf }: Opened, found: Covered[]): void {
  if (!world.complete) return;
  const idle = new Map<Rule, Map<Atom, boolean>>();
  const isIdle = (rule: Rule, cell: Atom): boolean => {
    const cells = idle.get(rule) ?? new Map<Atom, boolean>();
    const known = cells.get(cell) ?? isWithin(world, { cell, inner: rule, outer: undefined });
    idle.set(rule, cells.set(cell, known));
    return known;
  };
  const within = (inner: Rule, outer: Rule): boolean => {
    const isAllow = inner.statement.effect === 'Allow';
    for (const { cell } of groupsOf(inner)) {
      world.scope.budget.spend();
      if (isAllow && !isOpen(world, cell)) continue;
      const match = covers(world, text, { rule: inner, cell })!;
      const other = covers(world, text, { rule: outer, cell });
      if (isAllow && other && STRENGTH[other] < STRENGTH[match]) return false;
      if (!(other ? isWithin(world, { cell, inner, outer }) : isIdle(inner, cell))) return false;
    }
    return groupsOf(inner).length > 0;
  };
  for (const inner of text.rules) {
    const by = text.rules.filter(
      (outer) =>
        outer !== inner &&
        outer.statement.effect === inner.statement.effect &&
        within(inner, outer) &&
        (outer.statement.index < inner.statement.index || !within(outer, inner)),
    );
    if (by.length > 0) found.push({ statement: inner.statement.index, by: by.map(({ statement }) => statement.index) });
  }
}

interface Pair {
  readonly cell: Atom;
  readonly inner: Rule;
  readonly outer: Rule | undefined;
}

/** Whether in this cell the inner statement never applies where the outer one does not. */
function isWithin(world: Model, { cell, inner, outer }: Pair): boolean {
  const applies = inner.statement.effect === 'Deny' ? inner.denying : inner.allowing;
  if (!applies) return true;
  // an Allow that is malformed never applies
  const avoided = outer && (outer.tests || outer.statement.effect === 'Deny') ? [outer.avoiding] : [];
  return isNever(world, cell, [...applies, ...avoided]);
}

/** Statements with a condition that holds for no request that they are about. */
function neverMatches(
  { world, text, groupsOf }: Opened,
  found: { readonly statement: number; readonly why: string }[],
): void {
  if (!world.complete) return;
  for (const rule of text.rules) {
    const { statement, tests = [] } = rule;
    if (tests.length === 0 || groupsOf(rule).length === 0) continue;
    const never = (wanted: readonly Literal[]): boolean => {
      const clauses = wanted.map((literal) => [literal]);
      return groupsOf(rule).every(({ cell }) => isNever(world, cell, clauses));
    };
    const all = literals(tests, statement.effect === 'Deny' ? 'not fails' : 'holds');
    if (never(all)) found.push({ statement: statement.index, why: whyNever(all, never) });
  }
}

/** One test that never holds, or all tests on one key, or all of them together. */
function whyNever(all: readonly Literal[], never: (wanted: readonly Literal[]) => boolean): string {
  const one = all.find((literal) => never([literal]));
  if (one) return `no request has a value of ${one.test.name} for which ${one.test.operator} holds`;
  const byKey = Map.groupBy(all, ({ test }) => test.key);
  for (const own of byKey.values()) {
    if (never(own)) return `no value of ${own[0]!.test.name} meets all that is asked of it`;
  }
  return 'no request meets all of its tests at once';
}

const PUT_KEY_POLICY = KEY_ACTIONS.find(({ name }) => name === 'PutKeyPolicy')!;
const DECRYPT = KEY_ACTIONS.find(({ name }) => name === 'Decrypt')!;
const CREATE_GRANT = KEY_ACTIONS.find(({ name }) => name === 'CreateGrant')!;

/** Of a caller whose identity policies are not known, anything is taken to be in them: then nothing is proved. */
function locksOut({ world, text }: Opened, caller: Caller): boolean {
  const person: PrincipalModel = { caller, label: caller.arn };
  if (canReach(world, text, { person, action: PUT_KEY_POLICY }).kind === 'no') return true;
  const { identityPolicies } = caller;
  if (!identityPolicies) return false;
  // what no identity policy gives, delegation does not give either: then only a direct statement counts
  const bare = { ...caller, identityPolicies: identityPolicies.filter(givesSomething) };
  const direct = text.rules.some(
    (rule) =>
      rule.statement.effect === 'Allow' &&
      ['direct', 'role'].includes(covers(world, text, { rule, cell: { person, action: PUT_KEY_POLICY } }) ?? ''),
  );
  return !direct && caller.kind !== 'root' && bare.identityPolicies.length === 0;
}

const givesSomething = ({ document }: NonNullable<Caller['identityPolicies']>[number]): boolean =>
  document.statements.some(({ effect }) => effect === 'Allow');

function locksOutAll({ world, text }: Opened, { principalExists }: ProofSubject): boolean {
  if (!world.complete) return false;
  return world.persons.every((person) => {
    const { named, caller } = person;
    if (caller.kind === 'service') return true; // no service writes key policies
    if (named && (readPrincipal(named).byId || principalExists?.(named) === false)) return true;
    return canReach(world, text, { person, action: PUT_KEY_POLICY }).kind === 'no';
  });
}

/** Those who are named, may not decrypt by the key policy, and can come to it by what it lets them do. */
function selfEscalation({ world, text }: Opened, found: Escalation[]): void {
  const bare = withoutIdentityPolicies(world);
  const allowed = new Set(
    text.rules.flatMap(({ statement: { effect, principals = [] } }) =>
      effect === 'Allow' ? principals.map((named) => named.text) : [],
    ),
  );
  for (const person of world.persons) {
    const { named, caller } = person;
    if (!named || caller.kind === 'service' || !allowed.has(named.text)) continue;
    if (canReach(bare, text, { person, action: DECRYPT }).kind !== 'no') continue;
    const escalation = byPolicy(bare, text, person) ?? byOwnGrant(bare, text, person);
    if (escalation) found.push(escalation);
  }
}

type EscalationStep = (world: Model, text: Text, person: PrincipalModel) => Escalation | undefined;

function firstWay(
  world: Model,
  text: Text,
  { cell, ...more }: { cell: Atom } & Parameters<typeof canReachBy>[2],
): Access | undefined {
  for (const rule of allowsFor(world, text, cell)) {
    const verdict = canReachBy(world, { text, rule, cell }, more);
    if (verdict.kind === 'yes') return { statement: rule.statement.index, witness: verdict.found };
  }
  return undefined;
}

const byPolicy: EscalationStep = (world, text, person) => {
  const way = firstWay(world, text, { cell: { person, action: PUT_KEY_POLICY } });
  return way && { ...way, principal: principalText(person.caller), path: ['kms:PutKeyPolicy', 'kms:Decrypt'] };
};

/** A grant to itself, made directly and not by a service; no Deny may stand against decryption then. */
const byOwnGrant: EscalationStep = (world, text, person) => {
  const principal = principalText(person.caller);
  const given = new Map<string, readonly string[] | undefined>([
    ['kms:grantoperations', ['Decrypt']],
    ['kms:granteeprincipal', [principal]],
    ['kms:grantisforawsresource', ['false']],
    ['kms:viaservice', undefined],
  ]);
  const way = firstWay(world, text, { cell: { person, action: CREATE_GRANT }, given });
  if (!way) return undefined;
  const cell = { person, action: DECRYPT };
  const grant = { id: 'its own', granteePrincipal: principal, operations: ['Decrypt'] };
  const used = ask(world, {
    cell,
    clauses: undenied(world, text, cell),
    confirm: (request) => isAllowed({ ...request, caller: person.caller, grants: [grant] }),
  });
  return used.kind === 'yes' ? { ...way, principal, path: ['kms:CreateGrant', 'kms:Decrypt'] } : undefined;
};
