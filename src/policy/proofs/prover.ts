/**
 * The prover for the linter. Everything it lists is proved: a request that shows access went through evaluate(), and
 * "never" was shown for every class of caller, every action and every value of the condition keys.
 */
import { evaluate } from '../evaluate.ts';
import type { Access, Covered, CoveredCell, Escalation, ProofSubject, Prover, Witness } from '../lint/prover.ts';
import { matchPrincipal, readPrincipal, type Caller, type NamedPrincipal } from '../principal.ts';
import type { AccessRequest } from '../request.ts';
import type { Person } from './callers.ts';
import { oneEach, publicAccessTo } from './access.ts';
import { differenceOf } from './difference.ts';
import { literals, NO, type Clause, type Verdict } from './solver.ts';
import {
  allowing,
  allowsFor,
  ask,
  avoiding,
  canReach,
  canReachBy,
  cellGroups,
  covers,
  denying,
  isAllowed,
  isOpen,
  KEY_ACTIONS,
  principalText,
  undenied,
  worldOf,
  type Cell,
  type Rule,
  type Text,
  type World,
} from './world.ts';

export const prover: Prover = {
  publicAccess: (subject) =>
    publicAccessTo(subject.document, { ...scopeOf(subject), trusted: subject.trustedAccounts }).found,
  newAccess(subject, baseline) {
    const { gains } = differenceOf({ ...scopeOf(subject), newer: subject.document, older: baseline });
    return oneEach(gains.map(({ statement, witness }) => ({ statement, witness })));
  },
  shadowed: (subject) => shadows(subject).whole,
  partlyShadowed: (subject) => shadows(subject).parts,
  subsumed,
  neverMatches,
  locksOut,
  locksOutAll,
  selfEscalation,
};

