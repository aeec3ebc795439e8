/** The subjects of rules: a policy's statements with their places, read from a tree that may be incomplete. */
import { ACTIONS, type Action } from '../../policy/actions.ts';
import { conditionKey, type ConditionKey } from '../../policy/condition-keys.ts';
import { matchesPattern } from '../../policy/glob.ts';
import type { JsonMember, JsonNode } from '../../policy/json-tree.ts';
import { readOperator, type OperatorUse } from '../../policy/operators.ts';
import type { JsonPath } from '../../policy/text-place.ts';
import { readPrincipal, type Principal } from '../../policy/principal.ts';
import type { NamedPrincipal } from '../../policy/document.ts';
import type { LintKind, LintSettings } from './settings.ts';
import type { SyntaxFault } from './tolerant.ts';

/** A text in the document. */
export interface Item {
  readonly text: string;
  readonly at: JsonNode;
  readonly path: JsonPath;
  /** It stands in a list. */
  readonly inList: boolean;
}

export interface PrincipalItem extends Item, NamedPrincipal {
  readonly statement: StatementView;
  readonly negated: boolean;
  readonly read: Principal;
}

/** Action, Resource or their negation: what is there of it. */
export interface ListView {
  readonly member: JsonMember;
  readonly negated: boolean;
  readonly items: readonly Item[];
}

/** One condition key under one operator. */
export interface TestView {
  readonly statement: StatementView;
  /** The operator and the object of its keys. */
  readonly block: JsonMember;
  readonly use: OperatorUse | undefined;
  readonly member: JsonMember;
  /** Lower-cased. */
  readonly name: string;
  readonly key: ConditionKey | undefined;
  readonly values: readonly Item[];
  readonly path: JsonPath;
}

export interface StatementView {
  readonly node: JsonNode;
  readonly index: number;
  readonly path: JsonPath;
  /** By name; of duplicates the last. */
  readonly members: ReadonlyMap<string, JsonMember>;
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny' | undefined;
  readonly principals: readonly PrincipalItem[];
  readonly principalMember: JsonMember | undefined;
  readonly action: ListView | undefined;
  readonly resource: ListView | undefined;
  readonly tests: readonly TestView[];
  /** The KMS actions that Action covers, or that NotAction leaves. */
  readonly covers: readonly Action[];
}

export interface Subject {
  readonly text: string;
  readonly kind: LintKind;
  readonly settings: LintSettings;
  /** Absent where the text is no policy at all: not JSON, or statements without a policy around them. */
  readonly root: JsonNode | undefined;
  /** A statement, or a list of statements, where a policy belongs. */
  readonly bareStatements: JsonNode | undefined;
  readonly faults: readonly SyntaxFault[];
  readonly version: JsonMember | undefined;
  /** Version 2012-10-17. */
  readonly hasVariables: boolean;
  readonly statementMember: JsonMember | undefined;
  readonly statements: readonly StatementView[];
  /** The account that owns the key: given, or the only one that the document allows. */
  readonly account: string | undefined;
}

export function readSubject(
  text: string,
  parsed: { readonly root: JsonNode | undefined; readonly faults: readonly SyntaxFault[] },
  { kind, settings }: { readonly kind: LintKind; readonly settings: LintSettings },
): Subject {
  const { faults } = parsed;
  const bareStatements = kind === 'grant' ? undefined : bareStatementsIn(parsed.root);
  const root = bareStatements ? undefined : parsed.root;
  const top = membersOf(root);
  const member = top.get('Statement');
  const nodes = member?.value.kind === 'array' ? (member.value.items ?? []) : member ? [member.value] : [];
  const inList = member?.value.kind === 'array';
  const statements = nodes.map((node, index) => readStatement(node, { index, inList }));
  const version = top.get('Version');
  return {
    text,
    kind,
    settings,
    root,
    bareStatements,
    faults,
    version,
    hasVariables: version?.value.value === '2012-10-17',
    statementMember: member,
    statements,
    account: settings.key?.account ?? settings.account ?? ownerOf(statements),
  };
}

export const membersOf = (node: JsonNode | undefined): ReadonlyMap<string, JsonMember> =>
  new Map((node?.members ?? []).map((member) => [member.name, member]));

/** `{"Effect": ...}` or `[{"Effect": ...}]`. */
function bareStatementsIn(root: JsonNode | undefined): JsonNode | undefined {
  const isStatement = (node: JsonNode): boolean => membersOf(node).has('Effect') && !membersOf(node).has('Statement');
  const nodes = root?.items ?? (root ? [root] : []);
  return nodes.length > 0 && nodes.every(isStatement) ? root : undefined;
}

