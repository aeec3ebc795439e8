/** KP201 to KP212: rules on actions. */
import { ACTIONS, actionRow } from '../../policy/actions.ts';
import { hasWildcard } from '../../policy/glob.ts';
import { quote, removeItems, replace, replaceItem, type Fix } from '../core/edit.ts';
import { unfit } from '../facts/key-actions.ts';
import { KEY, OWN, PAGES, POLICY, draftAt, type FindingDraft, type LintRule } from '../core/rule.ts';
import { didYouMean, nearest } from '../core/similar.ts';
import { isFull, patternCovers, placeOfItem, type Item, type StatementView } from '../core/subject.ts';

const NAMES = ACTIONS.map(({ name }) => `kms:${name}`);

/** The service and the name of an action as written. */
function split(text: string): { readonly service: string; readonly name: string } | undefined {
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { service: text.slice(0, colon).toLowerCase(), name: text.slice(colon + 1) };
}

const isKms = (text: string): boolean => split(text)?.service === 'kms';
const rowOf = (text: string) => actionRow(text.toLowerCase());
const coveredBy = (pattern: string): readonly string[] =>
  ACTIONS.filter(({ name }) => patternCovers(pattern, name)).map(({ name }) => `kms:${name}`);

/** Names of operations, of the command line, or of families, for which there is a permission of another name. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['reencrypt', 'kms:ReEncrypt*'],
  ['generatedatakeys', 'kms:GenerateDataKey*'],
  ['generatedatakeypairs', 'kms:GenerateDataKeyPair*'],
]);
const meantBy = (name: string): string | undefined => {
  const plain = name.replaceAll('-', '').toLowerCase();
  const meant = MEANT.get(plain);
  if (meant) return meant;
  return name.includes('-') ? NAMES.find((known) => known.toLowerCase() === `kms:${plain}`) : undefined;
};

/** Takes items of Action away, if others stay. */
function drop(statement: StatementView, items: readonly Item[], title: string): Fix | undefined {
  const list = statement.action?.member.value;
  const edits =
    list &&
    removeItems(
      list,
      items.map(({ at }) => at),
    );
  return edits && { safe: true, title, edits };
}

