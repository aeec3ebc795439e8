/** Rules on a policy as a whole, beside identity policies and expectations. */
import { DEFAULT_REGION } from '../../model/region.ts';
import { unknownKeyArn } from '../../model/arn.ts';
import { contextOf } from '../../policy/context.ts';
import { attachPolicy, readPolicy } from '../../policy/document.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { describeDecision } from '../../analysis/decision-text.ts';
import { callerOf } from '../../policy/principal.ts';
import { type FindingDraft, IDENTITY, KEY, PAGES, type LintRule, draftAt } from '../core/rule.ts';
import type { Expectation } from '../core/settings.ts';
import { type StatementView, type Subject, patternCovers, placeOfStatement, startOf } from '../core/subject.ts';
import { addRoot, nameOf } from './proved.ts';

export const WHOLE_RULES: readonly LintRule[] = [
  {
    code: 'KP603',
    name: 'no-delegation',
    severity: 'warning',
    scopes: KEY,
    title: 'no statement for the account that owns the key',
    why: 'Without a statement for the account that owns the key, identity policies have no effect on it, and the key can become unmanageable if the principals in the policy are deleted.',
    bad: 'only statements for roles',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": "kms:*"',
    see: PAGES.defaultPolicy,
    fix: 'unsafe',
    document(subject) {
      const { statements, account, root } = subject;
      if (!root || statements.length === 0 || account === undefined) return undefined;
      const delegates = statements.some(
        ({ effect, principals }) =>
          effect === 'Allow' &&
          principals.some(
            ({ read, negated }) =>
              !negated && (read.class === 'star' || (read.class === 'account' && read.account === account)),
          ),
      );
      if (delegates) return undefined;
      return {
        at: startOf(root),
        path: [],
        message: `no statement for account ${account}: its identity policies have no effect`,
        fix: addRoot(subject),
      };
    },
  },
  {
    code: 'KP607',
    name: 'idle-deny',
    severity: 'hint',
    scopes: KEY,
    title: 'Deny statement without effect',
    why: 'No statement of the policy and no grant can allow any of these actions. Requests are denied by default.',
    bad: 'Deny kms:ScheduleKeyDeletion, where only kms:Decrypt is allowed',
    good: 'the policy without the Deny statement',
    see: PAGES.evaluation,
    fix: 'none',
    statement(statement, { statements }) {
      const { effect, covers } = statement;
      if (effect !== 'Deny' || covers.length === 0) return undefined;
      const allowed = new Set(
        statements.flatMap((other) => (other.effect === 'Allow' ? other.covers.map(({ name }) => name) : [])),
      );
      const reachable = covers.some(
        ({ name, grantable, keyPolicy }) =>
          keyPolicy && (allowed.has(name) || (grantable && allowed.has('CreateGrant'))),
      );
      return reachable
        ? undefined
        : draftAt(placeOfStatement(statement), {
            message: `statement ${nameOf(statement)} denies only requests that no statement allows`,
          });
    },
  },
  {
    code: 'KP610',
    name: 'assertion-failed',
    severity: 'error',
    scopes: KEY,
    title: 'access that differs from an expectation in the configuration',
    why: 'An expectation in the configuration lists an action that must, or must not, be allowed for a principal. It is verified by policy evaluation.',
    bad: '{ "principal": "arn:aws:iam::111122223333:role/app", "action": "kms:Decrypt", "allowed": true }, and no statement for it',
    good: 'a policy that meets the expectation',
    see: PAGES.evaluation,
    fix: 'none',
    document: failedExpectations,
  },
  {
    code: 'KP611',
    name: 'ineffective-identity-allow',
    severity: 'warning',
    scopes: IDENTITY,
    title: 'identity policy without effect because of the key policy',
    why: 'An identity policy is effective only if the key policy allows the action to the account. The key policy does not allow this action to the account.',
    bad: 'kms:Decrypt in an identity policy, and no statement for the account in the key policy',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:root" } in the key policy',
    see: PAGES.defaultPolicy,
    fix: 'none',
    statement: ineffective,
  },
];

const isKmsAction = (action: string): boolean => /^kms:[A-Za-z]+$/.test(action);

function failedExpectations(subject: Subject): readonly FindingDraft[] {
  const { settings, account, root, faults, text } = subject;
  if (!settings.expectations || account === undefined || root?.kind !== 'object' || faults.length > 0) return [];
  return settings.expectations
    .filter(({ action }) => isKmsAction(action))
    .flatMap((expected): readonly FindingDraft[] => {
      const decision = decide(expected, {
        text,
        account,
        region: settings.key?.region ?? DEFAULT_REGION,
        arn: settings.key?.arn,
      });
      if ((decision.outcome === 'allow') === expected.allowed) return [];
      const wanted = expected.allowed ? 'must be allowed' : 'must not be allowed';
      const message = `${expected.principal} ${wanted} ${expected.action}`;
      return [{ at: startOf(root), path: [], message, notes: [describeDecision(decision)] }];
    });
}

interface KnownPrincipals {
  readonly text: string;
  readonly account: string;
  readonly region: string;
  readonly arn: string | undefined;
}

function decide({ principal, action, context = {} }: Expectation, { text, account, region, arn }: KnownPrincipals) {
  const caller = callerOf(principal);
  const values = contextOf(caller, { time: new Date(0), region, resourceAccount: account });
  for (const [name, value] of Object.entries(context)) values.set(name, value);
  return evaluate({
    caller,
    action,
    resource: { kind: 'key', arn: arn ?? unknownKeyArn(account, region), account },
    keyPolicy: attachPolicy('default', text),
    context: values.values(),
  });
}

function ineffective(statement: StatementView, { settings, account }: Subject): FindingDraft | undefined {
  const { keyPolicy, key } = settings;
  const owner = key?.account ?? account;
  if (
    statement.effect !== 'Allow' ||
    keyPolicy === undefined ||
    !key ||
    owner === undefined ||
    statement.action?.negated
  )
    return undefined;
  const onKey = statement.resource?.items.some(
    ({ text }) => text === '*' || text === key.arn || text.endsWith(':key/*'),
  );
  if (!onKey) return undefined;
  const delegated = readPolicy(keyPolicy).statements.filter(
    ({ effect, principals }) =>
      effect === 'Allow' &&
      principals?.some((named) => named.text === '*' || named.text === owner || named.text.endsWith(`:${owner}:root`)),
  );
  const has = (name: string): boolean =>
    delegated.some(({ actions }) => actions?.some((pattern) => patternCovers(pattern, name)) ?? true);
  const lost = statement.covers.filter(({ name, keyPolicy: onKeys }) => onKeys && !has(name));
  const named =
    statement.action?.items.filter(({ text }) =>
      lost.some(({ name }) => `kms:${name}`.toLowerCase() === text.toLowerCase()),
    ) ?? [];
  const [first] = named;
  if (!first) return undefined;
  const names = named.map(({ text }) => text).join(', ');
  return {
    at: first.at,
    path: first.path,
    message: `the key policy does not allow account ${owner} to use identity policies for ${names}`,
  };
}
