/** Rules on keys with several values, and the set operators. */
import { type Fix, addTest, quote } from '../core/edit.ts';
import { changeOperator } from '../core/operator-edit.ts';
import { type FindingDraft, PAGES, POLICY, type LintRule } from '../core/rule.ts';
import { type Subject, type TestView, placeOfBlock, placeOfTest } from '../core/subject.ts';

export const SET_RULES: readonly LintRule[] = [
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
      return {
        ...placeOfTest(test),
        message: `${member.name} can have several values and needs ForAnyValue or ForAllValues`,
        fix,
      };
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
        (other) =>
          other.effect === 'Deny' &&
          other.tests.some(
            ({ name, use: operator, values }) =>
              name === test.name && operator?.operator.family === 'Null' && values.some(({ text }) => text === 'true'),
          ),
      );
      return closed ? undefined : { ...placeOfTest(test), message: `a request without ${member.name} is not denied` };
    },
  },
];

const refusedByKms = (name: string): boolean =>
  name.startsWith('kms:encryptioncontext:') || name.startsWith('aws:requesttag/');

function setOnSingle(test: TestView, { text }: Subject): FindingDraft | undefined {
  const { use, key, name, member, block, statement } = test;
  if (!use?.set || !key || key.many) return undefined;
  const refused = use.set === 'ForAllValues' && refusedByKms(name);
  const operator = block.name.slice(use.set.length + 1);
  // one value at most: without the set operator a positive test means the same, save for a request without the value
  const same =
    !use.operator.negated && !use.ifExists && (use.set === 'ForAnyValue' || refused || statement.effect === 'Allow');
  const fix: Fix = { safe: same, title: `write ${operator}`, edits: changeOperator(test, operator, text) };
  const effect = use.set === 'ForAllValues' ? 'matches requests without it' : 'has one value at most';
  return {
    ...placeOfBlock(test),
    severity: refused ? 'error' : 'security',
    message: `${use.set} on ${member.name}${refused ? ': KMS refuses this policy' : ''}`,
    label: effect,
    secondary: [{ at: member, message: 'one value per request at most' }],
    ...(refused ? { notes: ['KMS says: OverlyPermissiveCondition'] } : {}),
    fix,
  };
}

function forAllInAllow(test: TestView, { text }: Subject): FindingDraft | undefined {
  const { use, key, name, member, statement } = test;
  if (statement.effect !== 'Allow' || use?.set !== 'ForAllValues' || !key?.many) return undefined;
  if (name === 'kms:grantoperations') return undefined; // CreateGrant needs at least one
  if (statement.tests.some((other) => other !== test && asksFor(other, name))) return undefined;
  const edits = [addTest(text, statement.node, { operator: 'Null', key: member.name, value: 'false' })];
  return {
    ...placeOfTest(test),
    message: `requests without ${member.name} are allowed`,
    fix: { safe: true, title: `add "Null": { ${quote(member.name)}: "false" }`, edits },
  };
}

/** The key is there if this test holds. */
function asksFor({ name, use, values }: TestView, key: string): boolean {
  if (!use || use.ifExists) return false;
  const pair = key === 'kms:encryptioncontextkeys' && name.startsWith('kms:encryptioncontext:');
  if (name !== key && !pair) return false;
  if (use.operator.family === 'Null') return values.every(({ text }) => text === 'false');
  return use.set === 'ForAnyValue' || (pair && use.set === undefined && !use.operator.negated);
}
