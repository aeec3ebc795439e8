/** KP301 to KP307: rules on resources. */
import { ACCOUNT_ID } from '../../model/account.ts';
import { aliasNameIn, arnText, isKeyId, parseArn } from '../../model/arn.ts';
import { actionRow } from '../../policy/actions.ts';
import { addItems, addTest, quote, replace, type Fix } from '../core/edit.ts';
import { IDENTITY, KEY, PAGES, type FindingDraft, type LintRule } from '../core/rule.ts';
import type { Item, StatementView, Subject } from '../core/subject.ts';

/** Every resource that a KMS action can have: a key, an alias, or a pattern for both. */
const RESOURCE = new RegExp(
  `^arn:[^:]+:kms:[^:]+:(?:${ACCOUNT_ID}|[^:]*[*?][^:]*|\\$\\{[^}]+\\}):(?:key/.+|alias/.+|\\*|[^:/]*[*?].*)$`,
);

const ALIAS_ACTIONS = ['CreateAlias', 'DeleteAlias', 'UpdateAlias'];
/** Actions of the statement on keys, apart from those on aliases. */
const keyActions = (statement: StatementView) =>
  statement.covers.filter(({ name, resources }) => resources.includes('key') && !ALIAS_ACTIONS.includes(name));
const isKmsOnly = ({ action }: StatementView): boolean =>
  action !== undefined && !action.negated && action.items.every(({ text }) => /^kms:/i.test(text));

export const RESOURCE_RULES: readonly LintRule[] = [
  {
    code: 'KP301',
    name: 'resource-not-star',
    severity: 'error',
    scopes: KEY,
    title: 'Resource other than "*" in a key policy',
    why: 'In a key policy, "*" means this key. Since August 2025, KMS rejects other values. An ARN, even of this key, has no effect.',
    bad: '"Resource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"',
    good: '"Resource": "*"',
    see: PAGES.keyPolicy,
    fix: 'safe',
    issue: 'UNSUPPORTED_RESOURCE_ARN_IN_POLICY',
    resource({ text, at, path }, { resource }) {
      if (text === '*' || resource!.negated) return undefined;
      const fix: Fix = { safe: true, title: 'write "*"', edits: [replace(resource!.member.value, '"*"')] };
      return { at, path, message: `Resource must be "*", not ${quote(text)}`, fix };
    },
  },
  {
    code: 'KP302',
    name: 'not-resource',
    severity: 'error',
    scopes: KEY,
    title: 'NotResource in a key policy',
    why: 'A key policy applies to one key, so NotResource never matches anything.',
    bad: '"NotResource": "*"',
    good: '"Resource": "*"',
    see: PAGES.keyPolicy,
    fix: 'none',
    statement: ({ resource, path }) =>
      resource?.negated
        ? { at: resource.member, path: [...path, 'NotResource'], message: 'a key policy cannot have NotResource' }
        : undefined,
  },
  {
    code: 'KP303',
    name: 'alias-as-key-resource',
    severity: 'error',
    scopes: IDENTITY,
    title: 'alias ARN as the resource of a key action',
    why: 'Key operations are authorized on the key ARN, even if the request has an alias. An alias ARN in Resource applies only to CreateAlias, UpdateAlias and DeleteAlias. Use the condition key kms:ResourceAliases to allow keys by alias.',
    bad: '"Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:111122223333:alias/app"',
    good: '"Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:111122223333:key/*", "Condition": { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/app" } }',
    see: PAGES.abac,
    fix: 'unsafe',
    resource(item, statement, { text }) {
      const alias = aliasNameIn(item.text);
      const actions = keyActions(statement);
      if (alias === undefined || actions.length === 0 || statement.action?.negated || statement.resource!.negated)
        return undefined;
      const single =
        statement.resource!.items.length === 1 && !statement.covers.some(({ name }) => ALIAS_ACTIONS.includes(name));
      const operator = /[*?]/.test(alias) ? 'ForAnyValue:StringLike' : 'ForAnyValue:StringEquals';
      const fix: Fix = {
        safe: false,
        title: `allow keys by the condition kms:ResourceAliases ${alias}`,
        edits: [
          replace(item.at, quote(item.text.replace(alias, 'key/*'))),
          addTest(text, statement.node, { operator, key: 'kms:ResourceAliases', value: alias }),
        ],
      };
      const message = `kms:${actions[0]!.name} is authorized on keys; ${quote(item.text)} is an alias`;
      return { at: item.at, path: item.path, message, ...(single ? { fix } : {}) };
    },
  },
  {
    code: 'KP304',
    name: 'key-resource-format',
    severity: 'error',
    scopes: IDENTITY,
    title: 'resource that is not a key ARN or alias ARN',
    why: 'Resource must be an ARN or an ARN pattern. A key ID, an alias name or an incomplete ARN never matches.',
    bad: '"Resource": "1234abcd-12ab-34cd-56ef-1234567890ab"',
    good: '"Resource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"',
    see: PAGES.iamPolicies,
    fix: 'safe',
    issue: 'INVALID_ARN_RESOURCE',
    resource: resourceFormat,
  },
  {
    code: 'KP305',
    name: 'decrypt-on-all-keys',
    severity: 'security',
    scopes: IDENTITY,
    title: 'decryption with all keys',
    why: 'kms:Decrypt or kms:ReEncryptFrom on all keys allows decryption of all data in the account, and of other accounts that allow this account.',
    bad: '"Action": "kms:Decrypt", "Resource": "*"',
    good: '"Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"',
    see: PAGES.iamPolicies,
    fix: 'none',
    resource(item, statement) {
      const { effect, covers, tests, resource } = statement;
      if (effect !== 'Allow' || resource!.negated || !/^(?:\*|arn:[^:]+:kms:[^:]*:[^:]*:(?:key\/)?\*)$/.test(item.text))
        return undefined;
      const opening = covers.find(({ name }) => name === 'Decrypt' || name === 'ReEncryptFrom');
      if (!opening || tests.some(({ name }) => NARROWING.test(name))) return undefined;
      return { at: item.at, path: item.path, message: `kms:${opening.name} is allowed on all keys` };
    },
  },
  {
    code: 'KP306',
    name: 'needs-star-resource',
    severity: 'error',
    scopes: IDENTITY,
    title: 'key ARN as the resource of an action that does not apply to a key',
    why: 'CreateKey, ListKeys, ListAliases, GenerateRandom, ListRetirableGrants and the custom key store actions do not apply to a key. They are allowed only with Resource "*".',
    bad: '"Action": "kms:ListKeys", "Resource": "arn:aws:kms:us-east-1:111122223333:key/*"',
    good: '"Action": "kms:ListKeys", "Resource": "*"',
    see: PAGES.iamPolicies,
    fix: 'safe',
    action(item, statement) {
      const row = actionRow(item.text.toLowerCase());
      const { resource, action } = statement;
      if (!row?.resources.includes('none') || !resource || resource.negated || action!.negated) return undefined;
      if (
        resource.items.length === 0 ||
        resource.items.some(({ text }) => /^(?:\*|arn:[^:]+:kms:[^:]*:[^:]*:\*)$/.test(text))
      )
        return undefined;
      const alone = action!.items.every(({ text }) => actionRow(text.toLowerCase())?.resources.includes('none'));
      const fix: Fix = { safe: true, title: 'write "Resource": "*"', edits: [replace(resource.member.value, '"*"')] };
      const secondary = [{ at: resource.member.value, message: 'does not apply to a key' }];
      const message = `${quote(item.text)} is allowed only with Resource "*"`;
      return { at: item.at, path: item.path, message, secondary, ...(alone ? { fix } : {}) };
    },
  },
  {
    code: 'KP307',
    name: 'alias-pair',
    severity: 'warning',
    scopes: IDENTITY,
    title: 'alias action without permission on both alias and key',
    why: 'CreateAlias, UpdateAlias and DeleteAlias require permission on the alias and on the key.',
    bad: '"Action": "kms:CreateAlias", "Resource": "arn:aws:kms:us-east-1:111122223333:alias/app"',
    good: '"Action": "kms:CreateAlias", "Resource": ["arn:aws:kms:us-east-1:111122223333:alias/app", "arn:aws:kms:us-east-1:111122223333:key/*"]',
    see: PAGES.permissions,
    fix: 'unsafe',
    statement: aliasPair,
  },
];

