/** Rules on unintended access. */
import { ACTIONS } from '../../policy/actions.ts';
import { type Fix, addItems, addTest, quote } from '../core/edit.ts';
import { changeOperator } from '../core/operator-edit.ts';
import { type FindingDraft, KEY, OWN, PAGES, type LintRule, EVERY_POLICY } from '../core/rule.ts';
import {
  type PrincipalItem,
  type StatementView,
  type Subject,
  type TestView,
  isAdministration,
  isFull,
  patternCovers,
  placeOfItem,
  placeOfStatement,
} from '../core/subject.ts';

const CHANGERS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^kms:(?:requestalias|resourcealiases)$/, ['CreateAlias', 'UpdateAlias', 'DeleteAlias']],
  [/^aws:resourcetag\//, ['TagResource', 'UntagResource']],
];

const DATA_KEYS = ACTIONS.filter(({ name }) => name.startsWith('GenerateDataKey')).map(({ name }) => name);

const DELETIONS = ['ScheduleKeyDeletion', 'DeleteImportedKeyMaterial'];
const has = ({ covers }: StatementView, name: string): boolean => covers.some((row) => row.name === name);

export const SECURITY_RULES: readonly LintRule[] = [
  {
    code: 'KP501',
    name: 'public',
    severity: 'security',
    scopes: KEY,
    title: 'public access',
    why: '"*" matches every identity in every account. Identities of the key account do not need an identity policy; other accounts can allow the access in their own identity policies.',
    bad: '"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt"',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }',
    see: PAGES.keyPolicy,
    fix: 'none',
    principal({ read, statement, at, path, negated }) {
      if (statement.effect !== 'Allow' || negated || read.class !== 'star' || statement.tests.length > 0)
        return undefined;
      return { at, path, message: 'every principal in every account is allowed', label: 'without a condition' };
    },
  },
  {
    code: 'KP503',
    name: 'confused-deputy',
    severity: 'security',
    scopes: KEY,
    title: 'service principal without a source condition',
    why: 'A service uses the same service principal for all its customers (confused deputy). Limit it to your resources with aws:SourceArn, aws:SourceAccount or aws:SourceOrgID.',
    bad: '"Principal": { "Service": "cloudtrail.amazonaws.com" }, "Action": "kms:GenerateDataKey*"',
    good: '…, "Condition": { "StringEquals": { "aws:SourceAccount": "111122223333" } }',
    see: PAGES.confusedDeputy,
    fix: 'unsafe',
    issue: 'RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL',
    principal: confusedDeputy,
  },
  {
    code: 'KP504',
    name: 'grant-escape-hatch',
    severity: 'security',
    otherwise: { hint: 'for a statement for key administrators' },
    scopes: OWN,
    title: 'kms:CreateGrant without conditions',
    why: 'A principal that can create grants can give any grant operation to any principal, including itself. kms:GrantIsForAWSResource limits it to grants for AWS services; kms:GranteePrincipal and kms:GrantOperations limit grantees and operations (AWS Control Tower CT.KMS.PV.1).',
    bad: '"Action": ["kms:ListGrants", "kms:CreateGrant"]',
    good: '…, "Condition": { "Bool": { "kms:GrantIsForAWSResource": "true" } }',
    see: PAGES.grants,
    fix: 'unsafe',
    statement: grantEscapeHatch,
  },
  {
    code: 'KP506',
    name: 'no-separation-of-duties',
    severity: 'warning',
    scopes: KEY,
    title: 'principal with both key administration and decryption',
    why: 'Separate key administration from decryption, so that one compromised credential does not give both.',
    bad: 'role/app with kms:PutKeyPolicy and kms:Decrypt',
    good: 'kms:PutKeyPolicy for role/admin, kms:Decrypt for role/app',
    see: PAGES.defaultPolicy,
    fix: 'none',
    document: noSeparation,
  },
  {
    code: 'KP507',
    name: 'abac-writable',
    severity: 'security',
    scopes: OWN,
    title: 'access depends on tags or aliases that the principal can change',
    why: 'If conditions depend on tags or aliases, permission to change them is permission to change access to the key.',
    bad: '"Condition": { "StringEquals": { "kms:RequestAlias": "alias/app" } }, and kms:CreateAlias for the same role',
    good: 'kms:CreateAlias for another role',
    see: PAGES.abac,
    fix: 'none',
    test: abacWritable,
  },
  {
    code: 'KP508',
    name: 'incomplete-deny',
    severity: 'security',
    scopes: OWN,
    title: 'Deny statement that can be bypassed',
    why: 'kms:ReEncryptFrom decrypts ciphertexts like kms:Decrypt, and each kms:GenerateDataKey... action generates data keys. Deny all actions with the same effect.',
    bad: '"Effect": "Deny", "Action": "kms:Decrypt"',
    good: '"Effect": "Deny", "Action": ["kms:Decrypt", "kms:ReEncryptFrom"]',
    see: PAGES.permissions,
    fix: 'unsafe',
    statement: incompleteDeny,
  },
  {
    code: 'KP509',
    name: 'unguarded-deletion',
    severity: 'warning',
    scopes: KEY,
    title: 'key deletion by a principal that is not an administrator',
    why: 'Data that is encrypted under a deleted key cannot be decrypted. Require a long waiting period with kms:ScheduleKeyDeletionPendingWindowInDays, or MFA with aws:MultiFactorAuthPresent.',
    bad: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }, "Action": "kms:ScheduleKeyDeletion"',
    good: '…, "Condition": { "NumericGreaterThanEquals": { "kms:ScheduleKeyDeletionPendingWindowInDays": "30" } }',
    see: PAGES.permissions,
    fix: 'none',
    statement: unguardedDeletion,
  },
  {
    code: 'KP511',
    name: 'mfa-antipattern',
    severity: 'security',
    scopes: EVERY_POLICY,
    title: 'MFA condition that requests without the condition key satisfy',
    why: 'aws:MultiFactorAuthPresent is absent from requests with long-term credentials. Use BoolIfExists with false in a Deny statement, and Bool with true in an Allow statement.',
    bad: '"Effect": "Deny", "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "false" } }',
    good: '"Effect": "Deny", "Condition": { "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } }',
    see: PAGES.globalKeys,
    fix: 'safe',
    test(test, { text }) {
      const { name, block, values, statement, member, path } = test;
      if (name !== 'aws:multifactorauthpresent') return undefined;
      const [value] = values;
      const wanted = value?.text.toLowerCase();
      const wrong =
        statement.effect === 'Deny'
          ? block.name === 'Bool' && wanted === 'false'
          : statement.effect === 'Allow' && block.name === 'BoolIfExists' && wanted === 'true';
      if (!wrong) return undefined;
      const operator = statement.effect === 'Deny' ? 'BoolIfExists' : 'Bool';
      const fix: Fix = { safe: true, title: `write ${operator}`, edits: changeOperator(test, operator, text) };
      const gap = statement.effect === 'Deny' ? 'not denied' : 'allowed';
      return {
        at: member,
        path,
        message: `requests with long-term credentials are ${gap}`,
        secondary: [{ at: block, message: `must be ${operator}` }],
        fix,
      };
    },
  },
];

