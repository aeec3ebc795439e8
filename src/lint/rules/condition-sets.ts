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
    title: 'multivalued condition key without a set operator',
    why: 'Multivalued condition keys require ForAnyValue or ForAllValues. Without them, an Allow statement never applies.',
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
        message: `${member.name} is multivalued and requires ForAnyValue or ForAllValues`,
        fix,
      };
    },
  },
  {
    code: 'KP408',
    name: 'set-operator-on-single',
    severity: 'security',
    otherwise: { error: 'if KMS rejects the policy' },
    scopes: POLICY,
    title: 'set operator on a single-valued condition key',
    why: 'ForAllValues is also true if the request has no value. KMS rejects it for kms:EncryptionContext: and aws:RequestTag/.',
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
    title: 'ForAllValues in an Allow statement matches requests without values',
    why: 'ForAllValues is true for an empty set of values. Add a Null condition with the value false, or a ForAnyValue condition, to require at least one value.',
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
    title: 'ForAnyValue with a negated operator in a Deny statement ignores requests without values',
    why: 'ForAnyValue is false for an empty set of values, so the Deny statement does not apply. Add a second Deny statement with a Null condition with the value true.',
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
      return closed ? undefined : { ...placeOfTest(test), message: `requests without ${member.name} are not denied` };
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
  const effect = use.set === 'ForAllValues' ? 'matches requests without it' : 'is single-valued';
  return {
    ...placeOfBlock(test),
    severity: refused ? 'error' : 'security',
    message: `${use.set} on ${member.name}${refused ? ': KMS rejects this policy' : ''}`,
    label: effect,
    secondary: [{ at: member, message: 'at most one value per request' }],
    ...(refused ? { notes: ['KMS error: OverlyPermissiveCondition'] } : {}),
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