/** Conditions that say which keys, or by what way. */
const NARROWING = /^(?:kms:(?:resourcealiases|requestalias|viaservice|encryptioncontext.*)|aws:resourcetag\/.*)$/;

function resourceFormat(item: Item, statement: StatementView, { settings }: Subject): FindingDraft | undefined {
  const { text, at, path } = item;
  if (text === '*' || !isKmsOnly(statement) || RESOURCE.test(text)) return undefined;
  if (/[*?]/.test(text) && !text.startsWith('arn:')) return undefined;
  const what = isKeyId(text)
    ? 'a key ID, not an ARN'
    : text.startsWith('alias/')
      ? 'an alias name, not an ARN'
      : 'not a key ARN or alias ARN';
  const arn = settings.key?.arn;
  const fix: Fix | undefined =
    arn !== undefined && (arn.endsWith(`:key/${text}`) || arn.endsWith(`:key/${text.slice(text.lastIndexOf(':') + 1)}`))
      ? { safe: true, title: `write ${arn}`, edits: [replace(at, quote(arn))] }
      : undefined;
  return { at, path, message: `${quote(text)} is ${what}`, fix };
}

function aliasPair(statement: StatementView, { text, statements }: Subject): FindingDraft | undefined {
  const { effect, resource, action, path } = statement;
  if (effect !== 'Allow' || !resource || resource.negated || !action || action.negated) return undefined;
  const item = action.items.find(({ text: name }) =>
    ALIAS_ACTIONS.some((alias) => `kms:${alias}`.toLowerCase() === name.toLowerCase()),
  );
  if (!item || resource.items.length === 0) return undefined;
  const others = statements.filter(
    (other) =>
      other.effect === 'Allow' &&
      other.covers.some(({ name }) => `kms:${name}`.toLowerCase() === item.text.toLowerCase()),
  );
  const resources = others.flatMap((other) => other.resource?.items ?? []).map(({ text: arn }) => arn);
  const onBoth = resources.some((arn) => arn === '*' || /^[^/]*\*/.test(parseArn(arn)?.resource ?? ''));
  const onAlias = onBoth || resources.some((arn) => /:alias\//.test(arn));
  const onKey = onBoth || resources.some((arn) => /:key\//.test(arn));
  if (onBoth || onAlias === onKey) return undefined;
  const [lacks, pattern] = onAlias ? ['key', 'key/*'] : ['alias', 'alias/*'];
  const [first] = resource.items;
  const arn = parseArn(first!.text);
  if (!arn) return undefined; // KP303 has it
  const added = arnText({ ...arn, resource: pattern });
  const fix: Fix = { safe: false, title: `add ${added}`, edits: [addItems(text, resource.member.value, [added])] };
  return {
    at: item.at,
    path: [...path, action.member.name],
    message: `${quote(item.text)} also requires permission on the ${lacks}`,
    secondary: [{ at: resource.member.value, message: `no ${lacks} in the list` }],
    fix,
  };
}
