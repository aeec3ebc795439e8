/** Checks of one statement when a policy is written. */
import type { JsonMember, JsonNode } from './json-tree.ts';
import type { JsonPath } from './text-place.ts';
import { readOperator } from './operators.ts';
import { readPrincipal, type PrincipalFault } from './principal.ts';
import type { NamedPrincipal } from './document.ts';
import type { CheckScope } from './policy-problem.ts';

const ELEMENTS = new Set(
  'Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition'.split(' '),
);

/** In a key policy. */
export const NO_PRINCIPAL = 'Policy contains a statement with no principal.';
const INVALID_PRINCIPALS = 'Policy contains a statement with one or more invalid principals.';

interface Here {
  readonly statement: JsonNode;
  readonly path: JsonPath;
  readonly scope: CheckScope;
  /** Members by name; of duplicates the last. */
  readonly members: ReadonlyMap<string, JsonMember>;
}

export function checkStatement(statement: JsonNode, path: JsonPath, scope: CheckScope): void {
  const { report } = scope;
  if (statement.kind !== 'object') {
    return report({ code: 'wrong-json-type', message: 'a statement must be a JSON object', at: statement, path });
  }
  const members = new Map((statement.members ?? []).map((member) => [member.name, member]));
  const here = { statement, path, scope, members };
  for (const member of members.values()) {
    if (ELEMENTS.has(member.name)) continue;
    const message = `unknown statement element ${member.name}`;
    report({ code: 'unknown-element', message, at: member, path: [...path, member.name] });
  }
  checkSid(here);
  checkEffect(here);
  checkPrincipals(here);
  checkActions(here);
  checkResources(here);
  checkCondition(here);
}

function checkSid({ path, scope, members }: Here): void {
  const sid = members.get('Sid')?.value;
  if (!sid) return;
  const at = { at: sid, path: [...path, 'Sid'] };
  if (sid.kind !== 'string') return scope.report({ code: 'wrong-json-type', message: 'Sid must be a string', ...at });
  if (scope.kind !== 'identity' || /^[A-Za-z0-9]*$/.test(String(sid.value))) return;
  scope.report({ code: 'sid', message: 'in an identity policy, Sid can contain only letters and digits', ...at });
}

function checkEffect({ statement, path, scope, members }: Here): void {
  const effect = members.get('Effect')?.value;
  if (effect?.value === 'Allow' || effect?.value === 'Deny') return;
  const message = effect ? 'Effect must be Allow or Deny' : 'a statement requires an Effect element';
  scope.report({ code: 'effect', message, at: effect ?? statement, path: effect ? [...path, 'Effect'] : path });
}

interface PairRule {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  /** The service's own text, where it is known. */
  readonly says?: string;
}

/** X or NotX, not both, not neither. */
function onlyOne({ statement, path, scope, members }: Here, { name, ...rule }: PairRule): JsonMember | undefined {
  const [one, other] = [members.get(name), members.get(`Not${name}`)];
  if (!one && !other) scope.report({ ...rule, at: statement, path });
  if (one && other) {
    const both = `${name} and Not${name} cannot be combined`;
    scope.report({ code: 'element-conflict', message: both, at: other, path: [...path, other.name] });
  }
  return one ?? other;
}

interface ElementItem {
  readonly text: string;
  readonly at: JsonNode;
  readonly path: JsonPath;
}

/** A text or a list of texts; anything else is reported. */
function textsIn(node: JsonNode, path: JsonPath, scope: CheckScope): readonly ElementItem[] {
  const nodes = node.items ?? [node];
  return nodes.flatMap((at, index) => {
    const here = node.items ? [...path, index] : path;
    if (at.kind === 'string') return [{ text: String(at.value), at, path: here }];
    scope.report({ code: 'wrong-json-type', message: 'expected a string', at, path: here });
    return [];
  });
}

