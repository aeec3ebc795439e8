/** Rules that rest on a proof: access from outside the account, new access, lock-out, statements without effect. */
import { rootArn } from '../../model/principal-arn.ts';
import type { ProofResult } from '../../analysis/prover/budget.ts';
import { readPolicy } from '../../policy/document.ts';
import { type Fix, quote, dropItem, spaceBefore } from '../core/edit.ts';
import { type FindingDraft, KEY, PAGES, type LintRule, draftAt } from '../core/rule.ts';
import { SEVERITIES } from '../core/settings.ts';
import {
  type StatementView,
  type Subject,
  isAdministration,
  placeOfItem,
  placeOfStatement,
  startOf,
} from '../core/subject.ts';

export const PROVED_RULES: readonly LintRule[] = [
  {
    code: 'KP502',
    name: 'effectively-public',
    severity: 'security',
    scopes: KEY,
    title: 'public access despite a condition',
    why: 'The condition of the statement does not exclude unknown accounts: the finding includes a request from such an account that is allowed. Use a condition on aws:PrincipalOrgID, kms:CallerAccount or aws:PrincipalArn.',
    bad: '"Principal": "*", "Condition": { "Bool": { "aws:SecureTransport": "true" } }',
    good: '"Principal": "*", "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-exampleorgid" } }',
    see: PAGES.analyzer,
    fix: 'none',
    prove: (subject, { prover, proof }) =>
      drafts(prover.publicAccess(proof), ({ statement: index, witness }) => {
        const statement = subject.statements[index]!;
        if (statement.tests.length === 0) return undefined; // KP501 has it
        const principal = statement.principals.find(({ read }) => read.class === 'star');
        const place = principal ? placeOfItem(principal) : placeOfStatement(statement);
        return { ...place, message: 'accounts that are not trusted can satisfy the conditions', witness };
      }),
  },
  {
    code: 'KP505',
    name: 'self-escalation',
    severity: 'security',
    otherwise: { hint: 'for a statement for key administrators' },
    scopes: KEY,
    title: 'privilege escalation to kms:Decrypt',
    why: 'A principal with kms:PutKeyPolicy or kms:CreateGrant, or with permission to change tags or aliases that conditions depend on, can get every other permission. The steps are verified by policy evaluation.',
    bad: '"Action": "kms:PutKeyPolicy" for a role that cannot decrypt',
    good: 'kms:PutKeyPolicy only for the account, or for principals that can decrypt',
    see: PAGES.defaultPolicy,
    fix: 'none',
    prove: (subject, { prover, proof }) =>
      drafts(prover.selfEscalation(proof), ({ statement: index, principal, path, witness }) => {
        const statement = subject.statements[index]!;
        const named = statement.principals.find(({ text }) => text === principal);
        return draftAt(named ? placeOfItem(named) : placeOfStatement(statement), {
          message: `${principal} does not have kms:Decrypt, but can get it`,
          notes: [`path: ${[principal, ...path].join(' -> ')}`],
          ...(isAdministration(statement) ? { severity: 'hint' as const } : {}),
          witness,
        });
      }),
  },
  {
    code: 'KP601',
    name: 'lockout-caller',
    severity: 'error',
    scopes: KEY,
    title: 'key policy that locks out the caller',
    why: 'KMS rejects a policy that does not allow the caller to change it, unless BypassPolicyLockoutSafetyCheck is set. Only AWS Support can recover such a key.',
    bad: 'a policy with another role as its only principal',
    good: 'a statement that allows kms:PutKeyPolicy to the caller, or kms:* to the account',
    see: PAGES.defaultPolicy,
    fix: 'unsafe',
    prove(subject, { prover, proof }) {
      const { settings, root } = subject;
      const { caller } = settings;
      if (!caller || !root) return NOTHING;
      const { found, finished } = prover.locksOut(proof, caller);
      const message = 'the new key policy will not allow you to update the key policy in the future';
      const draft = { at: startOf(root), path: [], message, notes: [`caller: ${caller.arn}`], fix: addRoot(subject) };
      return { found: found ? draft : undefined, finished };
    },
  },
  {
    code: 'KP602',
    name: 'lockout-all',
    severity: 'error',
    scopes: KEY,
    title: 'key policy that no principal can change',
    why: 'No known principal is allowed to call PutKeyPolicy, and no statement enables identity policies of the account. Only AWS Support can recover such a key.',
    bad: 'a policy in which all principals are deleted',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": "kms:*"',
    see: PAGES.defaultPolicy,
    fix: 'unsafe',
    prove(subject, { prover, proof }) {
      if (!subject.root) return NOTHING;
      const { found, finished } = prover.locksOutAll(proof);
      const message = 'no principal can call kms:PutKeyPolicy under this policy';
      const draft = { at: startOf(subject.root), path: [], message, fix: addRoot(subject) };
      return { found: found ? draft : undefined, finished };
    },
  },
  {
    code: 'KP604',
    name: 'shadowed',
    severity: 'warning',
    scopes: KEY,
    title: 'Allow statement without effect because of Deny statements',
    why: 'An explicit Deny overrides an Allow. It is proved that every request that matches the statement is denied.',
    bad: 'Allow kms:Decrypt for role/batch, and Deny kms:* for all principals except role/admin',
    good: 'the statement removed, or role/batch excluded from the Deny',
    see: PAGES.evaluation,
    fix: 'unsafe',
    prove: (subject, { prover, proof }) =>
      drafts(prover.shadowed(proof), ({ statement: index, by }) => {
        const statement = subject.statements[index]!;
        const secondary = marks(subject, by, (other) => `statement ${nameOf(other)} denies all its requests`);
        return draftAt(placeOfStatement(statement), {
          message: `statement ${nameOf(statement)} never allows a request`,
          secondary,
          fix: drop(subject, statement, false),
        });
      }),
  },
  {
    code: 'KP605',
    name: 'partly-shadowed',
    severity: 'hint',
    scopes: KEY,
    title: 'Allow of an action that is always denied',
    why: 'The statement allows an action to a principal, but a Deny statement always denies it.',
    bad: 'Allow kms:Decrypt and kms:Encrypt for role/app, and Deny kms:Decrypt for role/app',
    good: 'Allow only kms:Encrypt',
    see: PAGES.evaluation,
    fix: 'none',
    prove: (subject, { prover, proof }) =>
      drafts(prover.partlyShadowed(proof), ({ statement: index, by, principal, action }) => {
        const statement = subject.statements[index]!;
        const named = statement.principals.find(({ text }) => text === principal);
        const secondary = marks(subject, by, (other) => `statement ${nameOf(other)} denies it`);
        return draftAt(named ? placeOfItem(named) : placeOfStatement(statement), {
          message: `${action} is always denied to ${principal}`,
          secondary,
        });
      }),
  },
  {
    code: 'KP606',
    name: 'subsumed',
    severity: 'hint',
    scopes: KEY,
    title: 'redundant statement',
    why: 'Another statement with the same effect includes its principals, actions and conditions. It is proved that removing the statement does not change any decision.',
    bad: 'kms:* for the account, and kms:Decrypt for the account',
    good: 'only the first statement',
    see: PAGES.evaluation,
    fix: 'safe',
    issue: 'REDUNDANT_STATEMENT',
    prove: (subject, { prover, proof }) =>
      drafts(prover.subsumed(proof), ({ statement: index, by }) => {
        const statement = subject.statements[index]!;
        const secondary = marks(subject, by, (other) => `statement ${nameOf(other)} includes it`);
        return draftAt(placeOfStatement(statement), {
          message: `statement ${nameOf(statement)} is redundant`,
          secondary,
          fix: drop(subject, statement, true),
        });
      }),
  },
  {
    code: 'KP608',
    name: 'never-matches',
    severity: 'warning',
    scopes: KEY,
    title: 'statement that never applies',
    why: 'Its conditions contradict each other, or its principals and actions. It is proved that no request matches the statement.',
    bad: '"StringEquals": { "aws:PrincipalAccount": "444455556666" } for a principal in account 111122223333',
    good: '"StringEquals": { "aws:PrincipalAccount": "111122223333" }',
    see: PAGES.evaluation,
    fix: 'none',
    prove: (subject, { prover, proof }) =>
      drafts(prover.neverMatches(proof), ({ statement: index, why }) => {
        const statement = subject.statements[index]!;
        return draftAt(placeOfStatement(statement), {
          message: `no request matches statement ${nameOf(statement)}`,
          notes: [why],
        });
      }),
  },
  {
    code: 'KP609',
    name: 'new-access',
    severity: 'security',
    scopes: KEY,
    title: 'new access compared to the baseline',
    why: 'The policy allows requests that the policy of --baseline does not allow. The finding includes such a request.',
    bad: 'an additional principal',
    good: 'a change that only removes access',
    see: PAGES.analyzer,
    fix: 'none',
    prove(subject, { prover, proof }) {
      const { baseline } = subject.settings;
      if (baseline === undefined) return NOTHING;
      return drafts(prover.newAccess(proof, readPolicy(baseline)), ({ statement: index, witness }) =>
        draftAt(placeOfStatement(subject.statements[index]!), {
          message: `new access: ${witness.principal} can call ${witness.action}`,
          witness,
        }),
      );
    },
  },
  {
    code: 'KP615',
    name: 'not-proved',
    severity: 'security',
    otherwise: { error: 'if a rule of that severity was not finished', warning: 'likewise', hint: 'likewise' },
    scopes: KEY,
    title: 'policy too complex for a complete analysis',
    why: 'The rules with proofs share a limited number of analysis steps per document, which bounds the run time. If a rule reaches the limit, it reports only the findings proved so far. The severity is the highest severity of the affected rules.',
    bad: '"StringLike": { "kms:ViaService": ["*a????????????", "*b????????????", "*c????????????"] }',
    good: 'fewer wildcards per value, fewer values and principals, or several smaller policies',
    see: PAGES.analyzer,
    fix: 'none',
    unproved(rules, { proof }, { root }) {
      const severity = SEVERITIES.find((one) => rules.some((rule) => rule.severity === one))!;
      const names = rules.map(({ code, name }) => `${code} ${name}`).toSorted();
      return {
        at: startOf(root!),
        path: [],
        severity,
        message: `analysis not complete after ${proof.budget.limit} steps: ${names.join(', ')}`,
        notes: ['these rules may have more findings'],
      };
    },
  },
];

