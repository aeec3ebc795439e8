/** Rules on conditions that never or always hold. */
import { readNumber } from '../../policy/operands.ts';
import { addTest, quote, removeMember, replace, wholeMember } from '../core/edit.ts';
import { rangeOf } from '../facts/values.ts';
import { type FindingDraft, PAGES, POLICY, type LintRule } from '../core/rule.ts';
import { type StatementView, type Subject, type TestView, placeOfItem, placeOfTest } from '../core/subject.ts';
import { isVariable } from './condition-values.ts';

export const TRUTH_RULES: readonly LintRule[] = [
  {
    code: 'KP416',
    name: 'never-true',
    severity: 'warning',
    scopes: POLICY,
    title: 'condition that is never true',
    why: 'All conditions of a statement must be true. If two of them contradict each other, or a number is outside the range of the API, the statement never applies.',
    bad: '"StringEquals": { "kms:KeySpec": "RSA_2048" }, "StringNotEquals": { "kms:KeySpec": "RSA_2048" }',
    good: 'only one of the conditions',
    see: PAGES.conditions,
    fix: 'none',
    statement: neverTrue,
  },
  {
    code: 'KP417',
    name: 'always-true',
    severity: 'warning',
    scopes: POLICY,
    title: 'condition without effect',
    why: 'StringLike "*" only requires that the condition key is present; use Null for this. 0.0.0.0/0 matches every IP address. A limit outside the range of the API does not restrict anything.',
    bad: '"StringLike": { "kms:EncryptionContext:app": "*" }',
    good: '"Null": { "kms:EncryptionContext:app": "false" }',
    see: PAGES.conditions,
    fix: 'safe',
    issue: 'EQUIVALENT_TO_NULL_FALSE',
    test: alwaysTrue,
  },
];

/** What a test says about a number: the interval in which it holds, ends included. */
function interval({ use, values }: TestView): readonly [number, number] | undefined {
  if (!use || use.operator.family !== 'Numeric' || use.set) return undefined;
  const numbers = values.map(({ text }) => readNumber(text));
  if (numbers.length === 0 || numbers.some((number) => number === undefined)) return undefined;
  const known = numbers as number[];
  switch (use.operator.name) {
    case 'NumericEquals':
      return [Math.min(...known), Math.max(...known)];
    case 'NumericLessThan':
      return [-Infinity, Math.max(...known) - 1]; // days are whole numbers
    case 'NumericLessThanEquals':
      return [-Infinity, Math.max(...known)];
    case 'NumericGreaterThan':
      return [Math.min(...known) + 1, Infinity];
    case 'NumericGreaterThanEquals':
      return [Math.min(...known), Infinity];
    default:
      return undefined;
  }
}

function neverTrue(statement: StatementView): readonly FindingDraft[] {
  const drafts: FindingDraft[] = [];
  const { tests } = statement;
  for (const [index, test] of tests.entries()) {
    const range = rangeOf(test.name);
    const wanted = interval(test);
    if (range && wanted && (wanted[0] > range[1] || wanted[1] < range[0])) {
      drafts.push({
        ...placeOfTest(test),
        message: `the API accepts ${range[0]} to ${range[1]}, so ${test.block.name} is never true`,
      });
      continue;
    }
    const other = tests.slice(0, index).find((before) => before.name === test.name && exclude(before, test));
    if (other) {
      drafts.push({
        ...placeOfTest(test),
        message: `no value of ${test.member.name} satisfies both conditions`,
        secondary: [{ at: other.member, message: 'the other condition' }],
      });
    }
  }
  return drafts;
}

const isEquality = ({ use, values }: TestView): boolean =>
  use?.operator.name === 'StringEquals' &&
  !use.set &&
  !use.ifExists &&
  values.length > 0 &&
  !values.some(({ text }) => isVariable(text));

const isInequality = ({ use, values }: TestView): boolean =>
  use?.operator.name === 'StringNotEquals' && !use.set && !values.some(({ text }) => isVariable(text));

const asksAbsence = ({ use, values }: TestView): boolean =>
  use?.operator.family === 'Null' && values.length > 0 && values.every(({ text }) => text.toLowerCase() === 'true');

const needsPresence = ({ use, values }: TestView): boolean => {
  if (!use) return false;
  if (use.operator.family === 'Null')
    return values.length > 0 && values.every(({ text }) => text.toLowerCase() === 'false');
  return use.set === 'ForAnyValue' || (!use.set && !use.ifExists && !use.operator.negated);
};

function exclude(one: TestView, other: TestView): boolean {
  const texts = ({ values }: TestView): readonly string[] => values.map(({ text }) => text);
  if (isEquality(one) && isEquality(other)) return texts(one).every((text) => !texts(other).includes(text));
  if (isEquality(one) && isInequality(other)) return texts(one).every((text) => texts(other).includes(text));
  if (isInequality(one) && isEquality(other)) return exclude(other, one);
  const [left, right] = [interval(one), interval(other)];
  if (left && right && !one.use!.ifExists && !other.use!.ifExists) return left[0] > right[1] || right[0] > left[1];
  return (asksAbsence(one) && needsPresence(other)) || (asksAbsence(other) && needsPresence(one));
}

function alwaysTrue(test: TestView, { text }: Subject): FindingDraft | undefined {
  const { use, values, name, block, member, statement } = test;
  if (!use || use.set) return undefined;
  const range = rangeOf(name);
  const wanted = interval(test);
  if (range && wanted && wanted[0] <= range[0] && wanted[1] >= range[1] && use.operator.name !== 'NumericEquals') {
    return {
      ...placeOfTest(test),
      message: `the API accepts ${range[0]} to ${range[1]}, so ${block.name} is always true`,
    };
  }
  const every = values.find((value) => value.text === '0.0.0.0/0' || value.text === '::/0');
  if (every && use.operator.name === 'IpAddress')
    return { ...placeOfItem(every), message: `${quote(every.text)} matches every IP address` };
  const star = values.find((value) => value.text === '*');
  if (!star || use.operator.name !== 'StringLike') return undefined;
  if (use.ifExists) return { ...placeOfItem(star), message: 'with IfExists and "*", the condition is always true' };
  const condition = statement.members.get('Condition')!.value;
  const present = condition.members!.some((other) => other.name === 'Null');
  const single = block.value.members!.length === 1;
  const json = `"Null": { ${quote(member.name)}: "false" }`;
  const edits = present
    ? [
        single ? removeMember(condition, block) : removeMember(block.value, member),
        addTest(text, statement.node, { operator: 'Null', key: member.name, value: 'false' }),
      ]
    : single
      ? [replace(wholeMember(block), json)]
      : [
          removeMember(block.value, member),
          addTest(text, statement.node, { operator: 'Null', key: member.name, value: 'false' }),
        ];
  return {
    ...placeOfItem(star),
    message: `"*" only requires that ${member.name} is present`,
    fix: { safe: true, title: `write ${json}`, edits },
  };
}
