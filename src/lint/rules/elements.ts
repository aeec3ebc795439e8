/** Rules on elements: which there are, of which type, which a statement needs. */
import type { JsonMember, JsonNode } from '../../policy/json-tree.ts';
import type { JsonPath } from '../../policy/text-place.ts';
import { type Fix, addMember, quote, replace } from '../core/edit.ts';
import { type FindingDraft, PAGES, POLICY, type LintRule, EVERY_POLICY, WITH_PRINCIPALS } from '../core/rule.ts';
import { didYouMean, nearest } from '../core/similar.ts';
import { type StatementView, type Subject, startOf } from '../core/subject.ts';

const TOP = ['Version', 'Id', 'Statement'];

const ELEMENTS = 'Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition'.split(' ');

const ACTION = /^(?:\*|[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+)$/;

export const ELEMENT_RULES: readonly LintRule[] = [
  {
    code: 'KP003',
    name: 'unknown-element',
    severity: 'error',
    scopes: EVERY_POLICY,
    title: 'unknown policy element',
    why: 'Element names are case-sensitive. KMS rejects unknown elements. An identity policy cannot have a Principal element.',
    bad: '"action": "kms:Decrypt"',
    good: '"Action": "kms:Decrypt"',
    see: PAGES.grammar,
    fix: 'safe',
    issue: 'INVALID_POLICY_ELEMENT',
    document: ({ root }) => unknownIn(root?.members ?? [], { known: TOP, path: [], what: 'a policy' }),
    statement: ({ node, path, principalMember, resource }, { kind }) => [
      ...unknownIn(node.members ?? [], { known: ELEMENTS, path, what: 'a statement' }),
      ...(kind === 'trust' && resource
        ? [
            {
              at: resource.member,
              path: [...path, resource.member.name],
              message: 'a trust policy cannot have a Resource element',
            },
          ]
        : []),
      ...(kind === 'identity' && principalMember
        ? [
            {
              at: principalMember,
              path: [...path, principalMember.name],
              message: 'an identity policy cannot have a Principal element',
            },
          ]
        : []),
    ],
  },
  {
    code: 'KP004',
    name: 'wrong-json-type',
    severity: 'error',
    scopes: EVERY_POLICY,
    title: 'value of the wrong JSON type',
    why: 'Element values are strings or lists of strings, and Condition is an object of objects. KMS rejects other types.',
    bad: '"Action": { "kms:Decrypt": true }',
    good: '"Action": "kms:Decrypt"',
    see: PAGES.grammar,
    fix: 'none',
    issue: 'DATA_TYPE_MISMATCH',
    document: wrongTypes,
    statement: wrongTypesIn,
  },
  {
    code: 'KP005',
    name: 'missing-statement',
    severity: 'error',
    scopes: EVERY_POLICY,
    title: 'no statement, or statements without a policy',
    why: 'A policy requires at least one statement. KMS rejects a policy without statements, and statements that are not the Statement element of a policy.',
    bad: '{ "Version": "2012-10-17", "Statement": [] }',
    good: '{ "Version": "2012-10-17", "Statement": [ {…} ] }',
    see: PAGES.keyPolicy,
    fix: 'safe',
    document({ root, bareStatements, statementMember, statements, text }) {
      if (bareStatements) return wrap(bareStatements, text);
      if (root?.kind !== 'object' || statements.length > 0) return undefined;
      return {
        at: statementMember?.value ?? startOf(root),
        path: [],
        message: 'a policy requires a Statement element',
      };
    },
  },
  {
    code: 'KP008',
    name: 'effect',
    severity: 'error',
    scopes: EVERY_POLICY,
    title: 'missing or invalid Effect',
    why: 'Effect must be Allow or Deny (case-sensitive). KMS rejects other values.',
    bad: '"Effect": "allow"',
    good: '"Effect": "Allow"',
    see: PAGES.keyPolicy,
    fix: 'safe',
    issue: 'INVALID_EFFECT',
    statement: checkEffect,
  },
  {
    code: 'KP009',
    name: 'missing-action',
    severity: 'error',
    scopes: EVERY_POLICY,
    title: 'no action',
    why: 'Since August 2025, KMS rejects a statement without a valid Action or NotAction. Before, such a statement was accepted and had no effect.',
    bad: '{ "Effect": "Allow", "Principal": …, "Resource": "*" }',
    good: '{ "Effect": "Allow", "Principal": …, "Action": "kms:Decrypt", "Resource": "*" }',
    see: PAGES.keyPolicy,
    fix: 'none',
    statement: (statement) => missing(statement, statement.action?.member, 'a statement requires an Action element'),
    action: ({ text, at, path }) =>
      ACTION.test(text) ? undefined : { at, path, message: `${quote(text)} is not an action, such as kms:Encrypt` },
  },
  {
    code: 'KP010',
    name: 'missing-resource',
    severity: 'error',
    scopes: POLICY,
    title: 'no resource',
    why: 'Since August 2025, KMS rejects a statement without Resource. Before, such a statement was accepted and had no effect. In a key policy, Resource is always "*", which means this key.',
    bad: '{ "Effect": "Allow", "Principal": …, "Action": "kms:Decrypt" }',
    good: '{ "Effect": "Allow", "Principal": …, "Action": "kms:Decrypt", "Resource": "*" }',
    see: PAGES.keyPolicy,
    fix: 'safe',
    statement(statement, { text, kind }) {
      const draft = missing(statement, statement.resource?.member, 'a statement requires a Resource element');
      if (!draft || kind !== 'key') return draft;
      const edits = [addMember(text, statement.node, { name: 'Resource', json: '"*"' })];
      return { ...draft, fix: { safe: true, title: 'add "Resource": "*"', edits } };
    },
  },
  {
    code: 'KP011',
    name: 'missing-principal',
    severity: 'error',
    scopes: WITH_PRINCIPALS,
    title: 'no principal',
    why: 'Each statement of a resource policy requires a Principal or NotPrincipal. KMS rejects a statement without them.',
    bad: '{ "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" }',
    good: '{ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }, … }',
    see: PAGES.keyPolicy,
    fix: 'none',
    statement: (statement) => missing(statement, statement.principalMember, 'a statement requires a Principal element'),
  },
  {
    code: 'KP012',
    name: 'element-conflict',
    severity: 'error',
    scopes: EVERY_POLICY,
    title: 'element together with its negation',
    why: 'Principal and NotPrincipal, Action and NotAction, and Resource and NotResource are mutually exclusive. KMS rejects statements with both.',
    bad: '"Action": "kms:Decrypt", "NotAction": "kms:Encrypt"',
    good: '"Action": "kms:Decrypt"',
    see: PAGES.grammar,
    fix: 'none',
    issue: 'UNSUPPORTED_ELEMENT_COMBINATION',
    statement: ({ members, path }) =>
      ['Principal', 'Action', 'Resource'].flatMap((name): FindingDraft[] => {
        const [one, other] = [members.get(name), members.get(`Not${name}`)];
        if (!one || !other) return [];
        const secondary = [{ at: one, message: `${name} is here` }];
        const message = `${name} and Not${name} cannot be combined`;
        return [{ at: other, path: [...path, other.name], message, secondary }];
      }),
  },
];

/** The other rules look at the policy that comes of it. */
function wrap(bare: JsonNode, text: string): FindingDraft {
  const { start, end } = bare;
  const list = bare.kind === 'array' ? text.slice(start, end) : `[${text.slice(start, end)}]`;
  const edits = [replace(bare, `{ "Version": "2012-10-17", "Statement": ${list} }`)];
  const what = bare.kind === 'array' ? 'a list of statements' : 'a statement';
  return {
    at: startOf(bare),
    path: [],
    message: `this is ${what}, not a policy: write it as the Statement element of a policy`,
    fix: { safe: true, title: 'add Version and Statement', edits },
  };
}

interface Names {
  readonly known: readonly string[];
  readonly path: JsonPath;
  readonly what: string;
}

function unknownIn(members: readonly JsonMember[], { known, path, what }: Names): readonly FindingDraft[] {
  return members
    .filter(({ name }) => !known.includes(name))
    .map((member) => {
      const near = nearest(member.name, known);
      const free = near !== undefined && members.every(({ name }) => name !== near.name);
      const fix: Fix | undefined =
        free && near.distance === 0
          ? { safe: true, title: `write ${near.name}`, edits: [replace(member, quote(near.name))] }
          : undefined;
      const message = `unknown element ${quote(member.name)} in ${what}${didYouMean(near)}`;
      return { at: member, path: [...path, member.name], message, fix };
    });
}

const wrong = (at: JsonNode, path: JsonPath, message: string): FindingDraft => ({ at, path, message });

function wrongTypes({ root, statements, statementMember }: Subject): readonly FindingDraft[] {
  if (!root) return [];
  if (root.kind !== 'object') return [wrong(root, [], 'a policy must be a JSON object')];
  const others = statementMember?.value.kind === 'array' ? statements.filter(({ node }) => node.kind !== 'object') : [];
  return [
    ...wrongMembers(root),
    ...others.map(({ node, path }) => wrong(node, path, 'a statement must be a JSON object')),
  ];
}

const wrongMembers = ({ members = [] }: JsonNode): readonly FindingDraft[] =>
  members.flatMap(({ name, value }) => {
    if (name === 'Statement')
      return value.kind === 'object' || value.kind === 'array'
        ? []
        : [wrong(value, [name], 'Statement must be a list of statements')];
    return TOP.includes(name) && value.kind !== 'string' ? [wrong(value, [name], `${name} must be a string`)] : [];
  });

function wrongTypesIn({ path, members }: StatementView): readonly FindingDraft[] {
  const drafts: FindingDraft[] = [];
  for (const name of ['Sid', 'Effect']) {
    const value = members.get(name)?.value;
    if (value && value.kind !== 'string') drafts.push(wrong(value, [...path, name], `${name} must be a string`));
  }
  for (const name of ['Action', 'NotAction', 'Resource', 'NotResource']) {
    const value = members.get(name)?.value;
    if (value) drafts.push(...notTexts(value, [...path, name]));
  }
  for (const name of ['Principal', 'NotPrincipal']) {
    const value = members.get(name)?.value;
    if (!value) continue;
    if (value.kind !== 'object') drafts.push(...notTexts(value, [...path, name]));
    for (const list of value.members ?? []) drafts.push(...notTexts(list.value, [...path, name, list.name]));
  }
  const condition = members.get('Condition')?.value;
  return condition ? [...drafts, ...wrongCondition(condition, [...path, 'Condition'])] : drafts;
}

const notTexts = (node: JsonNode, path: JsonPath): readonly FindingDraft[] =>
  (node.items ?? [node]).flatMap((item, index) =>
    item.kind === 'string' ? [] : [wrong(item, node.items ? [...path, index] : path, 'expected a string')],
  );

function wrongCondition(condition: JsonNode, path: JsonPath): readonly FindingDraft[] {
  if (condition.kind !== 'object') return [wrong(condition, path, 'Condition must be an object with operators')];
  return (condition.members ?? []).flatMap(({ name, value }) => {
    const here = [...path, name];
    if (value.kind !== 'object')
      return [wrong(value, here, 'a condition operator must have an object with condition keys')];
    return (value.members ?? []).flatMap((key) =>
      (key.value.items ?? [key.value]).flatMap((item, index) => {
        if (['string', 'number', 'boolean'].includes(item.kind)) return [];
        const at = key.value.items ? [...here, key.name, index] : [...here, key.name];
        return [wrong(item, at, 'a condition value must be a string, a number or a boolean')];
      }),
    );
  });
}

function checkEffect({ node, path, members, effect }: StatementView): FindingDraft | undefined {
  if (effect || node.kind !== 'object') return undefined;
  const value = members.get('Effect')?.value;
  if (!value) return { at: startOf(node), path, message: 'a statement requires an Effect element' };
  const meant = ['Allow', 'Deny'].find((name) => name.toLowerCase() === String(value.value).toLowerCase().trim());
  const fix: Fix | undefined = meant
    ? { safe: true, title: `write ${quote(meant)}`, edits: [replace(value, quote(meant))] }
    : undefined;
  return { at: value, path: [...path, 'Effect'], message: 'Effect must be Allow or Deny', fix };
}

function missing(
  { node, path }: StatementView,
  member: JsonMember | undefined,
  message: string,
): FindingDraft | undefined {
  return member || node.kind !== 'object' ? undefined : { at: startOf(node), path, message };
}
