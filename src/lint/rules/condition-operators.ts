/** Rules on condition operators: existence, fit with the key, and likely mistakes. */
import { parseArnPattern } from '../../model/arn.ts';
import type { ConditionKeyType } from '../../policy/condition-keys.ts';
import { OPERATOR_NAMES, type OperatorFamily, readOperator } from '../../policy/operators.ts';
import { type Fix, quote, replace } from '../core/edit.ts';
import { changeOperator } from '../core/operator-edit.ts';
import { type FindingDraft, PAGES, type LintRule, EVERY_POLICY } from '../core/rule.ts';
import { nearest } from '../core/similar.ts';
import { type StatementView, type Subject, type TestView, placeOfBlock, placeOfTest } from '../core/subject.ts';

/** With what they are often written as. */
const SETS = [
  ['ForAllValues', /ForAllValues?/i],
  ['ForAnyValue', /ForAnyValues?/i],
] as const;

const FAMILIES: Readonly<Record<ConditionKeyType, readonly OperatorFamily[]>> = {
  String: ['String', 'Binary'],
  Bool: ['Bool'],
  Numeric: ['Numeric'],
  Date: ['Date', 'Numeric'], // kms:ValidTo is also given in seconds
  ARN: ['Arn'],
  IPAddress: ['IpAddress'],
};

/** Texts that people fill with ARNs, numbers or dates. */
const FREE = /^(?:kms:encryptioncontext:|aws:(?:principal|request|resource)tag\/|kms:(?:grantee|retiring)principal$)/;

export const OPERATOR_RULES: readonly LintRule[] = [
  {
    code: 'KP401',
    name: 'operator-unknown',
    severity: 'error',
    scopes: EVERY_POLICY,
    title: 'unknown condition operator',
    why: 'An operator that does not exist makes the policy invalid. The format is [ForAllValues:|ForAnyValue:]OPERATOR[IfExists].',
    bad: '"StringEqual": { "kms:ViaService": "s3.us-east-1.amazonaws.com" }',
    good: '"StringEquals": { "kms:ViaService": "s3.us-east-1.amazonaws.com" }',
    see: PAGES.operators,
    fix: 'safe',
    issue: 'INVALID_CONDITION_OPERATOR',
    statement: unknownOperators,
  },
  {
    code: 'KP404',
    name: 'operator-type',
    severity: 'warning',
    otherwise: { security: 'for a wildcard in an ARN with a String operator' },
    scopes: EVERY_POLICY,
    title: 'operator for a different data type',
    why: 'Use the operators for the data type of the condition key. Arn operators compare each part of an ARN separately; with StringLike, * also matches colons, and so other accounts.',
    bad: '"StringLike": { "aws:SourceArn": "arn:aws:s3:::logs*" }',
    good: '"ArnLike": { "aws:SourceArn": "arn:aws:s3:::logs*" }',
    see: PAGES.operators,
    fix: 'safe',
    issue: 'TYPE_MISMATCH',
    test: operatorType,
  },
  {
    code: 'KP406',
    name: 'wildcard-without-like',
    severity: 'warning',
    scopes: EVERY_POLICY,
    title: 'wildcard with an operator that does not support wildcards',
    why: 'Only StringLike, StringNotLike and the Arn operators support the wildcards * and ?.',
    bad: '"StringEquals": { "kms:RequestAlias": "alias/app-*" }',
    good: '"StringLike": { "kms:RequestAlias": "alias/app-*" }',
    see: PAGES.operators,
    fix: 'safe',
    issue: 'WILDCARD_WITHOUT_LIKE_OPERATOR',
    test: wildcardWithoutLike,
  },
  {
    code: 'KP411',
    name: 'null-misuse',
    severity: 'error',
    otherwise: { warning: 'for a value other than true and false' },
    scopes: EVERY_POLICY,
    title: 'invalid use of the Null operator',
    why: 'Null checks whether a condition key is absent (true) or present (false). It cannot be combined with IfExists or a set operator.',
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
    scopes: EVERY_POLICY,
    title: 'IfExists in an Allow statement on a restricting condition key',
    why: 'With IfExists, the condition is also true for requests without the condition key, such as direct calls, so it does not restrict them.',
    bad: '"Effect": "Allow", "Condition": { "BoolIfExists": { "kms:GrantIsForAWSResource": "true" } }',
    good: '"Effect": "Allow", "Condition": { "Bool": { "kms:GrantIsForAWSResource": "true" } }',
    see: PAGES.operators,
    fix: 'safe',
    test(test, { text }) {
      const { use, statement, block, member } = test;
      if (statement.effect !== 'Allow' || !use?.ifExists || use.operator.negated || use.set || !GUARDS.test(test.name))
        return undefined;
      const operator = block.name.slice(0, -'IfExists'.length);
      const fix: Fix = { safe: true, title: `write ${operator}`, edits: changeOperator(test, operator, text) };
      return {
        ...placeOfTest(test),
        message: `requests without ${member.name} are allowed`,
        secondary: [{ at: block, message: 'because of IfExists' }],
        fix,
      };
    },
  },
];

/** Only once a block, at its first key. */
const isFirst = ({ block, member }: TestView): boolean => block.value.members?.[0] === member;

const GUARDS =
  /^(?:kms:(?:grantisforawsresource|encryptioncontext(?::.*|keys)|viaservice|granteeprincipal|calleraccount|recipientattestation:.*)|aws:(?:sourcearn|sourceaccount|sourceorgid|principalorgid|principalarn|principalaccount|sourcevpce?|sourceip))$/;