const tested = (statement: StatementView, keys: RegExp): boolean => statement.tests.some(({ name }) => keys.test(name));

/** The account principal only delegates: its identity policies say who. */
const isDelegation = ({ principals }: StatementView): boolean =>
  principals.length > 0 && principals.every(({ read }) => read.class === 'account');

/** Where an action stands, for carets: the pattern that covers it, else the statement. */
const placeOfAction = (statement: StatementView, name: string) => {
  const item = statement.action?.negated
    ? undefined
    : statement.action?.items.find(({ text }) => patternCovers(text, name));
  return item ? placeOfItem(item) : placeOfStatement(statement);
};

function confusedDeputy(
  { statement, text, at, path, type }: PrincipalItem,
  subject: Subject,
): FindingDraft | undefined {
  if (statement.effect !== 'Allow' || type !== 'Service' || statement.principalMember?.name !== 'Principal')
    return undefined;
  if (tested(statement, /^aws:(?:source(?:arn|account|orgid|orgpaths)|principalorgid)$|^kms:encryptioncontext/))
    return undefined;
  const message = `${text} can use the key for resources of any account`;
  const { account } = subject;
  if (account === undefined) return { at, path, message };
  const edits = [
    addTest(subject.text, statement.node, { operator: 'StringEquals', key: 'aws:SourceAccount', value: account }),
  ];
  return { at, path, message, fix: { safe: false, title: `require aws:SourceAccount ${account}`, edits } };
}

function grantEscapeHatch(statement: StatementView, { kind, text }: Subject): FindingDraft | undefined {
  const { effect, node } = statement;
  if (effect !== 'Allow' || !has(statement, 'CreateGrant') || isFull(statement)) return undefined;
  if (kind === 'key' && isDelegation(statement)) return undefined;
  if (tested(statement, /^kms:(?:grantisforawsresource|grantee(?:service)?principal|grantoperations|viaservice)$/))
    return undefined;
  const who = statement.principals.length === 1 ? statement.principals[0]!.text : 'these principals';
  const subject = kind === 'key' ? who : 'the identity';
  const alone = statement.covers.every(({ name }) => ['CreateGrant', 'ListGrants', 'RevokeGrant'].includes(name));
  const edits = [addTest(text, node, { operator: 'Bool', key: 'kms:GrantIsForAWSResource', value: 'true' })];
  const fix: Fix = { safe: false, title: 'require kms:GrantIsForAWSResource', edits };
  return {
    ...placeOfAction(statement, 'CreateGrant'),
    // who administers the key can do the same with its policy
    ...(isAdministration(statement) ? { severity: 'hint' as const } : {}),
    message: `kms:CreateGrant allows ${subject} to give access to any principal`,
    label: 'without a condition on kms:GrantIsForAWSResource, kms:GranteePrincipal or kms:GrantOperations',
    ...(alone ? { fix } : {}),
  };
}

