/** Access that a key policy gives: by statements for everyone to principals of other accounts, or certain actions to any principal. */
import type { Action } from '../../policy/actions.ts';
import { within, type ProofResult } from './budget.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import type { Access } from './questions.ts';
import { readPrincipal } from '../../policy/principal.ts';
import type { PrincipalModel } from './callers.ts';
import type { Bits } from './choices.ts';
import { openToOutsiders } from './outsiders.ts';
import { canReachBy } from './ask.ts';
import { atomGroups } from './atom-groups.ts';
import { modelOf, rulesFor, type Model, type ModelScope } from './model.ts';
import type { Rule, Text } from './rules.ts';

/** One for every statement that gives it. `finished`: there is no other; false: it could not be excluded. */
export type FoundAccess = ProofResult<readonly Access[]>;

type AccessScope = Omit<ModelScope, 'documents'>;

export function oneEach(all: readonly Access[]): readonly Access[] {
  const first = new Map<number, Access>();
  for (const access of all) if (!first.has(access.statement)) first.set(access.statement, access);
  return [...first.values()].sort((a, b) => a.statement - b.statement);
}

interface Search {
  readonly principals: readonly PrincipalModel[];
  readonly text: Text;
  readonly isAbout: (action: Action) => boolean;
  readonly isGiven: (rule: Rule) => boolean;
  readonly possible?: (key: string) => Bits;
}

/** One for every statement that gives it. @returns whether everything could be decided */
function search(model: Model, { principals, text, isAbout, isGiven, possible }: Search, found: Access[]): boolean {
  let decided = model.complete;
  const reported = new Set<number>();
  for (const { atom, actions } of atomGroups(model, principals)) {
    const action = actions.find(isAbout);
    if (!action) continue;
    for (const rule of rulesFor(model, text, { atom, effect: 'Allow' })) {
      const { index } = rule.statement;
      if (reported.has(index) || !isGiven(rule)) continue;
      const verdict = canReachBy(model, { text, rule, atom: { ...atom, action } }, possible ? { possible } : {});
      if (verdict.kind === 'yes') found.push({ statement: index, witness: verdict.found });
      if (verdict.kind === 'yes') reported.add(index);
      decided &&= verdict.kind !== 'unknown';
    }
  }
  return decided;
}

const isForAll = ({ statement: { principals = [] } }: Rule): boolean =>
  principals.some((named) => readPrincipal(named).class === 'star');

/** Statements for everyone that let somebody in of an account that is neither the owner's nor trusted. */
export function publicAccessIn(model: Model, found: Access[]): boolean {
  const { account, accounts = [] } = model.scope;
  const text = model.texts[0]!;
  const own = new Set([account, ...accounts]);
  const principals = model.principals.filter(
    ({ caller }) => caller.kind !== 'service' && !own.has(caller.account ?? ''),
  );
  const possible = openToOutsiders(model, text);
  return search(model, { principals, text, isAbout: () => true, isGiven: isForAll, possible }, found);
}

export const publicAccessTo = (
  document: PolicyDocument,
  { trusted, ...place }: AccessScope & { readonly trusted: readonly string[] },
): FoundAccess =>
  proved(place, (found) => publicAccessIn(modelOf({ ...place, accounts: trusted, documents: [document] }), found));

/** Any principal that is given one of these actions. @param actions `kms:Decrypt` */
export function accessTo(
  document: PolicyDocument,
  { actions, ...place }: AccessScope & { readonly actions: readonly string[] },
): FoundAccess {
  const isAbout = ({ name }: Action): boolean => actions.includes(`kms:${name}`);
  return proved(place, (found) => {
    const model = modelOf({ ...place, documents: [document] });
    return search(model, { principals: model.principals, text: model.texts[0]!, isAbout, isGiven: () => true }, found);
  });
}

function proved({ budget }: AccessScope, collect: (found: Access[]) => boolean): FoundAccess {
  let decided = false;
  const { found, finished } = within<Access>(budget, (all) => {
    decided = collect(all);
  });
  return { found: oneEach(found), finished: finished && decided };
}
