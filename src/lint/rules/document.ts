/** Rules on Version, Sids and empty lists. */
import type { JsonNode } from '../../policy/json-tree.ts';
import type { JsonPath } from '../../policy/text-place.ts';
import { NO_PRINCIPAL } from '../../policy/statement-check.ts';
import { type Fix, dropItem, quote, removeMember, replace } from '../core/edit.ts';
import { type FindingDraft, IDENTITY, PAGES, POLICY, type LintRule, EVERY_POLICY } from '../core/rule.ts';
import { type StatementView, type Subject, startOf } from '../core/subject.ts';

export const DOCUMENT_RULES: readonly LintRule[] = [
  {
    code: 'KP006',
    name: 'version',
    severity: 'warning',
    otherwise: { error: 'for a Version that does not exist' },
    scopes: EVERY_POLICY,
    title: 'missing or old policy version',
    why: 'Without a Version element, the version is 2008-10-17, which does not support policy variables (${…}). Use 2012-10-17; other values are rejected.',
    bad: '"Version": "2008-10-17"',
    good: '"Version": "2012-10-17"',
    see: PAGES.version,
    fix: 'safe',
    issue: 'MISSING_VERSION',
    document: checkVersion,
  },
  {
    code: 'KP007',
    name: 'variable-in-2008',
    severity: 'error',
    scopes: EVERY_POLICY,
    title: 'policy variable that is not substituted',
    why: 'Policy variables require Version 2012-10-17. In older versions, ${aws:username} is compared literally, so the statement does not match.',
    bad: '"Version": "2008-10-17", … "kms:EncryptionContext:user": "${aws:username}"',
    good: '"Version": "2012-10-17", … "kms:EncryptionContext:user": "${aws:username}"',
    see: PAGES.variables,
    fix: 'unsafe',
    issue: 'VARIABLE_UNSUPPORTED_IN_VERSION',
    statement: variablesWithoutVersion,
  },
  {
    code: 'KP014',
    name: 'duplicate-sid',
    severity: 'warning',
    otherwise: { hint: 'for a missing or empty Sid' },
    scopes: EVERY_POLICY,
    title: 'duplicate, empty or missing Sid',
    why: 'A Sid identifies a statement in messages and reviews, so it should be unique.',
    bad: '"Sid": "Use" … "Sid": "Use"',
    good: '"Sid": "Use" … "Sid": "Use2"',
    see: PAGES.sid,
    fix: 'safe',
    issue: 'UNIQUE_SIDS_RECOMMENDED',
    document: checkSids,
  },
  {
    code: 'KP015',
    name: 'sid',
    severity: 'error',
    scopes: IDENTITY,
    title: 'Sid with characters that are not valid in identity policies',
    why: 'In an identity policy, a Sid can contain only letters and digits. Key policies also allow spaces and other characters.',
    bad: '"Sid": "use the key"',
    good: '"Sid": "UseTheKey"',
    see: PAGES.sid,
    fix: 'safe',
    issue: 'UNSUPPORTED_SID',
    statement({ members, path, sid }) {
      if (sid === undefined || /^[A-Za-z0-9]*$/.test(sid)) return undefined;
      const at = members.get('Sid')!.value;
      const plain = sid.replace(/[^A-Za-z0-9]+(.?)/g, (_, letter: string) => letter.toUpperCase());
      const fix: Fix = { safe: true, title: `rename to ${quote(plain)}`, edits: [replace(at, quote(plain))] };
      const message = 'in an identity policy, Sid can contain only letters and digits';
      return { at, path: [...path, 'Sid'], message, ...(plain === '' || /[^A-Za-z0-9]/.test(plain) ? {} : { fix }) };
    },
  },
  {
    code: 'KP018',
    name: 'empty-list',
    severity: 'warning',
    otherwise: { error: 'for an element that a key policy requires' },
    scopes: POLICY,
    title: 'empty list',
    why: 'KMS rejects a key policy with a statement without a principal, an action or a resource. In other policies, a statement with an empty list has no effect. An empty Condition does not restrict the statement.',
    bad: '"Principal": { "AWS": [] }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }',
    see: PAGES.grammar,
    fix: 'unsafe',
    issue: 'EMPTY_ARRAY_ACTION',
    statement: emptyLists,
  },
];

function checkVersion({ root, version, text }: Subject): FindingDraft | undefined {
  if (root?.kind !== 'object') return undefined;
  const current = quote('2012-10-17');
  const harmless = !text.includes('${');
  if (!version) {
    const first = root.members?.[0];
    const gap = first ? text.slice(root.start + 1, first.start) : ' ';
    const at = root.start + 1;
    const edit = { start: at, end: at, text: `${gap}"Version": ${current}${first ? ',' : ' '}` };
    const fix: Fix = { safe: harmless, title: 'add "Version": "2012-10-17"', edits: [edit] };
    return { at: startOf(root), path: [], message: 'Version is missing, so the policy has version 2008-10-17', fix };
  }
  const { value } = version;
  if (value.kind !== 'string' || value.value === '2012-10-17') return undefined;
  const fix: Fix = { safe: harmless, title: 'write "2012-10-17"', edits: [replace(value, current)] };
  if (value.value === '2008-10-17') {
    return { at: value, path: ['Version'], message: '2008-10-17 is the old version of the policy language', fix };
  }
  const message = 'Version must be 2012-10-17 or 2008-10-17';
  return { at: value, path: ['Version'], message, severity: 'error', fix };
}

