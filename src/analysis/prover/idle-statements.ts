/** Statements that do nothing: another one does the same, or no request satisfies their condition. */
import { isNever } from './ask.ts';
import type { Literal } from './condition-test.ts';
import { covers, isOpen, type Atom, type Model } from './model.ts';
import type { SubjectModel } from './subject-model.ts';
import type { Covered } from './questions.ts';
import type { Rule } from './rules.ts';
import { literals } from './solver.ts';

const STRENGTH = { direct: 3, role: 2, account: 1 } as const;

/** Statements without which the policy would say the same. Of two that say the same the later one is idle. */
export function subsumed({ model, text, groupsOf }: SubjectModel, found: Covered[]): void {
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
export function neverMatches(
  { model, text, groupsOf }: SubjectModel,
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
