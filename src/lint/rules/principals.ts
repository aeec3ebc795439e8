/** KP101 to KP114: whom statements name. */
import { parseArn } from '../../model/arn.ts';
import { isAccountId } from '../../model/account.ts';
import { readPrincipalArn } from '../../model/principal-arn.ts';
import type { PrincipalFault } from '../../policy/principal.ts';
import { addTest, print, quote, replace, type Fix } from '../core/edit.ts';
import { KEY, PAGES, RESOURCE, type FindingDraft, type LintRule } from '../core/rule.ts';
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
    scopes: RESOURCE,
    title: 'not a principal',
    why: 'A principal is "*", or under AWS an account ID, an ARN of an account root, user, role or session, or a unique id, or under Service the name of a service. KMS refuses the policy: it contains one or more invalid principals.',
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
    scopes: RESOURCE,
    title: 'a wildcard inside a principal',
    why: 'Principals are compared as a whole: a * or ? in an ARN is refused. A condition on aws:PrincipalArn can say what is meant.',
    bad: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app-*" }',
    good: '"Principal": { "AWS": "*" }, "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/app-*" } }',
    see: PAGES.principal,
    fix: 'unsafe',
    issue: 'UNSUPPORTED_WILDCARD_IN_PRINCIPAL',
    principal(principal, subject) {
      const draft = faulty('wildcard', (text) => `${text} has a wildcard, which principals cannot have`)(principal);
      return draft && { ...draft, fix: asCondition(principal, subject) };
    },
  },
  {
    code: 'KP103',
    name: 'principal-group',
    severity: 'error',
    scopes: RESOURCE,
    title: 'an IAM group as a principal',
    why: 'A group is no identity and never calls. Name a role, or delegate to the account and give the group an identity policy.',
    bad: '"Principal": { "AWS": "arn:aws:iam::111122223333:group/admins" }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/admin" }',
    see: PAGES.keyPolicy,
    fix: 'none',
    principal: faulty('group', (text) => `${text} is an IAM group, which is never a principal`),
  },
  {
    code: 'KP104',
    name: 'principal-unique-id',
    severity: 'warning',
    scopes: RESOURCE,
    title: 'what is left of a deleted user or role',
    why: 'When a user or role is deleted, its unique id is shown in its place. A new one of the same name is another one and gets nothing from this.',
    bad: '"Principal": { "AWS": "AROAEXAMPLEROLEID1234" }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }',
    see: PAGES.principal,
    fix: 'safe',
    issue: 'INVALID_ROLE_REFERENCE',
    principal({ read, text, at, path }, { settings }) {
      if (!read.byId) return undefined;
      const arn = settings.arnOf?.(text);
      const message = `${quote(text)} is the unique id of a ${read.class}, left when it was deleted`;
      if (arn === undefined) return { at, path, message };
      return { at, path, message, fix: { safe: true, title: `write ${arn}`, edits: [replace(at, quote(arn))] } };
    },
  },
  {
    code: 'KP105',
    name: 'principal-unknown',
    severity: 'warning',
    scopes: KEY,
    title: 'a principal that does not exist',
    why: 'Principals must exist when a policy is written; otherwise KMS refuses it.',
    bad: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/ap" }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }',
    see: PAGES.keyPolicy,
    fix: 'none',
    principal({ read, text, type, at, path }, { settings }) {
      if (read.fault || read.byId || read.class === 'star' || read.class === 'service') return undefined;
      if (settings.principalExists?.({ type, text }) ?? true) return undefined;
      return { at, path, message: `${quote(text)} is not among the known identities` };
    },
  },
  {
    code: 'KP106',
    name: 'service-principal',
    severity: 'error',
    scopes: RESOURCE,
    title: 'a service that is not named as one',
    why: 'Services stand under "Service", by their host name: cloudtrail.amazonaws.com.',
    bad: '"Principal": { "AWS": "cloudtrail.amazonaws.com" }',
    good: '"Principal": { "Service": "cloudtrail.amazonaws.com" }',
    see: PAGES.services,
    fix: 'safe',
    issue: 'INVALID_SERVICE_PRINCIPAL_FORMAT',
    principal(principal) {
      const { type, statement, inList } = principal;
      const draft = faulty('service', (text) =>
        type === 'Service' ? `${text} is not the name of a service` : `${text} is a service and stands under Service`,
      )(principal);
      const value = statement.principalMember?.value;
      if (!draft || type !== 'AWS' || inList || value?.members?.length !== 1) return draft;
      const edits = [replace(value.members[0]!, quote('Service'))];
      return { ...draft, fix: { safe: true, title: 'move it under Service', edits } };
    },
  },
  {
    code: 'KP107',
    name: 'principal-type-unsupported',
    severity: 'error',
    scopes: KEY,
    title: 'a kind of principal that key policies do not have',
    why: 'Federated belongs to trust policies of roles, CanonicalUser to buckets of S3. KMS refuses both.',
    bad: '"Principal": { "Federated": "cognito-identity.amazonaws.com" }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app-users" }',
    see: PAGES.keyPolicy,
    fix: 'none',
    issue: 'FEDERATED_PRINCIPAL_NOT_SUPPORTED',
    principal({ read, type, at, path }) {
      if (read.fault !== 'type') return undefined;
      return { at, path, message: `a key policy cannot name principals of the type ${quote(type)}` };
    },
  },
  {
    code: 'KP108',
    name: 'session-principal',
    severity: 'warning',
    scopes: KEY,
    title: 'one session of a role',
    why: 'Sessions have a new name each time a role is assumed (an instance id, a user, a number); the statement stops working with the next one.',
    bad: '"Principal": { "AWS": "arn:aws:sts::111122223333:assumed-role/app/i-0abc" }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }',
    see: PAGES.principal,
    fix: 'unsafe',
    principal({ read, text, at, path, negated }) {
      if (read.class !== 'session' || negated) return undefined; // NotPrincipal must list sessions
      const { partition, account, name } = readPrincipalArn(text)!;
      const role = `arn:${partition}:iam::${account}:role/${name}`;
      const fix: Fix = { safe: false, title: `name the role ${role}`, edits: [replace(at, quote(role))] };
      return { at, path, message: `${quote(text)} is one session of a role, not the role`, fix };
    },
  },
  {
    code: 'KP110',
    name: 'not-principal-allow',
    severity: 'error',
    scopes: RESOURCE,
    title: 'NotPrincipal in an Allow',
    why: 'It would allow everyone in the world but those listed. KMS does not support it.',
    bad: '{ "Effect": "Allow", "NotPrincipal": … }',
    good: '{ "Effect": "Allow", "Principal": … }',
    see: PAGES.notPrincipal,
    fix: 'none',
    issue: 'ALLOW_WITH_NOT_PRINCIPAL',
    statement({ effect, principalMember, path }) {
      if (effect !== 'Allow' || principalMember?.name !== 'NotPrincipal') return undefined;
      return { at: principalMember, path: [...path, 'NotPrincipal'], message: 'NotPrincipal works with Deny only' };
    },
  },
  {
    code: 'KP111',
    name: 'not-principal-deny',
    severity: 'warning',
    scopes: RESOURCE,
    title: 'NotPrincipal in a Deny',
    why: 'It also denies a listed principal that has a permissions boundary, and one whose account, role and session are not all listed. A condition on aws:PrincipalArn has neither trap.',
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
    title: 'another account has access',
    why: 'An account that is named here can hand its access on to its own users and roles. Accounts that are meant belong into trustedAccounts of the configuration.',
    bad: '"Principal": { "AWS": "arn:aws:iam::444455556666:root" }',
    good: 'the account in trustedAccounts, and one role of it instead of all',
    see: PAGES.crossAccount,
    fix: 'none',
    principal({ read, text, at, path, statement }, { account, settings }) {
      const other = read.account;
      if (statement.effect !== 'Allow' || !account || !other || other === account) return undefined;
      if (settings.trustedAccounts?.includes(other)) return undefined;
      const whole = read.class === 'account' ? ', and to whomever it chooses' : '';
      return { at, path, message: `${quote(text)} gives access to account ${other}${whole}` };
    },
  },
  {
    code: 'KP113',
    name: 'account-id',
    severity: 'error',
    scopes: RESOURCE,
    title: 'not an account ID, or one of another partition',
    why: 'Account IDs have 12 digits, zeros in front included. Principals of one partition (aws, aws-cn, aws-us-gov) cannot use keys of another.',
    bad: '"Principal": { "AWS": "arn:aws:iam::11112222333:root" }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:root" }',
    see: PAGES.principal,
    fix: 'none',
    issue: 'INVALID_ARN_ACCOUNT',
    principal(principal, { settings }) {
      const draft = faulty('account', (text) => `${text} has no account ID of 12 digits`)(principal);
      if (draft) return draft;
      const { text, at, path } = principal;
      if (/^\d{5,}$/.test(text)) return undefined;
      const [theirs, ours] = [readPrincipalArn(text)?.partition, parseArn(settings.key?.arn ?? '')?.partition];
      if (!theirs || !ours || theirs === ours) return undefined;
      return {
        at,
        path,
        severity: 'warning',
        message: `${quote(text)} is of the partition ${theirs}, the key of ${ours}`,
      };
    },
  },
  {
    code: 'KP114',
    name: 'star-without-services',
    severity: 'warning',
    scopes: RESOURCE,
    title: 'a statement for services that allows them nothing',
    why: 'AWS does not say whether { "AWS": "*" } means service principals too. It is taken for AWS identities alone in an Allow, and for everyone in a Deny. A condition that only calls of a service principal meet then lets nobody in: name the service, or everyone as "*".',
    bad: '"Effect": "Allow", "Principal": { "AWS": "*" }, "Condition": { "Bool": { "aws:PrincipalIsAWSService": "true" } }',
    good: '"Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" }',
    see: PAGES.principal,
    fix: 'none',
    principal({ read, type, at, path, negated, statement }) {
      if (statement.effect !== 'Allow' || negated || read.class !== 'star' || type !== 'AWS') return undefined;
      if (statement.principals.some((other) => other.read.class === 'service')) return undefined;
      const test = statement.tests.find(isMetByServicesAlone);
      if (!test) return undefined;
      const message = `{ "AWS": "*" } allows services nothing, and ${test.member.name} asks for one`;
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
  const notes = lacking.length > 0 ? [`NotPrincipal must list ${lacking.join(' and ')} of each principal as well`] : [];
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