const scopeOf = ({ account, keyArn, trustedAccounts }: ProofSubject) => ({
  account,
  keyArn,
  accounts: trustedAccounts,
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
  readonly world: World;
  readonly text: Text;
}

function opened(subject: ProofSubject, bare: boolean): Opened {
  const world = worldOf({ ...scopeOf(subject), documents: [subject.document], bare });
  return { world, text: world.texts[0]! };
}

const open = once((subject) => opened(subject, false));
/** Without any identity policies. */
const openBare = once((subject) => opened(subject, true));
const groupsOf = once((subject) => [...cellGroups(open(subject).world)]);

interface Shadows {
  readonly whole: readonly Covered[];
  readonly parts: readonly CoveredCell[];
}

/** What Allow statements would give if no Deny took it away, and which of it every context is denied. */
const shadows = once((subject): Shadows => {
  const { world, text } = open(subject);
  const whole: Covered[] = [];
  const parts: CoveredCell[] = [];
  const groups = groupsOf(subject);
  for (const rule of text.rules) {
    if (rule.statement.effect !== 'Allow') continue;
    const by = new Map<number, number>();
    const lost: { readonly person: Person; readonly action: string; readonly by: readonly number[] }[] = [];
    const kept = new Set<string>();
    let undecided = !world.complete;
    for (const { cell, actions } of groups) {
      if (!covers(rule, text, cell)) continue;
      const alone = byItself(world, { text, rule, cell });
      if (alone.kind === 'no') continue;
      const verdict = alone.kind === 'yes' ? canReachBy(world, { text, rule, cell }) : alone;
      if (verdict.kind !== 'no') {
        undecided ||= verdict.kind === 'unknown';
        for (const { name } of actions) kept.add(`${cell.person.label} ${name}`);
        continue;
      }
      const denies = text.rules.filter((other) => other.statement.effect === 'Deny' && covers(other, text, cell));
      const indexes = denies.map(({ statement }) => statement.index);
      for (const index of indexes) by.set(index, (by.get(index) ?? 0) + actions.length);
      for (const { name } of actions) lost.push({ person: cell.person, action: name, by: indexes });
    }
    if (lost.length === 0) continue;
    const order = [...by].sort((a, b) => b[1] - a[1]).map(([index]) => index);
    const { index } = rule.statement;
    if (kept.size === 0 && !undecided) whole.push({ statement: index, by: order });
    else if (world.complete) parts.push(...namedParts(rule, { lost, kept, persons: world.persons }));
  }
  return { whole, parts };
});

interface Losses {
  readonly lost: readonly { readonly person: Person; readonly action: string; readonly by: readonly number[] }[];
  readonly kept: ReadonlySet<string>;
  readonly persons: readonly Person[];
}

/** Cells as the statement names them: a principal has lost an action if everyone whom it stands for has. */
function namedParts({ statement }: Rule, { lost, kept, persons }: Losses): readonly CoveredCell[] {
  const cells: CoveredCell[] = [];
  for (const named of statement.principals ?? []) {
    const meant = persons.filter(({ caller }) => matchPrincipal(named, caller));
    const labels = new Set(meant.map(({ label }) => label));
    const byAction = new Map<string, readonly number[]>();
    for (const { person, action, by } of lost) if (labels.has(person.label)) byAction.set(action, by);
    for (const [action, by] of byAction) {
      if (meant.some(({ label }) => kept.has(`${label} ${action}`))) continue;
      cells.push({ statement: statement.index, by, principal: named.text, action: `kms:${action}` });
    }
  }
  return cells;
}

interface Spot {
  readonly text: Text;
  readonly rule: Rule;
  readonly cell: Cell;
}

/** Whether a statement ever applies, whatever the others say. */
function byItself(world: World, { text, rule, cell }: Spot): Verdict<Witness> {
  if (rule.statement.effect === 'Allow' && !isOpen(world, cell)) return NO;
  const clauses = rule.statement.effect === 'Deny' ? denying(rule) : allowing(rule);
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
function subsumed(subject: ProofSubject): readonly Covered[] {
  const { world, text } = open(subject);
  if (!world.complete) return [];
  const groups = groupsOf(subject);
  const within = (inner: Rule, outer: Rule): boolean => {
    let any = false;
    for (const { cell } of groups) {
      const match = covers(inner, text, cell);
      if (!match) continue;
      any = true;
      const other = covers(outer, text, cell);
      if (inner.statement.effect === 'Allow' && !isOpen(world, cell)) continue;
      if (inner.statement.effect === 'Allow' && other && STRENGTH[other] < STRENGTH[match]) return false;
      if (!isWithin(world, { cell, inner, outer: other ? outer : undefined })) return false;
    }
    return any;
  };
  const found: Covered[] = [];
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
  return found;
}

function isWithin(world: World, { cell, inner, outer }: { cell: Cell; inner: Rule; outer: Rule | undefined }): boolean {
  const applies = inner.statement.effect === 'Deny' ? denying(inner) : allowing(inner);
  if (!applies) return true;
  // an Allow that is malformed never applies
  const avoided = outer && (outer.tests || outer.statement.effect === 'Deny') ? [avoiding(outer)] : [];
  return ask(world, { cell, clauses: [...applies, ...avoided], confirm: () => true }).kind === 'no';
}

/** Statements with a condition that holds for no request that they are about. */
function neverMatches(subject: ProofSubject): readonly { readonly statement: number; readonly why: string }[] {
  const { world, text } = open(subject);
  if (!world.complete) return [];
  const groups = groupsOf(subject);
  return text.rules.flatMap((rule) => {
    const { statement, tests = [] } = rule;
    if (tests.length === 0) return [];
    const about = groups.filter(({ cell }) => covers(rule, text, cell));
    if (about.length === 0) return [];
    const never = (clauses: readonly Clause[]): boolean =>
      about.every(({ cell }) => ask(world, { cell, clauses, confirm: () => true }).kind === 'no');
    const want = statement.effect === 'Deny' ? 'not fails' : 'holds';
    const all = literals(tests, want);
    if (!never(all.map((literal) => [literal]))) return [];
    const one = all.find((literal) => never([[literal]]));
    const key =
      one ??
      all.find(({ test }) => never(all.filter((other) => other.test.key === test.key).map((literal) => [literal])));
    if (one)
      return [
        {
          statement: statement.index,
          why: `no request has a value of ${one.test.name} for which ${one.test.operator} holds`,
        },
      ];
    if (key) return [{ statement: statement.index, why: `no value of ${key.test.name} meets all that is asked of it` }];
    return [{ statement: statement.index, why: 'no request meets all of its tests at once' }];
  });
}

const PUT_KEY_POLICY = KEY_ACTIONS.find(({ name }) => name === 'PutKeyPolicy')!;
const DECRYPT = KEY_ACTIONS.find(({ name }) => name === 'Decrypt')!;
const CREATE_GRANT = KEY_ACTIONS.find(({ name }) => name === 'CreateGrant')!;

/** Of a caller whose identity policies are not known, anything is taken to be in them: then nothing is proved. */
function locksOut(subject: ProofSubject, caller: Caller): boolean {
  const { world, text } = open(subject);
  const person: Person = { caller, label: caller.arn };
  if (canReach(world, text, { person, action: PUT_KEY_POLICY }).kind === 'no') return true;
  const { identityPolicies } = caller;
  if (!identityPolicies) return false;
  // what no identity policy gives, delegation does not give either: then only a direct statement counts
  const bare = { ...caller, identityPolicies: identityPolicies.filter(givesSomething) };
  const direct = text.rules.some(
    (rule) =>
      rule.statement.effect === 'Allow' &&
      ['direct', 'role'].includes(covers(rule, text, { person, action: PUT_KEY_POLICY }) ?? ''),
  );
  return !direct && caller.kind !== 'root' && bare.identityPolicies.length === 0;
}

const givesSomething = ({ document }: NonNullable<Caller['identityPolicies']>[number]): boolean =>
  document.statements.some(({ effect }) => effect === 'Allow');

function locksOutAll(subject: ProofSubject): boolean {
  const { world, text } = open(subject);
  const { principalExists } = subject;
  if (!world.complete) return false;
  return world.persons.every((person) => {
    const { named, caller } = person;
    if (caller.kind === 'service') return true; // no service writes key policies
    if (named && (readPrincipal(named).byId || principalExists?.(named) === false)) return true;
    return canReach(world, text, { person, action: PUT_KEY_POLICY }).kind === 'no';
  });
}

/** Those who are named, may not decrypt by the key policy, and can come to it by what it lets them do. */
function selfEscalation(subject: ProofSubject): readonly Escalation[] {
  const { world, text } = openBare(subject);
  return world.persons.flatMap((person) => {
    const { named, caller } = person;
    if (!named || caller.kind === 'service' || !isNamedBy(text, named)) return [];
    if (canReach(world, text, { person, action: DECRYPT }).kind !== 'no') return [];
    return [byPolicy, byOwnGrant].flatMap((way) => way(world, text, person) ?? []).slice(0, 1);
  });
}

const isNamedBy = ({ rules }: Text, named: NamedPrincipal): boolean =>
  rules.some(
    ({ statement: { effect, principals = [] } }) =>
      effect === 'Allow' && principals.some(({ text }) => text === named.text),
  );

type Step = (world: World, text: Text, person: Person) => Escalation | undefined;

function firstWay(
  world: World,
  text: Text,
  { cell, ...more }: { cell: Cell } & Parameters<typeof canReachBy>[2],
): Access | undefined {
  for (const rule of allowsFor(world, text, cell)) {
    const verdict = canReachBy(world, { text, rule, cell }, more);
    if (verdict.kind === 'yes') return { statement: rule.statement.index, witness: verdict.found };
  }
  return undefined;
}

const byPolicy: Step = (world, text, person) => {
  const way = firstWay(world, text, { cell: { person, action: PUT_KEY_POLICY } });
  return way && { ...way, principal: principalText(person.caller), path: ['kms:PutKeyPolicy', 'kms:Decrypt'] };
};

/** A grant to itself, made directly and not by a service; no Deny may stand against decryption then. */
const byOwnGrant: Step = (world, text, person) => {
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
    clauses: undenied(text, cell),
    confirm: (request) => isAllowed({ ...request, caller: person.caller, grants: [grant] }),
  });
  return used.kind === 'yes' ? { ...way, principal, path: ['kms:CreateGrant', 'kms:Decrypt'] } : undefined;
};
