/** KP901 to KP903: rules of style. They run only if they are selected; `kms policy format` fixes all of them. */
import { dropItem, quote, replace, type Fix } from '../core/edit.ts';
import { isOrdered, orderActions, orderOf } from '../core/canonical.ts';
import { PAGES, POLICY, type FindingDraft, type LintRule } from '../core/rule.ts';
import { startOf, type StatementView, type Subject } from '../core/subject.ts';

export const STYLE_RULES: readonly LintRule[] = [
  {
    code: 'KP901',
    name: 'element-order',
    severity: 'hint',
    scopes: POLICY,
    title: 'elements not in the conventional order',
    why: 'AWS uses the order Version, Id, Statement, and in statements Sid, Effect, Principal, Action, Resource, Condition. The same order in all policies makes them easier to compare.',
    bad: '{ "Action": "kms:*", "Effect": "Allow", … }',
    good: '{ "Effect": "Allow", "Action": "kms:*", … }',
    see: PAGES.grammar,
    fix: 'safe',
    optional: true,
    statement: elementOrder,
  },
  {
    code: 'KP902',
    name: 'action-order',
    severity: 'hint',
    scopes: POLICY,
    title: 'actions not in alphabetical order',
    why: 'A sorted list is easier to review for duplicate and missing actions.',
    bad: '"Action": ["kms:Encrypt", "kms:Decrypt"]',
    good: '"Action": ["kms:Decrypt", "kms:Encrypt"]',
    see: PAGES.grammar,
    fix: 'safe',
    optional: true,
    statement({ action }, { text }) {
      const list = action?.member.value;
      if (!action || !list?.items || action.items.length !== list.items.length) return undefined;
      const texts = action.items.map((item) => item.text);
      const sorted = orderActions(texts);
      const index = texts.findIndex((name, at) => name !== sorted[at]);
      if (index < 0) return undefined;
      const edits = list.items.map((item, at) => replace(item, quote(sorted[at])));
      const fix: Fix = {
        safe: true,
        title: 'sort them',
        edits: edits.filter((edit) => text.slice(edit.start, edit.end) !== edit.text),
      };
      const item = action.items[index]!;
      return {
        at: item.at,
        path: item.path,
        message: `${quote(sorted[index])} should precede ${quote(item.text)}`,
        fix,
      };
    },
  },
  {
    code: 'KP903',
    name: 'mergeable-statements',
    severity: 'hint',
    scopes: POLICY,
    title: 'statements that differ only in their actions',
    why: 'They can be combined into one statement.',
    bad: 'two statements for role/app, one with kms:Encrypt, one with kms:Decrypt',
    good: '"Action": ["kms:Decrypt", "kms:Encrypt"]',
    see: PAGES.grammar,
    fix: 'safe',
    optional: true,
    document: mergeable,
  },
];

function elementOrder({ node, path }: StatementView, { text }: Subject): FindingDraft | undefined {
  const members = node.members ?? [];
  const names = members.map(({ name }) => name);
  if (isOrdered(names) || new Set(names).size < names.length) return undefined;
  const sorted = members.toSorted((a, b) => orderOf(a.name) - orderOf(b.name));
  const edits = members.map((member, index) => {
    const other = sorted[index]!;
    return { start: member.start, end: member.value.end, text: text.slice(other.start, other.value.end) };
  });
  const first = members.findIndex((member, index) => member !== sorted[index]);
  const at = members[first]!;
  const message = `${sorted[first]!.name} should precede ${at.name}`;
  return { at, path: [...path, at.name], message, fix: { safe: true, title: 'sort the elements', edits } };
}

function mergeable(subject: Subject): readonly FindingDraft[] {
  const { statements, statementMember, text, faults } = subject;
  const list = statementMember?.value;
  if (!list?.items || faults.length > 0) return [];
  const first = new Map<string, StatementView>();
  return statements.flatMap((statement): readonly FindingDraft[] => {
    const { action, node } = statement;
    if (!action || action.negated || action.items.length === 0) return [];
    const rest = (node.members ?? []).filter(({ name }) => name !== 'Sid' && name !== 'Action');
    const print = rest
      .map(({ name, value }) => `${name} ${JSON.stringify(JSON.parse(text.slice(value.start, value.end)))}`)
      .sort()
      .join('\n');
    const before = first.get(print);
    if (!before) {
      first.set(print, statement);
      return [];
    }
    const together = [...new Set([...before.action!.items, ...action.items].map((item) => item.text))];
    const edits = [
      replace(before.action!.member.value, `[${together.map(quote).join(', ')}]`),
      ...dropItem(list, node),
    ];
    const secondary = [{ at: startOf(before.node), message: 'differs only in its actions' }];
    return [
      {
        at: startOf(node),
        path: statement.path,
        message: 'the statement differs from another only in its actions',
        secondary,
        fix: { safe: true, title: 'merge them', edits },
      },
    ];
  });
}