const NOTHING = { found: undefined, finished: true } as const;

function drafts<T>({ found, finished }: ProofResult<readonly T[]>, draft: (one: T) => FindingDraft | undefined) {
  return { found: found.flatMap((one) => draft(one) ?? []), finished };
}

export const nameOf = ({ sid, index }: StatementView): string => (sid ? quote(sid) : String(index + 1));

/** Takes a whole statement out, if others stay. */
function drop({ statementMember }: Subject, { node }: StatementView, safe: boolean): Fix | undefined {
  const list = statementMember?.value;
  return list?.items && list.items.length > 1
    ? { safe, title: 'remove the statement', edits: dropItem(list, node) }
    : undefined;
}

const marks = (subject: Subject, by: readonly number[], message: (statement: StatementView) => string) =>
  by.map((index) => ({ at: startOf(subject.statements[index]!.node), message: message(subject.statements[index]!) }));

/** Gives the account everything, as the default key policy does. */
export function addRoot({ account, statementMember, statements, text }: Subject): Fix | undefined {
  const list = statementMember?.value;
  const last = list?.items?.at(-1);
  if (!account || !last || statements.length === 0) return undefined;
  const json = `{ "Sid": "EnableIAMUserPermissions", "Effect": "Allow", "Principal": { "AWS": "${rootArn(account)}" }, "Action": "kms:*", "Resource": "*" }`;
  const space = spaceBefore(text, last.start) || ' ';
  return {
    safe: false,
    title: `allow account ${account} to administer the key`,
    edits: [{ start: last.end, end: last.end, text: `,${space}${json}` }],
  };
}
