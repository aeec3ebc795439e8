/** KP101 to KP114: rules on principals. */
import { parseArn } from '../../model/arn.ts';
import { isAccountId } from '../../model/account.ts';
import { readPrincipalArn } from '../../model/principal-arn.ts';
import type { PrincipalFault } from '../../policy/principal.ts';
import { addTest, print, quote, replace, type Fix } from '../core/edit.ts';
import { KEY, PAGES, RESOURCE, type FindingDraft, type LintRule, WITH_PRINCIPALS } from '../core/rule.ts';
import type { PrincipalItem, StatementView, Subject, TestView } from '../core/subject.ts';

/** Principals that readPrincipal() finds this wrong with. */
const faulty =
  (fault: PrincipalFault, message: (text: string) => string) =>
  ({ read, text, at, path }: PrincipalItem): FindingDraft | undefined =>
    read.fault === fault ? { at, path, message: message(quote(text)) } : undefined;

export const PRINCIPAL_RULES: readonly LintRule[] = [
  {
    code: 'KP101',
    name: 'principal-format',
    severity: 'error',
    scopes: WITH_PRINCIPALS,
    title: 'invalid principal',
    why: 'A principal is "*"; under AWS, an account ID, the ARN of an account root user, user, role or role session, or a unique ID; or under Service, a service principal. KMS rejects a policy with an invalid principal.',
    bad: '"Principal": { "AWS": "app" }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }',
    see: PAGES.principal,
    fix: 'none',
    issue: 'INVALID_PRINCIPAL_FORMAT',
    principal: faulty('form', (text) => `${text} is not a principal`),
  },
  {
    code: 'KP102',
    name: 'principal-partial-wildcard',
    severity: 'error',
    scopes: WITH_PRINCIPALS,
    title: 'wildcard in a principal',
    why: 'Principal ARNs cannot contain the wildcards * and ?. Use a condition on aws:PrincipalArn.',
    bad: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app-*" }',
    good: '"Principal": { "AWS": "*" }, "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/app-*" } }',
    see: PAGES.principal,
    fix: 'unsafe',
    issue: 'UNSUPPORTED_WILDCARD_IN_PRINCIPAL',
    principal(principal, subject) {
      const draft = faulty(
        'wildcard',
        (text) => `${text} contains a wildcard, which is not allowed in a principal`,
      )(principal);
      return draft && { ...draft, fix: asCondition(principal, subject) };
    },
  },
  {
    code: 'KP103',
    name: 'principal-group',
    severity: 'error',
    scopes: WITH_PRINCIPALS,
    title: 'IAM group as a principal',
    why: 'An IAM group cannot be a principal. Use a role, or allow the account and attach an identity policy to the group.',
    bad: '"Principal": { "AWS": "arn:aws:iam::111122223333:group/admins" }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/admin" }',
    see: PAGES.keyPolicy,
    fix: 'none',
    principal: faulty('group', (text) => `${text} is an IAM group, which cannot be a principal`),
  },
  {
    code: 'KP104',
    name: 'principal-unique-id',
    severity: 'warning',
    scopes: WITH_PRINCIPALS,
    title: 'unique ID of a deleted user or role',
    why: 'When a user or role is deleted, its ARN in the policy is replaced by its unique ID, and the ARN of a session of the role by that ID and the name of the session. A new user or role with the same name has another unique ID and does not get this access.',
    bad: '"Principal": { "AWS": "AROAEXAMPLEROLEID1234" }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }',
    see: PAGES.principal,
    fix: 'safe',
    issue: 'INVALID_ROLE_REFERENCE',
    principal({ read, text, at, path }, { settings }) {
      if (!read.byId) return undefined;
      const arn = settings.arnOf?.(text);
      const what =
        read.class === 'session' ? 'a session of a deleted role' : `the unique ID of a deleted ${read.class}`;
      const message = `${quote(text)} is ${what}`;
      if (arn === undefined) return { at, path, message };
      return { at, path, message, fix: { safe: true, title: `write ${arn}`, edits: [replace(at, quote(arn))] } };
    },
  },
  {
    code: 'KP105',
    name: 'principal-unknown',
    severity: 'warning',
    scopes: KEY,
    title: 'principal that does not exist',
    why: 'Principals must exist when a policy is written. KMS rejects a policy with a principal that does not exist.',
    bad: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/ap" }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }',
    see: PAGES.keyPolicy,
    fix: 'none',
    principal({ read, text, type, at, path }, { settings }) {
      if (read.fault || read.byId || read.class === 'star' || read.class === 'service') return undefined;
      if (settings.principalExists?.({ type, text }) ?? true) return undefined;
      return { at, path, message: `${quote(text)} is not one of the known identities` };
    },
  },
  {
    code: 'KP106',
    name: 'service-principal',
    severity: 'error',
    scopes: WITH_PRINCIPALS,
    title: 'invalid service principal',
    why: 'Service principals are listed under "Service", by host name, such as cloudtrail.amazonaws.com.',
    bad: '"Principal": { "AWS": "cloudtrail.amazonaws.com" }',
    good: '"Principal": { "Service": "cloudtrail.amazonaws.com" }',
    see: PAGES.services,
    fix: 'safe',
    issue: 'INVALID_SERVICE_PRINCIPAL_FORMAT',
    principal(principal) {
      const { type, statement, inList } = principal;
      const draft = faulty('service', (text) =>
        type === 'Service'
          ? `${text} is not a service principal`
          : `${text} is a service principal and must be under Service`,
      )(principal);
      const value = statement.principalMember?.value;
      if (!draft || type !== 'AWS' || inList || value?.members?.length !== 1) return draft;
      const edits = [replace(value.members[0]!, quote('Service'))];
      return { ...draft, fix: { safe: true, title: 'move to Service', edits } };
    },
  },
  {
    code: 'KP107',
    name: 'principal-type-unsupported',
    severity: 'error',
    scopes: KEY,
    title: 'principal type that key policies do not support',
    why: 'Federated is for role trust policies, CanonicalUser for S3 bucket policies. KMS rejects both.',
    bad: '"Principal": { "Federated": "cognito-identity.amazonaws.com" }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app-users" }',
    see: PAGES.keyPolicy,
    fix: 'none',
    issue: 'FEDERATED_PRINCIPAL_NOT_SUPPORTED',
    principal({ read, type, at, path }) {
      if (read.fault !== 'type') return undefined;
      return { at, path, message: `a key policy cannot have principals of type ${quote(type)}` };
    },
  },
  {
    code: 'KP108',
    name: 'session-principal',
    severity: 'warning',
    scopes: KEY,
    title: 'role session as a principal',
    why: 'Role sessions usually have a new name each time the role is assumed, so the statement does not apply to the next session. Use the role.',
    bad: '"Principal": { "AWS": "arn:aws:sts::111122223333:assumed-role/app/i-0abc" }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }',
    see: PAGES.principal,
    fix: 'unsafe',
    principal({ read, text, at, path, negated }) {
      if (read.class !== 'session' || read.byId || negated) return undefined; // NotPrincipal must list sessions
      const { partition, account, name } = readPrincipalArn(text)!;
      const role = `arn:${partition}:iam::${account}:role/${name}`;
      const fix: Fix = { safe: false, title: `use the role ${role}`, edits: [replace(at, quote(role))] };
      return { at, path, message: `${quote(text)} is a role session, not the role`, fix };
    },
  },
  {
    code: 'KP110',
    name: 'not-principal-allow',
    severity: 'error',
    scopes: WITH_PRINCIPALS,
    title: 'NotPrincipal in an Allow statement',
    why: 'It would allow every principal that is not listed. KMS does not support it.',
    bad: '{ "Effect": "Allow", "NotPrincipal": … }',
    good: '{ "Effect": "Allow", "Principal": … }',
    see: PAGES.notPrincipal,
    fix: 'none',
    issue: 'ALLOW_WITH_NOT_PRINCIPAL',
    statement({ effect, principalMember, path }) {
      if (effect !== 'Allow' || principalMember?.name !== 'NotPrincipal') return undefined;
      return {
        at: principalMember,
        path: [...path, 'NotPrincipal'],
        message: 'NotPrincipal is supported only with Deny',
      };
    },
  },
  {
    code: 'KP111',
    name: 'not-principal-deny',
    severity: 'warning',
    scopes: RESOURCE,
    title: 'NotPrincipal in a Deny statement',
    why: 'It also denies listed principals that have a permissions boundary, and listed role sessions unless their role and account are listed too. Use a condition on aws:PrincipalArn instead.',
    bad: '{ "Effect": "Deny", "NotPrincipal": { "AWS": "arn:aws:iam::111122223333:role/admin" } }',
    good: '{ "Effect": "Deny", "Principal": "*", "Condition": { "ArnNotEquals": { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/admin" } } }',
    see: PAGES.notPrincipal,
    fix: 'unsafe',
    statement: notPrincipalDeny,
  },
  {
    code: 'KP112',
    name: 'cross-account',
    severity: 'security',
    scopes: KEY,
    title: 'access for another account',
    why: 'The account can delegate the access to its users and roles. Add accounts that should have access to trustedAccounts in the configuration.',
    bad: '"Principal": { "AWS": "arn:aws:iam::444455556666:root" }',
    good: 'the account in trustedAccounts, and one of its roles as the principal',
    see: PAGES.crossAccount,
    fix: 'none',
    principal({ read, text, at, path, statement }, { account, settings }) {
      const other = read.account;
      if (statement.effect !== 'Allow' || !account || !other || other === account) return undefined;
      if (settings.trustedAccounts?.includes(other)) return undefined;
      const whole = read.class === 'account' ? ', which can delegate it' : '';
      return { at, path, message: `${quote(text)} gives access to account ${other}${whole}` };
    },
  },
  {
    code: 'KP113',
    name: 'account-id',
    severity: 'error',
    otherwise: { warning: 'for another partition' },
    scopes: WITH_PRINCIPALS,
    title: 'invalid account ID, or account in another partition',
    why: 'Account IDs have 12 digits, including leading zeros. Principals in one partition (aws, aws-cn, aws-us-gov) cannot use keys in another.',
    bad: '"Principal": { "AWS": "arn:aws:iam::11112222333:root" }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:root" }',
    see: PAGES.principal,
    fix: 'none',
    issue: 'INVALID_ARN_ACCOUNT',
    principal(principal, { settings }) {
      const draft = faulty('account', (text) => `${text} does not have an account ID of 12 digits`)(principal);
      if (draft) return draft;
      const { text, at, path } = principal;
      if (/^\d{5,}$/.test(text)) return undefined;
      const [theirs, ours] = [readPrincipalArn(text)?.partition, parseArn(settings.key?.arn ?? '')?.partition];
      if (!theirs || !ours || theirs === ours) return undefined;
      return {
        at,
        path,
        severity: 'warning',
        message: `${quote(text)} is in partition ${theirs}, the key in partition ${ours}`,
      };
    },
  },
  {
    code: 'KP114',
    name: 'star-without-services',
    severity: 'warning',
    scopes: RESOURCE,
    title: 'Allow statement for services without a service principal',
    why: 'AWS does not document whether { "AWS": "*" } includes service principals. Here it does not in an Allow statement, and it does in a Deny statement. With a condition that only service principals satisfy, the statement therefore allows no one: list the service principal, or use "*".',
    bad: '"Effect": "Allow", "Principal": { "AWS": "*" }, "Condition": { "Bool": { "aws:PrincipalIsAWSService": "true" } }',
    good: '"Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" }',
    see: PAGES.principal,
    fix: 'none',
    principal({ read, type, at, path, negated, statement }) {
      if (statement.effect !== 'Allow' || negated || read.class !== 'star' || type !== 'AWS') return undefined;
      if (statement.principals.some((other) => other.read.class === 'service')) return undefined;
      const test = statement.tests.find(isMetByServicesAlone);
      if (!test) return undefined;
      const message = `{ "AWS": "*" } does not allow service principals, and ${test.member.name} requires one`;
      return { at, path, message };
    },
  },
];

