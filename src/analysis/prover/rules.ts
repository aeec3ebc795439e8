/** The statements of a key policy as a proof sees them: callers and actions, and clauses of tests. */
import { ACTIONS, type Action } from '../../policy/actions.ts';
import type { AttachedPolicy, PolicyDocument, Statement } from '../../policy/document.ts';
import type { Caller, Match } from '../../policy/principal.ts';
import type { Resource } from '../../policy/resource.ts';
import { KEY_POLICY_RULES, matchesAction, matchStatement } from '../../policy/statement.ts';
import type { Budget } from './budget.ts';
import { testsOf, type Literal, type Test } from './condition-test.ts';
import { literals, type Clause } from './solver.ts';

export interface Rule {
  readonly statement: Statement;
  /** undefined: malformed, so a Deny always applies and an Allow never. */
  readonly tests: readonly Test[] | undefined;
  /** The actions that it is about. */
  readonly actions: ReadonlySet<Action>;
  /** That an Allow allows; undefined: it never does. */
  readonly allowing: readonly Clause[] | undefined;
  /** That a Deny denies. */
  readonly denying: readonly Clause[];
  /** That it does not apply: one of its tests says so. */
  readonly avoiding: Clause;
}

/** A policy in the model. */
export interface Text {
  readonly document: PolicyDocument;
  readonly policy: AttachedPolicy;
  readonly rules: readonly Rule[];
  /** What putting a request to it is counted as, before any condition is looked at. */
  readonly cost: number;
}

/** In the order of the statements. */
export interface Matches {
  readonly Allow: readonly Rule[];
  readonly Deny: readonly Rule[];
  readonly by: ReadonlyMap<Rule, Match>;
}

/** Actions that a key policy can give. */
export const KEY_ACTIONS: readonly Action[] = ACTIONS.filter(({ keyPolicy }) => keyPolicy);

export function textOf(document: PolicyDocument, budget: Budget): Text {
  const rules = document.statements.map((statement) => ruleOf(statement, document, budget));
  const principals = document.statements.reduce((sum, statement) => sum + principalsIn(statement), 0);
  const cost = 1 + (rules.length >>> 1) + (principals >>> 2);
  return { document, policy: { name: 'policy', document }, rules, cost };
}

const principalsIn = ({ principals, notPrincipals }: Statement): number =>
  (principals?.length ?? 0) + (notPrincipals?.length ?? 0);

function ruleOf(statement: Statement, document: PolicyDocument, budget: Budget): Rule {
  for (const pattern of statement.actions ?? statement.notActions ?? []) {
    budget.spend(KEY_ACTIONS.length * (1 + (pattern.length >>> 4)));
  }
  const actions = new Set(KEY_ACTIONS.filter(({ name }) => matchesAction(statement, `kms:${name.toLowerCase()}`)));
  const tests = testsOf(statement, document);
  budget.spend(4 + 4 * (tests?.length ?? 0));
  const each = (want: Literal['want']): readonly Clause[] => literals(tests ?? [], want).map((literal) => [literal]);
  return {
    statement,
    tests,
    actions,
    allowing: tests && each('holds'),
    denying: each('not fails'),
    avoiding: literals(tests ?? [], statement.effect === 'Deny' ? 'fails' : 'not holds'),
  };
}

/** A statement of a key policy matches its key by `*`, whatever its ARN. */
const NO_RESOURCE: Resource = { kind: 'key', arn: '', account: '' };

export function matchesIn({ policy, rules }: Text, caller: Caller, budget: Budget): Matches {
  const by = new Map<Rule, Match>();
  for (const rule of rules) {
    budget.spend(1 + (principalsIn(rule.statement) >>> 2));
    const [action] = rule.actions;
    if (!action) continue;
    const result = matchStatement(
      { ...rule.statement, condition: undefined },
      {
        policy,
        rules: KEY_POLICY_RULES,
        request: { caller, resource: NO_RESOURCE, context: new Map() },
        action: `kms:${action.name.toLowerCase()}`,
      },
    );
    if (result.applies) by.set(rule, result.match!);
  }
  const having = (effect: Statement['effect']): readonly Rule[] =>
    [...by.keys()].filter(({ statement }) => statement.effect === effect);
  return { Allow: having('Allow'), Deny: having('Deny'), by };
}
