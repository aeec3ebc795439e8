/** KP401 to KP413, KP421: whether conditions are well-formed, and operators, keys and values go together. */
import { CONDITION_KEYS, type ConditionKeyType } from '../../condition-keys.ts';
import { readDate, readNumber, readRange, sameBytes } from '../../operands.ts';
import { OPERATOR_NAMES, readOperator, type OperatorFamily } from '../../operators.ts';
import { addTest, quote, removeAmong, replace, wholeMember, type Edit, type Fix } from '../edit.ts';
import { supplies } from '../facts/condition-actions.ts';
import { OWN, PAGES, POLICY, type Draft, type Rule } from '../rule.ts';
import { didYouMean, nearest } from '../similar.ts';
import type { Item, StatementView, Subject, TestView } from '../subject.ts';

const NAMES = CONDITION_KEYS.filter(({ open }) => !open).map(({ name }) => name);
const SETS = ['ForAllValues', 'ForAnyValue'];

const at = ({ member, path }: TestView) => ({ at: member, path });
const ofBlock = ({ block, statement }: TestView) => ({ at: block, path: [...statement.path, 'Condition', block.name] });

/** Only once a block, at its first key. */
const isFirst = ({ block, member }: TestView): boolean => block.value.members?.[0] === member;

/** Another operator for this key alone: the whole block if it has no other key, else a block of its own. */
export function changeOperator({ block, member, statement }: TestView, operator: string, text: string): readonly Edit[] {
  const condition = statement.members.get('Condition')!.value;
  const there = condition.members!.some(({ name }) => name === operator);
  if (block.value.members!.length === 1 && !there) return [replace(block, quote(operator))];
  const index = block.value.members!.indexOf(member);
  const gone =
    block.value.members!.length === 1
      ? removeAmong(condition.members!.map(wholeMember), condition.members!.indexOf(block))
      : removeAmong(block.value.members!.map(wholeMember), index);
  const value: unknown = JSON.parse(text.slice(member.value.start, member.value.end));
  return [gone, addTest(text, statement.node, { operator, key: member.name, value })];
}

