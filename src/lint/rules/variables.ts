/** Rules on policy variables. */
import { CONDITION_KEYS } from '../../policy/condition-keys.ts';
import { quote } from '../core/edit.ts';
import { type FindingDraft, PAGES, POLICY, type LintRule } from '../core/rule.ts';
import { type Item, type StatementView, type Subject, placeOfTest } from '../core/subject.ts';

export const VARIABLE_RULES: readonly LintRule[] = [
  {
    code: 'KP421',
    name: 'variable',
    severity: 'error',
    scopes: POLICY,
    title: 'invalid policy variable',
    why: "Variables have the form ${key} or ${key, 'default'}, stand in Resource or in values of String and Arn operators, and name condition keys with one value. A variable without a value matches nothing.",
    bad: '"kms:EncryptionContext:user": "${aws:username"',
    good: '"kms:EncryptionContext:user": "${aws:username}"',
    see: PAGES.variables,
    fix: 'none',
    issue: 'VARIABLE_UNSUPPORTED_IN_ELEMENT',
    statement: variablesIn,
  },
];

function variablesIn(statement: StatementView, { hasVariables }: Subject): readonly FindingDraft[] {
  if (!hasVariables) return []; // KP007 has it
  const places: [string, readonly Item[]][] = [
    ['Action', statement.action?.items ?? []],
    ['Principal', statement.principals],
  ];
  const drafts: FindingDraft[] = places.flatMap(([name, items]) =>
    items
      .filter(({ text }) => text.includes('${'))
      .map((item) => ({ at: item.at, path: item.path, message: `${name} cannot have policy variables` })),
  );
  for (const test of statement.tests) {
    if (test.member.name.includes('${'))
      drafts.push({ ...placeOfTest(test), message: 'names of condition keys cannot have policy variables' });
    for (const value of test.values) {
      if (!value.text.includes('${')) continue;
      const isSupported = !test.use || test.use.operator.variables;
      const message = isSupported ? variableFault(value.text) : `${test.block.name} does not support policy variables`;
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
    if (close < 0) return 'the variable has no closing brace';
    const body = text.slice(open + 2, close);
    if (body.trim() === '') return 'the variable is empty';
    if (['*', '?', '$'].includes(body)) continue;
    const comma = body.indexOf(',');
    const name = comma < 0 ? body : body.slice(0, comma);
    if (comma >= 0 && !/^\s*'[^']*'\s*$/.test(body.slice(comma + 1)))
      return 'the default value of a variable must be in single quotes';
    if (/\s/.test(name.trim()) || (comma < 0 && name !== name.trim())) return 'a variable cannot contain spaces';
    if (!/^[\w.-]+:[\w./:=@+-]+$/.test(name.trim())) return `${quote(name)} is not a condition key`;
    const known = CONDITION_KEYS.find((key) =>
      key.open ? name.toLowerCase().startsWith(key.name.toLowerCase()) : key.name.toLowerCase() === name.toLowerCase(),
    );
    if (known?.many) return `${name} is multivalued; variables require a single-valued condition key`;
    if (!known && /^(?:aws|kms):/i.test(name)) return `unknown condition key ${quote(name)}`;
  }
  return undefined;
}
