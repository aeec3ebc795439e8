/** What one key policy gives that another does not: cells of callers and actions, each with a request that shows it. */
import { within, type Budget } from './budget.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import type { Witness } from './questions.ts';
import {
  allowsFor,
  ask,
  atomGroups,
  isAllowed,
  isOpen,
  rulesFor,
  undenied,
  under,
  withoutIdentityPolicies,
  modelOf,
  type Atom,
  type Rule,
  type Model,
  type ModelScope,
} from './model.ts';
import { NO, type Clause, type Verdict } from './solver.ts';

export interface Gain {
  readonly label: string;
  readonly crowd?: string;
  /** As in policies: `kms:Decrypt`. */
  readonly actions: readonly string[];
  /** The statement of the newer policy that gives it. */
  readonly statement: number;
  readonly witness: Witness;
}

interface Doubt {
  readonly label: string;
  readonly actions: readonly string[];
}

export interface Difference {
  readonly gains: readonly Gain[];
  /** Callers and actions for which nothing could be proved. */
  readonly doubts: readonly Doubt[];
  /** How many kinds of callers each crowd has. */
  readonly crowds: ReadonlyMap<string, number>;
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
  let world: Model | undefined;
  return () => (world ??= modelOf({ ...scope, documents: [newer, older] }));
}

function differenceIn(budget: Budget, open: () => Model): Difference {
  const doubts: Doubt[] = [];
  let world: Model | undefined;
  const { found: gains, finished } = within<Gain>(budget, (found) => {
    world = open();
    for (const { cell, actions } of atomGroups(world)) {
      const { label, crowd } = cell.person;
      const names = actions.map(({ name }) => `kms:${name}`);
      const { gain, doubtful } = gainIn(world, cell);
      if (gain) found.push({ label, ...(crowd === undefined ? {} : { crowd }), actions: names, ...gain });
      else if (doubtful) doubts.push({ label, actions: names });
    }
  });
  const complete = world?.complete ?? false;
  return { gains, doubts, crowds: crowdsOf(world?.persons ?? []), complete, finished };
}

interface Found {
  readonly gain?: Pick<Gain, 'statement' | 'witness'>;
  readonly doubtful: boolean;
}

/** By the first statement that gives something. */
function gainIn(world: Model, cell: Atom): Found {
  let doubtful = false;
  for (const rule of allowsFor(world, world.texts[0]!, cell)) {
    const verdict = gainBy(world, cell, rule);
    doubtful ||= verdict.kind === 'unknown';
    if (verdict.kind === 'yes')
      return { gain: { statement: rule.statement.index, witness: verdict.found }, doubtful: false };
  }
  return { doubtful };
}

function crowdsOf(persons: Model['persons']): ReadonlyMap<string, number> {
  const crowds = new Map<string, number>();
  for (const { crowd } of persons) if (crowd !== undefined) crowds.set(crowd, (crowds.get(crowd) ?? 0) + 1);
  return crowds;
}

function gainBy(world: Model, cell: Atom, rule: Rule): Verdict<Witness> {
  const [newer, older] = world.texts;
  if (!rule.allowing || !isOpen(world, cell)) return NO;
  let doubtful = false;
  for (const refused of refusals(world, cell)) {
    const verdict = ask(world, {
      cell,
      clauses: [...rule.allowing, ...undenied(world, newer!, cell), ...refused],
      confirm: (request) => isAllowed(under(request, newer!)) && !isAllowed(under(request, older!)),
    });
    if (verdict.kind === 'yes') return verdict;
    doubtful ||= verdict.kind === 'unknown';
  }
  return doubtful ? { kind: 'unknown' } : NO;
}

/** The ways in which the older policy does not allow: no Allow applies, or some Deny does. */
function* refusals(world: Model, cell: Atom): Generator<readonly Clause[]> {
  const older = world.texts[1]!;
  yield allowsFor(world, older, cell).flatMap(({ tests, avoiding }) => (tests ? [avoiding] : []));
  for (const { denying } of rulesFor(world, older, { cell, effect: 'Deny' })) yield denying;
}