function unknownOperators(statement: StatementView): readonly FindingDraft[] {
  const condition = statement.members.get('Condition')?.value;
  return (condition?.members ?? []).flatMap((block): readonly FindingDraft[] => {
    if (readOperator(block.name) || isNull(block.name)) return [];
    const meant = rightOrder(block.name);
    const near = meant === undefined ? nearest(bare(block.name), OPERATOR_NAMES) : undefined;
    const name = meant ?? (near && block.name.replace(bare(block.name), near.name));
    const sure =
      name !== undefined &&
      readOperator(name) !== undefined &&
      (meant !== undefined || (near!.distance <= 1 && near!.unique));
    const free = sure && condition!.members!.every((other) => other.name !== name);
    const fix: Fix | undefined = free
      ? { safe: true, title: `write ${name}`, edits: [replace(block, quote(name))] }
      : undefined;
    const hint = name === undefined ? '' : `; did you mean ${quote(name)}?`;
    return [
      {
        at: block,
        path: [...statement.path, 'Condition', block.name],
        message: `${quote(block.name)} is not a condition operator${hint}`,
        fix,
      },
    ];
  });
}

/** Null with IfExists or a set operator: KP411 has it. */
const isNull = (name: string): boolean =>
  /^(?:ForA(?:ll|ny)Values?:)?Null(?:IfExists)?$/.test(name) && !readOperator(name);

/** The operator without set operator and IfExists. */
const bare = (name: string): string => name.replace(/^[^:]*:/, '').replace(/IfExists$/i, '');

/** `IfExistsStringEquals`, `StringEquals:ForAnyValue`, `ForAnyValues:StringEquals`, wrong case. */
function rightOrder(name: string): string | undefined {
  const ifExists = /ifexists/i.test(name) ? 'IfExists' : '';
  const [set] = SETS.find(([, inAnyCase]) => inAnyCase.test(name)) ?? [];
  const rest = name
    .replace(/ifexists/i, '')
    .replace(/fora(?:ll|ny)values?/i, '')
    .replaceAll(':', '');
  const operator = OPERATOR_NAMES.find((known) => known.toLowerCase() === rest.toLowerCase());
  if (!operator || operator === 'Null') return undefined;
  return `${set ? `${set}:` : ''}${operator}${ifExists}`;
}

function operatorType(test: TestView, { text }: Subject): FindingDraft | undefined {
  const { use, key, name, values, member, block } = test;
  if (!use || !key || use.operator.family === 'Null') return undefined;
  const { family } = use.operator;
  if (FAMILIES[key.type].includes(family) || FREE.test(name)) return undefined;
  const message = `${block.name} compares ${family} values; ${member.name} has type ${key.type}`;
  if (key.type !== 'ARN' || family !== 'String') return { ...placeOfTest(test), message };
  const literal = values.every((value) => !/[*?]/.test(value.text));
  const like = use.operator.name.includes('Like');
  const operator = block.name.replace(
    /String(Not)?(?:EqualsIgnoreCase|Equals|Like)/,
    (_, not: string | undefined) => `Arn${not ?? ''}${like ? 'Like' : 'Equals'}`,
  );
  const whole = values.every((value) => parseArnPattern(value.text) !== undefined);
  const fix: Fix | undefined = whole
    ? { safe: literal, title: `write ${operator}`, edits: changeOperator(test, operator, text) }
    : undefined;
  return { ...placeOfTest(test), severity: literal ? 'warning' : 'security', message, fix };
}

function wildcardWithoutLike(test: TestView, { text }: Subject): FindingDraft | undefined {
  const { use, values, block } = test;
  if (!use || !/^String(?:Not)?Equals/.test(use.operator.name)) return undefined;
  const found = values.filter((value) => /[*?]/.test(value.text.replaceAll(/\$\{[^}]*\}/g, '')));
  if (found.length === 0) return undefined;
  const plain = !use.operator.name.endsWith('IgnoreCase');
  const operator = block.name.replace('Equals', 'Like');
  const fix: Fix | undefined = plain
    ? { safe: true, title: `write ${operator}`, edits: changeOperator(test, operator, text) }
    : undefined;
  const [first] = found;
  return {
    at: first!.at,
    path: first!.path,
    message: `${block.name} compares ${quote(first!.text)} literally`,
    secondary: [{ at: block, message: 'does not support wildcards' }],
    fix,
  };
}

function nullMisuse(test: TestView): readonly FindingDraft[] {
  const { block, values, use } = test;
  const drafts: FindingDraft[] = [];
  if (isNull(block.name) && isFirst(test)) {
    const others = test.statement.members.get('Condition')!.value.members!;
    const fix: Fix = { safe: true, title: 'write Null', edits: [replace(block, '"Null"')] };
    const free = others.every(({ name }) => name !== 'Null');
    drafts.push({
      ...placeOfBlock(test),
      message: `${quote(block.name)}: Null cannot be combined with IfExists or a set operator`,
      ...(free ? { fix } : {}),
    });
  }
  if (use?.operator.family === 'Null') {
    for (const value of values) {
      if (/^(?:true|false)$/i.test(value.text)) continue;
      drafts.push({
        at: value.at,
        path: value.path,
        severity: 'warning',
        message: `the value of Null must be true or false, not ${quote(value.text)}`,
      });
    }
  }
  return drafts;
}
