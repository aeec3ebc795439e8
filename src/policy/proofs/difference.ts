/** What one key policy gives that another does not: cells of callers and actions, each with a request that shows it. */
import type { PolicyDocument } from '../document.ts';
import type { Witness } from '../lint/prover.ts';
import {
  allowing,
  allowsFor,
  ask,
  avoiding,
  cellGroups,
  denying,
  isAllowed,
  isOpen,
  rulesFor,
  undenied,
  under,
  worldOf,
  type Cell,
  type Rule,
  type World,
  type WorldScope,
} from './world.ts';
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

export interface Difference {
  readonly gains: readonly Gain[];
  /** Callers and actions for which nothing could be proved. */
  readonly doubts: readonly { readonly label: string; readonly actions: readonly string[] }[];
  /** How many kinds of callers each crowd has. */
  readonly crowds: ReadonlyMap<string, number>;
  /** Every caller there could be was looked at. */
  readonly complete: boolean;
}

type Sides = Omit<WorldScope, 'documents'> & { readonly older: PolicyDocument; readonly newer: PolicyDocument };

/** What `newer` allows and `older` does not. */
export function differenceOf({ older, newer, ...scope }: Sides): Difference {
  const world = worldOf({ ...scope, documents: [newer, older] });
  const gains: Gain[] = [];
  const doubts: { label: string; actions: readonly string[] }[] = [];
  for (const { cell, actions } of cellGroups(world)) {
    const { label, crowd } = cell.person;
    const names = actions.map(({ name }) => `kms:${name}`);
    let doubtful = false;
    for (const rule of allowsFor(world, world.texts[0]!, cell)) {
      const verdict = gainBy(world, cell, rule);
      doubtful ||= verdict.kind === 'unknown';
      if (verdict.kind !== 'yes') continue;
      gains.push({
        label,
        ...(crowd === undefined ? {} : { crowd }),
        actions: names,
        statement: rule.statement.index,
        witness: verdict.found,
      });
      doubtful = false;
      break;
    }
    if (doubtful) doubts.push({ label, actions: names });
  }
  return { gains, doubts, crowds: crowdsOf(world), complete: world.complete };
}

function crowdsOf({ persons }: World): ReadonlyMap<string, number> {
  const crowds = new Map<string, number>();
  for (const { crowd } of persons) if (crowd !== undefined) crowds.set(crowd, (crowds.get(crowd) ?? 0) + 1);
  return crowds;
}

function gainBy(world: World, cell: Cell, rule: Rule): Verdict<Witness> {
  const [newer, older] = world.texts;
  const allows = allowing(rule);
  if (!allows || !isOpen(world, cell)) return NO;
  let doubtful = false;
  for (const refused of refusals(world, cell)) {
    const verdict = ask(world, {
      cell,
      clauses: [...allows, ...undenied(newer!, cell), ...refused],
      confirm: (request) => isAllowed(under(request, newer!)) && !isAllowed(under(request, older!)),
    });
    if (verdict.kind === 'yes') return verdict;
    doubtful ||= verdict.kind === 'unknown';
  }
  return doubtful ? { kind: 'unknown' } : NO;
}

/** The ways in which the older policy does not allow: no Allow applies, or some Deny does. */
function* refusals(world: World, cell: Cell): Generator<readonly Clause[]> {
  const older = world.texts[1]!;
  yield allowsFor(world, older, cell).flatMap((rule) => (rule.tests ? [avoiding(rule)] : []));
  for (const rule of rulesFor(older, cell, 'Deny')) yield denying(rule);
}
