/** KP613, KP614: grants, as ListGrants answers them. */
import { actionRow } from '../../policy/actions.ts';

import type { JsonNode } from '../../policy/json-tree.ts';
import type { JsonPath } from '../../policy/text-place.ts';
import { attachPolicy } from '../../policy/document.ts';
import { readPrincipal } from '../../policy/principal.ts';
import { quote } from '../core/edit.ts';
import { isSymmetric, unfit } from '../facts/key-actions.ts';
import { GRANT, PAGES, type FindingDraft, type LintRule } from '../core/rule.ts';
import { membersOf, startOf, textsIn, type Item, type Subject } from '../core/subject.ts';

export const GRANT_RULES: readonly LintRule[] = [
  {
    code: 'KP613',
    name: 'grant-hygiene',
    severity: 'warning',
    otherwise: { hint: 'for missing constraints or retiring principals' },
    scopes: GRANT,
    title: 'grant that should be retired or restricted',
    why: 'Grants do not expire. Retire or revoke grants to deleted principals, duplicate grants, and grants without effect because of a Deny statement in the key policy. Add constraints and a retiring principal to grants without them.',
    bad: 'a grant of Decrypt without constraints and without a retiring principal',
    good: 'EncryptionContextSubset or EncryptionContextEquals in Constraints, and a RetiringPrincipal',
    see: PAGES.grants,
    fix: 'none',
    document: hygiene,
  },
  {
    code: 'KP614',
    name: 'grant-invalid',
    severity: 'error',
    scopes: GRANT,
    title: 'grant that CreateGrant rejects',
    why: 'The operations must be grant operations that the type of key supports. Encryption context constraints require a symmetric encryption key. A grantee service principal requires a SourceArn constraint and a retiring principal.',
    bad: '"Operations": ["Sign"] on a key of SYMMETRIC_DEFAULT',
    good: '"Operations": ["Decrypt"]',
    see: PAGES.grants,
    fix: 'none',
    document: invalid,
  },
];

interface GrantView {
  readonly node: JsonNode;
  readonly path: JsonPath;
  readonly members: ReturnType<typeof membersOf>;
  readonly operations: readonly Item[];
  readonly grantee: Item | undefined;
  readonly service: Item | undefined;
  readonly constraints: ReturnType<typeof membersOf>;
}

/** `{"Grants": [...]}`, a list of grants, or one grant. */
function grantsIn({ root }: Subject): readonly GrantView[] {
  const list = membersOf(root).get('Grants')?.value ?? root;
  if (!list) return [];
  const path: JsonPath = list === root ? [] : ['Grants'];
  const nodes = list.kind === 'array' ? (list.items ?? []) : [list];
  return nodes.flatMap((node, index) =>
    node.kind === 'object' ? [readGrant(node, list.kind === 'array' ? [...path, index] : path)] : [],
  );
}

function readGrant(node: JsonNode, path: JsonPath): GrantView {
  const members = membersOf(node);
  const texts = (name: string): readonly Item[] => {
    const member = members.get(name);
    return member ? textsIn(member.value, [...path, name]) : [];
  };
  return {
    node,
    path,
    members,
    operations: texts('Operations'),
    grantee: texts('GranteePrincipal')[0],
    service: texts('GranteeServicePrincipal')[0],
    constraints: membersOf(members.get('Constraints')?.value),
  };
}

const placeOf = ({ node, path }: GrantView) => ({ at: startOf(node), path });
const USES = new Set([
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
]);

function hygiene(subject: Subject): readonly FindingDraft[] {
  const grants = grantsIn(subject);
  const denied = deniedToAll(subject);
  const seen = new Map<string, GrantView>();
  return grants.flatMap((grant): readonly FindingDraft[] => {
    const drafts: FindingDraft[] = [];
    const print = printed(subject.text, grant);
    const twin = seen.get(print);
    if (twin)
      drafts.push({
        ...placeOf(grant),
        message: 'duplicate grant',
        secondary: [{ at: startOf(twin.node), message: 'the other grant' }],
      });
    seen.set(print, twin ?? grant);
    const { grantee, members, operations, constraints } = grant;
    if (grantee) {
      // an ARN may be of someone whom the keyring or the configuration does not know
      if (readPrincipal({ type: 'AWS', text: grantee.text }).byId)
        drafts.push({ at: grantee.at, path: grantee.path, message: `${quote(grantee.text)} no longer exists` });
    }
    const use = operations.find(({ text }) => USES.has(text));
    const symmetric = subject.settings.key ? isSymmetric(subject.settings.key) : true;
    if (use && symmetric && constraints.size === 0)
      drafts.push({
        at: use.at,
        path: use.path,
        message: `${use.text} without an encryption context constraint`,
        severity: 'hint',
      });
    if (
      !members.has('RetiringPrincipal') &&
      !members.has('RetiringServicePrincipal') &&
      !operations.some(({ text }) => text === 'RetireGrant')
    ) {
      drafts.push({
        ...placeOf(grant),
        message: 'no principal can retire the grant; it can only be revoked',
        severity: 'hint',
      });
    }
    drafts.push(...alwaysDenied(grant, denied));
    return drafts;
  });
}