function readStatement(node: JsonNode, { index, inList }: { index: number; inList: boolean }): StatementView {
  const members = membersOf(node);
  const path: JsonPath = inList ? ['Statement', index] : ['Statement'];
  const sid = members.get('Sid')?.value.value;
  const effect = members.get('Effect')?.value.value;
  const action = listOf(members, 'Action', path);
  const view = {
    node,
    index,
    path,
    members,
    sid: typeof sid === 'string' ? sid : undefined,
    effect: effect === 'Allow' || effect === 'Deny' ? effect : undefined,
    principalMember: members.get('Principal') ?? members.get('NotPrincipal'),
    action,
    resource: listOf(members, 'Resource', path),
    covers: action ? ACTIONS.filter((row) => coversAction(action, row) !== action.negated) : [],
  } as const;
  const principals: PrincipalItem[] = [];
  const tests: TestView[] = [];
  const statement: StatementView = { ...view, principals, tests };
  principals.push(...principalsOf(statement));
  tests.push(...testsOf(statement));
  return statement;
}

const coversAction = ({ items }: Pick<ListView, 'items'>, { name }: Pick<Action, 'name'>): boolean =>
  items.some(({ text }) => patternCovers(text, name));

export const patternCovers = (pattern: string, action: string): boolean =>
  matchesPattern(pattern.toLowerCase(), `kms:${action.toLowerCase()}`);

function listOf(members: StatementView['members'], name: string, path: JsonPath): ListView | undefined {
  const member = members.get(name) ?? members.get(`Not${name}`);
  if (!member) return undefined;
  return { member, negated: member.name !== name, items: textsIn(member.value, [...path, member.name]) };
}

/** A text, or the texts of a list. */
export function textsIn(node: JsonNode, path: JsonPath): readonly Item[] {
  const inList = node.kind === 'array';
  return (node.items ?? [node]).flatMap((at, index) =>
    at.kind === 'string' ? [{ text: String(at.value), at, path: inList ? [...path, index] : path, inList }] : [],
  );
}

function principalsOf(statement: StatementView): readonly PrincipalItem[] {
  const member = statement.principalMember;
  if (!member) return [];
  const path = [...statement.path, member.name];
  const negated = member.name === 'NotPrincipal';
  const { value } = member;
  const lists =
    value.kind === 'object'
      ? (value.members ?? []).map((list) => ({ type: list.name, items: textsIn(list.value, [...path, list.name]) }))
      : [{ type: '*', items: textsIn(value, path) }];
  return lists.flatMap(({ type, items }) =>
    items.map((item) => ({ ...item, type, statement, negated, read: readPrincipal({ type, text: item.text }) })),
  );
}

function testsOf(statement: StatementView): readonly TestView[] {
  const condition = statement.members.get('Condition')?.value;
  return (condition?.members ?? []).flatMap((block) =>
    (block.value.members ?? []).map((member): TestView => {
      const name = member.name.toLowerCase();
      const path = [...statement.path, 'Condition', block.name, member.name];
      const values = valuesIn(member.value, path);
      return { statement, block, use: readOperator(block.name), member, name, key: conditionKey(name), values, path };
    }),
  );
}

/** JSON numbers and booleans count as their texts. */
function valuesIn(node: JsonNode, path: JsonPath): readonly Item[] {
  const inList = node.kind === 'array';
  return (node.items ?? [node]).flatMap((at, index) =>
    at.kind === 'string' || at.kind === 'number' || at.kind === 'boolean'
      ? [{ text: String(at.value), at, path: inList ? [...path, index] : path, inList }]
      : [],
  );
}

/** The only account that is named, or the only one that the policy hands the whole key to. */
function ownerOf(statements: readonly StatementView[]): string | undefined {
  const named = (wanted: (item: PrincipalItem) => boolean): string | undefined => {
    const accounts = statements.flatMap(({ principals }) => principals.filter(wanted).map(({ read }) => read.account));
    const distinct = new Set(accounts.filter((account) => account !== undefined));
    return distinct.size === 1 ? [...distinct][0] : undefined;
  };
  return (
    named(() => true) ??
    named(({ read, statement }) => read.class === 'account' && statement.effect === 'Allow' && isFull(statement))
  );
}

/** The place of a whole document or statement is its beginning. */
export const startOf = ({ start }: JsonNode) => ({ start, end: start + 1 });

export const placeOfStatement = ({ node, path }: StatementView) => ({ at: startOf(node), path });
export const placeOfTest = ({ member, path }: TestView) => ({ at: member, path });
export const placeOfBlock = ({ block, statement }: TestView) => ({
  at: block,
  path: [...statement.path, 'Condition', block.name],
});
export const placeOfItem = ({ at, path }: Item) => ({ at, path });

/**
 * What the console's key policy gives administrators (AWS KMS Developer Guide, Default key policy, Allows key
 * administrators to administer the KMS key): the key policy and the life of the key, and no use of it.
 */
export const isAdministration = ({ covers }: StatementView): boolean => {
  const names = new Set(covers.map(({ name }) => name));
  const administers = ['PutKeyPolicy', 'DisableKey', 'ScheduleKeyDeletion'].every((name) => names.has(name));
  return administers && !['Decrypt', 'ReEncryptFrom', 'Sign', 'DeriveSharedSecret'].some((name) => names.has(name));
};

/** Allows everything on the key. */
export const isFull = ({ action }: StatementView): boolean =>
  action !== undefined && !action.negated && action.items.some(({ text }) => /^(?:\*|kms:\*)$/i.test(text));
