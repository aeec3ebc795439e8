/** Atoms that statements tell apart: what is proved for one of a group is proved for all. */
import type { Action } from '../../policy/actions.ts';
import { sets } from '../../policy/input-condition.ts';
import { isOpen, type Atom, type Model } from './model.ts';
import { KEY_ACTIONS } from './rules.ts';

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
    [...rules.map(({ actions }) => (actions.has(action) ? 1 : 0)), action.crossAccount, callsAs(model, action)].join(
      '',
    ),
  );
  for (const principal of principals) {
    const own = model.texts.flatMap((text) => [...model.matchesOf(text)(principal).by.keys()]);
    budget.spend(alike.size * (1 + (own.length >>> 2)));
    const groups = groupBy([...alike.values()], ([action]) => {
      const atom = { principal, action: action! };
      const kind = [isOpen(model, atom), callsAs(model, action!)];
      return [...own.map(({ actions }) => (actions.has(action!) ? 1 : 0)), ...kind].join('');
    });
    for (const group of groups.values()) {
      const actions = group.flat();
      budget.spend(4 + actions.length);
      yield { atom: { principal, action: actions[0]! }, actions };
    }
  }
}

const made = new WeakMap<ReadonlySet<string>, Map<Action, string>>();

/** Alike for actions whose calls have the same values for the condition keys that are tested. */
function callsAs({ tested, scope }: Model, action: Action): string {
  const known = made.get(tested) ?? new Map<Action, string>();
  made.set(tested, known);
  let text = known.get(action);
  if (text === undefined) {
    const { conditions, members, aboutGrants } = scope.actionRules.of(`kms:${action.name}`);
    const own = conditions.filter((condition) => [...tested].some((key) => sets(condition, key)));
    const kinds = own.map((one) => [one.keys, one.members.map((name) => members[name]), one.values({})]);
    text = JSON.stringify([kinds, aboutGrants && tested.has('kms:grantisforawsresource')]);
    known.set(action, text);
  }
  return text;
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