const ONLY_SERVICES = new Set(['aws:principalservicename', 'aws:principalservicenameslist']);

function isMetByServicesAlone({ name, use, values }: TestView): boolean {
  if (!use || use.operator.negated || use.ifExists || use.set === 'ForAllValues') return false;
  if (name === 'aws:principalisawsservice') return values.length > 0 && values.every(({ text }) => text === 'true');
  return ONLY_SERVICES.has(name) && use.operator.family === 'String';
}

/** `"*"` and a condition on the ARN instead; only where the statement names nobody else. */
function asCondition({ statement, text: arn }: PrincipalItem, { text }: Subject): Fix | undefined {
  const value = statement.principalMember?.value;
  if (!value || statement.principals.length !== 1 || statement.principals[0]!.negated) return undefined;
  const account = parseArn(arn)?.account ?? '';
  const edits = [
    replace(value, print({ AWS: '*' })),
    addTest(text, statement.node, { operator: 'ArnLike', key: 'aws:PrincipalArn', value: arn }),
  ];
  if (isAccountId(account) && !statement.members.has('Condition')) {
    const condition = { ArnLike: { 'aws:PrincipalArn': arn }, StringEquals: { 'aws:PrincipalAccount': account } };
    edits[1] = { ...edits[1]!, text: edits[1]!.text.replace(print({ ArnLike: condition.ArnLike }), print(condition)) };
  }
  return { safe: false, title: 'allow "*" under a condition on aws:PrincipalArn', edits };
}