export const CONDITION_FORM_RULES: readonly Rule[] = [
  {
    code: 'KP401',
    name: 'operator-unknown',
    severity: 'error',
    scopes: POLICY,
    title: 'not a condition operator',
    why: 'An operator that does not exist makes the policy invalid. The form is SetOperator:OperatorIfExists.',
    bad: '"StringEqual": { "kms:ViaService": "s3.us-east-1.amazonaws.com" }',
    good: '"StringEquals": { "kms:ViaService": "s3.us-east-1.amazonaws.com" }',
    see: PAGES.operators,
    fix: 'safe',
    issue: 'INVALID_CONDITION_OPERATOR',
    statement: unknownOperators,
  },
  {
    code: 'KP402',
    name: 'key-unknown',
    severity: 'error',
    scopes: POLICY,
    title: 'a condition key that does not exist',
    why: 'A key that no request has makes an Allow never allow and a Deny with a positive operator never deny.',
    bad: '"kms:ViaServce": "s3.us-east-1.amazonaws.com"',
    good: '"kms:ViaService": "s3.us-east-1.amazonaws.com"',
    see: PAGES.conditions,
    fix: 'safe',
    issue: 'INVALID_SERVICE_CONDITION_KEY',
    test: unknownKey,
  },
  {
    code: 'KP403',
    name: 'key-not-for-action',
    severity: 'warning',
    scopes: OWN,
    title: 'a condition key that an action of the statement never has',
    why: 'DescribeKey takes no encryption context, so a condition on one makes an Allow of it never apply; with a negated operator the condition always holds. Such actions belong into a statement of their own.',
    bad: '"Action": ["kms:Decrypt", "kms:DescribeKey"], "Condition": { "StringEquals": { "kms:EncryptionContext:app": "orders" } }',
    good: 'kms:DescribeKey in a statement without the condition',
    see: PAGES.permissions,
    fix: 'none',
    issue: 'UNSUPPORTED_ACTION_FOR_CONDITION_KEY',
    test: keyNotForAction,
  },
  {
    code: 'KP404',
    name: 'operator-type',
    severity: 'warning',
    scopes: POLICY,
    title: 'an operator for values of another type',
    why: 'ARN keys are compared with Arn operators, which look at each part on its own: in StringLike a * runs across colons and matches other accounts. Other types have their own operators as well.',
    bad: '"StringLike": { "aws:SourceArn": "arn:aws:s3:::logs*" }',
    good: '"ArnLike": { "aws:SourceArn": "arn:aws:s3:::logs*" }',
    see: PAGES.operators,
    fix: 'safe',
    issue: 'TYPE_MISMATCH',
    test: operatorType,
  },
  {
    code: 'KP405',
    name: 'value-type',
    severity: 'warning',
    scopes: POLICY,
    title: 'a value that the operator cannot read',
    why: 'A Bool is true or false, numbers are decimal, dates are ISO 8601 or seconds since 1970, addresses are CIDR ranges, binary values base64. What cannot be read never matches.',
    bad: '"Bool": { "kms:GrantIsForAWSResource": "yes" }',
    good: '"Bool": { "kms:GrantIsForAWSResource": "true" }',
    see: PAGES.operators,
    fix: 'none',
    issue: 'TYPE_MISMATCH',
    test: valueType,
  },
  {
    code: 'KP406',
    name: 'wildcard-without-like',
    severity: 'warning',
    scopes: POLICY,
    title: 'a wildcard under an operator that compares literally',
    why: 'Only StringLike and StringNotLike (and the Arn operators) read * and ? as wildcards.',
    bad: '"StringEquals": { "kms:RequestAlias": "alias/app-*" }',
    good: '"StringLike": { "kms:RequestAlias": "alias/app-*" }',
    see: PAGES.operators,
    fix: 'safe',
    issue: 'WILDCARD_WITHOUT_LIKE_OPERATOR',
    test: wildcardWithoutLike,
  },
  {
    code: 'KP407',
    name: 'missing-set-operator',
    severity: 'error',
    scopes: POLICY,
    title: 'a key with several values, compared like one',
    why: 'Keys that can have several values need ForAnyValue or ForAllValues; otherwise an Allow never applies.',
    bad: '"StringEquals": { "kms:GrantOperations": "Decrypt" }',
    good: '"ForAllValues:StringEquals": { "kms:GrantOperations": ["Decrypt"] }',
    see: PAGES.sets,
    fix: 'unsafe',
    issue: 'MISSING_QUALIFIER',
    test(test, { text }) {
      const { key, use, member, block } = test;
      if (!key?.many || !use || use.set || use.operator.family === 'Null') return undefined;
      const operator = `${test.name === 'kms:grantoperations' ? 'ForAllValues' : 'ForAnyValue'}:${block.name}`;
      const fix: Fix = { safe: false, title: `write ${operator}`, edits: changeOperator(test, operator, text) };
      return { ...at(test), message: `${member.name} can have several values and needs ForAnyValue or ForAllValues`, fix };
    },
  },
  {
    code: 'KP408',
    name: 'set-operator-on-single',
    severity: 'security',
    scopes: POLICY,
    title: 'a set operator on a key with one value',
    why: 'ForAllValues also holds when the request has no value at all. KMS refuses it for kms:EncryptionContext: and aws:RequestTag/.',
    bad: '"ForAllValues:StringEquals": { "kms:EncryptionContext:app": "orders" }',
    good: '"StringEquals": { "kms:EncryptionContext:app": "orders" }',
    see: PAGES.sets,
    fix: 'safe',
    issue: 'FORALLVALUES_WITH_SINGLE_VALUED_KEY',
    test: setOnSingle,
  },
  {
    code: 'KP409',
    name: 'forallvalues-allow',
    severity: 'security',
    scopes: POLICY,
    title: 'ForAllValues in an Allow also allows requests without any value',
    why: 'All values of an empty list fit. A Null condition with false, or ForAnyValue beside it, asks for at least one.',
    bad: '"ForAllValues:StringEquals": { "kms:EncryptionContextKeys": "app" }',
    good: '"ForAllValues:StringEquals": { "kms:EncryptionContextKeys": "app" }, "Null": { "kms:EncryptionContextKeys": "false" }',
    see: PAGES.sets,
    fix: 'safe',
    test: forAllInAllow,
  },
  {
    code: 'KP410',
    name: 'foranyvalue-deny',
    severity: 'warning',
    scopes: POLICY,
    title: 'ForAnyValue with a negated operator in a Deny lets requests without a value through',
    why: 'No value is not listed if there is no value: the Deny does not apply. A second Deny with Null true closes the gap.',
    bad: '"Effect": "Deny", "Condition": { "ForAnyValue:StringNotEquals": { "aws:TagKeys": "team" } }',
    good: 'a second Deny with "Null": { "aws:TagKeys": "true" }',
    see: PAGES.sets,
    fix: 'none',
    test(test, { statements }) {
      const { use, statement, member } = test;
      if (statement.effect !== 'Deny' || use?.set !== 'ForAnyValue' || !use.operator.negated) return undefined;
      const closed = statements.some(
        (other) => other.effect === 'Deny' && other.tests.some(({ name, use: operator, values }) => name === test.name && operator?.operator.family === 'Null' && values.some(({ text }) => text === 'true')),
      );
      return closed ? undefined : { ...at(test), message: `a request without ${member.name} is not denied` };
    },
  },
  {
    code: 'KP411',
    name: 'null-misuse',
    severity: 'error',
    scopes: POLICY,
    title: 'Null with what it cannot have',
    why: 'Null asks whether a key is absent, true or false. It takes neither IfExists nor a set operator.',
    bad: '"NullIfExists": { "kms:ViaService": "true" }',
    good: '"Null": { "kms:ViaService": "true" }',
    see: PAGES.operators,
    fix: 'safe',
    issue: 'NULL_WITH_IF_EXISTS',
    test: nullMisuse,
  },
  {
    code: 'KP412',
    name: 'ifexists-opens',
    severity: 'security',
    scopes: POLICY,
    title: 'IfExists in an Allow on a key that guards access',
    why: 'With IfExists the condition also holds for requests that do not have the key at all: direct calls, in which nothing of the guard is left.',
    bad: '"Effect": "Allow", "Condition": { "BoolIfExists": { "kms:GrantIsForAWSResource": "true" } }',
    good: '"Effect": "Allow", "Condition": { "Bool": { "kms:GrantIsForAWSResource": "true" } }',
    see: PAGES.operators,
    fix: 'safe',
    test(test, { text }) {
      const { use, statement, block, member } = test;
      if (statement.effect !== 'Allow' || !use?.ifExists || use.operator.negated || use.set || !GUARDS.test(test.name)) return undefined;
      const operator = block.name.slice(0, -'IfExists'.length);
      const fix: Fix = { safe: true, title: `write ${operator}`, edits: changeOperator(test, operator, text) };
      return { ...at(test), message: `requests without ${member.name} are allowed`, secondary: [{ at: block, message: 'because of IfExists' }], fix };
    },
  },
  {
    code: 'KP413',
    name: 'key-case-duplicate',
    severity: 'error',
    scopes: POLICY,
    title: 'the same condition key twice, in different case',
    why: 'Names of condition keys are not case-sensitive, also behind kms:EncryptionContext:. Both tests are about the same value and must both hold.',
    bad: '"kms:ViaService": …, "kms:viaservice": …',
    good: 'one key with a list of values',
    see: PAGES.conditions,
    fix: 'none',
    issue: 'DUPLICATE_KEYS_WITH_DIFFERENT_CASE',
    test(test) {
      const { block, member } = test;
      const members = block.value.members ?? [];
      const before = members.slice(0, members.indexOf(member)).find(({ name }) => name !== member.name && name.toLowerCase() === test.name);
      if (!before) return undefined;
      return { ...at(test), message: `${member.name} is the same key as ${before.name}`, secondary: [{ at: before, message: 'the same key' }] };
    },
  },
  {
    code: 'KP421',
    name: 'variable',
    severity: 'error',
    scopes: POLICY,
    title: 'a policy variable that does not work',
    why: 'Variables have the form ${key} or ${key, \'default\'}, stand in Resource or in values of String and Arn operators, and name condition keys with one value. A variable without a value matches nothing.',
    bad: '"kms:EncryptionContext:user": "${aws:username"',
    good: '"kms:EncryptionContext:user": "${aws:username}"',
    see: PAGES.variables,
    fix: 'none',
    issue: 'VARIABLE_UNSUPPORTED_IN_ELEMENT',
    statement: variablesIn,
  },
];