function variablesWithoutVersion(
  statement: StatementView,
  { hasVariables, version, root }: Subject,
): readonly FindingDraft[] {
  if (hasVariables || root?.kind !== 'object') return [];
  if (version && version.value.value !== '2008-10-17') return []; // KP006 has it
  const edit = version
    ? replace(version.value, quote('2012-10-17'))
    : { start: root.start + 1, end: root.start + 1, text: '"Version": "2012-10-17", ' };
  const items = [...(statement.resource?.items ?? []), ...statement.tests.flatMap(({ values }) => values)];
  return items
    .filter((item) => /\$\{[^}]*\}/.test(item.text))
    .map(({ at, path }) => ({
      at,
      path,
      message: 'policy variables require Version 2012-10-17',
      secondary: version ? [{ at: version.value, message: 'the old version' }] : [],
      fix: { safe: false, title: 'set Version to 2012-10-17', edits: [edit] },
    }));
}

function checkSids({ statements }: Subject): readonly FindingDraft[] {
  const drafts: FindingDraft[] = [];
  const first = new Map<string, StatementView>();
  const taken = new Set(statements.map(({ sid }) => sid));
  const numbers = new Map<string, number>();
  const freeSid = (sid: string): string => {
    let number = numbers.get(sid) ?? 2;
    while (taken.has(sid + number)) number++;
    numbers.set(sid, number);
    return sid + number;
  };
  for (const statement of statements) {
    const { sid, node, path, members } = statement;
    if (node.kind !== 'object') continue;
    const member = members.get('Sid');
    if (!sid) {
      if (member && member.value.kind !== 'string') continue; // KP004 has it
      const message = member ? 'the Sid is empty' : 'the statement has no Sid';
      drafts.push({ at: member?.value ?? startOf(node), path, message, severity: 'hint' });
      continue;
    }
    const before = first.get(sid);
    if (!before) {
      first.set(sid, statement);
      continue;
    }
    const free = freeSid(sid);
    taken.add(free);
    drafts.push({
      at: member!.value,
      path: [...path, 'Sid'],
      message: `duplicate Sid ${quote(sid)}`,
      secondary: [{ at: before.members.get('Sid')!.value, message: 'first use' }],
      fix: { safe: true, title: `rename to ${quote(free)}`, edits: [replace(member!.value, quote(free))] },
    });
  }
  return drafts;
}

function emptyLists(statement: StatementView, { statementMember, kind }: Subject): readonly FindingDraft[] {
  const { members, path, tests } = statement;
  const drafts: FindingDraft[] = [];
  const whole = statementMember?.value;
  const drop: Fix | undefined =
    whole?.items && whole.items.length > 1
      ? { safe: false, title: 'remove the statement', edits: dropItem(whole, statement.node) }
      : undefined;
  const add = (at: JsonNode, where: JsonPath, message: string, fix = drop): void => {
    drafts.push({ at, path: where, message, fix });
  };
  // KMS refuses a statement that lacks one of its elements
  const refused = kind === 'key' ? { severity: 'error' as const } : {};
  const effect = kind === 'key' ? 'KMS rejects the policy' : 'the statement has no effect';
  for (const name of ['Action', 'NotAction', 'Resource', 'NotResource', 'Principal', 'NotPrincipal']) {
    const value = members.get(name)?.value;
    if (!value || (value.kind === 'object' && !name.endsWith('Principal'))) continue; // KP004 has it
    const lists = value.kind === 'object' ? (value.members ?? []) : [{ name: '', value }];
    const message = `${name} is empty: ${effect}`;
    const notes = kind === 'key' && name === 'Principal' ? [`KMS error: ${NO_PRINCIPAL}`] : [];
    if (lists.length === 0) drafts.push({ at: value, path: [...path, name], message, notes, fix: drop, ...refused });
    for (const list of lists) {
      if (list.value.items?.length !== 0) continue;
      const where = list.name === '' ? [...path, name] : [...path, name, list.name];
      drafts.push({ at: list.value, path: where, message, notes, fix: drop, ...refused });
    }
  }
  const condition = members.get('Condition');
  if (condition && emptyObject(condition.value)) {
    const edits = [removeMember(statement.node, condition)];
    add(condition.value, [...path, 'Condition'], 'Condition is empty and has no effect', {
      safe: false,
      title: 'remove it',
      edits,
    });
  }
  for (const block of condition?.value.members ?? []) {
    if (emptyObject(block.value))
      add(block.value, [...path, 'Condition', block.name], `${block.name} contains no condition keys`, undefined);
  }
  for (const test of tests) {
    if (test.member.value.items?.length === 0)
      add(test.member.value, test.path, 'an empty list of values never matches');
  }
  return drafts;
}

const emptyObject = ({ kind, members }: JsonNode): boolean => kind === 'object' && members?.length === 0;