function notPrincipalDeny(statement: StatementView, { text }: Subject): FindingDraft | undefined {
  const { effect, principalMember, path, principals, node } = statement;
  if (effect !== 'Deny' || principalMember?.name !== 'NotPrincipal') return undefined;
  const kinds = new Set(principals.map(({ read }) => read.class));
  const lacking = [
    kinds.has('account') ? '' : 'the account',
    kinds.has('session') && !kinds.has('role') ? 'the role' : '',
    kinds.has('role') && !kinds.has('session') ? 'the session' : '',
  ].filter((name) => name !== '');
  const notes =
    lacking.length > 0 ? [`NotPrincipal must also list the ${lacking.join(' and ')} of each principal`] : [];
  const arns = principals.filter(
    ({ read }) => read.class === 'role' || read.class === 'user' || read.class === 'account',
  );
  const names = arns.map(({ text: arn }) => arn).filter((arn) => arn.startsWith('arn:'));
  const fix: Fix | undefined =
    names.length > 0 && names.length === principals.length
      ? {
          safe: false,
          title: 'deny "*" under ArnNotEquals on aws:PrincipalArn',
          edits: [
            { start: principalMember.start, end: principalMember.value.end, text: '"Principal": "*"' },
            addTest(text, node, {
              operator: 'ArnNotEquals',
              key: 'aws:PrincipalArn',
              value: names.length === 1 ? names[0] : names,
            }),
          ],
        }
      : undefined;
  const message = 'NotPrincipal also denies listed principals that have a permissions boundary';
  return { at: principalMember, path: [...path, 'NotPrincipal'], message, notes, fix };
}