const GUARDS =
  /^(?:kms:(?:grantisforawsresource|encryptioncontext(?::.*|keys)|viaservice|granteeprincipal|calleraccount|recipientattestation:.*)|aws:(?:sourcearn|sourceaccount|sourceorgid|principalorgid|principalarn|principalaccount|sourcevpce?|sourceip))$/;

function unknownOperators(statement: StatementView): readonly Draft[] {
  const condition = statement.members.get('Condition')?.value;
  return (condition?.members ?? []).flatMap((block): readonly Draft[] => {
    if (readOperator(block.name) || isNull(block.name)) return [];
    const meant = rightOrder(block.name);
    const near = meant === undefined ? nearest(bare(block.name), OPERATOR_NAMES) : undefined;
    const name = meant ?? (near && block.name.replace(bare(block.name), near.name));
    const sure = name !== undefined && readOperator(name) !== undefined && (meant !== undefined || (near!.distance <= 1 && near!.unique));
    const free = sure && condition!.members!.every((other) => other.name !== name);
    const fix: Fix | undefined = free ? { safe: true, title: `write ${name}`, edits: [replace(block, quote(name))] } : undefined;
    const hint = name === undefined ? '' : `; did you mean ${quote(name)}?`;
    return [{ at: block, path: [...statement.path, 'Condition', block.name], message: `${quote(block.name)} is not a condition operator${hint}`, fix }];
  });
}

