/** Rules that rest on a proof: access of strangers, new access, lock-out, statements without effect. */
import { rootArn } from '../../model/principal-arn.ts';
import type { ProofResult } from '../../analysis/prover/budget.ts';
import { readPolicy } from '../../policy/document.ts';
import { type Fix, quote, dropItem, spaceBefore } from '../core/edit.ts';
import { type FindingDraft, KEY, PAGES, type LintRule, draftAt } from '../core/rule.ts';
import { SEVERITIES } from '../core/settings.ts';
import { type StatementView, type Subject, placeOfItem, placeOfStatement, startOf } from '../core/subject.ts';

export const PROVED_RULES: readonly LintRule[] = [
  {
    code: 'KP502',
    name: 'effectively-public',
    severity: 'security',
    scopes: KEY,
    title: 'strangers can satisfy the condition',
    why: 'The condition of the statement does not keep out accounts that you do not know: the witness is a request from one that is allowed. aws:PrincipalOrgID, kms:CallerAccount or aws:PrincipalArn do.',
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
        return { ...place, message: 'accounts that are not trusted can satisfy the condition', witness };
      }),
  },
  {
    code: 'KP505',
    name: 'self-escalation',
    severity: 'security',
    scopes: KEY,
    title: 'a principal without Decrypt can give it to itself',
    why: 'kms:PutKeyPolicy and kms:CreateGrant, and tags or aliases where conditions look at them, lead to every other permission. The path is proved by the engine that authorizes calls.',
    bad: '"Action": "kms:PutKeyPolicy" for a role that may not decrypt',
    good: 'administration in the hands of those who may anyway, or of the account',
    see: PAGES.defaultPolicy,
    fix: 'none',
    prove: (subject, { prover, proof }) =>
      drafts(prover.selfEscalation(proof), ({ statement: index, principal, path, witness }) => {
        const statement = subject.statements[index]!;
        const named = statement.principals.find(({ text }) => text === principal);
        return draftAt(named ? placeOfItem(named) : placeOfStatement(statement), {
          message: `${principal} has no kms:Decrypt, and can get it`,
          notes: [`path: ${[principal, ...path].join(' -> ')}`],
          witness,
        });
      }),
  },
  {
    code: 'KP601',
    name: 'lockout-caller',
    severity: 'error',
    scopes: KEY,
    title: 'the caller could not change the policy any more',
    why: 'KMS refuses such a policy unless BypassPolicyLockoutSafetyCheck is sent: only AWS Support could give the key back.',
    bad: 'a policy whose only principal is another role',
    good: 'a statement that gives kms:PutKeyPolicy to the caller, or kms:* to the account',
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
    title: 'nobody could change the policy any more',
    why: 'No known principal may call PutKeyPolicy, and no statement lets the identity policies of the account decide. Such a key can only be brought back by AWS Support.',
    bad: 'a policy of which all principals are deleted',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": "kms:*"',
    see: PAGES.defaultPolicy,
    fix: 'unsafe',
    prove(subject, { prover, proof }) {
      if (!subject.root) return NOTHING;
      const { found, finished } = prover.locksOutAll(proof);
      const message = 'nobody can call kms:PutKeyPolicy under this policy';
      const draft = { at: startOf(subject.root), path: [], message, fix: addRoot(subject) };
      return { found: found ? draft : undefined, finished };
    },
  },
  {
    code: 'KP604',
    name: 'shadowed',
    severity: 'warning',
    scopes: KEY,
    title: 'an Allow that Deny statements cover completely',
    why: 'An explicit Deny always wins. Proved: no principal, action or context of the statement escapes.',
    bad: 'Allow kms:Decrypt to role/batch, and Deny kms:* to everyone but role/admin',
    good: 'the statement removed, or excepted in the Deny',
    see: PAGES.evaluation,
    fix: 'unsafe',
    prove: (subject, { prover, proof }) =>
      drafts(prover.shadowed(proof), ({ statement: index, by }) => {
        const statement = subject.statements[index]!;
        const secondary = marks(
          subject,
          by,
          (other) => `statement ${nameOf(other)} denies all of it, in every context`,
        );
        return draftAt(placeOfStatement(statement), {
          message: `statement ${nameOf(statement)} can never allow anything`,
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
    title: 'a principal and an action of an Allow that are always denied',
    why: 'Some of what the statement lists never takes effect, because a Deny covers it in every context.',
    bad: 'Allow kms:Decrypt and kms:Encrypt to role/app, and Deny kms:Decrypt to role/app',
    good: 'only kms:Encrypt in the Allow',
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
    title: 'a statement that adds nothing to another',
    why: 'Another statement of the same effect covers its principals, actions and conditions. Proved: removing it changes no answer.',
    bad: 'kms:* for the account, and kms:Decrypt for the account',
    good: 'the first one alone',
    see: PAGES.evaluation,
    fix: 'safe',
    issue: 'REDUNDANT_STATEMENT',
    prove: (subject, { prover, proof }) =>
      drafts(prover.subsumed(proof), ({ statement: index, by }) => {
        const statement = subject.statements[index]!;
        const secondary = marks(subject, by, (other) => `statement ${nameOf(other)} covers it`);
        return draftAt(placeOfStatement(statement), {
          message: `statement ${nameOf(statement)} adds nothing`,
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
    title: 'no request can satisfy the statement',
    why: 'Its tests exclude each other, or what is known of its principals and actions. Proved for every context.',
    bad: '"StringEquals": { "aws:PrincipalAccount": "444455556666" } on a principal of account 111122223333',
    good: 'the account of the principal',
    see: PAGES.evaluation,
    fix: 'none',
    prove: (subject, { prover, proof }) =>
      drafts(prover.neverMatches(proof), ({ statement: index, why }) => {
        const statement = subject.statements[index]!;
        return draftAt(placeOfStatement(statement), {
          message: `no request can satisfy statement ${nameOf(statement)}`,
          notes: [why],
        });
      }),
  },
  {
    code: 'KP609',
    name: 'new-access',
    severity: 'security',
    scopes: KEY,
    title: 'access that the baseline did not give',
    why: 'Against the policy of --baseline: the witness is a request that was refused before and is allowed now.',
    bad: 'a principal more than in the old policy',
    good: 'a change that only takes away',
    see: PAGES.analyzer,
    fix: 'none',
    prove(subject, { prover, proof }) {
      const { baseline } = subject.settings;
      if (baseline === undefined) return NOTHING;
      return drafts(prover.newAccess(proof, readPolicy(baseline)), ({ statement: index, witness }) =>
        draftAt(placeOfStatement(subject.statements[index]!), {
          message: `${witness.principal} may now ${witness.action}`,
          witness,
        }),
      );
    },
  },
  {
    code: 'KP615',
    name: 'not-proved',
    severity: 'security',
    scopes: KEY,
    title: 'the policy is too complex to be proved',
    why: 'The rules that rest on a proof share a budget of steps for each document, so that no document can take more than a moment. When it ends before a rule has come to its end, the rule lists what it has proved, and this finding says that there may be more. It is as severe as the worst of those rules.',
    bad: '"StringLike": { "kms:ViaService": ["*a????????????", "*b????????????", "*c????????????"] }',
    good: 'fewer wildcards in one value, fewer values and principals, or several smaller policies',
    see: PAGES.analyzer,
    fix: 'none',
    unproved(rules, { proof }, { root }) {
      const severity = SEVERITIES.find((one) => rules.some((rule) => rule.severity === one))!;
      const names = rules.map(({ code, name }) => `${code} ${name}`).toSorted();
      return {
        at: startOf(root!),
        path: [],
        severity,
        message: `not proved within ${proof.budget.limit} steps: ${names.join(', ')}`,
        notes: ['these rules list what was proved by then: there may be more'],
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
    title: `give the key to account ${account}`,
    edits: [{ start: last.end, end: last.end, text: `,${space}${json}` }],
  };
}
