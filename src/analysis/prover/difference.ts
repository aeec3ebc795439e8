/** Access that one key policy gives and another does not: callers and actions, each with an example request. */
import { within, type Budget } from './budget.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import type { Witness } from './questions.ts';
import { ask, isAllowed, under } from './ask.ts';
import { atomGroups } from './atom-groups.ts';
import {
  allowsFor,
  isOpen,
  modelOf,
  rulesFor,
  undenied,
  withoutIdentityPolicies,
  type Atom,
  type Model,
  type ModelScope,
} from './model.ts';
import type { Rule } from './rules.ts';
import { NO, type Clause, type Verdict } from './solver.ts';

export interface Gain {
  readonly label: string;
  readonly principalClass?: string;
  /** As in policies: `kms:Decrypt`. */
  readonly actions: readonly string[];
  /** The statement of the newer policy that gives it. */
  readonly statement: number;
  readonly witness: Witness;
}

interface Undecided {
  readonly label: string;
  readonly actions: readonly string[];
}

export interface Difference {
  readonly gains: readonly Gain[];
  /** Callers and actions for which nothing could be proved. */
  readonly undecided: readonly Undecided[];
  /** How many kinds of callers each class has. */
  readonly principalClasses: ReadonlyMap<string, number>;
  /** Every caller there could be was looked at. */
  readonly complete: boolean;
  /** The budget was enough. */
  readonly finished: boolean;
}

type Sides = Omit<ModelScope, 'documents' | 'bare'> & {
  readonly older: PolicyDocument;
  readonly newer: PolicyDocument;
};

/** What `newer` allows and `older` does not. */
export const differenceOf = (sides: Sides): Difference => differenceIn(sides.budget, opened(sides));

/** The same, and then what it allows without any identity policy. */
export function differencesOf(sides: Sides): { readonly all: Difference; readonly bare: Difference } {
  const open = opened(sides);
  const { budget } = sides;
  return { all: differenceIn(budget, open), bare: differenceIn(budget, () => withoutIdentityPolicies(open())) };
}

function opened({ older, newer, ...scope }: Sides): () => Model {
  let model: Model | undefined;
  return () => (model ??= modelOf({ ...scope, documents: [newer, older] }));
}

function differenceIn(budget: Budget, open: () => Model): Difference {
  const undecided: Undecided[] = [];
  let model: Model | undefined;
  const { found: gains, finished } = within<Gain>(budget, (found) => {
    model = open();
    for (const { atom, actions } of atomGroups(model)) {
      const { label, principalClass } = atom.principal;
      const names = actions.map(({ name }) => `kms:${name}`);
      const { gain, doubtful } = gainIn(model, atom);
      if (gain)
        found.push({ label, ...(principalClass === undefined ? {} : { principalClass }), actions: names, ...gain });
      else if (doubtful) undecided.push({ label, actions: names });
    }
  });
  const complete = model?.complete ?? false;
  return { gains, undecided, principalClasses: principalClassesOf(model?.principals ?? []), complete, finished };
}

interface Found {
  readonly gain?: Pick<Gain, 'statement' | 'witness'>;
  readonly doubtful: boolean;
}

/** By the first statement that gives something. */
function gainIn(model: Model, atom: Atom): Found {
  let doubtful = false;
  for (const rule of allowsFor(model, model.texts[0]!, atom)) {
    const verdict = gainBy(model, atom, rule);
    doubtful ||= verdict.kind === 'unknown';
    if (verdict.kind === 'yes')
      return { gain: { statement: rule.statement.index, witness: verdict.found }, doubtful: false };
  }
  return { doubtful };
}

function principalClassesOf(principals: Model['principals']): ReadonlyMap<string, number> {
  const principalClasses = new Map<string, number>();
  for (const { principalClass } of principals)
    if (principalClass !== undefined)
      principalClasses.set(principalClass, (principalClasses.get(principalClass) ?? 0) + 1);
  return principalClasses;
}

function gainBy(model: Model, atom: Atom, rule: Rule): Verdict<Witness> {
  const [newer, older] = model.texts;
  if (!rule.allowing || !isOpen(model, atom)) return NO;
  let doubtful = false;
  for (const refused of refusals(model, atom)) {
    const verdict = ask(model, {
      atom,
      clauses: [...rule.allowing, ...undenied(model, newer!, atom), ...refused],
      confirm: (request) => isAllowed(under(request, newer!)) && !isAllowed(under(request, older!)),
    });
    if (verdict.kind === 'yes') return verdict;
    doubtful ||= verdict.kind === 'unknown';
  }
  return doubtful ? { kind: 'unknown' } : NO;
}

/** The ways in which the older policy does not allow: no Allow applies, or some Deny does. */
function* refusals(model: Model, atom: Atom): Generator<readonly Clause[]> {
  const older = model.texts[1]!;
  yield allowsFor(model, older, atom).flatMap(({ tests, avoiding }) => (tests ? [avoiding] : []));
  for (const { denying } of rulesFor(model, older, { atom, effect: 'Deny' })) yield denying;
}