/** Null with IfExists or a set operator: KP411 has it. */
const isNull = (name: string): boolean => /^(?:ForA(?:ll|ny)Values?:)?Null(?:IfExists)?$/.test(name) && !readOperator(name);

/** The operator without set operator and IfExists. */
const bare = (name: string): string => name.replace(/^[^:]*:/, '').replace(/IfExists$/i, '');

/** `IfExistsStringEquals`, `StringEquals:ForAnyValue`, `ForAnyValues:StringEquals`, wrong case. */
function rightOrder(name: string): string | undefined {
  const ifExists = /ifexists/i.test(name) ? 'IfExists' : '';
  const set = SETS.find((candidate) => new RegExp(`${candidate.replace(/Values?$/, 'Values?')}`, 'i').test(name));
  const rest = name.replace(/ifexists/i, '').replace(/fora(?:ll|ny)values?/i, '').replaceAll(':', '');
  const operator = OPERATOR_NAMES.find((known) => known.toLowerCase() === rest.toLowerCase());
  if (!operator || operator === 'Null') return undefined;
  return `${set ? `${set}:` : ''}${operator}${ifExists}`;
}

function unknownKey(test: TestView): Draft | undefined {
  const { member, key, name } = test;
  if (key) {
    if (key.open && name === key.name.toLowerCase() && /[:/]$/.test(name)) {
      return { ...at(test), message: `${quote(member.name)} lacks the name behind it` };
    }
    return undefined;
  }
  if (!/^[^:]+:./.test(member.name)) return { ...at(test), message: `${quote(member.name)} is not a condition key like kms:ViaService` };
  const [service] = name.split(':');
  if (service !== 'kms' && service !== 'aws') return undefined; // another service's own keys
  if (name === 'aws:arn') return undefined; // KP420 has it
  const near = nearest(member.name, NAMES);
  const fix: Fix | undefined =
    near?.distance === 1 && near.unique
      ? { safe: true, title: `write ${near.name}`, edits: [replace(member, quote(near.name))] }
      : undefined;
  const message = `there is no condition key ${quote(member.name)}${didYouMean(near)}`;
  // global keys come more often than this table
  return { ...at(test), message, fix, ...(service === 'aws' && !near ? { severity: 'warning' as const } : {}) };
}