/** Two grants of the same text but for ID, name and date. */
function printed(text: string, { members }: GrantView): string {
  const kept = ['KeyId', 'GranteePrincipal', 'GranteeServicePrincipal', 'Operations', 'Constraints'];
  return kept
    .map((name) => {
      const value = members.get(name)?.value;
      return value ? text.slice(value.start, value.end).replaceAll(/\s/g, '') : '';
    })
    .join('\n');
}

type IsDenied = (operation: string) => boolean;

/** What a Deny of the key policy without conditions takes away from everyone. */
function deniedToAll({ settings }: Subject): IsDenied {
  if (settings.keyPolicy === undefined) return () => false;
  const { document } = attachPolicy('default', settings.keyPolicy);
  const patterns = document.statements.flatMap(({ effect, condition, principals, resources, actions = [] }) =>
    effect === 'Deny' &&
    condition === undefined &&
    principals?.some(({ type, text }) => type === '*' && text === '*') &&
    resources?.includes('*')
      ? actions.map((pattern) => pattern.toLowerCase())
      : [],
  );
  const denied = new Set(patterns);
  const all = denied.has('*') || denied.has('kms:*');
  return (operation) => all || denied.has(`kms:${operation.toLowerCase()}`);
}

const alwaysDenied = ({ operations }: GrantView, isDenied: IsDenied): readonly FindingDraft[] =>
  operations
    .filter(({ text }) => isDenied(text))
    .map(({ text, at, path }) => ({ at, path, message: `the key policy denies kms:${text} to everyone` }));

function invalid(subject: Subject): readonly FindingDraft[] {
  const { key } = subject.settings;
  return grantsIn(subject).flatMap((grant): readonly FindingDraft[] => {
    const drafts: FindingDraft[] = [];
    const { operations, grantee, service, constraints, members } = grant;
    for (const { text, at, path } of operations) {
      const row = actionRow(`kms:${text.toLowerCase()}`);
      const wanted = key && row ? unfit(row.name, key) : undefined;
      if (!row?.grantable || row.name !== text)
        drafts.push({ at, path, message: `${quote(text)} is not a grant operation` });
      else if (wanted)
        drafts.push({ at, path, message: `${quote(text)} is for ${wanted}; this key is ${key!.spec}, ${key!.usage}` });
    }
    const context = constraints.get('EncryptionContextEquals') ?? constraints.get('EncryptionContextSubset');
    if (context && key && !isSymmetric(key))
      drafts.push({
        at: context,
        path: [...grant.path, 'Constraints', context.name],
        message: `a ${key.spec} key does not support an encryption context`,
      });
    if (grantee) {
      const { fault } = readPrincipal({ type: 'AWS', text: grantee.text });
      // grants that services make for users carry the service's name as the grantee
      if (fault && fault !== 'service')
        drafts.push({ at: grantee.at, path: grantee.path, message: `${quote(grantee.text)} is not a principal` });
    }
    if (service) drafts.push(...serviceGrant(service, { constraints, members }));
    return drafts;
  });
}

function serviceGrant(
  { at, path, text }: Item,
  { constraints, members }: Pick<GrantView, 'constraints' | 'members'>,
): readonly FindingDraft[] {
  const lacks: string[] = [];
  if (!constraints.has('SourceArn')) lacks.push('a SourceArn constraint');
  if (!members.has('RetiringPrincipal') && !members.has('RetiringServicePrincipal')) lacks.push('a RetiringPrincipal');
  return lacks.length === 0 ? [] : [{ at, path, message: `a grant to ${text} requires ${lacks.join(' and ')}` }];
}
