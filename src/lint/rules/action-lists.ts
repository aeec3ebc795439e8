/** KP208, KP209, KP210 and KP212: rules on how much an Action element covers. */
import { hasWildcard } from '../../policy/glob.ts';
import { dropItems } from '../core/drop-items.ts';
import { quote, replace, replaceItem, type Fix } from '../core/edit.ts';
import { KEY, OWN, PAGES, POLICY, draftAt, type FindingDraft, type LintRule } from '../core/rule.ts';
import { isFull, patternCovers, placeOfItem, type Item, type StatementView } from '../core/subject.ts';
import { actionsOf, isKmsAction, rowOfAction, splitAction } from '../core/action-name.ts';

export const ACTION_LIST_RULES: readonly LintRule[] = [
  {
    code: 'KP208',
    name: 'redundant-action',
    severity: 'hint',
    scopes: POLICY,
    title: 'redundant action',
    why: 'Another entry of the list includes the action, so it has no effect and can be mistaken for a restriction.',
    bad: '"Action": ["kms:*", "kms:Decrypt"]',
    good: '"Action": "kms:*"',
    see: PAGES.permissions,
    fix: 'safe',
    issue: 'REDUNDANT_ACTION',
    statement(statement) {
      const items = statement.action?.items ?? [];
      const covering = coveringIn(items);
      return items.flatMap((item, index) => {
        const other = covering(item, index);
        if (!other) return [];
        return draftAt(placeOfItem(item), {
          message: `${quote(other.text)} covers ${quote(item.text)}`,
          secondary: [{ at: other.at, message: 'covers it' }],
          fix: dropItems(statement, [item], 'remove it'),
        });
      });
    },
  },
  {
    code: 'KP209',
    name: 'not-action-allow',
    severity: 'security',
    scopes: OWN,
    title: 'NotAction in an Allow',
    why: 'It allows all actions that are not listed, including actions that are added to KMS in the future. In an identity policy, it allows the actions of all services.',
    bad: '{ "Effect": "Allow", "NotAction": "kms:ScheduleKeyDeletion" }',
    good: '{ "Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt"] }',
    see: PAGES.notAction,
    fix: 'unsafe',
    statement(statement, { kind }) {
      const { effect, action, covers: allowed, path } = statement;
      if (effect !== 'Allow' || !action?.negated) return undefined;
      const names = allowed.filter(({ keyPolicy }) => keyPolicy || kind !== 'key').map(({ name }) => `kms:${name}`);
      const range = { start: action.member.start, end: action.member.value.end };
      const edits = [replace(range, `"Action": [${names.map(quote).join(', ')}]`)];
      const fix: Fix = { safe: false, title: `list the ${names.length} current actions`, edits };
      const message = `NotAction allows ${names.length} KMS actions, and all future actions`;
      return { at: action.member, path: [...path, action.member.name], message, ...(names.length > 0 ? { fix } : {}) };
    },
  },
  {
    code: 'KP210',
    name: 'full-admin',
    severity: 'security',
    scopes: KEY,
    title: 'full access for a principal that is not an account',
    why: 'kms:* allows a principal to use the key, change its key policy and delete it. Allow kms:* only to the account, and allow roles only the actions that they require.',
    bad: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }, "Action": "kms:*"',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }, "Action": ["kms:Encrypt", "kms:Decrypt"]',
    see: PAGES.iamPolicies,
    fix: 'none',
    statement(statement) {
      const { effect, principals, action, path } = statement;
      if (effect !== 'Allow' || !isFull(statement) || principals.length === 0) return undefined;
      const single = principals.filter(({ read }) =>
        ['user', 'role', 'session', 'federated', 'service'].includes(read.class),
      );
      if (single.length === 0) return undefined;
      const item = action!.items.find(({ text }) => /^(?:\*|kms:\*)$/i.test(text))!;
      const secondary = single.map(({ at }) => ({ at, message: 'has full access, including deletion' }));
      return {
        at: item.at,
        path: [...path, action!.member.name],
        message: `${quote(item.text)} is allowed to a principal that is not an account`,
        secondary,
      };
    },
  },
  {
    code: 'KP212',
    name: 'future-wildcards',
    severity: 'hint',
    scopes: OWN,
    title: 'action pattern that includes future actions',
    why: 'Patterns such as kms:Create* and kms:Put*, which the console writes, also match actions that are added to KMS in the future. kms:ReEncrypt* and kms:GenerateDataKey* are recommended by AWS and not reported.',
    bad: '"Action": "kms:Put*"',
    good: '"Action": "kms:PutKeyPolicy"',
    see: PAGES.defaultPolicy,
    fix: 'unsafe',
    statement: futureWildcards,
  },
];

/** The first item that covers another; of two that cover each other the first one stays. */
function coveringIn(items: readonly Item[]): (item: Item, index: number) => Item | undefined {
  const firsts = new Map<string, number>();
  for (const [index, { text }] of items.entries()) {
    const lower = text.toLowerCase();
    if (!firsts.has(lower)) firsts.set(lower, index);
  }
  const patterns = [...firsts].filter(([text]) => hasWildcard(text));
  const beginnings = new Map(
    patterns.flatMap(([text, index]) => (/^[^*?]*\*$/.test(text) ? [[text.slice(0, -1), index] as const] : [])),
  );
  const lengths = new Set(Array.from(beginnings.keys(), ({ length }) => length));
  const byName = new Map<string, number>();
  const coverName = (name: string): number => {
    let index = byName.get(name);
    if (index === undefined) {
      index = patterns.find(([pattern]) => patternCovers(pattern, name))?.[1] ?? Infinity;
      byName.set(name, index);
    }
    return index;
  };
  /** A pattern within a pattern: only the plain case of a longer beginning. */
  const coverPattern = (text: string): number => {
    const plain = text.search(/[*?]/);
    let first = Infinity;
    for (const length of lengths) {
      if (length > plain) continue; // a beginning has no wildcard
      const beginning = text.slice(0, length);
      if (`${beginning}*` !== text) first = Math.min(first, beginnings.get(beginning) ?? Infinity);
    }
    return first;
  };
  return ({ text }, index) => {
    const lower = text.toLowerCase();
    const same = firsts.get(lower)!;
    const isName = !hasWildcard(lower) && isKmsAction(text) && rowOfAction(text) !== undefined;
    const wider = isName ? coverName(splitAction(text)!.name) : hasWildcard(lower) ? coverPattern(lower) : Infinity;
    return items[Math.min(same < index ? same : Infinity, wider)];
  };
}

const ADVISED = /^kms:(?:reencrypt|generatedatakey|generatedatakeypair|)\*$/i;

function futureWildcards({ effect, action }: StatementView): readonly FindingDraft[] {
  if (effect !== 'Allow' || !action || action.negated) return [];
  return action.items.flatMap(({ text, at, path, inList }): readonly FindingDraft[] => {
    if (!isKmsAction(text) || !hasWildcard(text) || ADVISED.test(text)) return [];
    const names = actionsOf(text);
    if (names.length === 0) return []; // KP202 has it
    const fix: Fix = { safe: false, title: 'list them', edits: [replaceItem(at, inList, names)] };
    return [
      { at, path, message: `${quote(text)} currently matches ${names.map((name) => name.slice(4)).join(', ')}`, fix },
    ];
  });
}