export const ACTION_RULES: readonly LintRule[] = [
  {
    code: 'KP201',
    name: 'unknown-action',
    severity: 'error',
    scopes: POLICY,
    title: 'unknown KMS action',
    why: 'An action that does not exist has no effect, and KMS accepts it without an error.',
    bad: '"Action": "kms:Decrpyt"',
    good: '"Action": "kms:Decrypt"',
    see: PAGES.permissions,
    fix: 'safe',
    issue: 'INVALID_ACTION',
    action({ text, at, path }) {
      const parts = split(text);
      if (!parts || parts.service !== 'kms' || hasWildcard(text) || rowOf(text) || meantBy(parts.name))
        return undefined;
      const near = nearest(text, NAMES);
      const fix: Fix | undefined =
        near?.distance === 1 && near.unique
          ? { safe: true, title: `write ${quote(near.name)}`, edits: [replace(at, quote(near.name))] }
          : undefined;
      return { at, path, message: `KMS has no action ${quote(text)}${didYouMean(near)}`, fix };
    },
  },
  {
    code: 'KP202',
    name: 'wildcard-matches-nothing',
    severity: 'error',
    scopes: POLICY,
    title: 'action pattern without a match',
    why: 'The pattern matches no KMS action and has no effect.',
    bad: '"Action": "kms:Rencrypt*"',
    good: '"Action": "kms:ReEncrypt*"',
    see: PAGES.permissions,
    fix: 'none',
    issue: 'INVALID_ACTION',
    action({ text, at, path }) {
      if (!isKms(text) || !hasWildcard(text) || coveredBy(text).length > 0) return undefined;
      const near = nearest(
        text,
        NAMES.map((name) => `${name}*`),
      );
      return { at, path, message: `no KMS action matches ${quote(text)}${didYouMean(near)}` };
    },
  },
  {
    code: 'KP203',
    name: 'foreign-action',
    severity: 'error',
    scopes: KEY,
    title: 'action of another service in a key policy',
    why: 'A key policy controls access to one KMS key. Actions of other services have no effect in it.',
    bad: '"Action": ["kms:Decrypt", "s3:GetObject"]',
    good: '"Action": "kms:Decrypt"',
    see: PAGES.keyPolicy,
    fix: 'safe',
    issue: 'UNSUPPORTED_ACTION_IN_POLICY',
    action(item, statement) {
      const { text, at, path } = item;
      const service = split(text)?.service;
      if (service === undefined || hasWildcard(service) || service === 'kms') return undefined;
      const fix = drop(statement, [item], 'remove it');
      return { at, path, message: `${quote(text)} is an action of ${service}, not of AWS KMS`, fix };
    },
  },
  {
    code: 'KP204',
    name: 'not-a-key-action',
    severity: 'warning',
    scopes: KEY,
    title: 'action that a key policy cannot allow',
    why: 'CreateKey, ListKeys, ListAliases, GenerateRandom, ListRetirableGrants and the custom key store actions do not apply to a KMS key, and RetireGrant is authorized by the grant. Only identity policies can allow them.',
    bad: '"Action": ["kms:Decrypt", "kms:ListKeys"]',
    good: '"Action": "kms:Decrypt", and kms:ListKeys in an identity policy',
    see: PAGES.permissions,
    fix: 'safe',
    issue: 'UNSUPPORTED_ACTION_IN_POLICY',
    action(item, statement) {
      const { text, at, path } = item;
      const row = rowOf(text);
      if (!row || row.keyPolicy) return undefined;
      const message = `${quote(text)} has no effect in a key policy: only an identity policy can allow it`;
      return { at, path, message, fix: drop(statement, [item], 'remove it') };
    },
  },
  {
    code: 'KP205',
    name: 'operation-not-permission',
    severity: 'error',
    scopes: POLICY,
    title: 'operation or command name instead of an action',
    why: 'ReEncrypt requires two actions, kms:ReEncryptFrom and kms:ReEncryptTo; kms:ReEncrypt does not exist. Command names (re-encrypt) are not actions.',
    bad: '"Action": "kms:ReEncrypt"',
    good: '"Action": "kms:ReEncrypt*"',
    see: PAGES.permissions,
    fix: 'safe',
    issue: 'INVALID_ACTION',
    action({ text, at, path }) {
      const parts = split(text);
      const meant = parts?.service === 'kms' && !rowOf(text) ? meantBy(parts.name) : undefined;
      if (!meant) return undefined;
      const fix: Fix = { safe: true, title: `write ${quote(meant)}`, edits: [replace(at, quote(meant))] };
      return { at, path, message: `${quote(text)} is not an action; use ${quote(meant)}`, fix };
    },
  },
  {
    code: 'KP206',
    name: 'action-vs-key-type',
    severity: 'warning',
    scopes: KEY,
    title: 'action that this type of key does not support',
    why: 'A key has one key usage and one key spec. Operations for another key usage fail, regardless of the policy.',
    bad: '"Action": "kms:Sign" on a key of SYMMETRIC_DEFAULT',
    good: '"Action": "kms:Encrypt"',
    see: PAGES.permissions,
    fix: 'unsafe',
    action(item, statement, { settings }) {
      const row = rowOf(item.text);
      const wanted = row && settings.key && unfit(row.name, settings.key);
      if (!wanted) return undefined;
      const { spec, usage } = settings.key;
      const fix = drop(statement, [item], 'remove it');
      const message = `${quote(item.text)} is for ${wanted}; this key is ${spec}, ${usage}`;
      return { at: item.at, path: item.path, message, fix: fix && { ...fix, safe: false } };
    },
  },
  {
    code: 'KP207',
    name: 'cross-account-ineffective',
    severity: 'warning',
    scopes: KEY,
    title: 'action that cannot be used across accounts',
    why: 'Only cryptographic operations, CreateGrant, DescribeKey, GetKeyRotationStatus, GetPublicKey, ListGrants, RetireGrant and RevokeGrant work across accounts. Other actions have no effect for principals in another account.',
    bad: '"Principal": { "AWS": "444455556666" }, "Action": ["kms:Decrypt", "kms:EnableKey"]',
    good: '"Principal": { "AWS": "444455556666" }, "Action": "kms:Decrypt"',
    see: PAGES.crossAccount,
    fix: 'safe',
    action(item, statement, { account }) {
      const row = rowOf(item.text);
      if (!row || row.crossAccount || !row.keyPolicy || statement.effect !== 'Allow' || !account) return undefined;
      const { principals } = statement;
      const foreign =
        principals.length > 0 &&
        principals.every(({ read, negated }) => !negated && read.account && read.account !== account);
      if (!foreign) return undefined;
      const message = `${quote(item.text)} does not work across accounts`;
      return { at: item.at, path: item.path, message, fix: drop(statement, [item], 'remove it') };
    },
  },
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
          fix: drop(statement, [item], 'remove it'),
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
    code: 'KP211',
    name: 'wildcard-in-service',
    severity: 'warning',
    scopes: POLICY,
    title: 'wildcard in the service prefix of an action',
    why: 'It matches other services that start with the same prefix.',
    bad: '"Action": "k*:Decrypt"',
    good: '"Action": "kms:Decrypt"',
    see: PAGES.permissions,
    fix: 'none',
    issue: 'WILDCARD_IN_SERVICE_NAME',
    action({ text, at, path }) {
      const service = split(text)?.service;
      if (service === undefined || !hasWildcard(service)) return undefined;
      return { at, path, message: `${quote(text)} has a wildcard in the service prefix` };
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
    const isName = !hasWildcard(lower) && isKms(text) && rowOf(text) !== undefined;
    const wider = isName ? coverName(split(text)!.name) : hasWildcard(lower) ? coverPattern(lower) : Infinity;
    return items[Math.min(same < index ? same : Infinity, wider)];
  };
}

const ADVISED = /^kms:(?:reencrypt|generatedatakey|generatedatakeypair|)\*$/i;

function futureWildcards({ effect, action }: StatementView): readonly FindingDraft[] {
  if (effect !== 'Allow' || !action || action.negated) return [];
  return action.items.flatMap(({ text, at, path, inList }): readonly FindingDraft[] => {
    if (!isKms(text) || !hasWildcard(text) || ADVISED.test(text)) return [];
    const names = coveredBy(text);
    if (names.length === 0) return []; // KP202 has it
    const fix: Fix = { safe: false, title: 'list them', edits: [replaceItem(at, inList, names)] };
    return [
      { at, path, message: `${quote(text)} currently matches ${names.map((name) => name.slice(4)).join(', ')}`, fix },
    ];
  });
}