function keyNotForAction(test: TestView, { kind }: Subject): Draft | undefined {
  const { statement, name, key, member, use } = test;
  const { action, covers } = statement;
  if (!key || !use || !action || action.negated || covers.length === 0) return undefined;
  if (kind === 'key' && key.identityOnly) {
    return { ...at(test), severity: 'error', message: `${member.name} works in identity policies only; in a key policy it is always absent` };
  }
  const able = covers.filter((row) => supplies(row, name));
  if (able.length === covers.length) return undefined;
  const always = use.set === 'ForAllValues' || (!use.set && (use.ifExists || use.operator.negated));
  const isAbsence = use.operator.family === 'Null';
  const effect = isAbsence ? 'it is always absent' : always ? 'the condition always holds' : 'the condition never holds';
  if (able.length === 0) {
    return { ...at(test), severity: 'error', message: `no action of the statement has ${member.name}: ${effect}`, secondary: [{ at: action.member.value, message: 'none of them has it' }] };
  }
  // a pattern covers whatever it covers; only actions that are named one by one were meant one by one
  const named = action.items.filter(({ text }) => covers.some((row) => `kms:${row.name}`.toLowerCase() === text.toLowerCase() && !supplies(row, name)));
  if (named.length === 0) return undefined;
  const names = named.map(({ text }) => text).join(', ');
  const secondary = named.map((item) => ({ at: item.at, message: 'never has it' }));
  return { ...at(test), message: `${names} never ${named.length > 1 ? 'have' : 'has'} ${member.name}: ${effect}`, secondary };
}

const FAMILIES: Readonly<Record<ConditionKeyType, readonly OperatorFamily[]>> = {
  String: ['String', 'Binary'],
  Bool: ['Bool'],
  Numeric: ['Numeric'],
  Date: ['Date', 'Numeric'], // kms:ValidTo is also given in seconds [L12808]
  ARN: ['Arn'],
  IPAddress: ['IpAddress'],
};
/** Texts that people fill with ARNs, numbers or dates. */
const FREE = /^(?:kms:encryptioncontext:|aws:(?:principal|request|resource)tag\/|kms:(?:grantee|retiring)principal$)/;

function operatorType(test: TestView, { text }: Subject): Draft | undefined {
  const { use, key, name, values, member, block } = test;
  if (!use || !key || use.operator.family === 'Null') return undefined;
  const { family } = use.operator;
  if (FAMILIES[key.type].includes(family) || FREE.test(name)) return undefined;
  const message = `${block.name} compares ${family} values; ${member.name} is of the type ${key.type}`;
  if (key.type !== 'ARN' || family !== 'String') return { ...at(test), message };
  const literal = values.every((value) => !/[*?]/.test(value.text));
  const like = use.operator.name.includes('Like');
  const operator = block.name.replace(/String(Not)?(?:EqualsIgnoreCase|Equals|Like)/, (_, not: string | undefined) => `Arn${not ?? ''}${like ? 'Like' : 'Equals'}`);
  const whole = values.every((value) => value.text.split(':').length >= 6);
  const fix: Fix | undefined = whole ? { safe: literal, title: `write ${operator}`, edits: changeOperator(test, operator, text) } : undefined;
  return { ...at(test), severity: literal ? 'warning' : 'security', message, fix };
}

