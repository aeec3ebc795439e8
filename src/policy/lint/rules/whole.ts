/** KP601 to KP611: statements against each other, against identities, against the policy as it was. */
import { keyArn } from '../../../api/arn.ts';
import { contextOf } from '../../context.ts';
import { attachPolicy, readPolicy } from '../../document.ts';
import { evaluate } from '../../evaluate.ts';
import { describeDecision } from '../../explain.ts';
import { callerOf } from '../../principal.ts';
import { quote, type Fix } from '../edit.ts';
import { proofSubject } from '../proof-subject.ts';
import { IDENTITY, KEY, PAGES, type Draft, type Rule } from '../rule.ts';
import type { Expectation } from '../settings.ts';
import { patternCovers, type StatementView, type Subject } from '../subject.ts';
import { dropItem, startOf } from './document.ts';

const nameOf = ({ sid, index }: StatementView): string => (sid ? quote(sid) : String(index + 1));
const place = ({ node, path }: StatementView) => ({ at: startOf(node), path });

/** Takes a whole statement out, if others stay. */
function drop({ statementMember }: Subject, { node }: StatementView, safe: boolean): Fix | undefined {
  const list = statementMember?.value;
  return list?.items && list.items.length > 1 ? { safe, title: 'remove the statement', edits: dropItem(list, node) } : undefined;
}

const marks = (subject: Subject, by: readonly number[], message: (statement: StatementView) => string) =>
  by.map((index) => ({ at: startOf(subject.statements[index]!.node), message: message(subject.statements[index]!) }));

