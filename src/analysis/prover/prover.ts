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
import type { ActionRules } from '../../policy/action-rules.ts';
import { ask, canReach, canReachBy, isAllowed, isNever, principalText } from './ask.ts';
import { atomGroups, type AtomGroup } from './atom-groups.ts';
import {
  allowsFor,
  covers,
  isOpen,
  modelOf,
  rulesFor,
  undenied,
  withoutIdentityPolicies,
  type Atom,
  type Model,
} from './model.ts';
import { KEY_ACTIONS, type Rule, type Text } from './rules.ts';

export const proverWith = (actionRules: ActionRules): Prover => ({
  actionRules,
  publicAccess: (subject) => {
    const { found, finished } = within<Access>(subject.budget, (all) => publicAccessIn(opened(subject).model, all));
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
});

const scopeOf = ({ account, keyArn, trustedAccounts, actionRules, budget }: ProofSubject) => ({
  actionRules,
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
  readonly model: Model;
  readonly text: Text;
  /** The atoms that a statement is about. */
  readonly groupsOf: (rule: Rule) => readonly AtomGroup[];
}

const opened = once((subject): Opened => {
  const model = modelOf({ ...scopeOf(subject), documents: [subject.document] });
  const text = model.texts[0]!;
  let groups: ReadonlyMap<Rule, readonly AtomGroup[]> | undefined;
  return {
    model,
    text,
    groupsOf: (rule) => (groups ??= groupsByRule(model, text)).get(rule) ?? [],
  };
});

function groupsByRule(model: Model, text: Text): ReadonlyMap<Rule, readonly AtomGroup[]> {
  const groups = new Map<Rule, AtomGroup[]>();
  for (const group of atomGroups(model)) {
    const { principal, action } = group.atom;
    for (const rule of model.matchesOf(text)(principal).by.keys()) {
      model.scope.budget.spend();
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
  readonly principal: PrincipalModel;
  readonly action: string;
  readonly by: readonly number[];
}

/** What Allow statements would give if no Deny took it away, and which of it every context is denied. */
const shadows = once((subject): Shadows => {
  const { model, text, groupsOf } = opened(subject);
  const whole: Covered[] = [];
  const parts: CoveredAtom[] = [];
  for (const rule of text.rules) {
    if (rule.statement.effect !== 'Allow') continue;
    const { lost, kept, undecided } = lossesOf(model, { text, rule, groups: groupsOf(rule) });
    if (lost.length === 0) continue;
    const { index } = rule.statement;
    if (kept.size === 0 && !undecided && model.complete) whole.push({ statement: index, by: byFrequency(lost) });
    else if (model.complete) parts.push(...namedParts(rule, { lost, kept, model }));
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

function lossesOf(model: Model, { text, rule, groups }: Asked): Losses {
  const lost: Loss[] = [];
  const kept = new Set<string>();
  let undecided = false;
  const deniesFor = (atom: Atom): readonly Rule[] => rulesFor(model, text, { atom, effect: 'Deny' });
  const examine = ({ atom, actions }: AtomGroup): void => {
    model.scope.budget.spend(actions.length);
    const alone = byItself(model, { text, rule, atom });
    if (alone.kind === 'no') return;
    const verdict = alone.kind === 'yes' ? canReachBy(model, { text, rule, atom }) : alone;
    undecided ||= verdict.kind === 'unknown';
    const by = verdict.kind === 'no' ? deniesFor(atom).map(({ statement }) => statement.index) : undefined;
    for (const { name } of actions) {
      if (by) lost.push({ principal: atom.principal, action: name, by });
      else kept.add(keptAs(atom.principal, name));
    }
  };
  const [denied, free] = [true, false].map((some) =>
    groups.filter(({ atom }) => deniesFor(atom).length > 0 === some),
  ) as [AtomGroup[], AtomGroup[]];
  denied.forEach(examine);
  if (lost.length > 0) free.forEach(examine);
  return { lost, kept, undecided };
}

type Lost = Omit<Losses, 'undecided'> & { readonly model: Model };

/** Atoms as the statement names them: a principal has lost an action if everyone whom it stands for has. */
function namedParts({ statement }: Rule, { lost, kept, model }: Lost): readonly CoveredAtom[] {
  const { principals, scope } = model;
  const atoms: CoveredAtom[] = [];
  for (const named of statement.principals ?? []) {
    scope.budget.spend(1 + ((principals.length + lost.length) >>> 1));
    const meant = principals.filter(({ caller }) =>
      matchPrincipal(named, caller, { effect: statement.effect ?? 'Allow' }),
    );
    const labels = new Set(meant.map(({ label }) => label));
    const byAction = new Map<string, readonly number[]>();
    for (const { principal, action, by } of lost) if (labels.has(principal.label)) byAction.set(action, by);
    for (const [action, by] of byAction) {
      scope.budget.spend(1 + (meant.length >>> 1));
      if (meant.some((principal) => kept.has(keptAs(principal, action)))) continue;
      atoms.push({ statement: statement.index, by, principal: named.text, action: `kms:${action}` });
    }
  }
  return atoms;
}

interface Spot {
  readonly text: Text;
  readonly rule: Rule;
  readonly atom: Atom;
}

/** Whether a statement ever applies, whatever the others say. */
function byItself(model: Model, { text, rule, atom }: Spot): Verdict<Witness> {
  const isAllow = rule.statement.effect === 'Allow';
  if (isAllow && !isOpen(model, atom)) return NO;
  const clauses = isAllow ? rule.allowing : rule.denying;
  if (!clauses) return NO;
  const alone = { ...text.policy, document: { ...text.document, statements: [rule.statement] } };
  const confirm = (request: AccessRequest): boolean => {
    const { considered } = evaluate({ ...request, keyPolicy: alone });
    return considered.some((item) => item.source === 'keyPolicy' && item.result.applies);
  };
  return ask(model, { atom, clauses, confirm });
}

const STRENGTH = { direct: 3, role: 2, account: 1 } as const;

/** Statements without which the policy would say the same. Of two that say the same the later one is idle. */
function subsumed({ model, text, groupsOf }: Opened, found: Covered[]): void {
  if (!model.complete) return;
  const idle = new Map<Rule, Map<Atom, boolean>>();
  const isIdle = (rule: Rule, atom: Atom): boolean => {
    const atoms = idle.get(rule) ?? new Map<Atom, boolean>();
    const known = atoms.get(atom) ?? isWithin(model, { atom, inner: rule, outer: undefined });
    idle.set(rule, atoms.set(atom, known));
    return known;
  };
  const within = (inner: Rule, outer: Rule): boolean => {
    const isAllow = inner.statement.effect === 'Allow';
    for (const { atom } of groupsOf(inner)) {
      model.scope.budget.spend();
      if (isAllow && !isOpen(model, atom)) continue;
      const match = covers(model, text, { rule: inner, atom })!;
      const other = covers(model, text, { rule: outer, atom });
      if (isAllow && other && STRENGTH[other] < STRENGTH[match]) return false;
      if (!(other ? isWithin(model, { atom, inner, outer }) : isIdle(inner, atom))) return false;
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
  readonly atom: Atom;
  readonly inner: Rule;
  readonly outer: Rule | undefined;
}

/** Whether for this atom the inner statement never applies where the outer one does not. */
function isWithin(model: Model, { atom, inner, outer }: Pair): boolean {
  const applies = inner.statement.effect === 'Deny' ? inner.denying : inner.allowing;
  if (!applies) return true;
  // an Allow that is malformed never applies
  const avoided = outer && (outer.tests || outer.statement.effect === 'Deny') ? [outer.avoiding] : [];
  return isNever(model, atom, [...applies, ...avoided]);
}

/** Statements with a condition that holds for no request that they are about. */
function neverMatches(
  { model, text, groupsOf }: Opened,
  found: { readonly statement: number; readonly why: string }[],
): void {
  if (!model.complete) return;
  for (const rule of text.rules) {
    const { statement, tests = [] } = rule;
    if (tests.length === 0 || groupsOf(rule).length === 0) continue;
    const never = (wanted: readonly Literal[]): boolean => {
      const clauses = wanted.map((literal) => [literal]);
      return groupsOf(rule).every(({ atom }) => isNever(model, atom, clauses));
    };
    const all = literals(tests, statement.effect === 'Deny' ? 'not fails' : 'holds');
    if (never(all)) found.push({ statement: statement.index, why: whyNever(all, never) });
  }
}

/** One test that never holds, or all tests on one key, or all of them together. */
function whyNever(all: readonly Literal[], never: (wanted: readonly Literal[]) => boolean): string {
  const one = all.find((literal) => never([literal]));
  if (one) return `no value of ${one.test.name} satisfies ${one.test.operator}`;
  const byKey = Map.groupBy(all, ({ test }) => test.key);
  for (const own of byKey.values()) {
    if (never(own)) return `no value of ${own[0]!.test.name} satisfies all its conditions`;
  }
  return 'no request satisfies all conditions of the statement';
}

const PUT_KEY_POLICY = KEY_ACTIONS.find(({ name }) => name === 'PutKeyPolicy')!;
const DECRYPT = KEY_ACTIONS.find(({ name }) => name === 'Decrypt')!;
const CREATE_GRANT = KEY_ACTIONS.find(({ name }) => name === 'CreateGrant')!;

/** Of a caller whose identity policies are not known, anything is taken to be in them: then nothing is proved. */
function locksOut({ model, text }: Opened, caller: Caller): boolean {
  const principal: PrincipalModel = { caller, label: caller.arn };
  if (canReach(model, text, { principal, action: PUT_KEY_POLICY }).kind === 'no') return true;
  const { identityPolicies } = caller;
  if (!identityPolicies) return false;
  // what no identity policy gives, delegation does not give either: then only a direct statement counts
  const bare = { ...caller, identityPolicies: identityPolicies.filter(givesSomething) };
  const direct = text.rules.some(
    (rule) =>
      rule.statement.effect === 'Allow' &&
      ['direct', 'role'].includes(covers(model, text, { rule, atom: { principal, action: PUT_KEY_POLICY } }) ?? ''),
  );
  return !direct && caller.kind !== 'root' && bare.identityPolicies.length === 0;
}

const givesSomething = ({ document }: NonNullable<Caller['identityPolicies']>[number]): boolean =>
  document.statements.some(({ effect }) => effect === 'Allow');

function locksOutAll({ model, text }: Opened, { principalExists }: ProofSubject): boolean {
  if (!model.complete) return false;
  return model.principals.every((principal) => {
    const { named, caller } = principal;
    if (caller.kind === 'service') return true; // no service writes key policies
    if (named && (readPrincipal(named).byId || principalExists?.(named) === false)) return true;
    return canReach(model, text, { principal, action: PUT_KEY_POLICY }).kind === 'no';
  });
}

/** Those who are named, may not decrypt by the key policy, and can come to it by what it lets them do. */
function selfEscalation({ model, text }: Opened, found: Escalation[]): void {
  const bare = withoutIdentityPolicies(model);
  const allowed = new Set(
    text.rules.flatMap(({ statement: { effect, principals = [] } }) =>
      effect === 'Allow' ? principals.map((named) => named.text) : [],
    ),
  );
  for (const principal of model.principals) {
    const { named, caller } = principal;
    if (!named || caller.kind === 'service' || !allowed.has(named.text)) continue;
    if (canReach(bare, text, { principal, action: DECRYPT }).kind !== 'no') continue;
    const escalation = byPolicy(bare, text, principal) ?? byOwnGrant(bare, text, principal);
    if (escalation) found.push(escalation);
  }
}

type EscalationStep = (model: Model, text: Text, principal: PrincipalModel) => Escalation | undefined;

function firstWay(
  model: Model,
  text: Text,
  { atom, ...more }: { atom: Atom } & Parameters<typeof canReachBy>[2],
): Access | undefined {
  for (const rule of allowsFor(model, text, atom)) {
    const verdict = canReachBy(model, { text, rule, atom }, more);
    if (verdict.kind === 'yes') return { statement: rule.statement.index, witness: verdict.found };
  }
  return undefined;
}

const byPolicy: EscalationStep = (model, text, principal) => {
  const way = firstWay(model, text, { atom: { principal, action: PUT_KEY_POLICY } });
  return way && { ...way, principal: principalText(principal.caller), path: ['kms:PutKeyPolicy', 'kms:Decrypt'] };
};

/** A grant to itself, made directly and not by a service; no Deny may stand against decryption then. */
const byOwnGrant: EscalationStep = (model, text, principal) => {
  const grantee = principalText(principal.caller);
  const given = { input: { GranteePrincipal: grantee, Operations: ['Decrypt'] }, isDirect: true };
  const way = firstWay(model, text, { atom: { principal, action: CREATE_GRANT }, given });
  if (!way) return undefined;
  const atom = { principal, action: DECRYPT };
  const grant = { id: 'its own', granteePrincipal: grantee, operations: ['Decrypt'] };
  const used = ask(model, {
    atom,
    clauses: undenied(model, text, atom),
    confirm: (request) => isAllowed({ ...request, caller: principal.caller, grants: [grant] }),
  });
  return used.kind === 'yes' ? { ...way, principal: grantee, path: ['kms:CreateGrant', 'kms:Decrypt'] } : undefined;
};
