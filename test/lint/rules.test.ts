import { describe, expect, test } from 'vitest';
import { fixText } from '../../src/lint/fix.ts';
import { readTolerantly } from '../../src/lint/core/tolerant.ts';
import { kindOf, lint } from '../../src/lint/lint.ts';
import { RULES } from '../../src/lint/rules/index.ts';
import { policyProblems } from '../../src/policy/write-check.ts';
import writes from '../vectors/policy/writes.json' with { type: 'json' };
import { allCases, findingsOf, inputOf, placeOf, vectors } from './vectors.ts';

describe('vectors', () => {
  test.each(allCases)('$rule $name', ({ rule, one }) => {
    const found = findingsOf(one, rule);
    expect(found.map((finding, index) => placeOf(finding, one.findings[index]))).toEqual(one.findings);
  });

  test('every rule has a vector that triggers it and one that does not', () => {
    for (const { code } of RULES) {
      const cases = vectors.find(({ rule }) => rule === code)?.cases ?? [];
      expect(
        cases.some(({ findings }) => findings.length > 0),
        `${code} triggers`,
      ).toBe(true);
      expect(
        cases.some(({ findings }) => findings.length === 0),
        `${code} does not trigger`,
      ).toBe(true);
    }
    expect(vectors.map(({ rule }) => rule).toSorted()).toEqual(RULES.map(({ code }) => code));
  });
});

describe('fixes', () => {
  test.each(allCases.filter(({ one }) => one.findings.length > 0))('$rule $name', ({ rule, one }) => {
    const input = inputOf(one);
    const fixable = (finding: { code: string; fix?: unknown }) => finding.code === rule && finding.fix !== undefined;
    const row = RULES.find(({ code }) => code === rule)!;
    const found = lint(input).filter(fixable);
    if (row.fix === 'none') expect(found).toEqual([]);
    if (found.length === 0) return;
    const only = { ...input, unsafe: true, wanted: fixable };
    const fixed = fixText(only);
    expect(fixed.count).toBeGreaterThan(0);
    // a fixed finding is not reported again, and a second fix changes nothing
    expect(lint({ ...input, text: fixed.text }).filter(fixable)).toEqual([]);
    expect(fixText({ ...only, text: fixed.text })).toEqual({ text: fixed.text, count: 0 });
    // valid JSON stays valid, and gets no errors that it did not have
    const errors = (text: string) =>
      policyProblems(text, { kind: one.kind === 'identity' || one.kind === 'trust' ? one.kind : 'key' }).length;
    if (one.kind !== 'grant') expect(errors(fixed.text)).toBeLessThanOrEqual(errors(one.text));
  });

  test.each(RULES.filter(({ fix }) => fix !== 'none').map(({ code, fix }) => ({ code, fix })))(
    '$code has a vector with a fix',
    ({ code, fix }) => {
      const { cases } = vectors.find(({ rule }) => rule === code)!;
      const fixes = cases.flatMap((one) => findingsOf(one, code).flatMap((finding) => finding.fix ?? []));
      expect(fixes.length).toBeGreaterThan(0);
      if (fix === 'unsafe') expect(fixes.every(({ safe }) => !safe)).toBe(true);
      if (fix === 'safe') expect(fixes.some(({ safe }) => safe)).toBe(true);
    },
  );
});

describe('the linter and the check at write time', () => {
  /** Where the linter has a name of its own for what is refused. */
  const names: Readonly<Record<string, readonly string[]>> = {
    resource: ['key-resource-format'],
    'missing-action': ['empty-list', 'trust-action'],
    'missing-resource': ['empty-list'],
    'missing-principal': ['empty-list', 'wrong-json-type'],
    'operator-unknown': ['null-misuse'],
  };
  type Write = { case: string; text: string; kind?: 'key' | 'identity' | 'resource' | 'trust'; problems: string[] };
  test.each(writes as Write[])('$case', ({ text, kind = 'key' }) => {
    const principalExists = ({ text: name }: { text: string }): boolean => !name.endsWith('/nobody');
    const refused = policyProblems(text, { kind, principalExists });
    const found = lint({ text, kind: kind === 'resource' ? 'endpoint' : kind, settings: { principalExists } });
    for (const { code } of refused) {
      expect(
        found.some(({ name }) => [code, ...(names[code] ?? [])].includes(name)),
        code,
      ).toBe(true);
    }
    const isUnknown = refused.every(({ code }) => code === 'principal-unknown'); // a warning: the linter may not know all
    if (refused.length > 0 && kind === 'key' && !isUnknown)
      expect(found.map(({ severity }) => severity)).toContain('error');
  });
});

test('a rule row is complete', () => {
  for (const rule of RULES) {
    expect(rule.code).toMatch(/^KP\d{3}$/);
    expect(rule.name).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
    expect(rule.title.length, rule.code).toBeLessThanOrEqual(100);
    expect(rule.see).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    for (const text of [rule.why, rule.bad, rule.good]) expect(text.length, rule.code).toBeGreaterThan(0);
  }
  expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
});

test('a finding has the severity of its rule, or one that the page of the rule documents', () => {
  for (const { one } of allCases) {
    for (const { code, severity } of lint(inputOf(one))) {
      const rule = RULES.find((row) => row.code === code)!;
      expect([rule.severity, ...Object.keys(rule.otherwise ?? {})], code).toContain(severity);
    }
  }
});

test('statements without a policy around them are one finding', () => {
  const statement = '{ "Effect": "allow", "Action": "kms:Decrpyt" }';
  for (const text of [statement, `[${statement}]`])
    expect(lint({ text, kind: 'key' }).map(({ code }) => code)).toEqual(['KP005']);
});

test('a trust policy is told by its actions', () => {
  const kind = (more: string) =>
    kindOf(
      readTolerantly(`{ "Statement": { "Effect": "Allow", "Principal": "*", "Action": ["sts:AssumeRole"]${more} } }`),
    );
  expect(kind('')).toBe('trust');
  expect(kind(', "Resource": "*"')).toBe('key');
});