/** Principals that are one identity, by text. */
function identities(statements: readonly StatementView[], wanted: (statement: StatementView) => boolean) {
  const found = new Map<string, PrincipalItem>();
  for (const statement of statements) {
    if (statement.effect !== 'Allow' || !wanted(statement)) continue;
    for (const principal of statement.principals) {
      if (['user', 'role', 'session'].includes(principal.read.class) && !found.has(principal.text))
        found.set(principal.text, principal);
    }
  }
  return found;
}

function noSeparation({ statements }: Subject): readonly FindingDraft[] {
  const admins = identities(statements, (statement) => has(statement, 'PutKeyPolicy') && !isFull(statement));
  const users = identities(statements, (statement) => has(statement, 'Decrypt') && !isFull(statement));
  return [...admins].flatMap(([text, admin]): readonly FindingDraft[] => {
    const user = users.get(text);
    if (!user) return [];
    const secondary = user === admin ? [] : [{ at: user.at, message: 'decryption is allowed here' }];
    return [{ at: admin.at, path: admin.path, message: `${text} can change the key policy and decrypt`, secondary }];
  });
}

function abacWritable(
  { name, statement, member, path }: TestView,
  { kind, statements }: Subject,
): FindingDraft | undefined {
  const changing = CHANGERS.find(([keys]) => keys.test(name))?.[1];
  if (!changing || statement.covers.every((row) => changing.includes(row.name))) return undefined;
  const texts = new Set(statement.principals.filter(({ read }) => read.class !== 'account').map(({ text }) => text));
  for (const other of statements) {
    const action = other.effect === 'Allow' ? changing.find((wanted) => has(other, wanted)) : undefined;
    if (!action || isFull(other)) continue;
    const same = kind === 'identity' || other.principals.some(({ text }) => texts.has(text));
    if (!same || (statement.effect === 'Allow' && other === statement)) continue;
    const secondary = [{ at: placeOfAction(other, action).at, message: `kms:${action} changes its value` }];
    return { at: member, path, message: `the principal can change the value of ${member.name}`, secondary };
  }
  return undefined;
}

function incompleteDeny(statement: StatementView, { statements, text }: Subject): FindingDraft | undefined {
  const { effect, action, members } = statement;
  if (effect !== 'Deny' || !action || action.negated) return undefined;
  const print = (other: StatementView, name: string): string => {
    const value = other.members.get(name)?.value;
    return value ? text.slice(value.start, value.end).replaceAll(/\s/g, '') : '';
  };
  const alike = statements.filter(
    (other) =>
      other.effect === 'Deny' &&
      ['Principal', 'NotPrincipal', 'Condition'].every((name) => print(other, name) === print(statement, name)),
  );
  const denied = (name: string): boolean => alike.some((other) => has(other, name));
  const reencryption = has(statement, 'Decrypt') ? ['ReEncryptFrom'] : [];
  const dataKeys = DATA_KEYS.some((name) => has(statement, name)) ? DATA_KEYS : [];
  const left = [...reencryption, ...dataKeys].filter((name) => !denied(name));
  if (left.length === 0) return undefined;
  const first =
    has(statement, 'Decrypt') && left.includes('ReEncryptFrom')
      ? 'Decrypt'
      : DATA_KEYS.find((name) => has(statement, name))!;
  const names = left.map((name) => `kms:${name}`);
  const edits = [addItems(text, action.member.value, names)];
  const others = ['CreateGrant', 'PutKeyPolicy'].filter((name) => !denied(name)).map((name) => `kms:${name}`);
  const notes =
    others.length > 0 && !members.has('Condition')
      ? [`a principal with ${others.join(' or ')} can give the operation to others, or remove the Deny`]
      : [];
  return {
    ...placeOfAction(statement, first),
    message: `the Deny does not include ${names.join(', ')}`,
    notes,
    fix: { safe: false, title: `also deny ${names.map(quote).join(', ')}`, edits },
  };
}

const GUARD =
  /^(?:kms:schedulekeydeletionpendingwindowindays|kms:trailingdayswithoutkeyusage|aws:multifactorauth(?:present|age))$/;

function unguardedDeletion(statement: StatementView, { statements }: Subject): FindingDraft | undefined {
  if (statement.effect !== 'Allow' || isFull(statement) || tested(statement, GUARD)) return undefined;
  const action = DELETIONS.find((name) => has(statement, name));
  if (!action) return undefined;
  const guarded = statements.some((other) => other.effect === 'Deny' && has(other, action) && tested(other, GUARD));
  const admins = identities(statements, (other) => has(other, 'PutKeyPolicy'));
  const others = statement.principals.filter(({ read, text }) => read.class !== 'account' && !admins.has(text));
  if (guarded || others.length === 0) return undefined;
  const secondary = others.map(({ at }) => ({ at, message: 'not an administrator: cannot change the key policy' }));
  return { ...placeOfAction(statement, action), message: `kms:${action} is allowed without a condition`, secondary };
}