type Reader = (text: string) => boolean;
const READERS: Readonly<Partial<Record<OperatorFamily, readonly [string, Reader]>>> = {
  Bool: ['true or false', (text) => /^(?:true|false)$/i.test(text)],
  Numeric: ['a number', (text) => readNumber(text) !== undefined],
  Date: ['a date of ISO 8601 or seconds since 1970', (text) => readDate(text) !== undefined],
  IpAddress: ['an IP address or a CIDR range', (text) => readRange(text) !== undefined],
  Binary: ['base64', (text) => sameBytes(text, text) !== undefined],
  Arn: ['an ARN', (text) => text.split(':').length >= 6],
};

function valueType({ use, values, block }: TestView): readonly Draft[] {
  const reader = use && READERS[use.operator.family];
  if (!reader) return [];
  const [wanted, reads] = reader;
  return values
    .filter(({ text }) => !reads(text) && !text.includes('${'))
    .map((value) => ({ at: value.at, path: value.path, message: `${block.name} compares with ${wanted}, which ${quote(value.text)} is not` }));
}

function wildcardWithoutLike(test: TestView, { text }: Subject): Draft | undefined {
  const { use, values, block } = test;
  if (!use || !/^String(?:Not)?Equals/.test(use.operator.name)) return undefined;
  const found = values.filter((value) => /[*?]/.test(value.text.replaceAll(/\$\{[^}]*\}/g, '')));
  if (found.length === 0) return undefined;
  const plain = !use.operator.name.endsWith('IgnoreCase');
  const operator = block.name.replace('Equals', 'Like');
  const fix: Fix | undefined = plain ? { safe: true, title: `write ${operator}`, edits: changeOperator(test, operator, text) } : undefined;
  const [first] = found;
  return { at: first!.at, path: first!.path, message: `${block.name} compares ${quote(first!.text)} letter by letter`, secondary: [{ at: block, message: 'reads no wildcards' }], fix };
}

const refusedByKms = (name: string): boolean => name.startsWith('kms:encryptioncontext:') || name.startsWith('aws:requesttag/');

function setOnSingle(test: TestView, { text }: Subject): Draft | undefined {
  const { use, key, name, member, block, statement } = test;
  if (!use?.set || !key || key.many) return undefined;
  const refused = use.set === 'ForAllValues' && refusedByKms(name);
  const operator = block.name.slice(use.set.length + 1);
  // one value at most: without the set operator a positive test means the same, save for a request without the value
  const same = !use.operator.negated && !use.ifExists && (use.set === 'ForAnyValue' || refused || statement.effect === 'Allow');
  const fix: Fix = { safe: same, title: `write ${operator}`, edits: changeOperator(test, operator, text) };
  const effect = use.set === 'ForAllValues' ? 'matches requests without it' : 'has one value at most';
  return {
    ...ofBlock(test),
    severity: refused ? 'error' : 'security',
    message: `${use.set} on ${member.name}${refused ? ': KMS refuses this policy' : ''}`,
    label: effect,
    secondary: [{ at: member, message: 'one value per request at most' }],
    ...(refused ? { notes: ['KMS says: OverlyPermissiveCondition'] } : {}),
    fix,
  };
}

function forAllInAllow(test: TestView, { text }: Subject): Draft | undefined {
  const { use, key, name, member, statement } = test;
  if (statement.effect !== 'Allow' || use?.set !== 'ForAllValues' || !key?.many) return undefined;
  if (name === 'kms:grantoperations') return undefined; // CreateGrant needs at least one [L12085]
  if (statement.tests.some((other) => other !== test && asksFor(other, name))) return undefined;
  const edits = [addTest(text, statement.node, { operator: 'Null', key: member.name, value: 'false' })];
  return { ...at(test), message: `requests without ${member.name} are allowed`, fix: { safe: true, title: `add "Null": { ${quote(member.name)}: "false" }`, edits } };
}

