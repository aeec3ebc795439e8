/** A subject that proofs are made about: what its questions share is made once. */
import { atomGroups, type AtomGroup } from './atom-groups.ts';
import { modelOf, type Model } from './model.ts';
import type { ProofSubject } from './questions.ts';
import type { Rule, Text } from './rules.ts';

export const scopeOf = ({ account, keyArn, trustedAccounts, actionRules, budget }: ProofSubject) => ({
  actionRules,
  account,
  keyArn,
  accounts: trustedAccounts,
  budget,
});

/** The rules of one run ask about one subject: what they share is made once. */
export function once<T>(make: (subject: ProofSubject) => T): (subject: ProofSubject) => T {
  const made = new WeakMap<ProofSubject, { readonly value: T }>();
  return (subject) => {
    let found = made.get(subject);
    if (!found) made.set(subject, (found = { value: make(subject) }));
    return found.value;
  };
}

export interface SubjectModel {
  readonly model: Model;
  readonly text: Text;
  /** The atoms that a statement is about. */
  readonly groupsOf: (rule: Rule) => readonly AtomGroup[];
}

export const opened = once((subject): SubjectModel => {
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