export const WHOLE_RULES: readonly Rule[] = [
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
    proved: true,
    document(subject) {
      const { prover, proof } = proofSubject(subject);
      const { caller } = subject.settings;
      if (!caller || !subject.root || !prover.locksOut(proof, caller)) return undefined;
      const message = 'the new key policy will not allow you to update the key policy in the future';
      return { at: startOf(subject.root), path: [], message, notes: [`caller: ${caller.arn}`], fix: addRoot(subject) };
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
    proved: true,
    document(subject) {
      const { prover, proof } = proofSubject(subject);
      if (!subject.root || !prover.locksOutAll(proof)) return undefined;
      return { at: startOf(subject.root), path: [], message: 'nobody can call kms:PutKeyPolicy under this policy', fix: addRoot(subject) };
    },
  },
  {
    code: 'KP603',
    name: 'no-delegation',
    severity: 'warning',
    scopes: KEY,
    title: 'the account does not get the key',
    why: 'Without a statement for the account that owns the key, identity policies have no effect on it, and the key can become unmanageable when the named principals are deleted.',
    bad: 'statements for single roles only',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": "kms:*"',
    see: PAGES.defaultPolicy,
    fix: 'unsafe',
    document(subject) {
      const { statements, account, root } = subject;
      if (!root || statements.length === 0 || account === undefined) return undefined;
      const delegates = statements.some(({ effect, principals }) => effect === 'Allow' && principals.some(({ read, negated }) => !negated && (read.class === 'star' || (read.class === 'account' && read.account === account))));
      if (delegates) return undefined;
      return { at: startOf(root), path: [], message: `no statement is for account ${account}: its identity policies have no effect`, fix: addRoot(subject) };
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
    proved: true,
    document(subject) {
      const { prover, proof } = proofSubject(subject);
      return prover.shadowed(proof).map(({ statement: index, by }) => {
        const statement = subject.statements[index]!;
        const secondary = marks(subject, by, (other) => `statement ${nameOf(other)} denies all of it, in every context`);
        return { ...place(statement), message: `statement ${nameOf(statement)} can never allow anything`, secondary, fix: drop(subject, statement, false) };
      });
    },
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
    proved: true,
    document(subject) {
      const { prover, proof } = proofSubject(subject);
      return prover.partlyShadowed(proof).map(({ statement: index, by, principal, action }) => {
        const statement = subject.statements[index]!;
        const named = statement.principals.find(({ text }) => text === principal);
        const secondary = marks(subject, by, (other) => `statement ${nameOf(other)} denies it`);
        return { ...(named ? { at: named.at, path: named.path } : place(statement)), message: `${action} is always denied to ${principal}`, secondary };
      });
    },
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
    proved: true,
    document(subject) {
      const { prover, proof } = proofSubject(subject);
      return prover.subsumed(proof).map(({ statement: index, by }) => {
        const statement = subject.statements[index]!;
        const secondary = marks(subject, by, (other) => `statement ${nameOf(other)} covers it`);
        return { ...place(statement), message: `statement ${nameOf(statement)} adds nothing`, secondary, fix: drop(subject, statement, true) };
      });
    },
  },
  {
    code: 'KP607',
    name: 'idle-deny',
    severity: 'hint',
    scopes: KEY,
    title: 'a Deny of what nobody is allowed',
    why: 'No statement of the policy allows any of these actions, and no grant can: everything that is not allowed is denied anyway.',
    bad: 'Deny kms:ScheduleKeyDeletion, where only kms:Decrypt is allowed',
    good: 'no such Deny',
    see: PAGES.evaluation,
    fix: 'none',
    statement(statement, { statements }) {
      const { effect, covers } = statement;
      if (effect !== 'Deny' || covers.length === 0) return undefined;
      const allowed = new Set(statements.flatMap((other) => (other.effect === 'Allow' ? other.covers.map(({ name }) => name) : [])));
      const reachable = covers.some(({ name, grantable, keyPolicy }) => keyPolicy && (allowed.has(name) || (grantable && allowed.has('CreateGrant'))));
      return reachable ? undefined : { ...place(statement), message: `statement ${nameOf(statement)} denies only what nothing allows` };
    },
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
    proved: true,
    document(subject) {
      const { prover, proof } = proofSubject(subject);
      return prover.neverMatches(proof).map(({ statement: index, why }) => {
        const statement = subject.statements[index]!;
        return { ...place(statement), message: `no request can satisfy statement ${nameOf(statement)}`, notes: [why] };
      });
    },
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
    proved: true,
    document(subject) {
      const { baseline } = subject.settings;
      if (baseline === undefined) return undefined;
      const { prover, proof } = proofSubject(subject);
      return prover.newAccess(proof, readPolicy(baseline)).map(({ statement: index, witness }) => ({
        ...place(subject.statements[index]!),
        message: `${witness.principal} may now ${witness.action}`,
        witness,
      }));
    },
  },
  {
    code: 'KP610',
    name: 'assertion-failed',
    severity: 'error',
    scopes: KEY,
    title: 'somebody can, or cannot, do what the configuration expects',
    why: 'An expectation in the configuration says who must and who must not be allowed something; it is put to the engine that authorizes calls.',
    bad: '{ "principal": "arn:aws:iam::111122223333:role/app", "action": "kms:Decrypt", "allowed": true }, and no statement for it',
    good: 'a policy that meets it',
    see: PAGES.evaluation,
    fix: 'none',
    document: failedExpectations,
  },
  {
    code: 'KP611',
    name: 'ineffective-identity-allow',
    severity: 'warning',
    scopes: IDENTITY,
    title: 'an identity policy that the key policy gives no say',
    why: 'An identity policy allows something on a key only if the key policy lets the account decide. It does not, for this action.',
    bad: 'kms:Decrypt in an identity policy, and no statement for the account in the key policy',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:root" } in the key policy',
    see: PAGES.defaultPolicy,
    fix: 'none',
    statement: ineffective,
  },
];

/** Gives the account everything, as the default key policy does. */
function addRoot({ account, statementMember, statements, text }: Subject): Fix | undefined {
  const list = statementMember?.value;
  const last = list?.items?.at(-1);
  if (!account || !last || statements.length === 0) return undefined;
  const json = `{ "Sid": "EnableIAMUserPermissions", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::${account}:root" }, "Action": "kms:*", "Resource": "*" }`;
  const space = /\s*$/.exec(text.slice(0, last.start))![0] || ' ';
  return { safe: false, title: `give the key to account ${account}`, edits: [{ start: last.end, end: last.end, text: `,${space}${json}` }] };
}

const isKmsAction = (action: string): boolean => /^kms:[A-Za-z]+$/.test(action);

function failedExpectations(subject: Subject): readonly Draft[] {
  const { settings, account, root, faults, text } = subject;
  if (!settings.expectations || account === undefined || root?.kind !== 'object' || faults.length > 0) return [];
  return settings.expectations.filter(({ action }) => isKmsAction(action)).flatMap((expected): readonly Draft[] => {
    const decision = decide(expected, { text, account, region: settings.key?.region ?? 'us-east-1', arn: settings.key?.arn });
    if ((decision.outcome === 'allow') === expected.allowed) return [];
    const wanted = expected.allowed ? 'must be allowed' : 'must not be allowed';
    const message = `${expected.principal} ${wanted} ${expected.action}`;
    return [{ at: startOf(root), path: [], message, notes: [describeDecision(decision)] }];
  });
}

interface Known {
  readonly text: string;
  readonly account: string;
  readonly region: string;
  readonly arn: string | undefined;
}

function decide({ principal, action, context = {} }: Expectation, { text, account, region, arn }: Known) {
  const caller = callerOf(principal);
  const values = contextOf(caller, { time: new Date(0), region, resourceAccount: account });
  for (const [name, value] of Object.entries(context)) values.set(name, value);
  return evaluate({
    caller,
    action,
    resource: { kind: 'key', arn: arn ?? keyArn({ account, region }, '00000000-0000-0000-0000-000000000000'), account },
    keyPolicy: attachPolicy('default', text),
    context: values.values(),
  });
}

function ineffective(statement: StatementView, { settings, account }: Subject): Draft | undefined {
  const { keyPolicy, key } = settings;
  const owner = key?.account ?? account;
  if (statement.effect !== 'Allow' || keyPolicy === undefined || !key || owner === undefined || statement.action?.negated) return undefined;
  const onKey = statement.resource?.items.some(({ text }) => text === '*' || text === key.arn || text.endsWith(':key/*'));
  if (!onKey) return undefined;
  const delegated = readPolicy(keyPolicy).statements.filter(
    ({ effect, principals }) => effect === 'Allow' && principals?.some((named) => named.text === '*' || named.text === owner || named.text.endsWith(`:${owner}:root`)),
  );
  const has = (name: string): boolean =>
    delegated.some(({ actions }) => actions?.some((pattern) => patternCovers(pattern, name)) ?? true);
  const lost = statement.covers.filter(({ name, keyPolicy: onKeys }) => onKeys && !has(name));
  const named = statement.action?.items.filter(({ text }) => lost.some(({ name }) => `kms:${name}`.toLowerCase() === text.toLowerCase())) ?? [];
  const [first] = named;
  if (!first) return undefined;
  const names = named.map(({ text }) => text).join(', ');
  return { at: first.at, path: first.path, message: `the key policy does not let account ${owner} decide about ${names}` };
}
