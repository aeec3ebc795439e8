/** Who is given what by a key policy: by everyone's statements to strangers, or certain actions to anybody. */
import type { Action } from '../actions.ts';
import type { PolicyDocument } from '../document.ts';
import type { Access } from '../lint/prover.ts';
import { readPrincipal } from '../principal.ts';
import type { Person } from './callers.ts';
import { closedToStrangers } from './strangers.ts';
import {
  canReachBy,
  cellGroups,
  rulesFor,
  worldOf,
  type Rule,
  type Text,
  type World,
  type WorldScope,
} from './world.ts';

export interface Found {
  /** One for every statement that gives it. */
  readonly found: readonly Access[];
  /** There is no other; false: it could not be excluded. */
  readonly proved: boolean;
}

type Place = Omit<WorldScope, 'documents'>;

export function oneEach(all: readonly Access[]): readonly Access[] {
  const first = new Map<number, Access>();
  for (const access of all) if (!first.has(access.statement)) first.set(access.statement, access);
  return [...first.values()].sort((a, b) => a.statement - b.statement);
}

interface Search {
  readonly persons: readonly Person[];
  readonly text: Text;
  readonly isAbout: (action: Action) => boolean;
  readonly isGiven: (rule: Rule) => boolean;
  readonly refuses?: (key: string, value: string) => boolean;
}

function search(world: World, { persons, text, isAbout, isGiven, refuses }: Search): Found {
  const found: Access[] = [];
  let proved = world.complete;
  for (const { cell, actions } of cellGroups(world, persons)) {
    const action = actions.find(isAbout);
    if (!action) continue;
    for (const rule of rulesFor(text, cell, 'Allow').filter(isGiven)) {
      const verdict = canReachBy(world, { text, rule, cell: { ...cell, action } }, refuses ? { refuses } : {});
      if (verdict.kind === 'yes') found.push({ statement: rule.statement.index, witness: verdict.found });
      proved &&= verdict.kind !== 'unknown';
    }
  }
  return { found: oneEach(found), proved };
}

const isForAll = ({ statement: { principals = [] } }: Rule): boolean =>
  principals.some((named) => readPrincipal(named).class === 'star');

/** Statements for everyone that let somebody in of an account that is neither the owner's nor trusted. */
export function publicAccessTo(
  document: PolicyDocument,
  { trusted, ...place }: Place & { readonly trusted: readonly string[] },
): Found {
  const world = worldOf({ ...place, accounts: trusted, documents: [document] });
  const text = world.texts[0]!;
  const own = new Set([place.account, ...trusted]);
  const persons = world.persons.filter(({ caller: { kind, account = '' } }) => kind !== 'service' && !own.has(account));
  return search(world, { persons, text, isAbout: () => true, isGiven: isForAll, refuses: closedToStrangers(text) });
}

/** Anybody at all who is given one of these actions. @param actions `kms:Decrypt` */
export function accessTo(
  document: PolicyDocument,
  { actions, ...place }: Place & { readonly actions: readonly string[] },
): Found {
  const world = worldOf({ ...place, documents: [document] });
  const isAbout = ({ name }: Action): boolean => actions.includes(`kms:${name}`);
  return search(world, { persons: world.persons, text: world.texts[0]!, isAbout, isGiven: () => true });
}