const MISSING_ACTION: PairRule = {
  name: 'Action',
  code: 'missing-action',
  message: 'a statement requires a valid Action or NotAction',
};
const ACTION = /^(?:\*|[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+)$/;

function checkActions(here: Here): void {
  const member = onlyOne(here, MISSING_ACTION);
  if (!member) return;
  const { scope } = here;
  const path = [...here.path, member.name];
  const items = textsIn(member.value, path, scope);
  if (items.length === 0) scope.report({ ...MISSING_ACTION, at: member.value, path });
  for (const { text, ...place } of items) {
    const isTrust = scope.kind === 'trust';
    if (ACTION.test(text) && (!isTrust || /^sts:/i.test(text))) continue;
    scope.report({
      code: 'missing-action',
      message: `${JSON.stringify(text)} is not an action, such as ${isTrust ? 'sts:AssumeRole' : 'kms:Encrypt'}`,
      ...place,
    });
  }
}

const MISSING_RESOURCE: PairRule = {
  name: 'Resource',
  code: 'missing-resource',
  message: 'a statement requires a Resource element',
};

/** Since 2025-08-18 the only Resource accepted in a key policy is "*". */
function checkResources(here: Here): void {
  if (here.scope.kind === 'trust') return refuseResources(here);
  const member = onlyOne(here, MISSING_RESOURCE);
  if (!member) return;
  const { scope } = here;
  const path = [...here.path, member.name];
  if (scope.kind === 'key' && member.name === 'NotResource') {
    return scope.report({ code: 'not-resource', message: 'a key policy cannot have NotResource', at: member, path });
  }
  const items = textsIn(member.value, path, scope);
  if (items.length === 0) scope.report({ ...MISSING_RESOURCE, at: member.value, path });
  for (const { text, ...place } of items) {
    if (scope.kind === 'key' ? text === '*' : text === '*' || text.startsWith('arn:')) continue;
    const [code, wanted] = scope.kind === 'key' ? ['resource-not-star', '"*"'] : ['resource', '"*" or an ARN'];
    scope.report({ code, message: `Resource must be ${wanted}, not ${JSON.stringify(text)}`, ...place });
  }
}

function refuseResources({ members, path, scope }: Here): void {
  const found = members.get('Resource') ?? members.get('NotResource');
  if (!found) return;
  const message = 'a trust policy cannot have a Resource element';
  scope.report({ code: 'unknown-element', message, at: found, path: [...path, found.name] });
}

const MISSING_PRINCIPAL: PairRule = {
  name: 'Principal',
  code: 'missing-principal',
  message: 'a statement requires at least one principal',
  says: NO_PRINCIPAL,
};

function checkPrincipals(here: Here): void {
  const { members, path, scope } = here;
  const { report } = scope;
  const found = members.get('Principal') ?? members.get('NotPrincipal');
  if (scope.kind === 'identity') {
    if (!found) return;
    const message = 'an identity policy cannot have a Principal element';
    return report({ code: 'unknown-element', message, at: found, path: [...path, found.name] });
  }
  const member = onlyOne(here, MISSING_PRINCIPAL);
  if (!member) return;
  const at = [...path, member.name];
  if (member.name === 'NotPrincipal' && members.get('Effect')?.value.value === 'Allow') {
    report({ code: 'not-principal-allow', message: 'NotPrincipal is supported only with Deny', at: member, path: at });
  }
  const named = principalsIn(member.value, at, scope);
  if (named.length === 0) report({ ...MISSING_PRINCIPAL, at: member.value, path: at });
  for (const item of named) {
    // principals of identity providers, with operations of STS other than AssumeRole
    if (scope.kind !== 'trust' || item.type !== 'Federated') checkPrincipal(item, scope);
  }
}

type NamedItem = ElementItem & NamedPrincipal;

/** The bare `"*"`, or lists by type of principal. */
function principalsIn(node: JsonNode, path: JsonPath, scope: CheckScope): readonly NamedItem[] {
  const lists = node.kind === 'object' ? (node.members ?? []) : [{ name: '*', value: node }];
  return lists.flatMap(({ name: type, value }) => {
    const here = node.kind === 'object' ? [...path, type] : path;
    return textsIn(value, here, scope).map(({ text, at, path }) => ({ type, text, at, path }));
  });
}

const FAULTS: Readonly<Record<PrincipalFault, readonly [string, string]>> = {
  form: ['principal-format', 'is not a principal'],
  type: ['principal-type-unsupported', 'has a type that a key policy does not support'],
  group: ['principal-group', 'is an IAM group, which cannot be a principal'],
  wildcard: ['principal-partial-wildcard', 'contains a wildcard in an ARN'],
  account: ['account-id', 'does not have an account ID of 12 digits'],
  service: ['service-principal', 'is not a service principal'],
};

function checkPrincipal({ type, text, at, path }: NamedItem, { kind, report, principalExists }: CheckScope): void {
  const principal = readPrincipal({ type, text });
  const says = INVALID_PRINCIPALS;
  const subject = JSON.stringify(text);
  if (principal.fault) {
    const [code, what] = FAULTS[principal.fault];
    return report({ code, message: `${subject} ${what}`, at, path, says });
  }
  if (principal.class === 'star' || principal.class === 'service' || (principalExists?.({ type, text }) ?? true))
    return;
  // the text of IAM (UpdateAssumeRolePolicy) names the principal
  const unknown = kind === 'trust' ? `Invalid principal in policy: "${type}":${subject}` : says;
  report({ code: 'principal-unknown', message: `${subject} does not exist`, at, path, says: unknown });
}

function checkCondition({ members, path, scope }: Here): void {
  const condition = members.get('Condition')?.value;
  if (!condition) return;
  const here = [...path, 'Condition'];
  if (condition.kind !== 'object') return wrong('Condition must be an object with operators', condition, here);
  for (const operator of condition.members ?? []) {
    const at = [...here, operator.name];
    if (!readOperator(operator.name)) {
      const message = `${operator.name} is not a condition operator`;
      scope.report({ code: 'operator-unknown', message, at: operator, path: at });
    }
    if (operator.value.kind !== 'object')
      wrong('a condition operator must have an object with condition keys', operator.value, at);
    for (const key of operator.value.members ?? []) checkConditionKey(operator.name, key, [...at, key.name]);
  }

  function wrong(message: string, at: JsonNode, where: JsonPath): void {
    scope.report({ code: 'wrong-json-type', message, at, path: where });
  }
  function checkConditionKey(operator: string, key: JsonMember, at: JsonPath): void {
    const says = operator.startsWith('ForAllValues:') ? overlyPermissive(key.name.toLowerCase()) : undefined;
    if (says !== undefined) {
      const message = 'ForAllValues on a single-valued condition key also matches requests without the key';
      scope.report({ code: 'set-operator-on-single', message, at: key, path: at, says });
    }
    if (!key.name.includes(':')) {
      const message = `${key.name} is not a condition key, such as kms:ViaService`;
      scope.report({ code: 'key-unknown', message, at: key, path: at });
    }
    for (const [index, value] of (key.value.items ?? [key.value]).entries()) {
      if (value.kind === 'string' || value.kind === 'number' || value.kind === 'boolean') continue;
      wrong('a condition value must be a string, a number or a boolean', value, key.value.items ? [...at, index] : at);
    }
  }
}

/** KMS itself refuses these two. */
function overlyPermissive(key: string): string | undefined {
  const text = (prefix: string, what: string): string =>
    `OverlyPermissiveCondition:${prefix} Using the ForAllValues set operator with a single-valued condition key matches requests without the specified ${what} or with an unspecified ${what}. To fix, remove ForAllValues.`;
  if (key.startsWith('kms:encryptioncontext:')) return text('EncryptionContext:', 'encryption context');
  return key.startsWith('aws:requesttag/') ? text('', 'tag') : undefined;
}