/** The key is there if this test holds. */
function asksFor({ name, use, values }: TestView, key: string): boolean {
  if (!use || use.ifExists) return false;
  const pair = key === 'kms:encryptioncontextkeys' && name.startsWith('kms:encryptioncontext:');
  if (name !== key && !pair) return false;
  if (use.operator.family === 'Null') return values.every(({ text }) => text === 'false');
  return use.set === 'ForAnyValue' || (pair && use.set === undefined && !use.operator.negated);
}

function nullMisuse(test: TestView): readonly Draft[] {
  const { block, values, use } = test;
  const drafts: Draft[] = [];
  if (isNull(block.name) && isFirst(test)) {
    const others = test.statement.members.get('Condition')!.value.members!;
    const fix: Fix = { safe: true, title: 'write Null', edits: [replace(block, '"Null"')] };
    const free = others.every(({ name }) => name !== 'Null');
    drafts.push({ ...ofBlock(test), message: `${quote(block.name)}: Null takes neither IfExists nor a set operator`, ...(free ? { fix } : {}) });
  }
  if (use?.operator.family === 'Null') {
    for (const value of values) {
      if (/^(?:true|false)$/i.test(value.text)) continue;
      drafts.push({ at: value.at, path: value.path, severity: 'warning', message: `Null asks for true or false, not ${quote(value.text)}` });
    }
  }
  return drafts;
}

function variablesIn(statement: StatementView, { hasVariables }: Subject): readonly Draft[] {
  if (!hasVariables) return []; // KP007 has it
  const places: [string, readonly Item[]][] = [
    ['Action', statement.action?.items ?? []],
    ['Principal', statement.principals],
  ];
  const drafts: Draft[] = places.flatMap(([name, items]) =>
    items.filter(({ text }) => text.includes('${')).map((item) => ({ at: item.at, path: item.path, message: `${name} cannot have policy variables` })),
  );
  for (const test of statement.tests) {
    if (test.member.name.includes('${')) drafts.push({ ...at(test), message: 'names of condition keys cannot have policy variables' });
    for (const value of test.values) {
      if (!value.text.includes('${')) continue;
      const works = !test.use || test.use.operator.variables;
      const message = works ? variableFault(value.text) : `${test.block.name} takes no policy variables`;
      if (message !== undefined) drafts.push({ at: value.at, path: value.path, message });
    }
  }
  for (const item of statement.resource?.items ?? []) {
    const message = item.text.includes('${') ? variableFault(item.text) : undefined;
    if (message !== undefined) drafts.push({ at: item.at, path: item.path, message });
  }
  return drafts;
}

function variableFault(text: string): string | undefined {
  for (let open = text.indexOf('${'); open >= 0; open = text.indexOf('${', open + 2)) {
    const close = text.indexOf('}', open);
    if (close < 0) return 'the variable lacks its closing brace';
    const body = text.slice(open + 2, close);
    if (body.trim() === '') return 'the variable is empty';
    if (['*', '?', '$'].includes(body)) continue;
    const comma = body.indexOf(',');
    const name = comma < 0 ? body : body.slice(0, comma);
    if (comma >= 0 && !/^\s*'[^']*'\s*$/.test(body.slice(comma + 1))) return 'the default of a variable stands in single quotes';
    if (/\s/.test(name.trim()) || (comma < 0 && name !== name.trim())) return 'a variable has no spaces in it';
    if (!/^[\w.-]+:[\w./:=@+-]+$/.test(name.trim())) return `${quote(name)} is not a condition key`;
    const known = CONDITION_KEYS.find((key) => (key.open ? name.toLowerCase().startsWith(key.name.toLowerCase()) : key.name.toLowerCase() === name.toLowerCase()));
    if (known?.many) return `${name} can have several values; variables take keys with one`;
    if (!known && /^(?:aws|kms):/i.test(name)) return `there is no condition key ${quote(name)}`;
  }
  return undefined;
}
