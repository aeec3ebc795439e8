/** Allow statements, or principals and actions of them, that Deny statements cover in every context. */
import { evaluate } from '../../policy/evaluate.ts';
import { matchPrincipal } from '../../policy/principal.ts';
import type { AccessRequest } from '../../policy/request.ts';
import { ask, canReachBy } from './ask.ts';
import type { AtomGroup } from './atom-groups.ts';
import type { PrincipalModel } from './callers.ts';
import { isOpen, rulesFor, type Atom, type Model } from './model.ts';
import { once, opened } from './subject-model.ts';
import type { Covered, CoveredAtom, Witness } from './questions.ts';
import type { Rule, Text } from './rules.ts';
import { NO, type Verdict } from './solver.ts';

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
export const shadows = once((subject): Shadows => {
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
