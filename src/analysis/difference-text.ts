/** The difference of two key policies as text: access that principals gain or lose, each with an example request. */
import { Budget, PROOF_STEPS } from './prover/budget.ts';
import type { ActionRules } from '../policy/action-rules.ts';
import { conditionKey } from '../policy/condition-keys.ts';
import type { PolicyDocument } from '../policy/document.ts';
import { differencesOf, type Difference, type Gain } from './prover/difference.ts';

export interface AccessChange {
  readonly who: readonly string[];
  readonly actions: readonly string[];
  /** It could be used before (or can be still), but only through an identity policy. */
  readonly direct: boolean;
  readonly statement: string;
  /** Values of condition keys in a request that is allowed on one side only; none: it takes none. */
  readonly example: {
    readonly principal: string;
    readonly action: string;
    readonly context: { readonly [key: string]: string };
  };
}

export interface Changes {
  readonly gained: readonly AccessChange[];
  readonly lost: readonly AccessChange[];
  /** What could not be decided. */
  readonly unproved: readonly string[];
  readonly sentences: readonly string[];
}

/** Two documents have the budget of two. */
const DOCUMENTS = 2;

interface Sides {
  readonly older: PolicyDocument;
  readonly newer: PolicyDocument;
  readonly account: string;
  readonly keyArn: string;
  readonly actionRules: ActionRules;
}

export function changesOf({ older, newer, ...scope }: Sides): Changes {
  const budget = new Budget(DOCUMENTS * PROOF_STEPS);
  const gain = sideOf({ older, newer, ...scope }, budget);
  const loss = sideOf({ older: newer, newer: older, ...scope }, budget);
  const cut = budget.isCut ? [`more than ${budget.limit} steps: there may be more differences`] : [];
  const unproved = [...undecidedIn(gain.all, 'gains'), ...undecidedIn(loss.all, 'loses'), ...cut];
  const sentences = [
    ...gain.changes.map((change) => sentence(change, 'can now perform')),
    ...loss.changes.map((change) => sentence(change, 'can no longer perform')),
    ...unproved,
  ];
  return {
    gained: gain.changes,
    lost: loss.changes,
    unproved,
    sentences: sentences.length > 0 ? sentences : ['no principal gains or loses access'],
  };
}

interface Side {
  readonly all: Difference;
  readonly changes: readonly AccessChange[];
}

/** What can be used at all, and then what can be used without an identity policy. */
function sideOf(sides: Sides, budget: Budget): Side {
  const { all, bare } = differencesOf({ ...sides, budget });
  const reported = new Set(all.gains.flatMap(({ label, actions }) => actions.map((action) => `${label} ${action}`)));
  const more = bare.gains.flatMap((gain) => {
    const actions = gain.actions.filter((action) => !reported.has(`${gain.label} ${action}`));
    return actions.length > 0 ? [{ ...gain, actions, witness: { ...gain.witness, action: actions[0]! } }] : [];
  });
  return {
    all,
    changes: [
      ...merge(all, { document: sides.newer, direct: false }),
      ...merge({ ...all, gains: more }, { document: sides.newer, direct: true }),
    ],
  };
}

/** Those who gain the same through the same statement stand together. */
function merge(
  { gains, principalClasses }: Pick<Difference, 'gains' | 'principalClasses'>,
  { document: { statements }, direct }: { readonly document: PolicyDocument; readonly direct: boolean },
): readonly AccessChange[] {
  const groups = new Map<string, Gain[]>();
  for (const gain of gains) {
    const name = `${gain.statement}/${gain.actions.join()}/${JSON.stringify(contextOf(gain))}`;
    groups.set(name, [...(groups.get(name) ?? []), gain]);
  }
  return Array.from(groups.values(), (group) => {
    const [{ statement, actions, witness }] = group as [Gain, ...Gain[]];
    const { sid } = statements.find(({ index }) => index === statement)!;
    return {
      who: namesOf(group, principalClasses),
      actions,
      direct,
      statement: sid ?? `statement ${statement + 1}`,
      example: { principal: witness.principal, action: witness.action, context: contextOf({ witness }) },
    };
  });
}

/** A class whose callers are all there is named instead of them. */
function namesOf(group: readonly Gain[], principalClasses: ReadonlyMap<string, number>): readonly string[] {
  const isWhole = (principalClass: string): boolean =>
    new Set(group.flatMap((gain) => (gain.principalClass === principalClass ? [gain.label] : []))).size ===
    principalClasses.get(principalClass);
  return [
    ...new Set(
      group.map(({ label, principalClass }) =>
        principalClass !== undefined && isWhole(principalClass) ? principalClass : label,
      ),
    ),
  ];
}

/** Condition keys of the caller itself are omitted. */
const OWN = /^(?:aws:principal|aws:user|kms:calleraccount)/;

const contextOf = ({ witness }: Pick<Gain, 'witness'>): { readonly [key: string]: string } =>
  Object.fromEntries(
    Object.entries(witness.context)
      .filter(([key]) => !OWN.test(key))
      .map(([key, values]) => [nameOf(key), values.join(',')]),
  );

function nameOf(key: string): string {
  const row = conditionKey(key);
  if (!row) return key;
  return row.open ? row.name + key.slice(row.name.length) : row.name;
}

function undecidedIn({ undecided: open, complete }: Difference, verb: string): readonly string[] {
  const undecided = open.map(({ label, actions }) => `not proved: whether ${label} ${verb} ${actions.join(', ')}`);
  return complete
    ? undecided
    : [...undecided, `not proved: whether other callers ${verb === 'gains' ? 'gain' : 'lose'} access`];
}

function sentence({ who, actions, example, direct }: AccessChange, verb: string): string {
  const context = Object.entries(example.context).map(([key, value]) => `${key} = ${value}`);
  const when = context.length > 0 ? `, for example with ${context.join(' and ')}` : '';
  return `${who.join('; ')} ${verb} ${actions.join(', ')}${direct ? ' without an identity policy' : ''}${when}`;
}
